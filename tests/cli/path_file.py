# A file NAME._pth beside the program takes the place of everything else that fills sys.path; PYTHONHOME that leads nowhere.
import os
import subprocess
import sys

os.mkdir("bin")
program = os.path.join("bin", "python")
os.symlink(sys.executable, program)
SHOW = "import sys; print(sys.path, sys.flags.no_site, sys.flags.isolated, sys.flags.safe_path)"


def run(lines):
    with open(program + "._pth", "w") as f:
        f.write("".join(line + "\n" for line in lines))
    env = dict(os.environ, PYTHONPATH="ignored")
    out = subprocess.run([program, "-c", SHOW], env=env, capture_output=True, text=True)
    print(out.returncode, out.stdout.replace(os.getcwd(), "<here>").strip(), out.stderr)


library = os.path.dirname(os.__file__)
run([library, "", "# a comment", ".", "..", "  sub/folder  ", "/absolute/./one"])
run(["first", library])
os.unlink(program + "._pth")

out = subprocess.run([sys.executable, "-X", "frozen_modules=off", "-c", "1"], env=dict(os.environ, PYTHONHOME="/nowhere"), capture_output=True, text=True)
lines = out.stderr.splitlines()
print(out.returncode, lines[:2], [line for line in lines if "prefix" in line or "Fatal" in line or "ModuleNotFound" in line])
