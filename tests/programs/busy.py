"""One line runs very often, and one call is slow."""
import sys
import time


def step(i):
    if i == 123_456:
        time.sleep(0.05)
    return i & 1


def run(times):
    odd = 0
    for i in range(times):
        odd += step(i)
    return odd


print("odd", run(int(sys.argv[1]) if len(sys.argv) > 1 else 200_000))
