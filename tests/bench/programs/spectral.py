"""Line-dense: the spectral norm of an endless matrix's corner, its elements worked out
in place."""
from clock import timed

SIZE = 100


def times(v):
    out = []
    for i in range(SIZE):
        total = 0.0
        for j in range(SIZE):
            at = i + j
            total += v[j] / (at * (at + 1) // 2 + i + 1)
        out.append(total)
    return out


def times_transposed(v):
    out = []
    for i in range(SIZE):
        total = 0.0
        for j in range(SIZE):
            at = i + j
            total += v[j] / (at * (at + 1) // 2 + j + 1)
        out.append(total)
    return out


def norm(rounds):
    u = [1.0] * SIZE
    for _ in range(rounds):
        v = times_transposed(times(u))
        u = times_transposed(times(v))
    uv = vv = 0.0
    for a, b in zip(u, v):
        uv += a * b
        vv += b * b
    return (uv / vv) ** 0.5


timed(lambda n: [norm(4) for _ in range(n)], 20,
      lambda found, n: len(found) == n and all(abs(x - 1.2742200) < 1e-6 for x in found))
