"""A second opinion on line counts: what sys.settrace shows, and nothing else.

    oracle.py OUT GLOB[,GLOB...] SCRIPT [ARGS...]

Runs the script as __main__ and writes to OUT, as JSON, the line events and the starts
of functions in those files whose path matches one of the globs. A generator that goes
on is no start. Shares no code with what it is the judge of."""
import collections
import fnmatch
import json
import opcode
import os
import sys
import threading
import types

RESUME = opcode.opmap.get("RESUME")


class Oracle:
    def __init__(self, globs):
        self.globs = globs
        self.hits = collections.Counter()
        self.calls = collections.Counter()
        self.wanted = {}  # by file: a lookup must not call into code that is counted
        self.bytecode = {}

    def wants(self, path):
        if path not in self.wanted:
            self.wanted[path] = any(fnmatch.fnmatchcase(path, g) for g in self.globs)
        return self.wanted[path]

    def is_start(self, frame):
        """Whether the frame runs from its beginning: RESUME's argument tells, whose low
        bits are not 0 behind a yield or an await."""
        code = frame.f_code
        at = frame.f_lasti
        if at < 0:
            return True
        raw = self.bytecode.get(code)
        if raw is None:
            raw = self.bytecode[code] = code.co_code
        return raw[at] == RESUME and raw[at + 1] & 3 == 0

    def on_call(self, frame, event, arg):
        code = frame.f_code
        if not self.wants(code.co_filename):
            return None
        if self.is_start(frame):
            self.calls[code.co_filename, code.co_qualname, code.co_firstlineno] += 1
        return self.on_line

    def on_line(self, frame, event, arg):
        if event == "line":
            self.hits[frame.f_code.co_filename, frame.f_lineno] += 1
        return self.on_line

    def run(self, script):
        main = types.ModuleType("__main__")
        main.__file__ = script
        main.__builtins__ = __builtins__
        sys.modules["__main__"] = main
        with open(script, "rb") as f:
            code = compile(f.read(), script, "exec", dont_inherit=True)
        threading.settrace(self.on_call)
        sys.settrace(self.on_call)
        try:
            exec(code, main.__dict__)
        finally:
            sys.settrace(None)
            threading.settrace(None)

    def write(self, path):
        with open(path, "w", encoding="utf-8") as f:
            json.dump({"hits": [[*k, n] for k, n in self.hits.items()],
                       "calls": [[*k, n] for k, n in self.calls.items()]}, f)


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
