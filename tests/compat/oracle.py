"""A second opinion on lines and calls: what sys.settrace shows, and nothing else.

    oracle.py OUT GLOB[,GLOB...] SCRIPT [ARGS...]

Runs the script as __main__ and writes to OUT, as JSON, what happens in those files whose
path matches one of the globs: line events; starts of functions, by the nearest caller in
such a file; and how often generators and coroutines went on, which is no start. A
function is [path, qualified name, first line]; there is no caller (null) where a thread
begins. Lines that 3.12 and 3.13 see twice are counted apart; resumes that only ended a
frame, once more by themselves. Shares no code with what it is the judge of."""
import _thread
import collections
import fnmatch
import functools
import opcode
import os
import sys
import threading
import types

IS_3_11 = sys.version_info[:2] == (3, 11)
IS_3_12 = sys.version_info[:2] == (3, 12)
SEES_AGAIN = (3, 12) <= sys.version_info[:2] <= (3, 13)
if SEES_AGAIN:
    import dis

RESUME = opcode.opmap.get("RESUME")
YIELD_VALUE = opcode.opmap["YIELD_VALUE"]


class Code:
    """What is known of a code object in a watched file."""

    def __init__(self, code):
        self.object = code  # its address is nobody else's while it is known
        self.key = code.co_filename, code.co_qualname, code.co_firstlineno
        self.raw = code.co_code
        self.begin = next((at for at in range(0, len(self.raw), 2)
                           if self.is_resume(at, 0)), 0)

    def is_resume(self, at, *kinds):
        """RESUME's low bits are 0 at the beginning, others behind a yield or an await."""
        return self.raw[at] == RESUME and self.raw[at + 1] & 3 in kinds

    def is_start(self, at):
        """Whether a frame at this instruction runs from its beginning."""
        return at < 0 or self.is_resume(at, 0)

    def is_suspension(self, at):
        """Where a frame is while it is suspended, and when it is thrown into."""
        return self.raw[at] == YIELD_VALUE or self.is_resume(at, 1, 2, 3)

    def has_begun(self, at):
        """Not so a generator that is closed, or thrown into, before its first next()."""
        return at >= self.begin


class Again:
    """Lines that tracing sees again, but not by its own rule, for which they are the line
    that the frame is on. Finds these events, so that they are counted apart.

    3.12: where ways meet, or at a handler, when the instruction before has called a
    Python function: it has lost the line that it came from. Not so after C code.

    3.13: at a handler that is far from where the function begins. Then no table holds its
    line; that it begins a line in the code is taken for a change of line."""

    NEAR = range(-125, 128)  # lines, less what an instruction's offset makes likely

    def __init__(self):
        self.seen = collections.Counter()
        self.calls = {}    # frame: the instruction that has called
        self.raisers = {}  # frame: the one that has failed, if that may matter
        self.codes = {}

    def note_call(self, frame):
        if IS_3_12:
            self.calls[id(frame)] = frame.f_lasti

    def note_exception(self, frame, kind):
        """From here on, handlers take it on and raise it again, of which is no event; only
        what has been awaited ends with a StopIteration meanwhile."""
        at = self.calls.pop(id(frame), None)
        if at == frame.f_lasti or not IS_3_12:
            self.raisers[id(frame)] = frame.f_lasti
        elif kind is not StopIteration:
            self.raisers.pop(id(frame), None)

    def note_start(self, frame):
        self.calls.pop(id(frame), None)
        self.raisers.pop(id(frame), None)

    def note_end(self, code, frame):
        """Of the frame, or of a piece of it: a handler may wait."""
        self.calls.pop(id(frame), None)
        if not code.is_suspension(frame.f_lasti):
            self.raisers.pop(id(frame), None)

    def tables(self, code):
        if code not in self.codes:
            lines = {}
            for start, end, line in code.object.co_lines():
                lines.update(dict.fromkeys(range(start, end, 2), line))
            entries = dis._parse_exception_table(code.object)
            self.codes[code] = lines, {entry.target for entry in entries}
        return self.codes[code]

    def is_far(self, code, frame):
        line = frame.f_lineno - code.object.co_firstlineno
        return line - frame.f_lasti // 32 not in self.NEAR

    def has_line(self, code, frame):
        """Whether this line event is one of those."""
        called = self.calls.pop(id(frame), None)
        raised = self.raisers.get(id(frame))
        if called is None and raised is None:
            return False
        lines, handlers = self.tables(code)
        here, line = frame.f_lasti, frame.f_lineno
        if raised is not None and here in handlers and lines.get(raised) == line:
            return IS_3_12 or (self.is_far(code, frame) and not code.is_suspension(raised))
        if called is None or lines.get(called) != line:
            return False
        return here == called + 2 + 2 * opcode._inline_cache_entries[code.raw[called]]


class Silent:
    """3.11 alone: when throw() ends what a frame awaits with a value, the frame goes on,
    but there is no call event. Finds these frames by what they do next."""

    def __init__(self):
        self.away = set()

    def note(self, frame, event):
        """Whether the frame has gone on unheard; any event of the frame."""
        known = id(frame) in self.away
        if event == "return":
            self.away.add(id(frame))
        else:
            self.away.discard(id(frame))
        return known and event != "call"


class Closed:
    """close() throws into what is suspended. Whether a frame that does nothing about it
    has gone on is a matter of taste: 3.13 ends it without a run of it, but not while
    somebody watches. Finds these, so that they may be counted or not."""

    WAYS_OUT = GeneratorExit, SystemExit

    def __init__(self):
        self.closing = {}  # frame: whether it is that, or has just been resumed

    def note_resume(self, frame):
        self.closing[id(frame)] = False

    def note(self, frame, event, arg):
        """Whether the frame ends as one of those; any event but a call. A line may be one
        of cleaning up."""
        closing = self.closing.pop(id(frame), None)
        if closing is None or (event == "return" and not closing):
            return False
        if event == "exception" and issubclass(arg[0], self.WAYS_OUT):
            self.closing[id(frame)] = True
        elif event == "line" and closing:
            self.closing[id(frame)] = True
        return event == "return"


class Oracle:
    def __init__(self, globs):
        self.globs = globs
        self.hits = collections.Counter()
        self.pairs = collections.Counter()
        self.resumes = collections.Counter()
        self.closed = collections.Counter()
        self.close = Closed()
        self.wanted = {}  # by file: a lookup must not call into code that is counted
        self.codes = {}
        self.again = Again() if SEES_AGAIN else None
        self.silent = Silent() if IS_3_11 else None

    def find(self, frame):
        """The code of the frame, if its file is watched."""
        code = frame.f_code
        if id(code) in self.codes:
            return self.codes[id(code)]
        path = code.co_filename
        if path not in self.wanted:
            self.wanted[path] = any(fnmatch.fnmatchcase(path, g) for g in self.globs)
        if not self.wanted[path]:
            return None
        self.codes[id(code)] = Code(code)
        return self.codes[id(code)]

    def caller(self, frame):
        while frame := frame.f_back:
            if code := self.find(frame):
                return code.key
        return None

    def add_start(self, frame, code):
        self.pairs[self.caller(frame), code.key] += 1

    def add_resume(self, frame, code):
        self.resumes[code.key] += 1

    def add_line(self, frame):
        self.hits[frame.f_code.co_filename, frame.f_lineno] += 1

    def on_call(self, frame, event, arg):
        code = self.find(frame)
        if self.again and frame.f_back and self.find(frame.f_back):
            self.again.note_call(frame.f_back)
        if not code:
            return None
        if self.silent:
            self.silent.note(frame, event)
        if code.is_start(frame.f_lasti):
            if self.again:
                self.again.note_start(frame)
            self.add_start(frame, code)
        elif code.has_begun(frame.f_lasti):
            self.add_resume(frame, code)
            self.close.note_resume(frame)
        return self.on_event

    def on_event(self, frame, event, arg):
        if self.silent and self.silent.note(frame, event):
            self.add_resume(frame, self.find(frame))
        if self.close.note(frame, event, arg):
            self.closed[self.find(frame).key] += 1
        if event == "line":
            if self.again and self.again.has_line(self.find(frame), frame):
                self.again.seen[frame.f_code.co_filename, frame.f_lineno] += 1
            else:
                self.add_line(frame)
        elif self.again and event == "exception":
            self.again.note_exception(frame, arg[0])
        elif self.again:
            self.again.note_end(self.find(frame), frame)
        return self.on_event

    def watch_threads(self):
        """Also those that threading knows nothing of."""
        def start(plain, function, *args, **named):
            return plain(functools.partial(begin, function), *args, **named)

        def begin(function, *args, **named):
            sys.settrace(self.on_call)
            return function(*args, **named)

        for name in "start_new_thread", "start_new", "start_joinable_thread":
            for module, name in ((_thread, name), (threading, "_" + name)):
                if plain := getattr(module, name, None):
                    setattr(module, name, functools.partial(start, plain))

    def run(self, script):
        main = types.ModuleType("__main__")
        main.__file__ = script
        main.__builtins__ = __builtins__
        sys.modules["__main__"] = main
        with open(script, "rb") as f:
            code = compile(f.read(), script, "exec", dont_inherit=True)
        self.watch_threads()
        sys.settrace(self.on_call)
        try:
            exec(code, main.__dict__)
        finally:
            self.stop()

    def stop(self):
        sys.settrace(None)

    def write(self, path, **more):
        import json  # not before: the script's own import of it is to be seen
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"hits": list(self.hits.items()),
                       "again": list(self.again.seen.items() if self.again else ()),
                       "pairs": list(self.pairs.items()),
                       "resumes": list(self.resumes.items()),
                       "closed": list(self.closed.items()), **more}, f)


def main():
    out, globs, script = os.path.abspath(sys.argv[1]), sys.argv[2].split(","), sys.argv[3]
    del sys.argv[:3]
    sys.path[0] = os.path.dirname(script)
    oracle = Oracle(globs)
    status = 0
    try:
        oracle.run(script)
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else end.code is not None
    oracle.write(out)
    sys.stdout.flush()
    os._exit(status)  # what runs at exit is not counted on the other side either


if __name__ == "__main__":
    main()
