"""Recording parts of a program: tracing, traced, on_event, and what they give back."""
import functools
import inspect
import os
import sys
import threading
import types
import warnings
from typing import NamedTuple, Optional

from . import _engine

_engine.set_own_folder(os.path.dirname(os.path.abspath(__file__)))
os.register_at_fork(after_in_child=lambda: _after_fork())

EVENTS = {"call": 1, "exception": 2, "line": 4, "return": 8}


class _Threads:
    """Has threads that begin from now on joined, while anything is watched."""

    def __init__(self):
        self.lock = threading.Lock()
        self.n = 0
        self.before = None

    def begin(self):
        with self.lock:
            self.n += 1
            if self.n == 1:
                self.before = threading.gettrace()
                threading.settrace(_engine.hook)

    def end(self):
        with self.lock:
            self.n -= 1
            if self.n == 0:
                if threading.gettrace() is _engine.hook:
                    threading.settrace(self.before)
                self.before = None


_threads = _Threads()


def _after_fork():
    _engine.after_fork()
    _threads.__init__()
    if threading.gettrace() is _engine.hook:
        threading.settrace(None)


class Line(NamedTuple):
    """A line that ran."""
    file: str
    line: int  # from 1
    hits: int
    self_seconds: float  # while it was the innermost recorded line
    total_seconds: float  # with what was called from it, recursion counted once


class Function(NamedTuple):
    """A function that ran; the body of a module is one, named <module>."""
    file: str
    line: int  # of its def, or of its first decorator
    name: str  # qualified: "Cart.total"
    calls: int  # that began; of one that runs when recording begins, not that one
    self_seconds: float
    total_seconds: float  # with all it called, recursion counted once


class Place(NamedTuple):
    """Where a function is defined. str() of it is the name alone."""
    file: str
    line: int
    name: str

    def __str__(self):
        return self.name


class Call(NamedTuple):
    """What one function called of another one."""
    caller: Optional[Place]  # None: no code that is recorded, as for a thread's function
    callee: Place
    count: int
    seconds: float  # in these calls, with all they called; recursion counted once


class Coverage(NamedTuple):
    """How much of a file ran, as `trace` counts it: docstrings and lines with
    "#pragma NO COVER" are not missed."""
    executed: int  # lines
    executable: int
    percent: float  # from 0 to 100
    missing: list  # of line numbers


def _dot(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def _mermaid(text):
    """Mermaid takes no quotes inside of quotes, but HTML's character references."""
    escaped = "".join(
        c if c.isalnum() or c in " ._:/-+(),*=" else f"#{ord(c)};" for c in text)
    return f'"{escaped}"'


def _time(seconds):
    return f"{seconds:.3f} s" if seconds >= 1 else f"{seconds * 1e3:.3f} ms"


class CallGraph(tuple):
    """Who called whom: a tuple of Call, by file and line of caller and callee."""

    __slots__ = ()

    def _places(self):
        places = {}
        for call in self:
            for place in (call.caller, call.callee):
                if place is not None:
                    places.setdefault(place, f"n{len(places)}")
        return places

    def to_dot(self):
        """The graph for Graphviz: `dot -Tsvg`. Edges bear count and time."""
        places = self._places()
        out = ["digraph calls {", "    node [shape=box];"]
        for place, name in places.items():
            label = f"{place.name}\n{os.path.basename(place.file)}:{place.line}"
            out.append(f"    {name} [label={_dot(label)}];")
        for call in self:
            if call.caller is not None:
                label = _dot(f"{call.count}x\n{_time(call.seconds)}")
                out.append(f"    {places[call.caller]} -> {places[call.callee]} "
                           f"[label={label}];")
        return "\n".join(out + ["}", ""])

    def to_mermaid(self):
        """The graph as a Mermaid flowchart, as Markdown on many sites shows it."""
        places = self._places()
        out = ["flowchart TD"]
        for place, name in places.items():
            out.append(f"    {name}[{_mermaid(place.name)}]")
        for call in self:
            if call.caller is not None:
                label = _mermaid(f"{call.count}x, {_time(call.seconds)}")
                out.append(f"    {places[call.caller]} -->|{label}| {places[call.callee]}")
        return "\n".join(out + [""])

    def __str__(self):
        return "\n".join(f"{call.caller or '(not recorded)'} -> {call.callee}: "
                         f"{call.count}x, {_time(call.seconds)}" for call in self)


def _rules(rules, what):
    if isinstance(rules, str):
        return (rules,)
    rules = tuple(rules)
    for rule in rules:
        if not isinstance(rule, str):
            raise TypeError(f"{what} takes strings, not {type(rule).__name__}")
    return rules


_completed = set()


class tracing:
    """Records what runs in a block of code, in all threads:

        with ttrace.tracing() as t:
            work()
        for row in t.hottest(3):
            print(row.name, row.calls, row.total_seconds)

    lines    count lines, for lines(), coverage() and write_cover()
    calls    follow calls, for functions(), call_graph() and hottest()
    include  what is recorded; without it "mine": all but the standard library, installed
             packages and code without a file
    exclude  what of that is left out

    Each of both is a rule or a sequence of rules: "mine", "stdlib", "site-packages",
    "generated", "all"; a module ("json", "json.*"); a file, which has a "/" or ends in
    ".py" ("shop/*.py"); or functions of a module ("shop:Cart.*").

    Blocks may be nested, in one function or in several threads; each shows what it asked
    for. The same object may be entered again: then it has the sum of both times, and
    while it is entered twice at a time, recursion for example, things are counted once.
    Results may be asked for at any time, in the block, too: they are those of that
    moment. Times hold what tracing itself costs.

    start() and stop() do the same without a block. Functions that run when recording
    begins are recorded from there on.

    ValueError: a rule is none. OSError: there is no room for what is recorded ($TMPDIR).
    In a child after os.fork() nothing is recorded until it begins to.
    """

    def __init__(self, lines=True, calls=True, include=(), exclude=()):
        self._recording = _engine.Recording(_rules(include, "include"),
                                            _rules(exclude, "exclude"), bool(lines),
                                            bool(calls))
        self._has_lines = bool(lines)
        self._has_calls = bool(calls)

    def __repr__(self):
        state = "recording" if self.active else "not recording"
        return f"<ttrace.tracing, {state}>"

    @property
    def active(self):
        """Whether it records now."""
        return self._recording.active

    def start(self):
        """Records from now on, until stop() has been called as often as this."""
        _threads.begin()
        try:
            self._recording.start()
        except BaseException:
            _threads.end()
            raise

    def stop(self):
        """Takes one start() back. Without one, nothing happens."""
        if self.active:
            self._recording.stop()
            _threads.end()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *ignored):
        self.stop()

    def _need(self, has, what):
        if not has:
            raise ValueError(f"recorded with {what}=False")

    def lines(self):
        """A list of Line, by file and line: (file, line, hits, self_seconds,
        total_seconds). ValueError: recorded with lines=False."""
        self._need(self._has_lines, "lines")
        return sorted(map(Line._make, self._recording.lines()))

    def functions(self):
        """A list of Function, by file and line: (file, line, name, calls, self_seconds,
        total_seconds). ValueError: recorded with calls=False."""
        self._need(self._has_calls, "calls")
        return sorted(map(Function._make, self._recording.functions()))

    def call_graph(self):
        """A CallGraph, a tuple of Call: (caller, callee, count, seconds). ValueError:
        recorded with calls=False."""
        self._need(self._has_calls, "calls")
        calls = [Call(caller and Place._make(caller), Place._make(callee), count, seconds)
                 for caller, callee, count, seconds in self._recording.calls()]
        return CallGraph(sorted(calls, key=lambda c: (c.caller or (), c.callee)))

    def hottest(self, n=10, by="self"):
        """The `n` functions that took most time, a list of Function, longest first. `by`
        is "self" or "total". ValueError: it is something else, or recorded with
        calls=False."""
        if by not in ("self", "total"):
            raise ValueError(f'by is "self" or "total", not {by!r}')
        rows = self.functions()
        rows.sort(key=lambda row: -getattr(row, by + "_seconds"))
        return rows[:n]

    def _complete(self):
        """Compiles files that ran, for the lines that did not. Code that was loaded
        before it was recorded is all we have seen of a file otherwise."""
        self._need(self._has_lines, "lines")
        for file, module, text in self._recording.sources():
            if file in _completed:
                continue
            _completed.add(file)
            try:
                with warnings.catch_warnings():
                    warnings.simplefilter("ignore")
                    code = compile(text, file, "exec", dont_inherit=True)
            except (SyntaxError, ValueError):
                continue
            _engine.complete(code, {"__name__": module})
        self._recording.renew()

    def coverage(self):
        """A dict, file to Coverage: (executed, executable, percent, missing), of the
        files that ran. ValueError: recorded with lines=False."""
        self._complete()
        return {file: Coverage(executed, executable,
                               100 * executed / executable if executable else 100.0,
                               sorted(missing))
                for file, executed, executable, missing
                in sorted(self._recording.coverage())}

    def save(self, path):
        """Writes a recording that `ttrace PATH` shows. OSError: it cannot be
        written, or `path` is there and no recording."""
        if self._has_lines:
            self._complete()
        self._recording.save(path)

    def write_cover(self, folder, missing=True):
        """Writes a .cover file for each file that ran, as `trace` does: module.cover in
        `folder`, which is made if it is not there, with lines that could have run marked
        if `missing`. Returns how many; stderr says what was skipped, and why. OSError:
        nothing can be written. ValueError: recorded with lines=False."""
        self._complete()
        n, notes = self._recording.write_cover(folder, bool(missing))
        if notes:
            sys.stderr.write(notes)
        return n


@types.coroutine
def _drive(t, inner):
    """Runs a generator or coroutine, and records it while it runs, not while it waits."""
    step = functools.partial(inner.send, None)
    while True:
        try:
            with t:
                item = step()
        except StopIteration as stop:
            return stop.value
        try:
            sent = yield item
        except GeneratorExit:
            with t:
                inner.close()
            raise
        except BaseException as error:
            step = functools.partial(inner.throw, error)
        else:
            step = functools.partial(inner.send, sent)


def _wrap(function, t):
    if inspect.iscoroutinefunction(function):
        async def wrapper(*args, **keywords):
            return await _drive(t, function(*args, **keywords))
    elif inspect.isgeneratorfunction(function):
        def wrapper(*args, **keywords):
            return (yield from _drive(t, function(*args, **keywords)))
    elif inspect.isasyncgenfunction(function):
        async def wrapper(*args, **keywords):
            inner = function(*args, **keywords)
            step = inner.asend(None)
            while True:
                try:
                    item = await _drive(t, step)
                except StopAsyncIteration:
                    return
                try:
                    sent = yield item
                except GeneratorExit:
                    await inner.aclose()
                    raise
                except BaseException as error:
                    step = inner.athrow(error)
                else:
                    step = inner.asend(sent)
    else:
        def wrapper(*args, **keywords):
            with t:
                return function(*args, **keywords)
    return functools.wraps(function)(wrapper)


def traced(function=None, /, **options):
    """Records each call of a function, method, generator or coroutine; these while they
    run, not while they wait. Options are those of tracing:

        @ttrace.traced
        def work(): ...

        @ttrace.traced(include="all")
        def more(): ...

        work()
        work.tracing.hottest(3)

    `tracing` of the function has the sum over all calls, a tracing object. TypeError:
    what is decorated is no function. ValueError: an option's rule is none."""
    if function is None:
        return functools.partial(traced, **options)
    if not callable(function) or isinstance(function, type):
        raise TypeError(f"traced takes a function, not {type(function).__name__}")
    t = tracing(**options)
    wrapper = _wrap(function, t)
    wrapper.tracing = t
    return wrapper


class Listener:
    """What on_event() returns: calls the function until stop(), or to the end of its
    block. `active` says whether it still does."""

    def __init__(self, callback, events, include, exclude):
        if not callable(callback):
            raise TypeError(f"the callback is a function, not {type(callback).__name__}")
        if isinstance(events, str):
            events = (events,)
        bits = 0
        for event in events:
            if event not in EVENTS:
                raise ValueError(f"no event: {event!r}; there are {', '.join(EVENTS)}")
            bits |= EVENTS[event]
        self._listener = _engine.Listener(callback, bits, _rules(include, "include"),
                                          _rules(exclude, "exclude"))
        self._joins = False

    @property
    def active(self):
        """Whether it is called; no more when it raised."""
        return self._listener.active

    def _start(self):
        _threads.begin()
        try:
            self._listener.start()
        except BaseException:
            _threads.end()
            raise
        self._joins = True
        return self

    def stop(self):
        """Is called no more. When that is so already, nothing happens."""
        self._listener.stop()
        if self._joins:
            self._joins = False
            _threads.end()

    def __enter__(self):
        return self

    def __exit__(self, *ignored):
        self.stop()


def on_event(callback, events=("call", "line", "return", "exception"), include=(),
             exclude=()):
    """Calls callback(frame, event, arg) as sys.settrace() does, but only at the events,
    and for the code, that are asked for; in all threads, from now on until stop() of the
    Listener that it returns, or to the end of its block:

        def show(frame, event, arg):
            print(event, frame.f_code.co_name, frame.f_lineno)

        with ttrace.on_event(show, events={"call"}, include="shop"):
            shop.main()

    `arg` is the value at "return" (None where an exception leaves), (type, value,
    traceback) at "exception", else None. What the callback returns is ignored; no event
    comes from what it does itself. An exception in it ends the listener and goes on in
    the program, as with sys.settrace(). Rules are those of tracing. TypeError,
    ValueError: no function, no event, or no rule. RuntimeError: 30 are active."""
    return Listener(callback, events, include, exclude)._start()
