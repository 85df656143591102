# oracle: no; it is not asked
# calls: open; os._exit ends none of them
"""os._exit in the middle of everything."""
import os
import threading
import time


def spin():
    while True:
        time.sleep(0.001)


def down(n):
    if n:
        down(n - 1)  #= 9
    with open(os.devnull) as f:  #= 1
        try:
            os._exit(5)  #= 1
        finally:
            print("never")  #= 0


threading.Thread(target=spin).start()
down(9)
