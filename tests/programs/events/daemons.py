# oracle: no; they run when it has written down what it saw
# calls: open; the threads never end
"""Daemon threads when the interpreter ends under them."""
import threading
import time


def spin():
    while True:
        pass


def naps():
    while True:
        time.sleep(0.001)


def gen():
    while True:
        yield


def works():
    for _ in gen():
        [x for x in range(10)]


for f in (spin, naps, works) * 2:
    threading.Thread(target=f, daemon=True).start()  #= 6
time.sleep(0.02)
print("main ends")  #= 1
