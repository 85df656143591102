"""Counts to ten, then ends in the way its argument says."""
import ctypes
import os
import signal
import sys


def count():
    done = 0
    for i in range(10):
        done += 1
    return done


def end(how):
    if how == "exit":
        os._exit(3)
    if how == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if how == "segfault":
        ctypes.string_at(0)
    if how == "interrupt":
        raise KeyboardInterrupt
    sys.exit(7)


print("counted", count(), flush=True)
end(sys.argv[1])
