"""Leaves by sys.exit with work left undone."""
import sys


def work(n):
    if n > 2:
        sys.exit(4)
    return n


for i in range(10):
    work(i)
print("never")
