# What sys.monitoring gives as the exception of STOP_ITERATION: made of the value by other rules than the one that is raised.
import sys
M=sys.monitoring
M.use_tool_id(1,'x')
def cb(code,off,exc): print(code.co_name, off, repr(exc), exc.args)
M.register_callback(1,M.events.STOP_ITERATION,cb)
def g(v):
    yield 1
    return v
def outer(v):
    r = yield from g(v)
    return r
async def co(v): return v
async def main(v): return await co(v)
def loop(v):
    for x in g(v): pass
M.set_events(1,M.events.STOP_ITERATION)

for v in (None, 5, (1,2), (), ValueError('x'), StopIteration(3), StopIteration, [1], ValueError):
    for f in (outer,):
        it=f(v)
        try:
            for _ in range(3): next(it)
        except StopIteration as e: print('ended',e.args)
        except BaseException as e: print('other',repr(e))
    try: main(v).send(None)
    except StopIteration as e: print('co ended',e.args)
    loop(v)
M.set_events(1,0)
