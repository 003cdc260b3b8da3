# Queues and channels between interpreters, and the pool.
import _interpchannels as channels
import _interpqueues as low
import _interpreters
from concurrent import interpreters
from concurrent.futures import InterpreterPoolExecutor

def show(f, *args, **kwargs):
    try:
        print(f(*args, **kwargs))
    except BaseException as e:
        print(type(e).__module__, type(e).__name__, e, '|', repr(e.__cause__)[:60])

print('--- queues')
q = interpreters.create_queue(2)
print(q, q.id, q.maxsize, q.empty(), q.full(), q.qsize(), q.unbounditems)
q.put(1)
q.put(('a', [1, 2], {'k': {3}}))
print(q.full(), q.qsize())
show(q.put_nowait, 3)
show(q.put, 3, timeout=0)
print(q.get(), q.get_nowait())
show(q.get_nowait)
show(q.get, timeout=0)
show(q.put, 3, timeout=-1)
interp = interpreters.create()
interp.prepare_main(q=q)
interp.exec("from concurrent import interpreters; print(q, q.id == interpreters.Queue(q.id).id, flush=True); q.put(q)")
print(q.get() is q)
interp.exec("q.put(None); q.put((1, 'x'))")
print(q.get(), q.get())
show(q.put, lambda: 5)
print(q.get()())
show(q.put, interp.exec)
print(q.qsize())
for op in (interpreters._queues.UNBOUND, interpreters._queues.UNBOUND_ERROR, interpreters._queues.UNBOUND_REMOVE):
    q2 = interpreters.create_queue(unbounditems=op)
    other = interpreters.create()
    other.prepare_main(q=q2)
    other.exec("q.put(1); q.put('two')")
    q2.put('own')
    other.close()
    print(q2.qsize())
    while not q2.empty():
        show(q2.get)
show(low.create)
show(low.create, 'x')
show(low.create, 0, 9)
show(low.create, 0, 3, 7)
for f in (low.bind, low.get, low.get_count, low.get_maxsize, low.get_queue_defaults, low.is_full, low.release, low.destroy):
    show(f)
    show(f, 999)
    show(f, 'x')
    show(f, -1)
    show(f, 2**70)
show(low.put)
show(low.put, 999, 1)
show(low.put, q.id, [], 3, 0)
show(low.put, q.id, 2**80, 3, 0)
show(low.put, q.id, (1, [2]), 3, 0)
show(interpreters.Queue, 999)
show(interpreters.Queue, 'x')
n = low.create(0, 3, -1)
show(low.release, n)
low.bind(n)
low.bind(n)
low.release(n)
low.release(n)
show(low.get_count, n)

print('--- channels')
c = channels.create(3, -1)
print(type(c), int(c) == c, c == c, c == 'x', c.end, c.send.end, c.recv.end, c.send == c, hash(c) == hash(int(c)))
print(repr(c).startswith('ChannelID('), 'send=True' in repr(c.send), 'recv=True' in repr(c.recv))
show(channels.send, c, 'one', blocking=False)
show(channels.send, c, (1, 2), blocking=False)
print(channels.get_count(c), channels.get_channel_defaults(c))
print(tuple(channels.get_info(c)), channels.get_info(c).send_associated, channels.get_info(c).recv_associated)
print(channels.recv(c), channels.recv(c), channels.recv(c, 'default'))
show(channels.recv, 999)
show(channels.send, c, 1, timeout=0.01)
show(channels.send, c, 1, timeout=-1)
show(channels.send, c, 1, blocking=False, timeout=1)
show(channels.close, c, force=True)
show(channels.send, c, 1, blocking=False)
show(channels.close, c)
c = channels.create()
interp.prepare_main(cid=c)
interp.exec("""
import _interpchannels as channels
channels.send(cid, b'from there', blocking=False)
print(int(cid) == cid, type(cid).__name__, flush=True)
""")
print(channels.recv(c), channels.list_interpreters(c, send=True) == [interp.id], channels.list_interpreters(c, send=False))
channels.send(c, 1, blocking=False)
show(channels.close, int(c) + 1000)
try:
    channels.close(c)
except channels.ChannelNotEmptyError as e:
    print('not empty')
channels.close(c, send=True)
print(channels.get_info(c).closing)
print(channels.recv(c), channels.get_info(c).closed)
show(channels._channel_id, 999)
print(int(channels._channel_id(999, force=True)))
show(channels._channel_id, c, send=False, recv=False)
c = channels.create()
channels.release(c)
print(channels.get_info(c).closed)
interp.close()

print('--- the pool')
def work(n):
    import _interpreters
    return n * n, _interpreters.get_current()[0] != 0
with InterpreterPoolExecutor(max_workers=2) as pool:
    print(list(pool.map(work, range(5))))
    f = pool.submit(int, 'x')
    print(type(f.exception()).__name__, f.exception(), type(f.exception().__cause__).__name__)
    show(pool.submit)
print(len(interpreters.list_all()))
