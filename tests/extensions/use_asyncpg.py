import asyncio
import uuid

import asyncpg
from asyncpg.pgproto import pgproto, types
from asyncpg.protocol import protocol

u = pgproto.UUID("12345678123456781234567812345678")
print(u, u == uuid.UUID(int=0x12345678123456781234567812345678), hash(u) == hash(uuid.UUID(str(u))), u.bytes[:2], repr(u))
record = protocol._create_record({"a": 0, "b": 1}, (1, "two"))
print(record, record["a"], record[1], dict(record), list(record.keys()), "a" in record, record == (1, "two"), hash(record) == hash((1, "two")))
print(types.BitString("1010"), types.Point(1, 2), asyncpg.Range(1, 5), asyncpg.Box((1, 2), (3, 4)))


async def main():
    try:
        await asyncpg.connect(host="127.0.0.1", port=1, user="u", database="d", timeout=2)
    except OSError as e:
        print(isinstance(e, ConnectionRefusedError))


asyncio.run(main())
