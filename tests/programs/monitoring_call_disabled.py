"""C_RETURN and C_RAISE of calls whose CALL callback returns DISABLE, with one tool and with two."""
import sys
M=sys.monitoring; T=2
M.use_tool_id(T,'t')
E=M.events
log=[]
def call(code,off,fn,arg):
    log.append(('CALL',off,getattr(fn,'__name__',fn))); return M.DISABLE
def cret(code,off,fn,arg): log.append(('C_RETURN',off,getattr(fn,'__name__',fn))); 
def crai(code,off,fn,arg): log.append(('C_RAISE',off,getattr(fn,'__name__',fn))); 
M.register_callback(T,E.CALL,call); M.register_callback(T,E.C_RETURN,cret); M.register_callback(T,E.C_RAISE,crai)
def f(n):
    for i in range(n):
        len([]); abs(-1)
        try: int('x')
        except ValueError: pass
        try: len(5)
        except TypeError: pass
        [].append(1)
        print(end='')
        max(*[1,2])
        str(1)
def run():
    global log
    log=[]
    f(3)
    for l in log: print(*l)
    print()
M.set_local_events(T,f.__code__,E.CALL); run()
M.set_local_events(T,f.__code__,0); M.restart_events()
M.set_local_events(T,f.__code__,E.CALL); run()
def cret2(*a): log.append(('C_RETURN',*a[1:])); return M.DISABLE
M.restart_events()
run()
def call2(code,off,fn,arg): log.append(('CALL',off,getattr(fn,'__name__',fn)))
M.register_callback(T,E.CALL,call2); 
M.restart_events()
run()
M.register_callback(T, E.CALL, call)
M.use_tool_id(3, "another")
M.register_callback(3, E.CALL, lambda *a: log.append("another's call"))
M.register_callback(3, E.C_RETURN, lambda *a: log.append("another's return"))


def show():
    global log
    log = []
    f(2)
    for line in list(log):
        print(line)
    print()


M.set_local_events(3, f.__code__, E.CALL)
M.restart_events()
show()
M.set_local_events(3, f.__code__, 0)
M.set_events(3, E.CALL)
M.restart_events()
show()
M.set_events(3, 0)
M.set_local_events(3, f.__code__, E.LINE)
M.restart_events()
show()
M.free_tool_id(3)
M.free_tool_id(T)
