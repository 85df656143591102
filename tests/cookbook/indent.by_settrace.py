"""Prints calls and returns as deep as they are, with a class for a block."""
import sys

import shop


class Tracer:
    def __init__(self, filename):
        self.filename = filename
        self.depth = 0

    def __enter__(self):
        self.before = sys.gettrace()
        sys.settrace(self.trace)
        return self

    def __exit__(self, *error):
        sys.settrace(self.before)

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != self.filename:
            return None
        if event == "call":
            print("  " * self.depth + f"-> {frame.f_code.co_name}")
            self.depth += 1
        elif event == "return":
            self.depth -= 1
            print("  " * self.depth + f"<- {frame.f_code.co_name}: {arg!r}")
        return self.trace


with Tracer(shop.__file__):
    shop.fib(3)
    shop.main()
