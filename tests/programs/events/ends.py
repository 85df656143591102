# oracle: no; it has written down what it saw
# calls: open; some generators and threads are not at their end
"""What runs when the interpreter ends."""
import atexit
import sys


def gen(name):
    try:
        yield name  #= 3
    finally:
        print("ends", name)  #= 3


class Noisy:
    def __init__(self):
        self.gen = gen("of an object")

    def __del__(self):
        print("del")  #= 1
        next(self.gen)  #= 1


kept = gen("kept")
next(kept)
noisy = Noisy()
other = gen("never begun")


@atexit.register
def last():
    g = gen("at exit")
    next(g)
    print("at exit")  #= 1
    raise KeyError("from atexit")


def exits(n):
    try:
        try:
            sys.exit(n)  #= 1
        finally:
            print("finally")  #= 1
    except OSError:
        print("never")


exits(7)
