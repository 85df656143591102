"""Follows some functions of some modules only."""
import sys

import shop

MODULES = {"shop"}
SKIPPED = {"fib", "__init__"}


def want(frame):
    return (frame.f_globals.get("__name__") in MODULES
            and frame.f_code.co_name not in SKIPPED)


def show(frame, event, arg):
    if not want(frame):
        return None
    if event == "line":
        print(f"{frame.f_code.co_name}:{frame.f_lineno}")
    return show


sys.settrace(show)
shop.fib(5)
shop.main()
sys.settrace(None)
