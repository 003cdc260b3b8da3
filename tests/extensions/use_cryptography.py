from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa, padding, ed25519, ec
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography import x509

f = Fernet(b"0" * 43 + b"=")
t = f.encrypt_at_time(b"hi", 1000)
print(f.decrypt(t))
try:
    f.decrypt(b"x")
except InvalidToken as e:
    print("bad", repr(e))
k = rsa.generate_private_key(65537, 2048)
s = k.sign(b"m", padding.PKCS1v15(), hashes.SHA256())
k.public_key().verify(s, b"m", padding.PKCS1v15(), hashes.SHA256())
e = ed25519.Ed25519PrivateKey.from_private_bytes(b"1" * 32)
print(e.sign(b"a").hex()[:32])
print(PBKDF2HMAC(hashes.SHA256(), 32, b"s", 1000).derive(b"p").hex())
print(AESGCM(b"k" * 16).encrypt(b"n" * 12, b"data", b"aad").hex())
h = hashes.Hash(hashes.BLAKE2b(64))
h.update(b"x")
print(h.finalize().hex()[:20])
pem = e.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
print(pem)
print(serialization.load_pem_public_key(pem).public_bytes_raw().hex())
from cryptography.x509.oid import NameOID

print(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "x")]).rfc4514_string())
