import datetime
import decimal
import uuid

import psycopg
import psycopg_binary
from psycopg import adapt, pq, sql
from psycopg.types.json import Jsonb

print(pq.__impl__, psycopg_binary._psycopg.__name__)
t = adapt.Transformer()
for value in (1, 2**40, 2**80, 1.5, "text", b"bytes", True, None, decimal.Decimal("1.20"), datetime.date(2026, 1, 2),
              datetime.timedelta(days=1, seconds=2), uuid.UUID(int=5), [1, 2, None], ["a", 'b"c'], Jsonb({"a": [1]})):
    for form in (adapt.PyFormat.TEXT, adapt.PyFormat.BINARY):
        try:
            data = t.dump_sequence([value], [form])
            print(form.name, data, t.types, t.formats)
        except Exception as e:
            print(form.name, type(e).__name__, e)
for oid, data in ((23, b"123"), (701, b"1.5"), (25, b"h\xc3\xa9"), (1082, b"2026-01-02"), (1700, b"1.20"), (1007, b"{1,NULL,3}"),
                  (1184, b"2026-01-02 03:04:05.6+00"), (16, b"t"), (17, b"\\x00ff"), (3802, b'{"a": 1}')):
    loader = t.get_loader(oid, pq.Format.TEXT)
    print(oid, repr(loader.load(data)))
try:
    psycopg.connect("host=127.0.0.1 port=1 dbname=none connect_timeout=2")
except psycopg.OperationalError as e:
    print(type(e).__name__, str(e).splitlines()[0][:60])
print(pq.Escaping().escape_string(b"it's"), pq.Conninfo.parse(b"host=x port=5")[0].keyword)
print(sql.SQL("select {} from {}").format(sql.Identifier("a b"), sql.Identifier("t")).as_string(None))
