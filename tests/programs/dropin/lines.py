"""Statements whose line events are easily got wrong,
under a docstring of two lines."""
# A comment in front of a string that is no docstring.
import contextlib


def loops(n):
    "A docstring of one line."
    for i in range(n): pass
    while n: n -= 1
    for i in []:
        print("never")
    else:
        i = [x * y for x in range(3)
             for y in range(2)
             if x]
    while True:
        n += 1
        if n > 2:
            break
        continue
    return (i,
            {k: v for k, v in zip("ab", "cd")},
            {s for s in "xyz"},
            n)


@contextlib.contextmanager
def managed(name):
    try:
        yield name
    finally:
        print("left", name)


def contexts():
    with managed("a") as a, \
            managed("b") as b:
        c = (a
             + b)
    with contextlib.suppress(ValueError):
        with managed("c"):
            raise ValueError(
                c)
    return c


def errors(kind):
    try:
        try:
            if kind:
                raise kind("x")
        except KeyError as e:
            return repr(e)
        except (ValueError,
                TypeError):
            raise RuntimeError from None
        else:
            kind = "else"
        finally:
            print("finally", kind)
    except RuntimeError:
        return "runtime"
    return kind


def decorated(*values):
    def outer(f):
        return f
    return outer


@decorated(1,
           2)
@decorated()
def choose(value, *, default=None):
    match value:
        case 0 | 1:
            return "small"
        case [x, *rest] if rest:
            return x
        case {"key": y,
              **others}:
            return y
        case str():
            return "text"
        case _:
            return default


def unused(a,
           b=1):
    """Marked, but for this
    docstring."""
    global nothing
    x: int
    if a:
        return b
    elif b:
        pass
    else:
        nothing = a
    return None  #pragma NO COVER


class Empty: pass


class Body:
    "Docstring."
    one: int = 1
    two: "never looked at"
    three = [one for _ in range(2)]

    def method(self, x=(1,
                        2)): return x

    lam = lambda self: (
        self.one)


print(loops(3), contexts())
for kind in (None, KeyError, ValueError): print(errors(kind))
print([choose(v) for v in (0, [1, 2], {"key": 3, "more": 4}, "s", None)])
print(Body().method(), Body().lam(), (lambda: 1)())
if 0:
    print("folded")
if (length := len("abc")) > 2 and (
        length
        < 9): print(f"{length}"
                    f"{length + 1}")
assert length, \
    "never"
del length; x = 1; y = 2
print("tab	in a string", x, y)  	# and in front of this
try: import nowhere_to_be_found
except ImportError: pass
