import dataclasses
import datetime
import enum
import uuid

import orjson


@dataclasses.dataclass
class D:
    a: int
    b: list


class E(enum.Enum):
    X = "x"


data = {"d": D(1, [2.5, None]), "e": E.X, "t": datetime.datetime(2020, 1, 2, 3, 4, 5, 6), "u": uuid.UUID(int=5), "s": "ä€𝄞\"\n", "n": -(2**63), "day": datetime.date(2021, 2, 3)}
print(orjson.dumps(data), orjson.dumps({"b": 1, "a": (1, 2)}, option=orjson.OPT_SORT_KEYS | orjson.OPT_INDENT_2))
print(orjson.loads(b'{"a":[1,2.5,null,true,"\\u00e4"],"b":18446744073709551615}'), orjson.loads("[]"), orjson.dumps({1: 2}, option=orjson.OPT_NON_STR_KEYS))
for bad in ("{", "[1,]", '{"a":1,}', "nan", b"\xff"):
    try:
        orjson.loads(bad)
    except orjson.JSONDecodeError as e:
        print(e)
for bad in (2**70, object, {1: 2}, float):
    try:
        print(orjson.dumps(bad))
    except orjson.JSONEncodeError as e:
        print(e)
print(orjson.dumps({1, 2}, default=sorted), orjson.dumps(orjson.Fragment(b"{}")), orjson.dumps(float("nan")))
