"""What a program can see of a trace function, and do to it."""
import sys
import threading
import traceback


def lines(n):
    x = n
    x += 1
    return x


def stop_here():
    frame = sys._getframe()
    print(frame.f_trace is None, frame.f_trace_lines, frame.f_trace_opcodes)
    frame.f_trace = None
    x = "not traced"
    lines(1)
    return x


def no_lines():
    frame = sys._getframe()
    frame.f_trace_lines = False
    x = "not traced either"
    frame.f_trace_lines = True
    return x


def own(seen):
    def local(frame, event, arg):
        seen.append((event, frame.f_lineno))
        return local
    frame = sys._getframe()
    theirs = frame.f_trace
    frame.f_trace = local
    x = 1
    try:
        {}["key"]
    except KeyError:
        pass
    frame.f_trace = theirs
    lines(x)
    return x


def returns_another(seen):
    def second(frame, event, arg):
        seen.append(("second", event))

    def first(frame, event, arg):
        seen.append(("first", event))
        return second
    sys._getframe().f_trace = first
    x = 1
    return x


def opcodes():
    sys._getframe().f_trace_opcodes = True
    x = 1
    return x


def fails():
    def local(frame, event, arg):
        raise ArithmeticError("in a trace function")
    sys._getframe().f_trace = local
    x = 1
    return x


def jumps():
    def local(frame, event, arg):
        if event == "line" and frame.f_lineno == first + 2:
            frame.f_lineno = first + 4
        return local
    first = sys._getframe().f_lineno + 2
    sys._getframe().f_trace = local
    x = 1
    x = 2
    x = 3
    x += 10
    return x


def look():
    a = 1
    d = sys._getframe().f_locals
    b = 2
    c = sorted(d)
    d["a"] = 5
    e = 3
    return a, b, c, sorted(d), e


def generator():
    yield 1
    yield 2
    yield 3


class Finalized:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("end of", self.name)


def lifetimes(x):
    a = Finalized("a")
    a = None
    del x
    b = Finalized("b")
    return None


seen = []
print(stop_here(), no_lines(), own(seen))
print(returns_another(seen), seen)
print(opcodes(), jumps(), look())
lifetimes(Finalized("argument"))
saved = sys.gettrace()
print(bool(saved), callable(saved), saved == sys.gettrace(), saved is sys.gettrace())
print(threading.gettrace() == saved)
try:
    fails()
except ArithmeticError:
    traceback.print_exc()
    print(sys.gettrace())
lines(2)
sys.settrace(saved)
lines(3)
g = generator()
next(g)
sys.settrace(None)
print("this line still", sys._getframe().f_trace is None)
next(g)
lines(4)


def mine(frame, event, arg):
    seen.append((event, frame.f_code.co_name))
    return mine


seen.clear()
sys.settrace(mine)
lines(5)
next(g)
sys.settrace(saved)
print(seen)
lines(6)
sys.setprofile(lambda *args: None)
lines(7)
sys.setprofile(None)
