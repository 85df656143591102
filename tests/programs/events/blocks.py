"""Statements: match, with, comprehensions nested and inlined, loops, classes."""
import contextlib
import dataclasses
import enum


@dataclasses.dataclass(order=True)
class Point:
    x: int = 0
    y: int = 0


class Colour(enum.Enum):
    RED = 1
    GREEN = 2

    @property
    def low(self):
        return self.name.lower()


def kind(v):
    match v:
        case 0 | 1:
            return "small"
        case int(n) if n > 100:
            return "large"
        case [Point(x=0), *rest]:
            return f"list from zero, {len(rest)}"
        case [_, _]:
            return "pair"
        case {"a": Point(x, y), **rest} if (
                x < y):
            return f"mapping {x} {y} {rest}"
        case Colour.RED:
            return "red"
        case str() as s:
            return s
        case None:
            return
        case _:
            pass


def loops(n):
    seen = []
    for i in range(n):
        if i % 2:
            continue
        for j in range(i):
            if j == 3: break
            seen.append((i, j))
        else:
            seen.append(i)
    while n:
        n -= 1
        if n == 1:
            break
    else:
        seen.append("else")
    while n > 5: n -= 1
    else: return seen


def comprehensions(n):
    a = [x for x in range(n)]
    b = [[y * x for y in range(x)]
         for x in range(n)
         if x % 2]
    c = {x: {y for y in range(x)} for x in a}
    d = [lambda: x for x in a]
    e = [x
         for row in b
         for x in row]
    f = {k: v for k, v in sorted(c.items()) if v
         if k > 1}
    g = sum(x for x in (y for y in a))
    h = [z for x in a if (z := x * x) > 3]
    i = [[[p for p in range(q)] for q in range(r)] for r in range(3)]
    try:
        j = [1 // x for x in reversed(a)]
    except ZeroDivisionError:
        j = None
    return a, b, c, d[0](), e, f, g, h, i, j


class Names:
    base = 3
    squares = [n * n for n in range(4)]
    pairs = {(a, b) for a in range(2) for b in range(2)}

    def __class_getitem__(cls, key):
        return key


def withs():
    with open(__file__) as f, contextlib.closing(f) as g:
        first = g.readline()
    with (
        contextlib.nullcontext(1) as a,
        contextlib.nullcontext(2) as b,
    ):
        return first, a, b


def scopes():
    total = 0

    def add(n):
        nonlocal total
        total += n
        return total

    global shared
    shared = [add(i) for i in range(3)]
    del add
    return total if total else \
        None


for v in (0, 500, 5, [Point(), 2, 3], [1, 2], {"a": Point(1, 2), "b": 3},
          {"a": Point(2, 1)}, Colour.RED, Colour.GREEN, "text", None):
    print(kind(v))
print(loops(9), loops(1), loops(0))
print(comprehensions(5))
print(Names.squares, sorted(Names.pairs), Names["k"], Colour.GREEN.low, Point(1) < Point(2))
print(withs(), scopes(), shared)
x = 1; y = 2 if x else 3; z = [x, y][0]; print(x, y, z)
if x: print("if")
elif y: print("elif")
else: print("else")
a, *b = (1,
         2,
         3)
a = b[0] if a > 1 else b[
    1]
assert a == 3, "message"
del a, b
