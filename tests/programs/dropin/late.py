"""A thread that is still running when the report is made, and other late things."""
import atexit
import os
import threading

ending = threading.Event()


def lines(n):
    x = n
    return x


def work():
    threading.main_thread().join()
    lines(1)
    print("the thread ends")


class Kept:
    def __del__(self):
        print("kept to the end")


@atexit.register
def at_exit():
    lines(2)
    os.write(1, b"raw, at exit\n")
    print("at exit")


threading.Thread(target=work).start()
kept = Kept()
print("the program ends")
