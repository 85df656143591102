"""Who called whom, and how often."""
import collections
import sys

import shop

calls = collections.Counter()


def note(frame, event, arg):
    if event == "call":
        caller, callee = frame.f_back.f_code, frame.f_code
        if caller.co_filename == callee.co_filename == shop.__file__:
            calls[caller.co_name, callee.co_name] += 1


sys.settrace(note)
shop.main()
shop.fib(5)
sys.settrace(None)
for (caller, callee), n in sorted(calls.items()):
    print(f"{caller} -> {callee}: {n}")
