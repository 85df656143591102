"""What runs when objects go: __del__, weak references, the collector, at exit."""
import atexit
import gc
import weakref

gc.disable()


class Noisy:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("del", self.name)


class Fails:
    def __del__(self):
        raise ValueError("in del")


class Revives:
    saved = None

    def __del__(self):
        Revives.saved = self


def gone(reference):
    print("gone", reference() is None)


def makes():
    n = Noisy("local")
    Noisy("at once")
    r = weakref.ref(n, gone)
    weakref.finalize(n, print, "finalized")
    return [Noisy(i) for i in range(2)]


def on_collect(phase, info):
    if phase == "start":
        print("collects")


class Cycle:
    def __init__(self):
        self.me = self
        self.noisy = Noisy("in a cycle")


makes()
Revives()
print(Revives.saved)
Revives.saved = None
gc.callbacks.append(on_collect)
Cycle()
gc.collect()
gc.callbacks.remove(on_collect)


def gen():
    try:
        with_noisy = Noisy("in a generator")
        yield 1
    finally:
        print("generator ends")


g = gen()
next(g)
g = None
d = weakref.WeakValueDictionary(a=Noisy("weak"))
print(list(d))
atexit.register(lambda: Noisy("at exit"))
e = None
try:
    e = Noisy("in a frame")
    1 / 0
except ZeroDivisionError:
    e = None
