"""Programs for test_bytecode.c: every case_*() is run as it is, under sys.settrace, and with
probes; its result and its lines must come out the same. Where the layout looks odd, the
lines of the code are the point."""

import contextlib


def log_of(function, *args):
    """What a generator or a plain call does, with the line where it fails."""
    try:
        return function(*args)
    except BaseException as e:
        lines = []
        tb = e.__traceback__
        while tb:
            lines.append((tb.tb_frame.f_code.co_name, tb.tb_lineno))
            tb = tb.tb_next
        return type(e).__name__, str(e), lines


class Manager:
    def __init__(self, log, swallow=False, fail=False, fail_enter=False):
        self.log, self.swallow, self.fail = log, swallow, fail
        self.fail_enter = fail_enter

    def __enter__(self):
        self.log.append("enter")
        if self.fail_enter:
            raise KeyError("enter")
        return self

    def __exit__(self, kind, value, tb):
        self.log.append(("exit", kind and kind.__name__))
        if self.fail:
            raise LookupError("exit")
        return self.swallow

    async def __aenter__(self):
        await Pause("aenter")
        return self.__enter__()

    async def __aexit__(self, *args):
        await Pause("aexit")
        return self.__exit__(*args)


class Pause:
    def __init__(self, value=None):
        self.value = value

    def __await__(self):
        got = yield self.value
        return got


def drive(coroutine, *sent):
    """Runs a coroutine; sends or throws the items in turn, then None."""
    seen = []
    items = list(sent)
    value = None
    try:
        while True:
            if isinstance(value, BaseException):
                seen.append(coroutine.throw(value))
            else:
                seen.append(coroutine.send(value))
            value = items.pop(0) if items else None
    except StopIteration as e:
        return seen, e.value
    except BaseException as e:
        return seen, type(e).__name__, str(e)


def case_empty():
    def nothing(): pass

    def nothing_more():
        ...

    def docstring():
        "says something"

    return nothing(), nothing_more(), docstring(), (lambda: None)()


def case_loops():
    out = []
    for i in range(5):
        if i % 2:
            continue
        for j in range(i):
            if j == 3:
                break
            out.append(i * j)
        else:
            out.append("else")
    while i > 0:
        i -= 1
        if i == 1:
            break
    else:
        out.append("no")
    return out, i


def case_loops_on_one_line():
    n = 0
    for i in range(4): n += i
    while n > 0: n -= 1
    while True: break
    for i in (): pass
    for i in range(3): continue
    while n < 3: n += 1; n += 0
    return n


def case_backward_jump_to_the_same_line():
    n = 3
    while n: n = n - 1 if n else 0
    x = [0]
    while x and x.pop() == 0: x = x
    return [i for i in range(3) if i], [
        j
        for j in range(4)
        if j
    ], n


def case_comprehensions():
    squares = [i * i for i in range(5) if i % 2]
    pairs = {
        (i,
         j): i + j
        for i in range(3)
        for j in range(i)
    }
    some = {c for c in "hello"
            if c != "l"}
    lazy = sum(
        i
        for i in range(4)
    )
    nested = [[j for j in range(i)] for i in range(3)]
    return squares, pairs, sorted(some), lazy, nested


def case_long_expressions():
    def add(*args, **kw):
        return sum(args) + sum(kw.values())

    total = add(
        1,
        add(2,
            3),
        *[4,
          5],
        key=6,
        **{"more":
           7},
    )
    text = ("a"
            "b" +
            str(
                total
            ))
    ok = (total > 1
          and total < 1000
          or not total)
    few = [
        1, 2,
        total][
        2]
    chained = (0
               < total
               < 100)
    return text.upper(
    ).lower(
    ), ok, few, chained, f"{total:>{few}} {text!r}"


def case_conditions():
    out = []
    for x in (None, 0, 1, "a"):
        if x is None: out.append("none")
        elif not x:
            out.append("false")
        elif x == 1 and (
            x
            or out
        ):
            out.append("one")
        else: out.append("other")
        out.append(1 if x else
                   2)
        assert x is None or \
            x is not None
        if x is not None: pass
    return out


def raise_if(what, kind=ValueError):
    if what:
        raise kind(what)
    return what


def case_try():
    out = []
    for what in ("", "a", "b"):
        try:
            out.append("try")
            raise_if(what, KeyError if what == "b" else ValueError)
        except ValueError as e:
            out.append(str(e))
        except (
            KeyError,
            LookupError,
        ):
            out.append("key")
        else:
            out.append("else")
        finally:
            out.append("finally")
    return out


def case_try_on_one_line():
    out = []
    for what in ("", "a"):
        try: out.append(raise_if(what))
        except ValueError: out.append("caught")
        finally: out.append("done")
    return out


def case_nested_try():
    def inner(step):
        try:
            try:
                raise_if(step == 1 and "one")
                try:
                    raise_if(step == 2 and "two", KeyError)
                finally:
                    raise_if(step == 3 and "three", TypeError)
            except KeyError as e:
                raise_if(step, RuntimeError)
            finally:
                if step == 4:
                    return "returned from finally"
        except ValueError:
            return "value"
        except RuntimeError as e:
            return type(e.__context__).__name__
        return "end"

    return [log_of(inner, step) for step in range(6)]


def case_finally_with_jumps():
    out = []
    for i in range(4):
        try:
            if i == 1:
                continue
            if i == 3:
                break
            out.append(i)
        finally:
            out.append("f")
    while True:
        try:
            return out
        finally:
            out.append("last")


def case_exceptions_that_escape():
    def plain():
        x = 1
        raise_if(
            "out"
        )
        return x

    def from_handler():
        try:
            raise_if("first")
        except ValueError:
            raise_if("second", KeyError)

    def from_finally():
        try:
            pass
        finally:
            raise_if("finally")

    def reraised():
        try:
            raise_if("again")
        except ValueError as e:
            raise

    def chained():
        try:
            raise_if("cause")
        except ValueError as e:
            raise KeyError("effect") from e

    def unbound():
        if False:
            x = 1
        return x

    def unmatched():
        try:
            raise_if("not a key")
        except KeyError:
            return "never"

    def bad_match():
        try:
            raise_if("x")
        except "not a class":
            pass

    return [
        log_of(f)
        for f in (plain, from_handler, from_finally, reraised, chained, unbound,
                  unmatched, bad_match)
    ]


def case_exception_groups():
    def grouped(*errors):
        out = []
        try:
            raise ExceptionGroup("g", list(errors))
        except* ValueError as e:
            out.append(("value", len(e.exceptions)))
        except* (KeyError,
                 TypeError) as e:
            out.append(("key", len(e.exceptions)))
            raise_if(len(errors) == 4 and "inside", OSError)
        else:
            out.append("never")
        finally:
            out.append("f")
        return out

    v, k, o = ValueError(1), KeyError(2), OSError(3)
    return [
        log_of(grouped, *e)
        for e in ((v,), (k, v), (v, o), (o,), (k, v, v, v), (v, k, k, o))
    ]


def case_with():
    def run(outer, inner, fail):
        log = []
        with Manager(log, **outer) as a:
            with Manager(log, **inner):
                log.append("body")
                raise_if(fail)
            log.append("between")
        log.append("after")
        return log

    return [
        log_of(run, outer, inner, fail)
        for outer in ({}, {"swallow": True}, {"fail": True})
        for inner in ({}, {"swallow": True}, {"fail": True}, {"fail_enter": True})
        for fail in (0, 1)
    ]


def case_with_on_one_line():
    def run(outer, inner, fail):
        log = []
        try:
            with Manager(log, **outer) as a, Manager(log, **inner) as b: raise_if(fail)
            with Manager(log, **outer) as a, Manager(log, **inner) as b:
                raise_if(fail)
            with Manager(log, **outer), Manager(log, **inner) as b: raise_if(
                fail)
            log.append("after")
        except Exception as e:
            log.append(str(e))
        return log

    return [
        log_of(run, outer, inner, fail)
        for outer in ({}, {"swallow": True}, {"fail": True})
        for inner in ({}, {"swallow": True}, {"fail": True}, {"fail_enter": True})
        for fail in (0, 1)
    ]


def case_with_where_ways_disagree():
    def run(inner, fail, more):
        log = []
        with Manager(log, swallow=True), Manager(log, **inner) as [*b], Manager(
            log) as c:
            raise_if(fail)
        with Manager(log, swallow=True), Manager(log, **inner): raise_if(fail); raise_if(
            more)
        with (
            Manager(log, swallow=True) as a,
            Manager(log, **inner) as b,
            Manager(log),
        ):
            raise_if(fail)
            raise_if(
                more)
        for log.x in (): pass
        with Manager(log, swallow=True):
            with Manager(log, **inner): raise_if(fail)
        with Manager(log, swallow=True):
            try: raise_if(fail)
            except ValueError as e: raise_if(more)
            finally: raise_if(inner and "f")
        return log

    return [
        log_of(run, inner, fail, more)
        for inner in ({}, {"swallow": True}, {"fail": True}, {"fail_enter": True})
        for fail in (0, 1)
        for more in (0, 1)
    ]


def case_handlers_whose_ways_disagree():
    def run(step):
        out = []
        for i in range(2):
            try: raise_if(step == 1); raise_if(
                    step == 2, KeyError); raise_if(step == 3, TypeError)
            except ValueError: out.append(1); continue
            except KeyError: out.append(
                2)
            finally: out.append("f"); out.append(
                "g")
        return out

    return [log_of(run, step) for step in range(4)]


def case_generators():
    def counted(n):
        for i in range(n):
            got = yield i
            if got:
                yield got
        return "done"

    def one_line(n):
        for i in range(n): yield i

    def delegating(n):
        x = yield from counted(n)
        y = yield from one_line(n)
        z = yield from [
            1, 2]
        return x, y, z

    def collect(g):
        out = []
        try:
            while True:
                out.append(g.send("x" if out[-1:] == [0] else None))
        except StopIteration as e:
            out.append(e.value)
        return out

    unused = counted(3)
    half = counted(3)
    next(half)
    del half
    return collect(counted(3)), collect(delegating(3)), list(one_line(2)), list(
        delegating(0))


def case_throw_and_close():
    def guarded(log):
        try:
            while True:
                try:
                    got = yield len(log)
                    log.append(got)
                except ValueError as e:
                    log.append(str(e))
                    yield "in handler"
                except GeneratorExit:
                    log.append("closing")
                    raise
        finally:
            log.append("finally")

    def bare():
        yield 1
        yield 2

    def managed(log):
        with Manager(log, swallow=True): yield 1
        with Manager(log):
            yield 2
        yield 3

    def outer(log):
        try:
            x = yield from guarded(log)
        except KeyError:
            x = "key"
            yield "outer handler"
        yield x

    def ending():
        try:
            yield 1
        except ValueError:
            return "ended"

    def around():
        x = yield from ending()
        y = yield from ending()
        yield x, y

    def awkward():
        yield from awkward_inner()

    def awkward_inner():
        try:
            yield 1
        except ValueError:
            raise StopIteration(5)

    out = []
    log = []
    g = guarded(log)
    out += [next(g), g.send("a"), g.throw(ValueError("v")), g.send(None)]
    out.append(log_of(g.throw, KeyError("k")))
    g = guarded(log)
    next(g)
    g.close()
    out.append(log_of(bare().throw, ValueError("unstarted")))
    out.append(log_of(outer(log).throw, ValueError("unstarted")))
    bare().close()
    g = bare()
    next(g)
    out.append(log_of(g.throw, ValueError("bare")))
    out.append(log_of(next, g))
    g = bare()
    next(g)
    g.close()
    g = managed(log)
    out += [next(g), log_of(g.throw, ValueError("swallowed")),
            log_of(g.throw, ValueError("not swallowed"))]
    g = outer(log)
    out += [next(g), g.throw(ValueError("v")), next(g), g.throw(KeyError("k")), next(g)]
    g = outer(log)
    next(g)
    g.close()
    g = around()
    out += [next(g), g.throw(ValueError("v")), g.throw(ValueError("v"))]
    g = awkward()
    next(g)
    out.append(log_of(g.throw, ValueError("v")))
    out.append(log)
    return out


def case_generators_that_fail():
    def fails():
        yield 1
        raise_if("late")

    def stops():
        yield 1
        raise StopIteration("inside")

    def busy():
        next(me)
        yield

    def first():
        raise_if("first")
        yield

    me = busy()
    out = [log_of(list, fails()), log_of(list, stops()), log_of(next, me),
           log_of(next, first())]
    exprs = (10 // i for i in (5, 0, 2))
    out += [next(exprs), log_of(next, exprs), log_of(next, exprs)]
    return out


@contextlib.contextmanager
def managed_generator(log, catch):
    log.append("in")
    try:
        yield log
    except ValueError:
        log.append("caught")
        if not catch:
            raise
    finally:
        log.append("out")


def case_context_manager_generators():
    def run(catch, fail):
        log = []
        with managed_generator(log, catch) as l, managed_generator(log, False): l.append(1)
        with managed_generator(log, catch) as l, managed_generator(log, not catch):
            raise_if(fail)
        return log

    return [log_of(run, catch, fail) for catch in (0, 1) for fail in (0, 1)]


def case_coroutines():
    async def leaf(n):
        got = await Pause(n)
        return got

    async def tree(n):
        out = []
        for i in range(n):
            out.append(await leaf(i))
        x = [await leaf(j) for j in range(2)]
        try:
            await leaf("guarded")
        except ValueError as e:
            out.append(await leaf(str(e)))
        finally:
            await leaf("finally")
        return out, x, (await leaf("a"), await leaf(
            "b"))

    v = ValueError("thrown")
    return [
        drive(tree(2), 1, 2, 3, 4),
        drive(tree(1), 1, 2, v),
        drive(tree(1), 1, 2, 3, v),
        drive(tree(1), 1, 2, 3, 4, v),
        drive(tree(1), v),
    ]


def case_async_with():
    async def run(outer, inner, fail):
        log = []
        async with Manager(log, **outer) as a, Manager(log, **inner):
            await Pause("body")
            raise_if(fail)
        async with Manager(log, **outer) as a, Manager(log, **inner): raise_if(fail)
        async with Manager(log, **outer):
            async with Manager(log, **inner): await Pause()
        return log

    return [
        drive(run(outer, inner, fail), *sent)
        for outer in ({}, {"swallow": True}, {"fail": True})
        for inner in ({}, {"swallow": True}, {"fail": True}, {"fail_enter": True})
        for fail in (0, 1)
        for sent in ((), (ValueError("v"),), (0, ValueError("v")),
                     (0, 0, ValueError("v")), (0, 0, 0, ValueError("v")))
    ]


def case_async_for():
    class Steps:
        def __init__(self, n):
            self.n = n

        def __aiter__(self):
            return self

        async def __anext__(self):
            if not self.n:
                raise StopAsyncIteration
            self.n -= 1
            await Pause(self.n)
            return self.n

    async def produce(n):
        try:
            for i in range(n):
                got = yield i
                await Pause("between")
        finally:
            await Pause("cleanup")

    async def run():
        out = []
        async for i in Steps(3):
            if i == 1: continue
            out.append(i)
        else:
            out.append("else")
        async for i in produce(3): out.append(i)
        async with contextlib.aclosing(produce(3)) as steps:
            async for i in steps:
                out.append(i)
                break
        out += [i async for i in produce(2) if i]
        out += [
            i + j
            async for i in Steps(2)
            for j in [await Pause(1) or 5]
        ]
        return out

    async def by_hand():
        g = produce(3)
        out = [await g.__anext__(), await g.asend("x")]
        try:
            await g.athrow(ValueError("a"))
        except ValueError as e:
            out.append(str(e))
        async with contextlib.aclosing(produce(3)) as g:
            await g.__anext__()
        return out

    stop = StopAsyncIteration()
    return [
        drive(run()), drive(by_hand()), drive(run(), stop), drive(run(), 0, stop),
        drive(run(), 0, 0, 0, ValueError("v")), drive(by_hand(), ValueError("v")),
    ]


def case_match():
    def kind(x):
        match x:
            case 0 | 1: return "small"
            case int(n) if n > 100:
                return "large"
            case [a, b]: return a, b
            case [a, *rest] if (
                len(rest) > 3
            ):
                return rest
            case {"key": value, **others}:
                return value, others
            case Manager(
                swallow=s,
                fail=f,
            ):
                return s, f
            case str() as s:
                return s
            case _:
                pass
        return "none"

    return [
        kind(x)
        for x in (0, 7, 101, [1, 2], [1, 2, 3, 4, 5], [1], {"key": 1, "a": 2}, {},
                  Manager([]), "s", None)
    ]


def case_classes():
    def decorate(
        *args
    ):
        return lambda f: f

    @decorate(1,
              2)
    @decorate()
    class Thing:
        """documented"""
        x: int = 1
        y = [i for i in range(2)]

        @decorate(
        )
        def method(self, a=1,
                   b=2): return a + b

        @property
        def value(self):
            return super().__init__() or __class__.x

        z = lambda self: \
            self

    class Failing:
        def __init_subclass__(cls, **kw):
            raise_if("subclass")

    def make():
        class Sub(Failing):
            x = 1

    t = Thing()
    return t.method(), t.value, t.z() is t, log_of(make)


def case_closures():
    def outer(a):
        b = a

        def middle():
            nonlocal b
            b += 1

            def inner(): return a, b
            return inner
        return middle()

    counter = 0

    def bump():
        nonlocal counter
        counter += 1
        return counter

    def cells():
        for i in range(3):
            def get(): return i
            yield get

    return outer(1)(), [bump() for _ in range(3)], [g() for g in cells()]


def case_recursion():
    def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)

    def deep(n):
        if n == 0:
            raise_if("bottom")
        try:
            return deep(n - 1)
        finally:
            n = n

    def tree(n):
        if n:
            yield from tree(n - 1)
            yield n
            yield from tree(n - 1)

    return fib(8), log_of(deep, 4), list(tree(4))


def case_deletes_and_globals():
    global some_global
    some_global = 1
    x = {"a": [1, 2, 3]}
    del x["a"][
        0]
    del x
    try:
        x
    except UnboundLocalError:
        pass
    a = b, *c = 1, 2, 3
    some_global += \
        1
    result = some_global
    del some_global
    return a, b, c, result


def long_function(n_lines):
    """More constants than a byte counts, jumps that need prefixes."""
    body = "".join(
        f"    x += {1000 + i} if x != {i} else {i}.5\n" for i in range(n_lines)
    )
    source = (
        "def f(n):\n  x = 0\n  for i in range(n):\n" + body +
        "    if x < 0: continue\n  while x > 0: x = -1\n"
        "  try:\n" + body + "  except TypeError:\n    x = 1\n  return x\n"
    )
    space = {}
    exec(compile_case(source), space)
    return space["f"]


def compile_case(source):
    return compile(source, __file__ + ":long", "exec")


def case_long_functions():
    return long_function(100)(3), long_function(3000)(2)


def case_module_with_many_lines():
    space = {}
    exec(compile_case("".join(f"x{i} = {i}\n" for i in range(8000))), space)
    return sum(v for k, v in space.items() if k[0] == "x")
