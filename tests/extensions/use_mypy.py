import os
import tempfile

import mypy.api
import mypy.nodes

print(mypy.nodes.__file__.endswith(".so"))
SOURCE = '''
from typing import Generic, Protocol, TypeVar
T = TypeVar("T")
class Box(Generic[T]):
    def __init__(self, value: T) -> None:
        self.value = value
class Sized(Protocol):
    def size(self) -> int: ...
def use(s: Sized) -> int:
    return s.size()
def broken(x: int) -> str:
    return x
reveal_type(Box(1).value)
use(Box("a"))
[n.upper() for n in range(3)]
match broken(1):
    case str() as s: reveal_type(s)
def later[U: int](u: U) -> list[U]: return [u, None]
'''
with tempfile.TemporaryDirectory() as folder:
    os.chdir(folder)
    with open("prog.py", "w") as f:
        f.write(SOURCE)
    out, err, status = mypy.api.run(["--no-incremental", "--no-error-summary", "--strict", "prog.py"])
    print(out, err, status)
