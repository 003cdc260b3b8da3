"""Functions and types of every native module, called with hostile and odd arguments. usage: everything.py SEED CASES [MODULE ...]

Each module runs in a process of its own (this program again), which writes down what it is about to call; the calls themselves are all one
as long as the process comes to its end. Left out is what ends, blocks or endangers a process by design: see SKIP and MODULES.
"""
import subprocess
import sys

MODULES = """
builtins _abc _ast _asyncio _bisect _blake2 _bz2 _codecs _codecs_jp _collections _contextvars _csv _datetime _decimal _elementtree _functools _hashlib
_heapq _hmac _imp _interpchannels _interpqueues _io _json _locale _lsprof _lzma _md5 _multibytecodec _opcode _operator _pickle _posixshmem
_queue _random _sha1 _sha2 _sha3 _sqlite3 _sre _ssl _stat _statistics _string _struct _suggestions _symtable _sysconfig _tokenize _tracemalloc _types
_typing _warnings _weakref _zoneinfo _zstd array atexit binascii cmath errno fcntl gc itertools marshal math mmap pyexpat select
sys termios time types unicodedata zlib _socket _thread _uuid grp pwd resource syslog
""".split()
# name or module.name, of functions and of methods
SKIP = set("""
input globals locals vars breakpoint exit quit help open print exec eval compile __import__ copyright credits license
sys._clear_internal_caches sys.exit sys.setrecursionlimit sys._debugmallocstats sys._setprofileallthreads sys._settraceallthreads sys.settrace sys.setprofile
sys.addaudithook sys.remote_exec sys._set_nomemory sys.setdlopenflags sys.displayhook sys.excepthook sys.unraisablehook sys._baserepl sys.breakpointhook
sys.activate_stack_trampoline sys.set_int_max_str_digits sys.setswitchinterval sys.set_asyncgen_hooks sys.intern sys._dump_tracelets sys.__breakpointhook__
_imp.create_dynamic _imp.exec_dynamic _imp.acquire_lock _imp.release_lock _imp.create_builtin _imp.exec_builtin _imp.lock_held time.sleep time.clock_settime time.clock_settime_ns
time.pthread_getcpuclockid _thread.start_new_thread _thread.start_new _thread.start_joinable_thread _thread.interrupt_main _thread._shutdown _thread.stack_size
_thread.exit _thread.exit_thread _thread.set_name _socket.socket _socket.dup _socket.close _socket.getaddrinfo _socket.gethostbyname
_socket.gethostbyaddr _socket.gethostbyname_ex _socket.getnameinfo _socket.sethostname _socket.getfqdn select.select select.poll select.epoll select.devpoll
acquire acquire_lock __enter__ join wait put get lock_acquire acquire_read
resource.setrlimit resource.prlimit gc.set_debug gc.set_threshold gc.freeze atexit.register atexit._run_exitfuncs syslog.syslog syslog.openlog
fcntl.fcntl fcntl.ioctl fcntl.flock fcntl.lockf termios.tcflush termios.tcsetattr termios.tcdrain termios.tcflow termios.tcsendbreak
math.factorial math.comb math.perm itertools.count itertools.repeat itertools.cycle itertools.product itertools.permutations itertools.combinations
itertools.combinations_with_replacement types.CodeType types.FunctionType code function _warnings.warn _warnings.warn_explicit _locale.setlocale
_codecs.register _codecs.register_error _io.open _io.open_code _io.FileIO _io.OpenWrapper builtins.pow _operator.pow _operator.lshift _operator.mul _operator.ipow _operator.imul _operator.ilshift
__pow__ __rpow__ __ipow__ __lshift__ __rlshift__ __mul__ __rmul__ __imul__ _posixshmem.shm_open _posixshmem.shm_unlink mmap.mmap breakpointhook
_interpchannels.recv _interpchannels.send _interpchannels.send_buffer _interpchannels.list_all _interpqueues.get _interpqueues.put load_extension enable_load_extension enable_callbacks
_sqlite3.enable_callback_tracebacks _sqlite3.adapt _sqlite3.register_adapter _sqlite3.register_converter _ssl.RAND_add monitoring
_ctypes.dlclose _ctypes.dlsym _ctypes.Py_INCREF _ctypes.Py_DECREF _ctypes.PyObj_FromPtr _ctypes.call_function _ctypes.call_cdeclfunction from_address from_param _decimal.setcontext __del__ __class__ __init_subclass__ __subclasshook__ __setattr__ __delattr__ __dir__ __subclasses__ mro __prepare__
ljust rjust center zfill expandtabs
""".split())


def supervise(seed, cases, modules):
    bad = 0
    for module in modules:
        command = [sys.executable, __file__, str(seed), str(cases), "run", module]
        try:
            p = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=max(60, cases / 5))
            last, err, status = p.stdout.decode("utf-8", "replace").splitlines()[-1:], p.stderr.decode("utf-8", "replace"), p.returncode
        except subprocess.TimeoutExpired as e:
            last, err, status = (e.stdout or b"").decode("utf-8", "replace").splitlines()[-1:], "", "timeout"
        if status != 0 or last not in (["end"], ["absent"]):
            bad += 1
            print(f"{module}: status {status}, last: {last}\n{err[:6000]}", file=sys.stderr)
        print(module, *last, flush=True)
    print("end" if not bad else f"{bad} modules died", flush=True)
    return 1 if bad else 0


def main():
    if sys.argv[3:4] != ["run"]:
        sys.exit(supervise(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:] or MODULES))
    import faulthandler
    import os
    import runpy

    faulthandler.enable()
    sys.argv[4:] = sys.argv[4:5]
    runpy.run_path(os.path.join(os.path.dirname(os.path.abspath(__file__)), "everything_worker.py"), {"SKIP": SKIP})


if __name__ == "__main__":
    main()
