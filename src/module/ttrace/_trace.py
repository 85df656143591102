"""The class Trace. What happens at each event is in C (_tracer); here is what happens
once: in a run, for a file, for a function."""
import gc
import inspect
import linecache
import os
import sys
import threading
from time import monotonic

from ._names import Ignore, modname
from ._results import CoverageResults
from ._tracer import Tracer

# As whose functions callers see run(), runctx() and runfunc().
_SHOWN = os.path.dirname(__file__) + ".py", __package__


class Trace(Tracer):
    """Runs something and counts its lines, prints them, or notes its functions.

    count         count how often lines run
    trace         print lines before they run, on sys.stdout as it is then
    countfuncs    instead: note which functions are called
    countcallers  instead of all that: note who calls whom
    ignoremods    names of modules whose lines are left out; a package's own module is
                  called __init__
    ignoredirs    folders below which lines are left out
    infile        a counts file that results() adds
    outfile       a counts file that write_results() of the results makes
    timing        print the seconds since this call before each line

    A module's lines are found by its __file__: code whose globals have none is left out.
    globaltrace and localtrace are trace functions; a subclass may have its own methods
    in their place.
    """

    def __init__(self, count=1, trace=1, countfuncs=0, countcallers=0, ignoremods=(),
                 ignoredirs=(), infile=None, outfile=None, timing=False):
        self.infile = infile
        self.outfile = outfile
        self.ignore = Ignore(ignoremods, ignoredirs)
        self.counts = {}
        self.pathtobasename = {}
        self.donothing = 0
        self.trace = trace
        self._calledfuncs = {}
        self._callers = {}
        self._caller_cache = {}
        self.start_time = monotonic() if timing else None
        if countcallers:
            self.globaltrace = self.globaltrace_trackcallers
        elif countfuncs:
            self.globaltrace = self.globaltrace_countfuncs
        elif trace or count:
            self.globaltrace = self.globaltrace_lt
            self.localtrace = (self.localtrace_count if not trace else
                               self.localtrace_trace_and_count if count else
                               self.localtrace_trace)
        else:
            self.donothing = 1

    def run(self, cmd):
        """Runs a statement, or a code object, in the module __main__."""
        import __main__
        self.runctx(cmd, __main__.__dict__, __main__.__dict__)

    def runctx(self, cmd, globals=None, locals=None):
        """Runs it with these dicts, or new ones; threads that it starts are traced, too.
        A string's lines are seen only if the globals have a __file__."""
        globals = {} if globals is None else globals
        locals = {} if locals is None else locals
        if not self.donothing:
            threading.settrace(self.globaltrace)
            sys.settrace(self.globaltrace)
        try:
            exec(cmd, globals, locals)
        finally:
            if not self.donothing:
                sys.settrace(None)
                threading.settrace(None)

    def runfunc(self, func, /, *args, **kw):
        """Calls func(*args, **kw) in this thread and returns what it returns."""
        if not self.donothing:
            sys.settrace(self.globaltrace)
        try:
            return func(*args, **kw)
        finally:
            if not self.donothing:
                sys.settrace(None)

    def results(self):
        """The CoverageResults so far. They share `counts` with this object; each call
        adds the infile, if there is one."""
        return CoverageResults(self.counts, infile=self.infile, outfile=self.outfile,
                               calledfuncs=self._calledfuncs, callers=self._callers)

    # What the trace functions ask for.

    def _wanted(self, file):
        """The name of the module whose __file__ that is; None: it is left out."""
        module = modname(file)
        answer = None if self.ignore.names(file, module) else module
        if type(self.ignore) is Ignore and type(file) is str:
            self._modules[file] = answer  # not asked again
        return answer

    def _print_header(self, module, function):
        print(" --- modulename: %s, funcname: %s" % (module, function))

    def _print_line(self, file, line):
        if self.start_time:
            print("%.2f" % (monotonic() - self.start_time), end=" ")
        base = os.path.basename(file)
        source = linecache.getline(file, line)
        if sys.version_info < (3, 13):
            print("%s(%d): %s" % (base, line, source), end="")
            return
        print("%s(%d)" % (base, line), end="")
        if source:
            print(": ", source, end="")
        else:
            print()

    def _function_of(self, code):
        """(file, module, function or Class.function)"""
        file, function = code.co_filename, code.co_name
        if file == __file__:
            file, module = _SHOWN
        else:
            module = modname(file) if file else None
        if code not in self._caller_cache:
            self._caller_cache[code] = None
            self._caller_cache[code] = _find_class(code)
        if self._caller_cache[code] is not None:
            function = f"{self._caller_cache[code]}.{function}"
        return file, module, function


def _find_class(code):
    """The name of the one class that has the one function with that code."""
    found = [code]
    for is_next in (inspect.isfunction, lambda it: isinstance(it, dict),
                    lambda it: hasattr(it, "__bases__")):
        found = [it for it in gc.get_referrers(found[0]) if is_next(it)]
        if len(found) != 1:
            return None
    return found[0].__name__
