"""Prints calls and returns as deep as they are."""
import shop
import ttrace

depth = 0


def show(frame, event, arg):
    global depth
    depth -= event == "return"
    print("  " * depth + (f"-> {frame.f_code.co_name}" if event == "call" else
                          f"<- {frame.f_code.co_name}: {arg!r}"))
    depth += event == "call"


with ttrace.on_event(show, events={"call", "return"}, include="shop"):
    shop.fib(3)
    shop.main()
