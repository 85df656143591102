"""Prints every call, line, return and exception of a module."""
import shop
import ttrace


def show(frame, event, arg):
    what = {"call": lambda: [frame.f_code.co_name],
            "line": lambda: [frame.f_lineno],
            "return": lambda: [frame.f_code.co_name, repr(arg)],
            "exception": lambda: [arg[0].__name__, arg[1]]}
    print(event, *what[event]())


with ttrace.on_event(show, include="shop"):
    shop.main()
