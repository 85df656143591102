"""Trace the execution of Python programs.

    import ttrace

    tracer = ttrace.Trace(count=True, trace=False)
    value = tracer.runfunc(function, argument)
    results = tracer.results()
    results.counts                                # {(file name, line): hits}
    results.write_results(show_missing=True, coverdir="coverage")

Trace and CoverageResults are those of the standard library's module `trace`: what they
take, print and write is the same, byte for byte, and sys.settrace() is used in the same
way; but the trace functions are in C.
"""
import os

# A module in one file, as `trace` is; what it is made of lies in the folder beside it.
__path__ = [os.path.splitext(__file__)[0]]

from ttrace._command import main
from ttrace._lines import (
    lines_of_code as _find_lines_from_code,
    lines_of_codes as _find_lines,
    lines_of_file as _find_executable_linenos,
    strings_of_file as _find_strings,
)
from ttrace._names import Ignore as _Ignore, fullmodname as _fullmodname, modname as _modname
from ttrace._recording import (
    Call, CallGraph, Coverage, Function, Line, Listener, Place, on_event, traced, tracing,
)
from ttrace._results import PRAGMA_NOCOVER, CoverageResults
from ttrace._trace import Trace

del os

__all__ = ["Trace", "CoverageResults", "tracing", "traced", "on_event", "Line", "Function",
           "Place", "Call", "CallGraph", "Coverage", "Listener"]

Trace.__module__ = CoverageResults.__module__ = __name__  # for pickles, and to be shown
