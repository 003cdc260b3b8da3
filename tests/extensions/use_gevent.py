from gevent import monkey

monkey.patch_all()
import gevent, socket, time, threading, queue
from gevent.pool import Pool
from gevent.event import Event
from gevent.queue import Queue


def w(i):
    gevent.sleep(0.01 * (5 - i))
    return i * i


jobs = [gevent.spawn(w, i) for i in range(5)]
gevent.joinall(jobs)
print([j.value for j in jobs])
print(sorted(Pool(3).imap_unordered(w, range(5))))
q = Queue()


def prod():
    for i in range(5):
        q.put(i)
        gevent.sleep(0)
    q.put(StopIteration)


gevent.spawn(prod)
print(list(q))
s = socket.socket()
s.bind(("127.0.0.1", 0))
s.listen()


def serve():
    c, _ = s.accept()
    while d := c.recv(100):
        c.sendall(d.upper())
    c.close()


g = gevent.spawn(serve)
c = socket.create_connection(s.getsockname())
c.sendall(b"hello")
print(c.recv(100))
c.close()
g.join(5)
gevent.get_hub().exception_stream = None


def bad():
    raise ValueError("x")


g = gevent.spawn(bad)
try:
    g.get()
except ValueError as e:
    print("caught", e)
with gevent.Timeout(0.05, False):
    gevent.sleep(10)
    print("never")
t = threading.Thread(target=lambda: print("thread", time.sleep(0.01)))
t.start()
t.join()
e = Event()
gevent.spawn_later(0.01, e.set)
print(e.wait(2))
print(gevent.get_hub().loop.__class__.__name__)
