"""Line-dense: bodies that attract one another, floats in straight-line code."""
from clock import timed


def make():
    return [[float(i), float(i * i % 7), float(-i % 5), 0.1 * i, -0.2 * i, 0.05, 1.0 + i]
            for i in range(5)]


def advance(bodies, dt, steps):
    for _ in range(steps):
        for i, a in enumerate(bodies):
            for b in bodies[i + 1:]:
                dx = a[0] - b[0]
                dy = a[1] - b[1]
                dz = a[2] - b[2]
                square = dx * dx + dy * dy + dz * dz + 0.01
                pull = dt / (square * square ** 0.5)
                force = b[6] * pull
                a[3] -= dx * force
                a[4] -= dy * force
                a[5] -= dz * force
                force = a[6] * pull
                b[3] += dx * force
                b[4] += dy * force
                b[5] += dz * force
        for a in bodies:
            a[0] += dt * a[3]
            a[1] += dt * a[4]
            a[2] += dt * a[5]
    return bodies


def is_right(bodies, steps):
    """They have moved, and pulled only at one another: momentum is what it was."""
    def momentum(axis, of):
        return sum(b[axis] * b[6] for b in of)
    start = make()
    return (all(a[:3] != b[:3] for a, b in zip(bodies, start))
            and all(abs(momentum(axis, bodies) - momentum(axis, start)) < 1e-6
                    for axis in (3, 4, 5)))


timed(lambda n: advance(make(), 0.01, n), 60_000, is_right)
