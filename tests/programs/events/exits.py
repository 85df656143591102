"""sys.exit in many places: some are heard, some are not."""
import asyncio
import contextlib
import sys
import threading


def caught(f):
    try:
        f()
    except SystemExit as end:
        print(f.__name__, end.code)


def gen():
    yield 1
    sys.exit(2)


def in_generator(): list(gen())


def in_comprehension(): [sys.exit(i) for i in (4, 5)]


def in_sort(): sorted([1, 2], key=sys.exit)


def in_class():
    class A:
        sys.exit(6)


def in_context():
    with contextlib.suppress(SystemExit):
        sys.exit(7)
    with contextlib.suppress(Exception):
        sys.exit(8)


def in_finally():
    try:
        1 / 0
    finally:
        sys.exit(9)


class Exits:
    def __bool__(self): sys.exit(10)


def in_bool():
    if Exits(): pass


async def coroutine():
    await asyncio.sleep(0)
    sys.exit(11)


def in_coroutine(): asyncio.run(coroutine())


def in_match():
    match sys:
        case Exits(): pass
        case _ if sys.exit(12): pass


def in_exec(): exec("import sys; sys.exit(13)")


for f in (in_generator, in_comprehension, in_sort, in_class, in_context, in_finally,
          in_bool, in_coroutine, in_match, in_exec):
    caught(f)
t = threading.Thread(target=sys.exit)
t.start()
t.join()
raise SystemExit("the end")
