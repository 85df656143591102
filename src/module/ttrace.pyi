from collections.abc import Callable, Mapping, Sequence
from types import CodeType, FrameType
from typing import Any, ParamSpec, TypeAlias, TypeVar

_P = ParamSpec("_P")
_T = TypeVar("_T")
_Function: TypeAlias = tuple[str, str, str]  # file name, module, function
_TraceFunction: TypeAlias = Callable[[FrameType, str, Any], Any]

__all__ = ["Trace", "CoverageResults"]

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
