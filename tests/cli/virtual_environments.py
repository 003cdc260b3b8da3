"""Virtual environments started by every kind of path: through links, relative, with dots."""
import os
import subprocess
import sys
import venv

venv.create("env", symlinks=True, with_pip=False)
code = """import os, sys
here = os.environ['HERE']
print(*(os.path.relpath(p, here) if '..' not in p else p for p in (sys.prefix, sys.executable)), sys.prefix != sys.base_prefix)
print([os.path.relpath(p, here) for p in sys.path if p.endswith('site-packages')])"""
environment = {**os.environ, "HERE": os.getcwd(), "PYTHONNOUSERSITE": "1"}
os.mkdir("other")
os.symlink("../env/bin/python", "other/link")
for path in "env/bin/python", "./env//bin/./python", "env/../env/bin/../bin/python", os.path.abspath("env/bin/python3"), os.getcwd() + "/other/../env/bin/python":
    subprocess.run([path, "-c", code], env=environment)
subprocess.run(["../env/bin/python", "-c", code], env=environment, cwd="other")
subprocess.run(["python", "-c", code], env={**environment, "PATH": os.path.abspath("env/bin")})
