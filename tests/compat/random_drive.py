"""Runs random programs (random_grammar.py), one after the other, in one process.

    random_drive.py FOLDER

Every *.py of the folder runs as a module of its own. What it prints, and the traceback
it ends with, is printed behind a line "== NAME". The names below are all that a program
finds beside the builtins; some are written in Python and some are not, since that makes
a difference to who watches. Nothing here goes by time, addresses or chance."""
import asyncio
import collections
import contextlib
import functools
import gc
import itertools
import os
import sys
import threading
import traceback
import types
import warnings
import zlib

FUEL = 150


def show(value):
    """Prints a value that prints alike each time, of others the type; returns it."""
    plain = isinstance(value, (int, str, bytes, bool, type(None), range))
    print(repr(value)[:60] if plain else type(value).__name__)
    return value


def ident(value):
    return value


def wrap(*args):
    """Makes a decorator, which puts a function of this file around the program's."""
    def decorate(function):
        @functools.wraps(function)
        def inner(*args, **named):
            return function(*args, **named)
        return inner
    return decorate


def attempt(function, *args):
    try:
        show(function(*args))
    except Exception as e:
        print("attempt:", type(e).__name__)


class Quiet:
    """A context manager that swallows what it was made for."""

    def __init__(self, swallow=True):
        self.swallow = swallow

    def __enter__(self):
        return 1

    def __exit__(self, kind, value, where):
        return self.swallow and kind is not None and issubclass(kind, Exception)

    async def __aenter__(self):
        await Pause()
        return 1

    async def __aexit__(self, *args):
        await Pause()
        return self.__exit__(*args)


class Loud(Quiet):
    """One whose end fails."""

    def __exit__(self, kind, value, where):
        if self.swallow:
            raise ValueError(1)


class Pause:
    """To be awaited; suspends once, under asyncio and under drive() alike."""

    def __await__(self):
        yield


@types.coroutine
def pause():
    yield
    return 3


class Away:
    """An asynchronous iterator."""

    def __init__(self, values):
        self.values = iter(values)

    def __aiter__(self):
        return self

    async def __anext__(self):
        await Pause()
        try:
            return next(self.values)
        except StopIteration:
            raise StopAsyncIteration from None


def fails(n, *args):
    """Raises, mostly."""
    if n % 4 == 0:
        return n
    raise (ValueError, KeyError, TypeError)[n % 4 - 1](n)


class Tools:
    """What depends on the program: the same for each run of it, other for each other."""

    def __init__(self, name):
        bits = zlib.crc32(name.encode())
        self.flip = itertools.cycle([bits >> i & 1 for i in range(31)]).__next__
        self.tick = ([1] * FUEL).pop

    def pyflip(self, *args):
        return self.flip()

    def drive(self, coroutine):
        """An event loop for one; throws in now and then."""
        try:
            while True:
                what = self.flip() + self.flip() + self.flip() + self.flip()
                if what > 2:
                    coroutine.throw(ValueError("driven"))
                else:
                    coroutine.send(None)
        except StopIteration as e:
            return e.value

    def poke(self, generator):
        """Everything that can be done to a generator."""
        values = [0]
        for _ in range(4):
            what = 4 * self.flip() + 2 * self.flip() + self.flip()
            try:
                if what == 7:
                    generator.close()
                elif what > 4:
                    values.append(generator.throw(KeyError("poked")))
                elif what > 2:
                    values.append(generator.send(len(values)))
                else:
                    values.append(next(generator))
            except StopIteration as e:
                return e.value
            except (KeyError, ValueError, TypeError) as e:
                print("poked:", type(e).__name__)
        return len(values)

    def thread(self, function, *args):
        thread = threading.Thread(target=attempt, args=(function, *args))
        thread.start()
        thread.join()


def names_for(name):
    tools = Tools(name)
    names = {"__name__": name, "asyncio": asyncio, "deque": collections.deque,
             "suppress": contextlib.suppress, "contextmanager": contextlib.contextmanager,
             "asynccontextmanager": contextlib.asynccontextmanager,
             "partial": functools.partial, "lock": threading.Lock}
    for own in (show, ident, wrap, attempt, Quiet, Loud, Pause, pause, Away, fails):
        names[own.__name__] = own
    for word in "flip tick pyflip drive poke thread".split():
        names[word] = getattr(tools, word)
    return names


def run(path):
    name = os.path.basename(path)[:-3]
    print("==", name)
    names = names_for(name.rpartition("_")[2])
    with open(path, encoding="utf-8") as f:
        code = compile(f.read(), path, "exec", dont_inherit=True)
    try:
        exec(code, names)
    except BaseException as e:
        traceback.print_exception(e, file=sys.stdout)
        traceback.clear_frames(e.__traceback__)
    names.clear()
    gc.collect()
    sys.stdout.flush()


def on_lost(what):
    print("lost:", what.exc_type.__name__)


def main():
    gc.disable()
    warnings.simplefilter("ignore")
    sys.unraisablehook = threading.excepthook = on_lost
    for entry in sorted(os.scandir(sys.argv[1]), key=lambda entry: entry.name):
        if entry.name.endswith(".py"):
            run(entry.path)
    print("== end", flush=True)
    if sys.gettrace() is None:  # else the oracle does it, when it has written its own
        os._exit(0)  # nothing that ends a process is counted on one side only


if __name__ == "__main__":
    main()
