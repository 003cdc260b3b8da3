"""The text of a SyntaxError in a file: decoded as the file says, and cut where CPython's buffer ends."""
import subprocess,sys
def run(s):
    open('script.py','wb').write(s)
    r=subprocess.run([sys.executable,'script.py'],capture_output=True)
    L=r.stderr.split(b'\n')
    print(len(L), [(len(l), l[:24], l[-12:]) for l in L if l][1:3])
for k in range(2):
  for c in 'äж€😀':
    run(b'return 1 #'+b' '*k+c.encode()*600)
run(b'# coding: latin1\nreturn "\xe4"'+b' '*2000)
run(b'# coding: latin1\nreturn "\xe4" #'+b'\xe4'*2000)
run(b'# coding: latin1\n#'+b'a'*2000+b'\nreturn "\xe4" #'+b'\xe4'*2000)
run(b'# coding: utf-8\n#'+b'a'*2000+b'\nreturn 1 #'+b'a'*2000)
run(b'#'+b'a'*998+b'\nreturn 1 #'+b'a'*2000)
run(b'#'+b'a'*997+b'\nreturn 1 #'+b'a'*2000)
run(b'#'+b'a'*999+b'\nreturn 1 #'+b'a'*2000)
run(b'#\xff'+b'a'*999+b'\nreturn 1 #'+b'a'*2000)
run(b'# coding: ascii\nreturn 1 #'+b'a'*998)
run(b'# coding: ascii\nreturn 1 #'+b'a'*988)
run(b'# coding: ascii\nreturn 1 #'+b'a'*989)
run(b'# coding: ascii\nreturn 1 #'+b'a'*990)
run(b'# coding: koi8-r\nreturn 1 #'+b'\xc1'*989)

import sys,subprocess
def run(s):
    open('script.py','wb').write(s)
    r=subprocess.run([sys.executable,'script.py'],capture_output=True)
    L=r.stderr.split(b'\n')
    print(len(L), [(len(l), l[:24], l[-12:]) for l in L if l][1:])
    for fn in 'script.py','nofile':
        try: compile(s,fn,'exec')
        except SyntaxError as e: print(fn,e.msg,e.lineno,e.offset,e.end_lineno,e.end_offset,len(e.text or ''),ascii(e.text[-10:]) if e.text else None)
for n in (990,1000,1010):
  for tail in (b'return', b')'):
    run(b'x = '+b'y+'*(n//2)+tail)
    run(b'x = '+'é+'.encode()*(n//3)+tail)
    run(b'# coding: latin1\nx = '+b'\xe9+'*(n//2)+tail)
code = """
def f(a,
      b=1): return a + b.x(
   1)
print(f.__code__.co_linetable.hex(), list(f.__code__.co_positions())[:3])
f(1)
"""
open("script.py", "w").write(code)
r = subprocess.run([sys.executable, "-X", "no_debug_ranges", "script.py"], capture_output=True, text=True)
print(r.stdout, r.stderr)
