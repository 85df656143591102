# options: --include=mine --include=generated
# watches: <made*
"""Code that is compiled while the program runs, and functions that change theirs."""
import functools
import importlib
import linecache
import os
import pickle
import sys
import types
import zipfile

MADE = """
def made(n):
    total = 0
    for i in range(n):
        total += i
    return total
class Made:
    def method(self):
        return made(3)
result = made(4) + Made().method()
"""


def compiled():
    space = {}
    exec(compile(MADE, "<made here>", "exec"), space)
    print(space["result"], space["made"](5))
    linecache.cache["<made lines>"] = len(MADE), None, MADE.splitlines(True), "<made/lines>"
    exec(compile(MADE, "<made lines>", "exec"), space)
    print(eval(compile("sum(\nn * n\nfor n in range(4))", "<made eval>", "eval")))
    for i in range(3):
        exec(compile(f"x = {i}\ny = x\n", "<made often>", "exec"), space)
    print(space["y"], eval("1 + 1"))
    exec("z = 3\nprint(z)")
    exec(compile("def other(): return 1\n" * 3 + "print(other())", __file__, "exec"))


def files():
    folder = os.path.abspath("parts")
    os.mkdir(folder)
    sys.path.insert(0, folder)
    for n in range(3):
        with open(os.path.join(folder, "part.py"), "w") as out:
            out.write(f"VALUE = {n}\n" + "\n" * n + "def f():\n    return VALUE\n")
        if n:
            importlib.reload(sys.modules["part"])
        import part
        os.utime(part.__file__, (n, n))
        print(part.f())
    path = os.path.join(folder, "zipped.zip")
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("inside/__init__.py", "from . import part\n")
        archive.writestr("inside/part.py",
                         "def f(n):\n    return [n\n        for i in 'ab']\n")
    sys.path.insert(0, path)
    import inside
    print(inside.part.f(3))


def f(n):
    return n + 1


def g(n, more=2):
    n += more
    return n + 2


def codes():
    plain = f.__code__
    print([f(n) for n in range(3)])
    f.__code__ = g.__code__
    f.__defaults__ = (5,)
    print([f(n) for n in range(3)])
    f.__code__ = plain.replace(co_name="renamed")
    print(f(1), f.__code__.co_name)
    f.__code__ = plain
    print(f(1), f.__code__ is plain)
    h = types.FunctionType(g.__code__, {}, "h", (1,))
    print(h(1))

    def outer(n):
        def inner():
            return n
        return inner
    a, b = outer(1), outer(2)
    b.__code__ = a.__code__
    print(a(), b(), pickle.loads(pickle.dumps(f)) is f)
    method = types.MethodType(lambda self: self, 3)
    print(method(), functools.partial(f, 2)())


compiled()
files()
codes()
