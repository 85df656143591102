# oracle: no; a RecursionError in a trace function ends tracing
# stderr: loose; how deep it gets
"""Recursion to the limit, in Python and in C."""
import functools
import json
import sys

depth = deepest = handled = 0


def down():
    global depth
    depth += 1  #@down
    down()  #@again


def generator(n):
    global depth
    depth += 1  #@generator
    yield n
    yield from generator(n + 1)


class Deep:
    def __repr__(self):
        global depth
        depth += 1  #@repr
        return repr(self)

    def __lt__(self, other):
        global depth
        depth += 1  #@less
        return self < other

    def __getattr__(self, name):
        global depth
        depth += 1  #@getattr
        return getattr(self, name + "x")

    def __hash__(self):
        global depth
        depth += 1  #@hash
        return hash((self,))


def handles(n):
    global depth, handled
    depth += 1  #@handles
    try:
        handles(n + 1)
    except RecursionError:
        handled += 1  #@handled
        raise


def limit(name, what):
    """How often `what` got to the line `name` until it was too deep."""
    global depth, handled
    depth = handled = 0
    try:
        what()
    except RecursionError:
        print(name, "is too deep")
    print(f"@{name} {depth}")


def nested(n):
    return [nested(n - 1)] if n else []


for size in 500, 1000, 300:
    sys.setrecursionlimit(size)
    limit("down", down) if size == 500 else None
    limit("repr", lambda: repr(Deep())) if size == 1000 else None
    limit("less", lambda: sorted([Deep(), Deep()])) if size == 300 else None
sys.setrecursionlimit(400)
limit("getattr", lambda: Deep().x)
limit("generator", lambda: list(generator(0)))
limit("hash", lambda: {Deep()})
limit("handles", lambda: handles(0))
print(f"@handled {handled}")
sys.setrecursionlimit(1000)
data = nested(150)
print(len(json.dumps(data)), len(repr(data)), json.loads(json.dumps(data)) == data)
loop = []
loop.append(loop)
print(repr(loop))
try:
    json.dumps(loop)
except ValueError as error:
    print(error)
print(functools.reduce(lambda a, b: functools.reduce(lambda c, d: c + d, range(b), a), range(30)))
print(sorted(range(8), key=lambda n: sorted(range(n), key=lambda m: -m)[:1]))
after = 0
for i in range(100):
    after += 1  #= 100
