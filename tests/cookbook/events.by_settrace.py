"""Prints every call, line, return and exception of a module."""
import sys

import shop


def show(frame, event, arg):
    if frame.f_code.co_filename != shop.__file__:
        return None
    if event == "call":
        print("call", frame.f_code.co_name)
    elif event == "line":
        print("line", frame.f_lineno)
    elif event == "return":
        print("return", frame.f_code.co_name, repr(arg))
    elif event == "exception":
        print("exception", arg[0].__name__, arg[1])
    return show


sys.settrace(show)
shop.main()
sys.settrace(None)
