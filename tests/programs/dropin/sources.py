"""Where the text of lines comes from, and which code has any."""
import linecache
import os
import sys
import types


def lines(n):
    x = n
    return x


def run(text, name, **namespace):
    exec(compile(text, name, "exec"), namespace)


here = {"__file__": __file__}
exec("x = 1\ny = 2\n")
exec("x = 1\ny = 2\n", {})
exec("x = 1\ny = 2\n", here)
exec("x = 1\ny = 2\n", {"__file__": None})
exec("x = 1\ny = 2\n", {"__file__": "made/up.name.py"})
run("x = 1\ny = 2\n", "<made up>", __file__="a.py")
run("x = 1\ny = 2\n", "nowhere/to/be.found", __file__="b")
run("x = 1\n\n\n\ny = 2\n", "short.py", __file__="short.py")
run("x = 1", "/", __file__="/")
run("x = 1", "", __file__=".hidden.py")
eval("lines(1)", {"lines": lines, "__file__": "c.py"})
with open("short.py", "w") as f:
    f.write("one\ntwo\n")
run("x = 1\n\n\n\ny = 2\n", "short.py", __file__="short.py")
with open("short.py", "w") as f:
    f.write("uno\n\n\n\nquinque\n")
run("x = 1\n\n\n\ny = 2\n", "short.py", __file__="short.py")
linecache.checkcache()
run("x = 1\n\n\n\ny = 2\n", "short.py", __file__="short.py")
os.remove("short.py")
linecache.clearcache()
run("x = 1\n\n\n\ny = 2\n", "short.py", __file__="short.py")
linecache.cache["short.py"] = 0, None, ["one\r\n", "two", "\N{SNOWMAN}\n"], "short.py"
run("x = 1\n\ny = 2\n", "short.py", __file__="short.py")
linecache.cache["short.py"][2][0] = "changed\n"
run("x = 1\n\ny = 2\n", "short.py", __file__="short.py")
linecache.cache["<made up>"] = 0, None, ["made\n", "up\n"], "<made up>"
run("x = 1\ny = 2\n", "<made up>", __file__="a.py")


class Loader:
    def get_source(self, name):
        return "lazy\nlines\n"


linecache.lazycache("lazy.py", {"__name__": "lazy", "__loader__": Loader()})
run("x = 1\ny = 2\n", "lazy.py", __file__="lazy.py")
getlines = linecache.getlines
linecache.getlines = lambda name, *more: ["patched %d\n" % i for i in range(200)]
lines(2)
linecache.getlines = getlines
lines(3)
getline = linecache.getline
linecache.getline = lambda name, line: "%s:%s\n" % (os.path.basename(name), line)
lines(4)
linecache.getline = getline
cache, linecache.cache = linecache.cache, {}
lines(5)
linecache.cache = cache


def at(line):
    code = compile("x = 1\ny = 2\n", __file__, "exec").replace(co_firstlineno=line)
    exec(code, {"__file__": __file__})


for line in (0, 5, 10**6, 2**20, 2**20 + 1, 2**30):
    at(line)
types.FunctionType(lines.__code__, {})(6)
types.FunctionType(lines.__code__, {"__file__": "f.py"})(7)


class Dict(dict):
    def get(self, key, *default):
        return "got.py" if key == "__file__" else super().get(key, *default)


exec("x = 1", Dict())
_, globals()["__file__"] = __file__, "other/name.py"
lines(8)
__file__ = ""
lines(9)


def generator():
    yield 1
    yield 2


__file__ = "third.py"
g = generator()
next(g)
del __file__
next(g)
lines(10)
import pathlib
__file__ = pathlib.Path("some/path.py")
lines(11)
__file__ = 5
try:
    lines(12)
except TypeError as e:
    print(type(e), sys.gettrace())
lines(13)
