import asyncio
import threading

import zmq
import zmq.asyncio

context = zmq.Context()
a, b = context.socket(zmq.PAIR), context.socket(zmq.PAIR)
a.bind("inproc://pair")
b.connect("inproc://pair")
a.send_multipart([b"one", b"two", b"x" * 100_000])
print([len(part) for part in b.recv_multipart()])
b.send_json({"k": [1, 2.5, None]})
print(a.recv_json())
a.send(b"no copy" * 10_000, copy=False)
frame = b.recv(copy=False)
print(len(frame.bytes), frame.buffer.readonly, frame.more)
try:
    b.recv(zmq.NOBLOCK)
except zmq.Again as e:
    print(type(e).__name__, e.errno == zmq.EAGAIN)
server = context.socket(zmq.REP)
port = server.bind_to_random_port("tcp://127.0.0.1")


def serve():
    for _ in range(3):
        server.send(server.recv()[::-1])


thread = threading.Thread(target=serve)
thread.start()
with context.socket(zmq.REQ) as client:
    client.connect(f"tcp://127.0.0.1:{port}")
    for text in (b"abc", b"", b"end"):
        client.send(text)
        print(client.recv())
thread.join()
poller = zmq.Poller()
poller.register(a, zmq.POLLIN)
print(poller.poll(10))
b.send(b"!")
print([(s is a, event) for s, event in poller.poll(1000)], a.getsockopt(zmq.TYPE) == zmq.PAIR)


async def main():
    with zmq.asyncio.Context() as c:
        push, pull = c.socket(zmq.PUSH), c.socket(zmq.PULL)
        push.bind("inproc://queue")
        pull.connect("inproc://queue")
        await asyncio.gather(*(push.send(b"%d" % i) for i in range(5)))
        print(sorted([await pull.recv() for _ in range(5)]))
        push.close()
        pull.close()


asyncio.run(main())
for s in (a, b, server):
    s.close()
context.term()
