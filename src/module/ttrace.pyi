from collections.abc import Callable, Iterable, Mapping, Sequence
from os import PathLike
from types import CodeType, FrameType, TracebackType
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
_T = TypeVar("_T")
_Function: TypeAlias = tuple[str, str, str]  # file name, module, function
_TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]

__all__ = ["Trace", "CoverageResults", "tracing", "traced", "on_event", "Line", "Function",
           "Place", "Call", "CallGraph", "Coverage", "Listener"]

PRAGMA_NOCOVER: str

class CoverageResults:
    counts: dict[tuple[str, int], int]
    counter: dict[tuple[str, int], int]
    calledfuncs: dict[_Function, int]
    callers: dict[tuple[_Function, _Function], int]
    infile: str | None
    outfile: str | None
    def __init__(
        self,
        counts: dict[tuple[str, int], int] | None = None,
        calledfuncs: dict[_Function, int] | None = None,
        infile: str | None = None,
        callers: dict[tuple[_Function, _Function], int] | None = None,
        outfile: str | None = None,
    ) -> None: ...
    def is_ignored_filename(self, filename: str) -> bool: ...
    def update(self, other: CoverageResults) -> None: ...
    def write_results(
        self,
        show_missing: bool = True,
        summary: bool = False,
        coverdir: str | None = None,
        *,
        ignore_missing_files: bool = False,
    ) -> None: ...
    def write_results_file(
        self,
        path: str,
        lines: Sequence[str],
        lnotab: Mapping[int, int],
        lines_hit: Mapping[int, int],
        encoding: str | None = None,
    ) -> tuple[int, int]: ...

class Trace:
    infile: str | None
    outfile: str | None
    ignore: Any
    counts: dict[tuple[str, int], int]
    pathtobasename: dict[str, str]
    donothing: int
    trace: bool | int
    start_time: float | None
    globaltrace: _TraceFunction
    localtrace: _TraceFunction
    def __init__(
        self,
        count: bool | int = 1,
        trace: bool | int = 1,
        countfuncs: bool | int = 0,
        countcallers: bool | int = 0,
        ignoremods: Sequence[str] = (),
        ignoredirs: Sequence[str] = (),
        infile: str | None = None,
        outfile: str | None = None,
        timing: bool = False,
    ) -> None: ...
    def run(self, cmd: str | CodeType) -> None: ...
    def runctx(
        self,
        cmd: str | CodeType,
        globals: dict[str, Any] | None = None,
        locals: Mapping[str, Any] | None = None,
    ) -> None: ...
    def runfunc(
        self, func: Callable[_P, _T], /, *args: _P.args, **kw: _P.kwargs
    ) -> _T: ...
    def results(self) -> CoverageResults: ...
    def file_module_function_of(self, frame: FrameType, /) -> _Function: ...
    def globaltrace_lt(
        self, frame: FrameType, why: str, arg: Any, /
    ) -> _TraceFunction | None: ...
    def globaltrace_countfuncs(self, frame: FrameType, why: str, arg: Any, /) -> None: ...
    def globaltrace_trackcallers(
        self, frame: FrameType, why: str, arg: Any, /
    ) -> None: ...
    def localtrace_count(
        self, frame: FrameType, why: str, arg: Any, /
    ) -> _TraceFunction: ...
    def localtrace_trace(
        self, frame: FrameType, why: str, arg: Any, /
    ) -> _TraceFunction: ...
    def localtrace_trace_and_count(
        self, frame: FrameType, why: str, arg: Any, /
    ) -> _TraceFunction: ...

def main() -> None: ...

# Recordings

_T_co = TypeVar("_T_co", covariant=True)
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
