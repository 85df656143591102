# oracle: no; it is what the program does itself
"""sys.setprofile: calls and returns of Python and of C, beside our counts."""
import sys

seen = []


def gen():
    yield 1  #= 2
    yield 2  #= 2


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)  #= 10


def work():
    abs(-1)  #= 2
    sorted("ba", key=lambda c: ord(c))  #= 6
    try:
        int("x")  #= 2
    except ValueError:
        len("")  #= 2
    return list(gen()), fib(3), [i for i in range(2)], len(str(3))


def note(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        name = frame.f_code.co_qualname
        what = getattr(arg, "__qualname__", None) if event.startswith("c_") else repr(arg)
        seen.append((event, name, frame.f_lineno - frame.f_code.co_firstlineno, what))


def main():
    sys.setprofile(note)
    work()
    sys.setprofile(None)


main()
print(*seen, sep="\n")
print(sys.getprofile(), work()[1])
