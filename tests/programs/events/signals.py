# oracle: hits; a handler runs when it runs
"""Signals handled in Python, also while C code waits or works."""
import os
import signal
import time

got = []


def handler(number, frame):
    got.append(number)


def raises(number, frame):
    raise InterruptedError("raised in the handler")


def waits():
    n = len(got)
    end = time.monotonic() + 5
    signal.setitimer(signal.ITIMER_REAL, 0.005)
    time.sleep(0.02)
    return len(got) - n and time.monotonic() < end


def sorts():
    signal.signal(signal.SIGALRM, raises)
    signal.setitimer(signal.ITIMER_REAL, 0.002, 0.002)
    try:
        while True:
            sorted(range(200), key=lambda n: -n).index(0)
    except InterruptedError as error:
        signal.setitimer(signal.ITIMER_REAL, 0)
        return str(error)
    finally:
        signal.signal(signal.SIGALRM, handler)


signal.signal(signal.SIGALRM, handler)
signal.signal(signal.SIGUSR1, handler)
for i in range(3):
    os.kill(os.getpid(), signal.SIGUSR1)
    print(len(got))
signal.raise_signal(signal.SIGUSR1)
print(len(got), waits())
read, write = os.pipe()
signal.setitimer(signal.ITIMER_REAL, 0.005)
try:
    signal.signal(signal.SIGALRM, raises)
    os.read(read, 1)
except InterruptedError as error:
    print(error)
