# Futures and tasks of _asyncio without a real loop: attributes, messages, what a step makes of what is yielded.
import _asyncio
import asyncio
import gc
import inspect
import re
def show(k,f):
    try: r=f()
    except BaseException as e: r=f'{type(e).__name__} {e.args}'
    try: r=repr(r)
    except BaseException as e: r=f"REPR {e!r}"
    print(k,"->",re.sub("0x[0-9a-f]+","0x",r))
class L:
    def __init__(s): s.calls=[]
    def get_debug(s): return False
    def call_soon(s,*a,**k): s.calls.append((a,k))
    def is_running(s): return False
    def call_exception_handler(s,c): print('HANDLER',{k:(type(v).__name__ if k not in('message',) else v) for k,v in c.items()})
l=L()
F=_asyncio.Future;T=_asyncio.Task
f=F(loop=l)
for s in ['F(1)','F(x=1)','F()','f','f.result()','f.exception()','f.done()','f._callbacks','f.add_done_callback()','f.add_done_callback(1,2)','f.add_done_callback(1,ctx=2)','f.add_done_callback(print)','f._callbacks[0][0]','f.remove_done_callback(print)','f._callbacks','f._state','f._asyncio_future_blocking','f._log_traceback','f._source_traceback','f._cancel_message','f._asyncio_awaited_by','f.get_loop() is l','f.cancel(1,2)','f.cancel(x=3)','iter(f)','type(iter(f))','f.__await__()','f.__await__().send(None) is f','f.__await__().send(None)','f.__await__().throw(ValueError)','f.__await__().throw(ValueError,ValueError(3))','f.__await__().throw(ValueError,3,4)','f.__await__().throw(1)','f.__await__().throw(1,2,3,4)','f.__await__().throw()','f.__await__().close()','dir(f.__await__())','F.__new__(F)','F.__new__(F).result()','F.__new__(F).done()','F.__new__(F).get_loop()','F.__new__(F)._state','F.__new__(F)._loop','F.__new__(F)._callbacks','F.__new__(F).cancel()','F.__new__(F).cancelled()','F.__new__(F).set_result(1)','F.__new__(F).set_exception(1)','F.__new__(F).exception()','F.__new__(F).add_done_callback(1)','F.__new__(F).remove_done_callback(1)','F.__new__(F)._asyncio_future_blocking','F.__new__(F)._log_traceback','iter(F.__new__(F))','F.__new__(F)._asyncio_awaited_by','F.__new__(F)._make_cancelled_error()','f.set_exception(3)','f.set_exception(int)','f.set_exception(StopIteration(4))','f._exception','f._exception.__cause__','f.exception()','f.set_result(3)','f.result()','f._log_traceback','f','F[int]','setattr(f,"_log_traceback",1)','setattr(f,"_state",1)','delattr(f,"_log_traceback")','delattr(f,"_cancel_message")','setattr(f,"_asyncio_future_blocking",1)','f._asyncio_future_blocking','setattr(f,"x",1)','f.__dict__','f.cancel()']: show(s,lambda: eval(s))
g=F(loop=l); g.cancel('msg')
for s in ['g','g.result()','g.exception()','g._make_cancelled_error()','g.cancelled()','g._cancel_message','g.set_result(1)']: show(s,lambda: eval(s))
h=F(loop=l); h.set_exception(ValueError('x')); h.add_done_callback(print); 
show('calls',lambda:[(a[0],len(a),sorted(k)) for a,k in l.calls])
del h; gc.collect()
async def co(): await asyncio.sleep(0); return 5
async def aw(x): return await x
for s in ['T()','T(3)','T(3,loop=l)','T(1,2)','T.__new__(T)','T.__new__(T).get_coro()','T.__new__(T).get_name()','T.__new__(T)._coro','T.__new__(T)._fut_waiter','T.__new__(T)._must_cancel','T.__new__(T)._log_destroy_pending','T.__new__(T).cancel()','T.__new__(T).cancelling()','T.__new__(T).uncancel()','T.__new__(T).get_context()','T.__new__(T).set_name(3)']: show(s,lambda: eval(s))
l.calls.clear()
t=T(co(),loop=l,name=12)
for s in ['t','t.get_name()','t.set_name(13)','t.get_name()','t.get_coro()','t._fut_waiter','t.set_result(1)','t.set_exception(1)','t.cancelling()','t._must_cancel','t.cancel("a")','t.cancelling()','t._must_cancel','t.uncancel()','t.uncancel()','t._must_cancel','t.get_stack()','t.get_stack(limit=1)','t.get_stack(1)','t.print_stack(1)','l.calls[0][0][0]','dir(l.calls[0][0][0])','l.calls[0][0][0].__qualname__','l.calls[0][0][0].__self__ is t','type(l.calls[0][0][0])','l.calls[0][0][0](1)','l.calls[0][0][0](x=1)','l.calls[0][1]["context"]','l.calls[0][0][0]()','_asyncio.current_task()','_asyncio.current_task(l)','_asyncio.current_task(loop=l)','_asyncio.all_tasks(l)==set([t])','_asyncio.all_tasks()','_asyncio.all_tasks(3)','_asyncio._enter_task(l,t)','_asyncio._leave_task(l,t)','_asyncio._swap_current_task(l,t)','_asyncio._register_task(3)','_asyncio._unregister_task(3)','_asyncio._register_eager_task(3)','_asyncio._unregister_eager_task(4)','_asyncio.get_running_loop()','_asyncio._get_running_loop()','_asyncio.future_add_to_awaited_by(1,2)','_asyncio.future_add_to_awaited_by(f,t)','f._asyncio_awaited_by=={t}','_asyncio.future_add_to_awaited_by(f,g)','len(f._asyncio_awaited_by)','_asyncio.future_discard_from_awaited_by(f,g)','_asyncio.future_discard_from_awaited_by(f,t)','f._asyncio_awaited_by','_asyncio.future_discard_from_awaited_by(f)']: show(s,lambda: eval(s))
_asyncio._unregister_eager_task(3)
_asyncio._set_running_loop(l)
for s in ['_asyncio._enter_task(3,t)','_asyncio._leave_task(3,t)','_asyncio._swap_current_task(3,t)','_asyncio._leave_task(l,t)','_asyncio._enter_task(l,t)','_asyncio._enter_task(l,t)','_asyncio._leave_task(l,f)','_asyncio.current_task() is t','_asyncio.current_task(3)','_asyncio._swap_current_task(l,None) is t','_asyncio._swap_current_task(l,t)','_asyncio._leave_task(l,t)','l.calls[0][0][0]()','t','l.calls[-1][0][0]()','t','l.calls[-1][0][0]()','t.result()','l.calls[-1][0][0]()']: show(s,lambda: eval(s))
l.calls.clear()
f=F(loop=l)
t3=T(aw(f),loop=l)
l.calls[-1][0][0]()
show('t3',lambda:t3); show('cb',lambda:f._callbacks[0][0]); show('aw',lambda:f._asyncio_awaited_by=={t3})
f.set_exception(KeyError(3)); show('calls',lambda:l.calls[-1][0]); l.calls[-1][0][0](f); show('t3',lambda:t3); show('res',lambda:t3.result()); show('aw',lambda:f._asyncio_awaited_by)
class Bad:
    def __init__(s,v): s.v=v
    def __await__(s): yield s.v
class Duck:
    _asyncio_future_blocking=True
    def get_loop(s): return l
    def add_done_callback(s,c,context=None): print('added',re.sub('0x[0-9a-f]+','0x',repr(c)))
    def cancel(s,msg=None): print('cancelled',msg); return True
ff=F(loop=l); fl=F(loop=L())
for v in (1,(i for i in []),ff,fl,Duck(),'self'):
    b=Bad(v); tt=T(aw(b),loop=l,name='n')
    if v=='self': b.v=tt
    l.calls[-1][0][0]()
    if isinstance(v,Duck): print(v._asyncio_future_blocking, tt.cancel('m')); continue
    l.calls[-1][0][0]()
    show('bad',lambda:tt.exception())
def kb(): raise KeyboardInterrupt
async def k(): kb()
tt=T(k(),loop=l,name='n'); show('kb',l.calls[-1][0][0]); show('kb',lambda:tt.exception())
async def cc():
    try: await F(loop=l)
    except asyncio.CancelledError as e: print('got',e.args); raise
tt=T(cc(),loop=l,name='n'); l.calls[-1][0][0](); print(tt.cancel('why')); l.calls[-1][0][0](tt._fut_waiter); show('c',lambda:tt); show('c',lambda:tt.result())
tt=T(co(),loop=l,name='pend'); l.calls[-1][0][0](); l.calls.clear(); del tt; gc.collect()
for n,m in (('Future',F),('Task',T)):
    print(inspect.signature(m), inspect.signature(m.cancel), m.__doc__ is not None)
print(type(iter(F(loop=l))).__mro__, hex(type(iter(F(loop=l))).__flags__))
_asyncio._set_running_loop(None)
