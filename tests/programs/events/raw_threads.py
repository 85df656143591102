"""Threads of _thread, which no module of Python's knows."""
import _thread
import sys
import time

ends = _thread.allocate_lock()
ends.acquire()


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def works(n):
    fib(n)
    ends.release()  #= 10


def leaves(n):
    ends.release()
    _thread.exit()  #= 1


def fails(n):
    try:
        n / 0  #= 1  #> ZeroDivisionError 1
    finally:
        ends.release()


sys.unraisablehook = lambda what: print("unraisable", what.exc_type)
for f in [works] * 10 + [leaves, fails]:
    _thread.start_new_thread(f, (8,))
    ends.acquire()
time.sleep(0.05)
