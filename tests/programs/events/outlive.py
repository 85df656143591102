"""Threads that outlive the main program, and what is registered to run at exit."""
import atexit
import threading
import time

main_ends = threading.Event()


def late(n):
    main_ends.wait(0.05)
    for i in range(n):
        print("late", i)


@atexit.register
def last():
    print("at exit")


atexit.register(print, "registered")
t = threading.Thread(target=late, args=(3,))
t.start()
print("main ends")
