"""ssl: handshakes between memory BIOs, what both ends tell, sessions, refusals, and callbacks. The certificates are made for this test."""
import os
import ssl
import sys
import time

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


def attempt(f, *args):
    try:
        print("ok", f(*args))
    except Exception as e:
        text = str(e).split(" (_ssl.c")[0].replace("ssl/tls alert", "sslv3 alert")
        print(type(e).__name__, text, getattr(e, "library", "-"), getattr(e, "reason", "-"), getattr(e, "verify_code", "-"))


def pair(client, server, name="localhost", session=None):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    return client.wrap_bio(a, b, server_hostname=name, session=session), server.wrap_bio(b, a, server_side=True)


def shake(*ends):
    for _ in range(4):
        for end in ends:
            try:
                end.do_handshake()
            except ssl.SSLWantReadError:
                pass


server = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
server.load_cert_chain("server.pem")
client = ssl.create_default_context(cadata=AUTHORITY)
client.verify_flags &= ~ssl.VERIFY_X509_STRICT
print(client.cert_store_stats(), client.get_ca_certs()[0]["subject"], client.verify_mode, client.check_hostname)

for version in ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3:
    client.minimum_version = client.maximum_version = version
    server.set_alpn_protocols(["h2", "http/1.1"])
    client.set_alpn_protocols(["spdy", "http/1.1"])
    c, s = pair(client, server)
    attempt(c.read)
    attempt(c.getpeercert)
    shake(c, s)
    print(c.version(), s.version(), c.cipher()[1:], c.selected_alpn_protocol(), s.selected_alpn_protocol(), c.compression())
    print(c.write(b"hello"), s.read(3), s.pending(), s.read(), len(s.shared_ciphers()) > 1)
    buffer = bytearray(4)
    s.write(b"abcdef")
    print(c.read(10, buffer), buffer, c.read(10))
    print(len(c.get_channel_binding() or b"") > 8, c.get_channel_binding() == s.get_channel_binding())
    print(s.getpeercert(), s.getpeercert(True), c.server_hostname, c.server_side, s.server_side)
    cert = c.getpeercert()
    for key in sorted(cert):
        if not key.startswith("not"):
            print("  ", key, cert[key])
    print([x[:2] for x in c.get_verified_chain()], c.getpeercert(True) == c.get_unverified_chain()[0])
    session = c.session
    print(session.has_ticket, session.timeout > 0, abs(session.time - time.time()) < 100)
    for i in range(2):
        attempt((c, s)[i].unwrap)
        attempt((s, c)[i].unwrap)
    attempt(c.write, b"x")
    c2, s2 = pair(client, server, session=session)
    shake(c2, s2)
    print("resumed", c2.session_reused, s2.session_reused)
    attempt(setattr, c2, "session", 1)
    attempt(setattr, c2, "session", session)

for name in "www.example.org", "127.0.0.1", "::1", "example.org", "10.0.0.1":
    c, s = pair(client, server, name)
    for end in c, s, c:
        attempt(end.do_handshake)

plain = ssl.create_default_context()
c, s = pair(plain, server)
for end in c, s, c, s:
    attempt(end.do_handshake)

for bad in (b"not at all a handshake", b""):
    a, b = ssl.MemoryBIO(), ssl.MemoryBIO()
    c = client.wrap_bio(a, b, server_hostname="localhost")
    a.write(bad)
    if not bad:
        a.write_eof()
    attempt(c.do_handshake)


# callbacks
def sni(end, name, context):
    print("sni", type(end).__name__, name, context is server)
    return answer() if callable(answer) else answer


server.sni_callback = sni
hook = sys.unraisablehook
sys.unraisablehook = lambda u: print("unraisable", u.err_msg and u.err_msg.split("(")[0].split("<")[0], u.exc_type.__name__, u.exc_value)
for answer in None, ssl.AlertDescription.ALERT_DESCRIPTION_ACCESS_DENIED, "text", lambda: 1 / 0:
    c, s = pair(client, server)
    for end in c, s, c:
        attempt(end.do_handshake)
server.sni_callback = None

seen = []
client._msg_callback = lambda end, direction, version, content, kind, data: seen.append((direction, content.name, getattr(kind, "name", kind)))
c, s = pair(client, server)
shake(c, s)
print(len(seen) > 4, ("write", "HANDSHAKE", "CLIENT_HELLO") in seen)


def raising(*args):
    raise KeyError("from the callback")


client._msg_callback = raising
c, s = pair(client, server)
attempt(c.do_handshake)
client._msg_callback = None

client.keylog_filename = "keys.log"
c, s = pair(client, server)
shake(c, s)
client.keylog_filename = None
print(open("keys.log").readline().strip(), len(open("keys.log").readlines()) > 3)

passwords = [lambda: "no", lambda: 5, lambda: 1 / 0, "wrong", b"x" * 2000, 7]
for p in passwords:
    attempt(server.load_cert_chain, "server.pem", None, p)
attempt(server.load_cert_chain, "ca.pem")
attempt(server.load_cert_chain, "missing.pem")
attempt(client.load_verify_locations, "missing.pem")
attempt(client.load_verify_locations, None, None, "junk")
attempt(client.load_verify_locations, None, None, b"junk")
attempt(client.load_verify_locations)
