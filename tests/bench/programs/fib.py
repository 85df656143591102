"""Call-dense: recursion and nothing else."""
from clock import timed


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


timed(lambda n: [fib(20) for _ in range(n)], 400,
      lambda found, n: found == [6765] * n)
