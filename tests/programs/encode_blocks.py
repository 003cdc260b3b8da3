# Encoding text of many mixtures and lengths by every built-in codec and error handler, and adding up what comes.
import random,zlib
r=random.Random(3); total=0
for letters in ("abc","abé","éü","aЖ","a漢","a😀","\ud800a"):
    for n in list(range(80))+[1000]:
        s="".join(r.choices(letters,k=n))
        for enc in ("utf-8","utf-16","utf-16-le","utf-16-be","utf-32","utf-32-be","latin-1","ascii"):
            for err in ("strict","replace","surrogatepass","ignore"):
                try: b=s.encode(enc,err)
                except UnicodeError as e: b=str(e).encode("utf8","replace")
                except LookupError as e: b=str(e).encode()
                total=zlib.crc32(b,total)
    print(ascii(letters),total)
