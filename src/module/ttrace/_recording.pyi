from collections.abc import Callable, Iterable
from os import PathLike
from types import FrameType, TracebackType
from typing import (
    Any,
    Literal,
    NamedTuple,
    ParamSpec,
    Protocol,
    Self,
    TypeAlias,
    TypeVar,
    overload,
)

_P = ParamSpec("_P")
_T_co = TypeVar("_T_co", covariant=True)
_T = TypeVar("_T")
_Rules: TypeAlias = str | Iterable[str]
_Path: TypeAlias = str | bytes | PathLike[str] | PathLike[bytes]
_Event: TypeAlias = Literal["call", "line", "return", "exception"]

class Line(NamedTuple):
    file: str
    line: int
    hits: int
    self_seconds: float
    total_seconds: float

class Function(NamedTuple):
    file: str
    line: int
    name: str
    calls: int
    self_seconds: float
    total_seconds: float

class Place(NamedTuple):
    file: str
    line: int
    name: str

class Call(NamedTuple):
    caller: Place | None
    callee: Place
    count: int
    seconds: float

class Coverage(NamedTuple):
    executed: int
    executable: int
    percent: float
    missing: list[int]

class CallGraph(tuple[Call, ...]):
    def to_dot(self) -> str: ...
    def to_mermaid(self) -> str: ...

class tracing:
    def __init__(
        self,
        lines: bool = True,
        calls: bool = True,
        include: _Rules = (),
        exclude: _Rules = (),
    ) -> None: ...
    @property
    def active(self) -> bool: ...
    def start(self) -> None: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...
    def lines(self) -> list[Line]: ...
    def functions(self) -> list[Function]: ...
    def call_graph(self) -> CallGraph: ...
    def hottest(
        self, n: int = 10, by: Literal["self", "total"] = "self"
    ) -> list[Function]: ...
    def coverage(self) -> dict[str, Coverage]: ...
    def save(self, path: _Path) -> None: ...
    def write_cover(self, folder: _Path, missing: bool = True) -> int: ...

_Tracing: TypeAlias = tracing

class _Traced(Protocol[_P, _T_co]):
    tracing: _Tracing
    def __call__(self, *args: _P.args, **kwargs: _P.kwargs) -> _T_co: ...

@overload
def traced(function: Callable[_P, _T], /) -> _Traced[_P, _T]: ...
@overload
def traced(
    *,
    lines: bool = True,
    calls: bool = True,
    include: _Rules = (),
    exclude: _Rules = (),
) -> Callable[[Callable[_P, _T]], _Traced[_P, _T]]: ...

class Listener:
    @property
    def active(self) -> bool: ...
    def stop(self) -> None: ...
    def __enter__(self) -> Self: ...
    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None: ...

def on_event(
    callback: Callable[[FrameType, str, Any], object],
    events: _Event | Iterable[_Event] = ("call", "line", "return", "exception"),
    include: _Rules = (),
    exclude: _Rules = (),
) -> Listener: ...
