"""Calls of every kind: lambdas, closures, decorators, defaults, recursion, methods."""
import functools


def traced(function):
    @functools.wraps(function)
    def inner(*args, **kwargs):
        return function(*args, **kwargs)
    return inner


def twice(n):
    def decorate(function):
        return lambda *args: [function(*args) for _ in range(n)]
    return decorate


@traced
@twice(2)
def add(a, b=len("ab"),
        *, c=0):
    return (a
            + b
            + c)


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


@functools.lru_cache(maxsize=None)
def cached(n):
    return 1 if n == 0 else n * cached(n - 1)


class Meta(type):
    def __new__(cls, name, bases, space, **options):
        space["made"] = options.get("made", 0)
        return super().__new__(cls, name, bases, space)

    def __prepare__(name, bases, **options):
        return {"prepared": True}

    def __call__(cls, *args):
        return super().__call__(*args)


class Base(metaclass=Meta, made=3):
    x = [i for i in range(3)]
    y = {k: v for k, v in zip("ab", x)}

    def __init__(self, n):
        self.n = n

    def __init_subclass__(cls, **options):
        cls.subs = options

    @property
    def double(self):
        return self.n * 2

    @double.setter
    def double(self, value):
        self.n = value // 2

    @classmethod
    def make(cls): return cls(7)

    @staticmethod
    def plain(): return 5

    def __lt__(self, other):
        return self.n < other.n

    def __getattr__(self, name):
        if name.startswith("_"):
            raise AttributeError(name)
        return name

    def __enter__(self): return self
    def __exit__(self, *error): return error[0] is KeyError


class Sub(Base, made=4, extra="yes"):
    class Inner:
        z = 1

    def __init__(self, n):
        super().__init__(n + 1)


print(add(1), add(1, 2), fib(10), cached(20), cached(5))
s = Sub(1)
s.double = 10
print(s.double, Sub.make().n, Sub.plain(), s.anything, Sub.made, Sub.subs, Sub.Inner.z)
print([b.n for b in sorted([Base(3), Base(1), Base(2)])], hasattr(s, "_no"))
with s as t:
    raise KeyError(t)
print(list(map(lambda v: v + 1, filter(lambda v: v % 2, range(6)))),
      functools.reduce(lambda a, b: a * b, range(1, 6)),
      sorted("bca", key=lambda c: -ord(c)))
if (n := len("abc")) > 2 and not \
        n == 4: print(f"{n!r:>{n + 2}} {fib(3)} {(lambda: n)()}")
