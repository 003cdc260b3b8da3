"""Annotations and typing: lazy evaluation, generics, type parameters, unions, protocols, aliases, reprs."""
import annotationlib
import collections.abc
import typing
from typing import Annotated, Any, Callable, ClassVar, Final, Generic, Literal, NewType, Optional, ParamSpec, Protocol, TypedDict, TypeVar, Union, get_args, get_origin, get_type_hints

def attempt(f, *args, **kwargs):
    try:
        print(repr(f(*args, **kwargs)))
    except Exception as error:
        print(type(error).__name__, error, sep=": ")


def f(a: int, b: "Later", *c: undefined_name, d: list[str] = ()) -> Later | None: pass
attempt(lambda: f.__annotations__)
print(annotationlib.get_annotations(f, format=annotationlib.Format.STRING))
print({k: repr(v) for k, v in annotationlib.get_annotations(f, format=annotationlib.Format.FORWARDREF).items()})
class Later:
    x: int = 1
    y: "str"
    z: Later
undefined_name = float
print(
    f.__annotations__, f.__annotate__(1) == f.__annotations__, Later.__annotations__, get_type_hints(Later),
    get_type_hints(f),
)
attempt(f.__annotate__, 2)
attempt(f.__annotate__, "x")
attempt(setattr, f, "__annotations__", 5)
f.__annotations__ = {"q": 1}
print(f.__annotations__, f.__annotate__)
module_level: int
other: "text" = 5
print(__annotate__(1), "module_level" in globals(), other)
def local():
    x: undefined_thing = 1
    (y): int = 2
    z: int
    return locals()
print(local())
attempt(lambda: exec("(1).x: int = 5"))
attempt(lambda: exec("a.b: print('evaluated') = 1", {"a": type("A", (), {})()}))

for t in [
    list[int], dict[str, list[int]], tuple[int, ...], tuple[()], type[int],
    collections.abc.Callable[[int, str], bool], Callable[..., int], Callable[[], None], int | str, int | None,
    Optional[int], Union[int, str, int], Union[int], Literal[1, "a", None], Annotated[int, "meta", 5],
    ClassVar[int], Final[str], Any, typing.Never, typing.Self, typing.Iterable[int], typing.List,
    typing.Dict[str, int], list["Fwd"], Optional["X"], int | list[str],
    typing.Union[None, int], collections.abc.Mapping[str, int], typing.Concatenate[int, ...],
    typing.Unpack[tuple[int]], list[list], Literal[True, 1], typing.TypeGuard[int], typing.Awaitable[None],
    collections.deque[int],
]:
    print(repr(t), get_origin(t), get_args(t), hash(t) == hash(t), t == t)
print(
    int | str == str | int, Union[int, str] is not None, (int | str).__args__, isinstance(5, int | str),
    issubclass(bool, int | str), isinstance(None, int | None), Literal[1] == Literal[True], int | int,
    list[int] == list[int], list[int] != list[str], list[int]([1]), list[int].__origin__, list[int].append,
    list[int].__mro_entries__(()), typing.Union is type(int | str),
)
for g in [
    lambda: list[int]["x"], lambda: int[str], lambda: isinstance([], list[int]), lambda: issubclass(int, list[int]),
    lambda: int | 5, lambda: "a" | int, lambda: Union[5], lambda: Optional, lambda: Optional[int, str],
    lambda: Literal[[]], lambda: ClassVar[int, str], lambda: Generic[int], lambda: Any(), lambda: typing.Self[int],
    lambda: isinstance(1, Any), lambda: isinstance(1, Union[list[int], str]), lambda: Union(),
    lambda: Annotated[int], lambda: typing.Iterable[int, str], lambda: Callable[int],
    lambda: NewType("A", int)("x"), lambda: typing.cast(int, "kept"), lambda: typing.NoReturn[int],
    lambda: dict[int].x, lambda: setattr(list[int], "x", 1), lambda: typing.List[int](),
    lambda: typing.Tuple[int, ...](), lambda: list[int].__class__, lambda: typing.nothing,
]:
    attempt(g)

def generic[T: int, *Ts, **P = [int]](x: T, *args: *Ts) -> T: return x
class Box[T, U = str](list[T]):
    def get(self) -> T: return self[0]
type Pair[A] = tuple[A, A]
type Recursive = list[Recursive] | None
type Lazy = undefined_until_later
print(
    generic.__type_params__, [type(p).__name__ for p in generic.__type_params__],
    generic.__type_params__[0].__bound__, generic.__type_params__[2].__default__, Box.__type_params__, Box[int],
    Box[int, bool].__args__, Box.__orig_bases__, Box.__parameters__, Box([5]).get(), Box[int]([1]), Pair,
    Pair.__value__, Pair[int], Pair[int].__args__, Recursive.__value__, Pair.__type_params__, type(Pair).__name__,
    Pair.__name__, Pair.__module__,
)
attempt(lambda: Lazy.__value__)
attempt(lambda: Box[1, 2, 3])
attempt(lambda: Pair())
attempt(lambda: isinstance(1, Recursive))
attempt(lambda: Recursive[int])
attempt(lambda: type(Pair)("Q", int, type_params=5))
print(typing.TypeAliasType("Made", list[int]).__value__)
T = TypeVar("T")
K = TypeVar("K", int, str)
B = TypeVar("B", bound=int, covariant=True)
PS = ParamSpec("PS")
D = TypeVar("D", default=int)
class Old(Generic[T, K]):
    def __init__(self, v=None): self.v = v
class Part(Old[int, K]): pass
print(
    T, K.__constraints__, B, B.__bound__, PS.args, PS.kwargs, Old[int, str], Part[str], Old.__parameters__,
    Part.__parameters__, Old[int, str](5).__orig_class__, Old[T, T][int], list[T][int], dict[K, T][str, float],
    Callable[PS, T][[int], str], D.__default__, D.has_default(), T.__default__, typing.get_args(Old[int, K]),
)
for g in [
    lambda: Old[int], lambda: Old[int, str, bool], lambda: TypeVar("X", int),
    lambda: TypeVar("X", bound=int, covariant=True, contravariant=True), lambda: TypeVar("X", int, str, bound=int),
    lambda: type("C", (Generic[T, T],), {}), lambda: isinstance(1, T), lambda: Generic[T](), lambda: TypeVar(5),
    lambda: T(), lambda: class_with_typevar_base(), lambda: list[T][int, str], lambda: TypeVar("Y")[int],
]:
    attempt(g)
class Sized(Protocol):
    size: int
    def grow(self) -> None: ...
@typing.runtime_checkable
class Closes(Protocol):
    def close(self): ...
class Impl:
    size = 1
    def grow(self): pass
import io
print(
    isinstance(io.StringIO(), Closes), isinstance(5, Closes), issubclass(io.StringIO, Closes),
    Sized.__protocol_attrs__ == {"size", "grow"}, typing.get_protocol_members(Sized) == {"size", "grow"},
    typing.is_protocol(Sized),
)
attempt(isinstance, Impl(), Sized)
attempt(Sized)
attempt(lambda: type("X", (Protocol, Impl), {}))
class Movie(TypedDict, total=False):
    name: typing.Required[str]
    year: int
class More(Movie): extra: typing.ReadOnly[bool]
print(
    Movie(name="x", year=1), Movie.__required_keys__, Movie.__optional_keys__ == frozenset({"year"}),
    More.__annotations__, Movie.__total__, typing.is_typeddict(Movie),
    TypedDict("Dyn", {"a b": int}).__annotations__,
)
attempt(isinstance, {}, Movie)
attempt(lambda: type("X", (Movie, int), {}))
UserId = NewType("UserId", int)
print(UserId(5), UserId, UserId.__supertype__, UserId | None)
attempt(isinstance, 5, UserId)
attempt(lambda: type("X", (UserId,), {}))
@typing.overload
def over(x: int) -> int: ...
@typing.overload
def over(x: str) -> str: ...
def over(x): return x
print(
    len(typing.get_overloads(over)), over(1), typing.final(Later).__final__,
    typing.no_type_check(f).__no_type_check__, typing.get_type_hints(Later, include_extras=True),
    typing.TYPE_CHECKING, typing.assert_type(1, int), typing.override(over).__override__,
    typing.reveal_type.__name__, typing.ForwardRef("int").__forward_arg__,
    typing.ForwardRef("list[int]").evaluate() if hasattr(typing.ForwardRef, "evaluate") else None,
    annotationlib.ForwardRef("a") == annotationlib.ForwardRef("a"),
    typing.evaluate_forward_ref(annotationlib.ForwardRef("int | str")),
)
attempt(typing.assert_never, 5)
attempt(get_type_hints, 5)
attempt(lambda: get_type_hints(type("Bad", (), {"__annotations__": {"x": "1 +"}})))
attempt(annotationlib.ForwardRef("1 +").evaluate)
attempt(annotationlib.ForwardRef, 5)
