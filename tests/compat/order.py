"""What oracle.py sees, and in which order, to the very end of a program.

    order.py OUT GLOB[,GLOB...] SCRIPT [ARGS...]

Writes beside the counts what happened in each thread: ["call", path, name, first line],
the same for "return", and ["line", path, line]. The script is followed until the last of
its threads, and of what it has registered with atexit, is over."""
import atexit
import collections
import os
import sys
import threading

import oracle


class Seen(threading.local):
    """What happens in a thread. Each has its own, since an addition is not atomic."""

    def __init__(self, every):
        self.hits = collections.Counter()
        self.pairs = collections.Counter()
        self.resumes = collections.Counter()
        self.order = []
        every.append((self.hits, self.pairs, self.resumes, self.order))
        self.closing = None  # a frame that an end was thrown into


class Ordered(oracle.Oracle):
    def __init__(self, globs):
        super().__init__(globs)
        self.every = []
        self.seen = Seen(self.every)

    def add_start(self, frame, code):
        self.seen.pairs[self.caller(frame), code.key] += 1
        self.seen.order.append(("call", *code.key))

    def add_resume(self, frame, code):
        self.seen.resumes[code.key] += 1
        self.seen.order.append(("call", *code.key))

    def add_line(self, frame):
        where = frame.f_code.co_filename, frame.f_lineno
        self.seen.hits[where] += 1
        self.seen.order.append(("line", *where))

    def on_event(self, frame, event, arg):
        super().on_event(frame, event, arg)
        seen, code = self.seen, self.find(frame)
        if not code.has_begun(frame.f_lasti):
            return self.on_event
        if event == "exception" and issubclass(arg[0], (GeneratorExit, SystemExit)):
            if seen.order[-1][0] == "call" and not code.is_start(frame.f_lasti):
                seen.closing = frame
        elif event == "return":
            # A generator that does nothing about its end has not gone on.
            if seen.closing is frame and seen.order[-1][0] == "call":
                seen.order.pop()
            else:
                seen.order.append(("return", *code.key))
            seen.closing = None
        return self.on_event

    def stop(self):
        """The script's own code is over, but not what comes behind it."""

    def end(self, path):
        sys.settrace(None)
        hits, pairs, resumes, orders = zip(*self.every)
        self.hits, self.pairs, self.resumes = (
            sum(counters, collections.Counter()) for counters in (hits, pairs, resumes))
        self.write(path, threads=[order for order in orders if order])


def main():
    out, globs, script = os.path.abspath(sys.argv[1]), sys.argv[2].split(","), sys.argv[3]
    del sys.argv[:3]
    sys.path[0] = os.path.dirname(script)
    ordered = Ordered(globs)
    atexit.register(ordered.end, out)  # the last to be called
    ordered.run(script)


if __name__ == "__main__":
    main()
