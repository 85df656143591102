"""Generators: send, throw, close, yield from, expressions."""


def counter(limit):
    n = 0
    try:
        while n < limit:
            got = yield n
            if got is not None:
                n = got
            else:
                n += 1
    except KeyError:
        yield -1
    finally:
        print("closed at", n)


def chain(*parts):
    for part in parts:
        result = yield from part
        if result:
            print("result", result)
    return len(parts)


def inner():
    yield "in"
    return "done"


g = counter(10)
print(next(g), g.send(5), next(g), g.throw(KeyError))
g.close()
print(list(chain(inner(), counter(2), inner())))
print(sum(x * x
          for x in range(5)
          if x % 2))
never = (1 / 0 for _ in [])
print(list(never), max(len(w) for w in "some words here".split()))
