"""Growing: one call path more for each number, given by its binary digits."""
from clock import timed

DIGITS = 18


def zero(n, digits):
    return go(n, digits - 1) if digits else 1


def one(n, digits):
    return go(n, digits - 1) if digits else 1


def go(n, digits):
    return (one if n >> digits & 1 else zero)(n, digits)


timed(lambda n: sum(go(i * 40_503 % (1 << DIGITS), DIGITS) for i in range(n)), 20_000,
      lambda found, n: found == n)
