"""Whom --listfuncs and --trackcalls see, and under which name."""
import functools


def outside(self=None):
    return "outside"


class Plain:
    def method(self):
        return helper(self)

    def twice(self):
        return 2

    again = twice
    borrowed = outside

    @staticmethod
    def static():
        return 1

    @classmethod
    def made(cls):
        return cls()

    @property
    def value(self):
        return 3

    @functools.lru_cache
    def cached(self):
        return 4

    def __eq__(self, other):
        return True

    __hash__ = None
    lam = lambda self: 5

    def early(self=None):
        return 6

    early()

    class Inner:
        def method(self):
            return 7


class Derived(Plain):
    def method(self):
        return super().method()


def helper(x):
    def nested():
        return x
    return nested()


def call(function, *args):
    return function(*args)


def wraps(function):
    @functools.wraps(function)
    def wrapper(*args):
        return function(*args)
    return wrapper


class Wrapped:
    @wraps
    def method(self):
        return 8

    def __getattr__(self, name):
        raise AttributeError(name)


def local():
    class Local:
        def method(self):
            return 9
    return Local().method()


table = {"held": Plain.twice}
p = Plain.made()
call(Plain.method, Derived())
for f in (p.twice, p.again, p.borrowed, p.static, p.lam, p.early, p.Inner().method,
          Wrapped().method, local):
    call(f)
p.value, p == p
list(map(outside, range(2)))
sorted([3, 1], key=lambda n: (helper(n), n)[1])
namespace = {}
exec("def made(): return 1\nmade()\nclass C:\n    def m(self): made()\nC().m()", namespace)
for n in range(2):
    exec("def same(): return 2\nsame()")
[call(n) for n in (outside, local)]
max([1, 2], key=functools.partial(call, helper))
