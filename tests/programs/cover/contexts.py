"""with: several managers, a swallowed exception, a manager made of a generator."""
from contextlib import contextmanager


class Guard:
    def __init__(self, name, swallow=False):
        self.name, self.swallow = name, swallow

    def __enter__(self):
        print("enter", self.name)
        return self

    def __exit__(self, kind, value, trace):
        print("exit", self.name, kind and kind.__name__)
        return self.swallow


@contextmanager
def timed(what):
    print("begin", what)
    try:
        yield what.upper()
    finally:
        print("end", what)


def early():
    with Guard("early"):
        for i in range(5):
            if i == 2:
                return i


with Guard("a"), Guard("b") as b:
    print("in", b.name)
with (
    Guard("outer"),
    Guard("swallows", swallow=True),
):
    raise ValueError
with timed("work") as name:
    print(name)
print(early())
