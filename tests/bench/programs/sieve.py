"""Line-dense: primes, integers and a list."""
from clock import timed


def primes(limit):
    marks = [True] * (limit + 1)
    found = 0
    for n in range(2, limit + 1):
        if marks[n]:
            found += 1
            multiple = n * n
            while multiple <= limit:
                marks[multiple] = False
                multiple += n
    return found


timed(lambda n: [primes(20_000) for _ in range(n)], 240,
      lambda found, n: found == [2262] * n)
