"""https: a server and clients of it in one program, over sockets; timeouts, non-blocking sockets, many threads. The certificates are made for this test."""
import asyncio
import http.client
import http.server
import select
import socket
import ssl
import threading
import urllib.error
import urllib.request

AUTHORITY = """-----BEGIN CERTIFICATE-----
MIIBpTCCAUugAwIBAgIUbqzMrX7YkWgt1+oaJ4TVEqOm7VAwCgYIKoZIzj0EAwIw
HzEdMBsGA1UEAwwUS3JhaXQgdGVzdCBhdXRob3JpdHkwIBcNMjYxMTI5MDA1NDIw
WhgPMjEyNjExMDUwMDU0MjBaMB8xHTAbBgNVBAMMFEtyYWl0IHRlc3QgYXV0aG9y
aXR5MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE82jvLT+/gRD2PuArFNL/dbbc
7JfCYrfWHcULGCQ+EgycWxBPlwc/QTyOCvqIWzFc0OHFgwi4Mhmu6q+6FD+HNaNj
MGEwHQYDVR0OBBYEFD68sueQQrgykwer/4kSvzW4qzkLMB8GA1UdIwQYMBaAFD68
sueQQrgykwer/4kSvzW4qzkLMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQD
AgEGMAoGCCqGSM49BAMCA0gAMEUCIQDZQd1K5qjzh+2SufQRK1DK3oivwF5q8a1G
EMyi8FqTPQIgJOb6ria0Q+gW4wS/mtLh2mQT6lI23Um9hXCXBzvUP98=
-----END CERTIFICATE-----
"""
CERTIFICATE = """-----BEGIN CERTIFICATE-----
MIICgTCCAiigAwIBAgICEjQwCgYIKoZIzj0EAwIwHzEdMBsGA1UEAwwUS3JhaXQg
dGVzdCBhdXRob3JpdHkwIBcNMjYxMTI5MDA1NDIwWhgPMjEyNjExMDUwMDU0MjBa
MDExCzAJBgNVBAYTAlhZMQ4wDAYDVQQKDAVLcmFpdDESMBAGA1UEAwwJbG9jYWxo
b3N0MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEu+H+7NWuzfL4raenu1xAQphn
0zsBQwZCazEqwuiSpMH853J6bFSojDbY8hIUZODZk8/vJsB4kbP6D5i+pGPrXaOC
AT4wggE6MGAGA1UdEQRZMFeCCWxvY2FsaG9zdIINKi5leGFtcGxlLm9yZ4cEfwAA
AYcQAAAAAAAAAAAAAAAAAAAAAYENYUBleGFtcGxlLm9yZ4YUaHR0cDovL2V4YW1w
bGUub3JnL3gwHQYDVR0lBBYwFAYIKwYBBQUHAwEGCCsGAQUFBwMCMAsGA1UdDwQE
AwIHgDAfBgNVHSMEGDAWgBQ+vLLnkEK4MpMHq/+JEr81uKs5CzAMBgNVHRMBAf8E
AjAAMDMGCCsGAQUFBwEBBCcwJTAjBggrBgEFBQcwAYYXaHR0cDovL2V4YW1wbGUu
b3JnL29jc3AwJwYDVR0fBCAwHjAcoBqgGIYWaHR0cDovL2V4YW1wbGUub3JnL2Ny
bDAdBgNVHQ4EFgQUnhMgLfu4FeK7e0cPMfj5eHcJ43AwCgYIKoZIzj0EAwIDRwAw
RAIgH65YOjybJm6QuRR1IWBw6OdslTr0zgFvOJ6xrazU8xcCIDda54SzBVVYTDG0
9UMaTGg1taBkdXblelajb4kzwznY
-----END CERTIFICATE-----
"""
KEY = """-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgkJCCzrj2mMXvN+2y
y5idJNDuaaiJmNNWmqCvHI8gO0WhRANCAAS74f7s1a7N8vitp6e7XEBCmGfTOwFD
BkJrMSrC6JKkwfzncnpsVKiMNtjyEhRk4NmTz+8mwHiRs/oPmL6kY+td
-----END PRIVATE KEY-----
"""

open("ca.pem", "w").write(AUTHORITY)
open("server.pem", "w").write(CERTIFICATE + KEY)
server_context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
server_context.load_cert_chain("server.pem")
context = ssl.create_default_context(cafile="ca.pem")
context.verify_flags &= ~ssl.VERIFY_X509_STRICT


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.answer(f"GET {self.path}".encode())

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.answer(str(len(body)).encode() + body[:5])

    def answer(self, body):
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, request, address):
        pass


httpd = Server(("127.0.0.1", 0), Handler)
httpd.socket = server_context.wrap_socket(httpd.socket, server_side=True, do_handshake_on_connect=False)
threading.Thread(target=httpd.serve_forever, daemon=True).start()
port = httpd.server_port
base = f"https://localhost:{port}"

print(urllib.request.urlopen(base + "/a?b=c", context=context).read())
data = b"0123456789" * 100000
print(urllib.request.urlopen(base + "/post", data, context=context).read())
try:
    urllib.request.urlopen(base)
except urllib.error.URLError as e:
    print(type(e.reason).__name__, e.reason.reason)
connection = http.client.HTTPSConnection("localhost", port, context=context)
for path in "/1", "/2":
    connection.request("GET", path)
    print(connection.getresponse().read(), connection.sock.version())
connection.close()

results = []


def worker(i):
    for j in range(5):
        results.append(urllib.request.urlopen(f"{base}/{i}/{j}", context=context).read().decode())


threads = [threading.Thread(target=worker, args=(i,)) for i in range(4)]
for t in threads:
    t.start()
for t in threads:
    t.join()
print(len(results), sorted(results)[:3])
httpd.shutdown()
httpd.server_close()

# both directions at once on one connection, much data
listener = socket.create_server(("127.0.0.1", 0))


def echo():
    with server_context.wrap_socket(listener.accept()[0], server_side=True) as s:
        try:
            while chunk := s.recv(65536):
                s.sendall(chunk)
            s.unwrap()
        except OSError:
            pass


def connect(**kwargs):
    thread = threading.Thread(target=echo, daemon=True)
    thread.start()
    return context.wrap_socket(socket.create_connection(listener.getsockname(), **kwargs), server_hostname="localhost"), thread


s, thread = connect()
got = bytearray()


def reader():
    while len(got) < 3000000:
        got.extend(s.recv(100000))


r = threading.Thread(target=reader)
r.start()
s.sendall(b"xyz" * 1000000)
r.join()
print(len(got), got == b"xyz" * 1000000)
print(s.unwrap() is not None)
thread.join()
s.close()

s, thread = connect(timeout=0.1)
try:
    s.recv(1)
except TimeoutError as e:
    print("TimeoutError", e)
s.setblocking(False)
try:
    s.recv(1)
except ssl.SSLWantReadError as e:
    print(type(e).__name__, e.errno)
s.send(b"now")
select.select([s], [], [])
while True:
    try:
        print(s.recv(10))
        break
    except ssl.SSLWantReadError:
        select.select([s], [], [], 1)
try:
    print(s.recv_into(bytearray(0)))
except ssl.SSLError as e:
    print(type(e).__name__)
s.close()
try:
    s.recv(1)
except OSError as e:
    print(type(e).__name__, e.errno)
thread.join()

# a peer that goes away, and one that is silent
plain = socket.create_server(("127.0.0.1", 0))
s = socket.create_connection(plain.getsockname())
peer = plain.accept()[0]
peer.close()
try:
    context.wrap_socket(s, server_hostname="localhost")
except (ssl.SSLError, OSError) as e:
    print(isinstance(e, (ssl.SSLEOFError, ConnectionError)))
s = socket.create_connection(plain.getsockname(), timeout=0.1)
try:
    context.wrap_socket(s, server_hostname="localhost")
except TimeoutError as e:
    print(str(e).split(": ")[1])
plain.close()


async def main():
    async def serve(reader, writer):
        writer.write((await reader.readline()).upper())
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=server_context)
    port = server.sockets[0].getsockname()[1]

    async def ask(i):
        reader, writer = await asyncio.open_connection("127.0.0.1", port, ssl=context, server_hostname="localhost")
        writer.write(b"line %d\n" % i)
        answer = await reader.read()
        writer.close()
        await writer.wait_closed()
        return answer

    print(await asyncio.gather(*(ask(i) for i in range(5))))
    server.close()
    await server.wait_closed()


asyncio.run(main())
