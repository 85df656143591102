"""Decorators, closures, defaults, lambdas, statements over several lines."""
import functools


def twice(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        function(*args, **kwargs)
        return function(*args, **kwargs)
    return wrapper


def repeat(n):
    def decorate(function):
        def wrapper(x):
            for _ in range(n):
                x = function(x)
            return x
        return wrapper
    return decorate


def adder():
    total = 0

    def add(n=1, *, scale=2):
        nonlocal total
        total += n * scale
        return total
    return add


@twice
@repeat(3)
def grow(x):
    return x * 2


def long_call(a,
              b,
              c=(1,
                 2)):
    return (
        a
        + b
        + sum(
            c
        )
    )


add = adder()
add(); add(2); print(add(scale=5))
print(grow(1), (lambda x: x + 1)(2), sorted([3, 1], key=lambda v: -v))
print(long_call(
    1,
    2,
    c=(3,
       4),
))
one = 1 if add else 2; two = 2
while two:
    two -= 1
    if two == 5: break
else:
    print("else")
text = """
a string over
lines
"""; print(len(text), end="\n" if text
           else "")
assert two == 0, "never shown"
del one
pass
