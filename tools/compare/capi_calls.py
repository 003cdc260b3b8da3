#!/usr/bin/env python3
"""Calls functions of the C API, as the headers declare them, with null, odd numbers and objects of other types; where the oracle lives,
Krait has to.

usage: tools/compare/capi_calls.py [--python PATH] [--seed N] [--cases N] [--only REGEX]

Each call happens in a forked process. Functions that steal references, end the process or want memory of C are left out, and what the
oracle survives by luck (a length beyond the text) is in LUCK. The last line is 'N passed, N failed'.
"""
import argparse
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
DEPS = pathlib.Path(os.environ.get("DEPS") or ROOT / "build/deps")
HEADERS = DEPS / "headers/usr/include/python3.14"
LUCK = re.compile(r"PyBytes_DecodeEscape|PyList_New|PyUnicode_Decode")
DRIVER = r'''
import re,os,sys,glob,ctypes,itertools,random,signal
H=sys.argv[1]
protos={}
for f in glob.glob(H+'/**/*.h',recursive=True):
    if '/internal/' in f: continue
    t=open(f,errors='replace').read()
    t=re.sub(r'/\*.*?\*/','',t,flags=re.S); t=re.sub(r'//[^\n]*','',t)
    for m in re.finditer(r'PyAPI_FUNC\(([^)]*)\)\s*(Py\w+)\s*\(([^;{]*?)\)\s*(?:Py_\w+\([^)]*\)\s*)?;',t):
        protos[m.group(2)]=(m.group(1).strip(),' '.join(m.group(3).split()))
SKIP=re.compile(r'Fatal|Exit|Finalize|Py_Main|Py_Init|PyEval_(Acquire|Release|Save|Restore|Eval)|PyGILState|PyThread_|PyThreadState|PyInterpreter|PyMem_|PyObject_(Free|Realloc|Malloc|Calloc|Init|GC_Del|GC_Un)|Py_Run|PyRun_|PyOS_Read|PyOS_(Fork|Before|After)|Py_NewInterp|Py_EndInter|PyImport_(Append|Extend)|PyErr_(Restore|SetRaised|SetHandled|SetExcInfo|SetInterrupt|Fetch|Normal)|_Py_|Py_(IncRef|DecRef|Dealloc|Is|Repr(Enter|Leave))|PyBuffer_|PyUnstable|PyModuleDef|PyType_(From|Ready|Modified)|Buffer$|PyArg_|Py_Build|Py_VaBuild|PyStructSequence|PyCapsule|PyErr_Print|PyErr_Display|PyErr_CheckSignals|PyWeakref_GetRef|PyList_SetItem|PyTuple_SetItem|PySys_Write|PySys_Format|Py_BytesMain|PyConfig|PyPreConfig|PyStatus|PyWideString|PyUnicode_(WriteChar|CopyChar|Resize|Append)|_PyBytes_Resize|PyErr_NoMemory|PyOS_|Py_AtExit|Py_AddPending|PyInit|PyMarshal|PyCodec_.*Error|Tracemalloc|PyTraceMalloc|PyFrame|PyGen_|PyCoro|PyAsyncGen|PyCode_|PyMember|PyDescr|PyHash|PyTime|PyContextVar|PyInitConfig|PyErr_GetExcInfo|PyCFunction_New|PyCMethod')
def kinds(params):
    if params in('void',''): return []
    out=[]
    for p in params.split(','):
        p=p.strip()
        if p=='...' : return None
        p=re.sub(r'\bPy_UNUSED\((\w+)\)',r'\1',p)
        if re.search(r'PyObject\s*\*\s*\w*$',p) and '**' not in p and 'const*' not in p.replace(' ',''): out.append('O')
        elif re.search(r'PyTypeObject\s*\*\s*\w*$',p): out.append('T')
        elif re.match(r'(const\s+)?char\s*\*\s*\w*$',p): out.append('s')
        elif re.match(r'(Py_ssize_t|int|long|size_t|unsigned long|long long|unsigned int|Py_UCS4|double|unsigned long long|Py_hash_t)\b\s*\w*$',p): out.append('d' if p.startswith('double') else 'i')
        elif re.search(r'PyObject\s*\*\s*\*\s*\w*$',p): out.append('P')
        elif re.match(r'Py_ssize_t\s*\*\s*\w*$',p): out.append('N')
        elif re.match(r'int\s*\*\s*\w*$',p): out.append('N')
        else: return None
    return out
class X: pass
POOL=[None, 5, 10**30, [1,2], (1,2), "abc", b"abc", {1:2}, {1,2}, X, X(), 1.5, bytearray(b"q"), len, X.__dict__, ValueError, ValueError("x"), sys, iter([1]), slice(1,2), memoryview(b"x"), property(), lambda:0, Ellipsis, frozenset([1]), range(3), 1j]
def arg(k,r):
    if k=='O': return r.choice(['NULL']*4+list(range(len(POOL))))
    if k=='T': return r.choice(['NULL',9,15,'int'])
    if k=='s': return r.choice(['NULL','x','abc'])
    if k=='i': return r.choice([0,1,-1,2,5,100000,2**31-1])
    if k=='d': return 1.5
    if k=='P': return r.choice(['cell'])
    if k=='N': return 'num'
def call(name,ret,ks,spec):
    fn=getattr(ctypes.pythonapi,name)
    fn.restype=ctypes.c_ssize_t
    args=[]
    keep=[]
    for k,s in zip(ks,spec):
        if s=='NULL': args.append(ctypes.c_void_p(0))
        elif k=='O': args.append(ctypes.py_object(POOL[s]))
        elif k=='T': args.append(ctypes.py_object(int if s=='int' else POOL[s]))
        elif k=='s': args.append(ctypes.c_char_p(s.encode()))
        elif k=='i': args.append(ctypes.c_ssize_t(s))
        elif k=='d': args.append(ctypes.c_double(s))
        elif k=='P': c=ctypes.c_void_p(0); keep.append(c); args.append(ctypes.byref(c))
        elif k=='N': c=ctypes.c_ssize_t(0); keep.append(c); args.append(ctypes.byref(c))
    try: fn(*args); ctypes.pythonapi.PyErr_Clear()
    except BaseException: pass
seed=sys.argv[2]; only=sys.argv[3] if len(sys.argv)>3 else ''
import warnings; warnings.simplefilter('ignore')
n=int(sys.argv[4]) if len(sys.argv)>4 else 12
devnull=os.open('/dev/null',os.O_RDWR)
for name in sorted(protos):
    if SKIP.search(name) or not re.search(only,name): continue
    ret,params=protos[name]; ks=kinds(params)
    if ks is None or not ks: continue
    if not hasattr(ctypes.pythonapi,name): print(name,'absent'); continue
    r=random.Random(seed+name)
    specs=[]
    if 'O' in ks or 'T' in ks or 's' in ks: specs.append([('NULL' if k in 'OTs' else arg(k,r)) for k in ks])
    specs+= [[arg(k,r) for k in ks] for _ in range(n)]
    for spec in specs:
        pid=os.fork()
        if pid==0:
            os.dup2(devnull,0);os.dup2(devnull,1);os.dup2(devnull,2)
            signal.alarm(10)
            try: call(name,ret,ks,spec)
            finally: os._exit(0)
        _,st=os.waitpid(pid,0)
        print(name,spec,'sig%d'%os.WTERMSIG(st) if os.WIFSIGNALED(st) else 'ok',flush=True)
'''


def run(python, options):
    command = [python, "-c", DRIVER, str(HEADERS), str(options.seed), options.only, str(options.cases)]
    out = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True).stdout
    return dict(line.rsplit(" ", 1) for line in out.splitlines())


def main():
    parser = argparse.ArgumentParser(usage=__doc__)
    parser.add_argument("--python", default=str(ROOT / "build/release/krait"))
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--cases", type=int, default=12)
    parser.add_argument("--only", default="")
    options = parser.parse_args()
    theirs, ours = run(str(DEPS / "oracle/python3.14"), options), run(options.python, options)
    bad = [call for call, end in ours.items() if end.startswith("sig") and theirs.get(call) == "ok" and not LUCK.match(call)]
    for call in bad:
        print(call, ours[call])
    print(f"{len(ours) - len(bad)} passed, {len(bad)} failed")
    return 1 if bad or not ours else 0


if __name__ == "__main__":
    sys.exit(main())
