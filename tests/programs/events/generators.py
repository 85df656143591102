# nodes: numbers 3, outer 1, catches 1, relay 1, echo 2
"""Generators: run out, closed, thrown into, delegated to, dropped half-way."""
import contextlib
import gc


def numbers(n):
    for i in range(n):
        yield i  #> TypeError 1


def catches():
    while True:
        try:
            got = yield  #> GeneratorExit 1 KeyError 2
            print("got", got)
        except KeyError:  #< KeyError 2
            print("caught")
        except GeneratorExit:  #< GeneratorExit 1
            print("closing")
            return
        finally:
            print("cleaning")


def echo():
    got = None
    while got != "end":
        try:
            got = yield got  #> ValueError 2
        except ValueError as error:  #< ValueError 2
            got = str(error)
    return "echo ended"


def relay():
    result = yield from echo()
    print(result)
    yield from (n * n for n in range(3))
    yield from [1, 2]


def outer():
    total = yield from inner(3)
    yield total


def inner(n):
    if n:
        yield n
        return 1 + (yield from inner(n - 1))
    return 0


@contextlib.contextmanager
def context(name):
    print("in", name)
    try:
        yield name
    except LookupError as error:  #< IndexError 1
        print("suppressed", error)
    finally:
        print("out", name)


def never_begins():  #> ZeroDivisionError 1
    yield 1  #= 0


def fails():
    yield 1
    raise OSError("no more")  #> OSError 1


def one():
    print(list(numbers(3)), next(numbers(9)), sum(numbers(4)))


def two():
    g = catches()
    next(g)
    g.send(1)
    g.throw(KeyError)
    g.throw(KeyError("x"))
    g.close()
    g.close()
    g = numbers(5)
    next(g)
    try:
        g.throw(TypeError("thrown"))
    except TypeError as error:  #< TypeError 1
        print(error)
    g = never_begins()
    g.close()
    g = never_begins()
    try:
        g.throw(ZeroDivisionError)
    except ZeroDivisionError:  #< ZeroDivisionError 1
        print("before it began")


def three():
    g = relay()
    print(next(g), g.send("a"), g.throw(ValueError("b")), g.send("c"))
    print(g.throw(ValueError("end")), list(g))
    print(list(outer()))
    e = echo()
    next(e)
    try:
        for i in fails():
            print(i)
    except OSError as error:  #< OSError 1
        print(error)


def four():
    g = numbers(5)
    next(g)
    del g
    loop = []
    loop.append(c for c in loop)
    next(loop[0])
    del loop
    gc.collect()
    with context("a"):
        pass
    with context("b"):  #< IndexError 1
        [][1]  #> IndexError 2
    try:
        with context("c"):
            raise StopIteration(5)  #> StopIteration 1
    except StopIteration as stop:  #< StopIteration 1
        print(stop.value)
    with contextlib.ExitStack() as stack:
        print([stack.enter_context(context(n)) for n in "xy"])
    g = numbers(2)
    try:
        g.gi_frame.f_lineno
        next(g)
        next(g)
        next(g)  #> StopIteration 1
    except StopIteration:  #< StopIteration 1
        print("over")


one()
two()
three()
four()
