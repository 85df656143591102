"""Deep C recursion, and C code that calls Python that calls C code."""
import functools
import itertools
import json
import re


class Shy:
    def __init__(self, n):
        self.n = n

    def __repr__(self):
        return f"Shy({self.n!r})"

    def __eq__(self, other):
        return self.n == other.n

    def __lt__(self, other):
        return self.n < other.n

    def __hash__(self):
        return hash(self.n)

    def __iter__(self):
        yield self.n

    def __len__(self):
        return 1

    def __contains__(self, what):
        return any(what == n for n in self)

    def __add__(self, other):
        return Shy([self.n, other.n])

    def __index__(self):
        return 2


def encode(value):
    return list(value)


deep = functools.reduce(lambda shy, n: Shy(shy), range(30), Shy(1))
print(deep)
print(json.dumps(functools.reduce(lambda v, n: Shy(v), range(20), 3), default=encode))
print(json.loads('{"a": {"b": [1, {"c": 2}]}}', object_hook=lambda d: sorted(d.items())))
print(sorted([Shy(n) for n in (3, 1, 2)]), max(Shy(1), Shy(2)), Shy(1) in {Shy(1), Shy(2)},
      2 in Shy(2), [1, 2, 3][Shy(0)], functools.reduce(Shy.__add__, map(Shy, range(4))))
print([list(g) for _, g in itertools.groupby(range(6), key=lambda n: n // 2)],
      list(itertools.accumulate(range(4), lambda a, b: a * 2 + b)),
      re.sub(r"\d", lambda m: str(int(m[0]) + 1), "a1b2"),
      sorted("bac", key=functools.cmp_to_key(lambda a, b: (a > b) - (a < b))))
print({**dict((n, n * n) for n in range(3))}, set(map(lambda n: n % 2, range(4))),
      "".join(c for c in "abc"), [*zip(*[iter(range(4))] * 2)], all(n for n in (1, 0, 2)))
