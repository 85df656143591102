"""Code objects, however a program comes by them and whatever it does with them: each case
is run plainly, under oracle.py, and under the runner with all code watched. It must print
the same, end the same, and count each line as often as sys.settrace sees it.

    codes.py [--python PYTHON] [--runner RUNNER] [--mode MODE] [CASE...]

The last line is "N passed, M failed"."""
import fnmatch
import json
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap

import pair
from session import Session

LIMIT_S = 120
HERE = os.path.dirname(os.path.abspath(__file__))

# What the oracle counts: the case's own files, and code that has none.
NAMES = "<string>,<made *"

DOORS = {
    "strings": """
        space = {"n": 0}
        exec("for i in range(3):\\n    n += i\\n", space)
        exec(b"n += 1\\nn += 2", space)
        exec(bytearray(b"n += 1"), space)
        exec(memoryview(b"n += 1"), space)
        exec("# -*- coding: latin-1 -*-\\nt = '\\xe9'", space)
        exec("# -*- coding: latin-1 -*-\\nu = '\\xe9'".encode("latin-1"), space)
        print(space["n"], ascii(space["t"]), ascii(space["u"]))
        print(eval(" \\t 1 + 1"), eval("n * 2", space), eval(b" [x for x in range(3)]"))
        def inside(a):
            exec("b = a + 1")
            class C:
                exec("d = 5")
            return eval("a + 10"), C.d, sorted(locals())
        print(inside(1))
        exec("def f(x):\\n    y = x\\n    return y\\n")
        print([f(i) for i in range(4)], f.__code__.co_filename, f.__module__)
        exec("exec('exec(\\"print(f(7))\\")')")
        class Names(dict):
            def __missing__(self, name): return name.upper()
        print(eval("abc + xyz", {}, Names()))
        """,
    "string_flags": """
        from __future__ import annotations
        exec("def f(a: undefined_name): pass\\nprint(f.__annotations__)")
        print(eval("(lambda: 5)()"))
        exec(compile("def g(a: 'b'): pass\\nprint(g.__annotations__)", "<made g>", "exec",
                     dont_inherit=True))
        """,
    "string_errors": """
        import traceback
        def attempt(f):
            try:
                f()
            except BaseException as error:
                print(type(error).__name__, error.args)
                traceback.print_exc()
        attempt(lambda: exec("1 +"))
        attempt(lambda: exec("  indented = 1"))
        attempt(lambda: eval("\\n1"))
        attempt(lambda: eval("x = 1"))
        attempt(lambda: eval(""))
        attempt(lambda: exec("a\\0b"))
        attempt(lambda: exec(b"a\\0b"))
        attempt(lambda: exec("s = '\\udc80'"))
        attempt(lambda: exec(b"\\xff"))
        attempt(lambda: exec(5))
        attempt(lambda: exec(memoryview(b"1+1 ")[::2]))
        attempt(lambda: eval(None))
        attempt(lambda: exec())
        attempt(lambda: exec("1", 5))
        attempt(lambda: exec("1 +", 5))
        attempt(lambda: exec("1 +", {}, 5))
        attempt(lambda: eval("1 +", None, 5))
        attempt(lambda: exec("1", {}, {}, 4))
        attempt(lambda: exec("1", closure=()))
        attempt(lambda: exec("1 +", closure=None))
        attempt(lambda: exec("1", other=1))
        attempt(lambda: exec("1/0"))
        attempt(lambda: exec("def f():\\n    return 1/0\\nf()"))
        attempt(lambda: eval("[1/0 for _ in 'a']"))
        attempt(lambda: exec("raise SystemExit(3)"))
        attempt(lambda: exec("class"))
        attempt(lambda: eval("(" * 300))
        def free():
            x = 1
            def inner(): return x
            return inner
        attempt(lambda: exec(free().__code__))
        exec(free().__code__, closure=free().__closure__)
        exec("'\\d'")
        """,
    "string_threads": """
        import threading
        def work(n):
            space = {}
            for i in range(20):
                exec(f"def f{n}(x):\\n    x += 1\\n    return x\\nr = f{n}({i})", space)
        threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
        for t in threads: t.start()
        for t in threads: t.join()
        print("done")
        """,
    "functions": """
        import types
        def f(a, b=2, *, c=3):
            for _ in range(2):
                a += b
            return a + c
        g = types.FunctionType(f.__code__, globals(), "g", f.__defaults__)
        g.__kwdefaults__ = f.__kwdefaults__
        print(g(1), g.__code__ is f.__code__, g.__name__, g.__qualname__)
        h = types.FunctionType(f.__code__, {"__name__": "elsewhere", "range": range},
                               argdefs=(5,))
        h.__kwdefaults__ = {"c": 0}
        print(h(1), h.__module__)
        def counter():
            n = 0
            def step():
                nonlocal n
                n += 1
                return n
            return step
        one = counter()
        two = types.FunctionType(one.__code__, globals(), closure=counter().__closure__)
        print(one(), one(), two())
        for wrong in ((one.__code__, {}), (1, {}), (f.__code__, 1)):
            try: types.FunctionType(*wrong)
            except (TypeError, ValueError) as error: print(error)
        made = types.FunctionType(compile("x = 1\\nx += 1", "<made body>", "exec"), {})
        print(made())
        class Meta(type):
            pass
        print(type(f).__new__(type(f), f.__code__, globals())(1, 1, c=1))
        """,
    "replaced": """
        def f(x):
            return x + 1
        def g(x):
            y = x + 2
            return y
        def long(a, b):
            return [a, b]
        print([f(i) for i in range(3)])
        f.__code__ = g.__code__
        print([f(i) for i in range(3)], f.__code__ is g.__code__, f.__code__ == g.__code__)
        f.__code__ = f.__code__.replace(co_consts=(None, 40), co_name="h")
        print(f(1), f.__code__.co_name, f.__code__ == g.__code__, f.__qualname__)
        def consts(f, old, new):
            co = f.__code__
            f.__code__ = co.replace(co_consts=tuple(new if c == old else c
                                                    for c in co.co_consts))
        consts(g, 2, 5)
        print(g(1))
        code = long.__code__
        swapped = bytearray(code.co_code)
        import dis
        at = [i.offset for i in dis.get_instructions(code) if i.opname == "LOAD_FAST"]
        if len(at) == 2:
            swapped[at[0] + 1], swapped[at[1] + 1] = swapped[at[1] + 1], swapped[at[0] + 1]
        long.__code__ = code.replace(co_code=bytes(swapped))
        print(sorted(long(1, 2)), code.co_code == long.__code__.co_code or len(at))
        for wrong in (5, None, compile("1", "<made e>", "eval"), (lambda: f).__code__):
            try:
                f.__code__ = wrong
            except (TypeError, ValueError) as error:
                print(type(error).__name__, error)
        try:
            del f.__code__
        except TypeError as error:
            print(error)
        def gen():
            yield 1
            yield 2
        def gen2():
            yield 3
        it = gen(); next(it)
        gen.__code__ = gen2.__code__
        print(list(it), list(gen()))
        """,
    "names": """
        lines = "def f(n):\\n    for i in range(n):\\n        pass\\n    return n\\nf(3)\\n"
        for name in ("<made one>", "invented.py", __file__, "<string>", "", "no/such.py"):
            space = {}
            exec(compile(lines, name, "exec"), space)
            print(name == space["f"].__code__.co_filename, space["f"](2))
        print(eval(compile("sum(i for i in range(4))", "<made two>", "eval")))
        exec(compile("1 + 1", "<made three>", "single"))
        code = compile("n = n + 1", "<made often>", "exec")
        space = {"n": 0}
        for _ in range(500): exec(code, space)
        print(space["n"])
        """,
    "modules": """
        import importlib, os, py_compile, runpy, sys, zipfile
        here = os.path.dirname(os.path.abspath(__file__))
        sys.path.insert(0, here)
        sys.dont_write_bytecode = True
        text = "def f(n):\\n    n += 1\\n    return n\\nVALUE = [f(i) for i in range(3)]\\n"
        def write(name, text):
            with open(os.path.join(here, name), "w") as out: out.write(text)
            return os.path.join(here, name)
        import atexit, shutil
        made = [write("plain.py", text)]
        import plain
        for _ in range(5): importlib.reload(plain).f(1)
        write("plain.py", "# another\\n" + text.replace("range(3)", "range(4)"))
        os.utime(made[0], (1, 1))
        importlib.reload(plain); print(plain.VALUE, plain.f(1))
        made += [write("zipped.py", text)]
        with zipfile.ZipFile(os.path.join(here, "z.zip"), "w") as z:
            z.write(made[-1], "zipped.py")
        os.unlink(made.pop())
        sys.path.insert(0, os.path.join(here, "z.zip"))
        import zipped
        print(zipped.VALUE, zipped.f(5), zipped.__loader__.__class__.__name__)
        source = write("sourceless.py", text)
        py_compile.compile(source, os.path.join(here, "sourceless.pyc"))
        os.unlink(source)
        import sourceless
        print(sourceless.VALUE, sourceless.f(1), sourceless.__file__[-4:])
        made += [write("run.py", "import sys\\ndef g():\\n    return __name__\\nprint(g())\\n")]
        runpy.run_path(made[-1]); runpy.run_path(made[-1], run_name="other")
        runpy.run_module("run")
        import __hello__
        for name in made + ["z.zip", "sourceless.pyc"]:
            os.unlink(os.path.join(here, name))
        """,
    "rewritten": """
        import ast, importlib.abc, importlib.util, os, sys
        # As pytest does it: the tree of a module is changed before it is compiled.
        class Doubler(ast.NodeTransformer):
            def visit_Assert(self, node):
                again = ast.parse("seen.append(1)").body
                return [ast.copy_location(again[0], node), node]
        class Loader(importlib.abc.Loader):
            def create_module(self, spec): return None
            def exec_module(self, module):
                name = os.path.join(os.path.dirname(os.path.abspath(__file__)), "case.py")
                tree = Doubler().visit(ast.parse(TEXT, name))
                exec(compile(ast.fix_missing_locations(tree), name, "exec",
                             dont_inherit=True), module.__dict__)
        class Finder(importlib.abc.MetaPathFinder):
            def find_spec(self, name, path, target=None):
                if name == "case":
                    return importlib.util.spec_from_loader(name, Loader())
        TEXT = "seen = []\\ndef test(n):\\n    assert n\\n    assert (\\n        n > 0)\\n"
        sys.meta_path.insert(0, Finder())
        import case
        for n in (1, 2, 3): case.test(n)
        try: case.test(0)
        except AssertionError as error: print(error.__traceback__.tb_next.tb_lineno)
        print(len(case.seen))
        """,
    "recursion": """
        def down(n):
            return eval("down(n - 1)", {"down": down, "n": n}) if n else 0
        print(down(50))
        def deep(n):
            return exec("deep(n + 1)", {"deep": deep, "n": n})
        try: deep(0)
        except RecursionError: print("too deep")
        """,
}

DISGUISE = {
    "equal": """
        text = "def f(x):\\n    return [x for _ in range(x)]\\nclass C:\\n    def m(self): return 1\\n"
        one, two = {}, {}
        exec(compile(text, "<made f>", "exec"), one)
        code = compile(text, "<made f>", "exec")
        exec(code, two)
        a, b = one["f"].__code__, two["f"].__code__
        print(a == b, a is b, hash(a) == hash(b), a != b, {a: 1}[b], len({a, b}))
        print(one["C"].m.__code__ == two["C"].m.__code__)
        print(code == compile(text, "<made f>", "exec"), code.co_consts[0] == a)
        print(b is code.co_consts[0], a.replace() == a, a.replace(co_name="g") == a)
        one["f"](3); two["f"](2)
        print(a == b, hash(a) == hash(b), a.__eq__(b), type(a).__hash__(a) == hash(b))
        import types, weakref
        code = compile("lambda: 5", "<made g>", "eval").co_consts[0]
        f, gone = types.FunctionType(code, {}), weakref.ref(code)
        print(f())
        del code, f
        print(gone() is None)
        """,
    "marshal": """
        import io, marshal, types
        def outer(a, b=(1, "s", frozenset({3}))):
            def inner():
                return a, [x for x in range(3)]
            return inner() + b
        print(outer(1))
        code = outer.__code__
        data = marshal.dumps(code)
        with open(__file__) as f:
            plain = compile(f.read(), __file__, "exec").co_consts
        same = [c for c in plain if isinstance(c, types.CodeType)][0]
        print(marshal.loads(data) == same == code, marshal.loads(marshal.dumps(same)) == code)
        back = types.FunctionType(marshal.loads(data), globals(), argdefs=((2,),))
        print(back(5))
        nested = [(code,), {"k": code, code: 1}, frozenset({code}), [[code]]]
        for thing in nested:
            print(len(marshal.dumps(thing)) > 100, marshal.loads(marshal.dumps(thing)) == thing)
        out = io.BytesIO(); marshal.dump(code, out)
        print(marshal.loads(out.getvalue()) == code)
        """,
    "copies": """
        import copy, copyreg, pickle, types
        def f(a, b=2):
            "text"
            def inner(c): return a + b + c
            return inner(1)
        print(copy.copy(f) is f, copy.deepcopy(f) is f, copy.deepcopy([f.__code__])[0] is f.__code__)
        print(pickle.loads(pickle.dumps(f)) is f)
        try: pickle.dumps(f.__code__)
        except TypeError as error: print(error)
        ARGS = ("argcount posonlyargcount kwonlyargcount nlocals stacksize flags code consts "
                "names varnames filename name qualname firstlineno linetable exceptiontable "
                "freevars cellvars").split()
        def make(*parts):
            return types.CodeType(*parts)
        def reduce(code):
            return make, tuple(getattr(code, "co_" + a) for a in ARGS)
        copyreg.pickle(types.CodeType, reduce)
        code = pickle.loads(pickle.dumps(f.__code__))
        print(code == f.__code__, code is f.__code__, hash(code) == hash(f.__code__))
        g = types.FunctionType(code, globals(), argdefs=(10,))
        print(g(1), g.__doc__, f(1), g.__code__.co_stacksize == f.__code__.co_stacksize)
        print(copy.deepcopy(f.__code__) == f.__code__)
        """,
    "looks": """
        import dis, inspect, io, types
        def f(n):
            total = 0
            with open("/dev/null") as null:
                for i in range(n):
                    try:
                        total += [x * i for x in range(i)][0]
                    except IndexError:
                        continue
            return (total,
                    n)
        def gen(n):
            got = yield n
            yield from range(got)
        async def co():
            async with a as b:
                async for c in b: pass
        f(3)
        for thing in (f, gen, co):
            dis.dis(thing)
            code = thing.__code__
            print(list(code.co_lines()))
            print(list(code.co_positions()))
            print(list(dis.findlinestarts(code)))
            print(code.co_stacksize, code.co_exceptiontable, code.co_linetable)
            print(len(code.co_code), len(list(code.co_positions())), code.co_consts[0])
            print(inspect.getsource(thing))
        print(dis.Bytecode(f).dis())
        print(f.__code__.co_consts, f.__code__.co_names)
        import warnings
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            print(f.__code__.co_lnotab)
        print(type(types.FunctionType.__code__), types.FunctionType.__code__,
              types.FrameType.f_lasti, types.FrameType.f_code)
        """,
    "places": """
        import dis, sys, traceback, types
        def instruction(code, at):
            found = [i for i in dis.get_instructions(code, show_caches=True) if i.offset == at]
            return found[0].opname, found[0].positions
        def fails(n):
            values = [1, n]
            return (values[0] /
                    values[1])
        def middle(n):
            try:
                return fails(n) + 1
            finally:
                n = 0
        try:
            middle(0)
        except ZeroDivisionError as error:
            tb = error.__traceback__
            while tb:
                print(tb.tb_lasti, tb.tb_lineno, instruction(tb.tb_frame.f_code, tb.tb_lasti),
                      tb.tb_frame.f_code.co_name, tb.tb_frame.f_lasti)
                copied = types.TracebackType(None, tb.tb_frame, tb.tb_lasti, tb.tb_lineno)
                print(copied.tb_lasti == tb.tb_lasti, copied.tb_lineno)
                kept = copied
                tb = tb.tb_next
            traceback.print_exc()
            dis.distb(error.__traceback__)
            raised = ZeroDivisionError("again")
            try:
                raise raised.with_traceback(kept)
            except ZeroDivisionError:
                traceback.print_exc()
        def here():
            frame = sys._getframe()
            return frame.f_lasti, frame.f_lineno, instruction(frame.f_code, frame.f_lasti)
        def caller():
            x = (here(),
                 sys._getframe().f_lasti)
            return x, sys._getframe(1).f_lasti
        print(caller())
        def gen():
            x = yield 1
            while True:
                x = yield x
        g = gen()
        print(g.gi_frame.f_lasti, g.gi_frame.f_lineno)
        for value in (None, 5, 6):
            g.send(value)
            print(g.gi_frame.f_lasti, g.gi_frame.f_lineno, g.gi_code is gen.__code__,
                  instruction(g.gi_code, g.gi_frame.f_lasti))
        async def co():
            await nothing()
        @types.coroutine
        def nothing():
            yield
        c = co(); c.send(None)
        print(c.cr_frame.f_lasti, c.cr_code is co.__code__, c.cr_frame.f_code is co.__code__)
        c.close()
        async def agen():
            yield 1
        print(agen().ag_code is agen.__code__)
        """,
    "uncaught": """
        def fails(values):
            return (values[0] /
                    values[1])
        def caller(n):
            with open("/dev/null"):
                return [fails([x, 0])
                        for x in range(n)]
        try:
            caller(1)
        except ZeroDivisionError as error:
            raise ValueError("seen with carets", [caller(0)][0]) from error
        """,
    "traced": """
        import sys
        seen = []
        def tracer(frame, event, arg):
            code = frame.f_code
            if code.co_filename == __file__:
                lines = [line for start, end, line in code.co_lines()
                         if start <= frame.f_lasti < end]
                seen.append((event, code.co_name, frame.f_lasti, frame.f_lineno, lines))
            return tracer
        def fails():
            raise ValueError
        def work(n):
            for i in range(n):
                [x for x in (i, i)]
            try:
                fails()
            except ValueError:
                pass
            yield n
            yield from (1, 2)
        before = sys.gettrace()
        sys.settrace(tracer)
        list(work(3))
        sys.settrace(before)
        for row in seen: print(row)
        """,
}

LIMITS = {
    "long_function": """
        # More than 65,536 code units, 256 and 65,536 constants.
        lines = ["def f(x):"] + ["    x = [x, %s][0] + 1" % ", ".join(
            f"x + {i}.5" for i in range(k, k + 1000)) for k in range(0, 70000, 1000)]
        lines.append("    return x")
        space = {}
        exec(compile("\\n".join(lines), "<made long>", "exec"), space)
        f = space["f"]
        print(len(f.__code__.co_code) > 2 * 65536, len(f.__code__.co_consts) > 65536, f(0))
        lines = ["def g(x):", "    for i in range(3):"]
        lines += ["        if i == 1: x += 1"] * 9000 + ["    return x"]
        exec(compile("\\n".join(lines), "<made jumps>", "exec"), space)
        print(space["g"](0))
        lines = ["def h(x):"] + [f"    x = (x, {i})[1]" for i in range(300)] + ["    return x"]
        exec(compile("\\n".join(lines), "<made consts>", "exec"), space)
        print(space["h"](0))
        """,
    "long_line": """
        space = {}
        text = "x = [" + ", ".join(f"n + {i}" for i in range(60000)) + "]; y = '" + "a" * 10**6 + "'"
        assert len(text) > 1 << 20
        exec(compile("n = 1\\n" + text + "\\nn = 2", "<made wide>", "exec"), space)
        print(len(space["x"]), len(space["y"]), space["n"])
        code = compile(text, "<made wide2>", "exec")
        print(max(p[3] or 0 for p in code.co_positions()))
        """,
    "many_codes": """
        space = {}
        n = 100_000
        for k in range(0, n, 10_000):
            text = "\\n".join(f"def f{i}(): return {i}" for i in range(k, k + 10_000))
            exec(compile(text, f"<made {k}>", "exec"), space)
        print(sum(space[f"f{i}"]() for i in range(0, n, 7)))
        """,
    "many_strings": """
        n = 0
        for i in range(5000):
            exec(f"def f{i}(x):\\n    return x + {i}\\nn += f{i}(1)")
        print(n)
        """,
    "many_lines": """
        space = {}
        text = "x = 0\\n" * 5_000
        text += "\\n" * (999_999 - 5_000) + "x += 1\\ndef f():\\n    return x\\nf()"
        exec(compile(text, "<made tall>", "exec"), space)
        print(space["x"], space["f"].__code__.co_firstlineno)
        """,
    "nested": """
        depth = 90
        text = "".join("    " * i + f"def f{i}():\\n" for i in range(depth))
        text += "    " * depth + "return 1\\n"
        for i in range(depth - 1, 0, -1): text += "    " * i + f"return f{i}\\n"
        space = {}
        exec(compile(text, "<made deep>", "exec"), space)
        f = space["f0"]
        for i in range(depth): f = f()
        print(f)
        import sys
        code = compile("1", "<made core>", "eval")
        for i in range(5000):
            code = code.replace(co_consts=(code,))
        try: print(type(eval(code)).__name__)
        except RecursionError: print("too deep")
        while isinstance(code, type(code)) and code.co_consts and isinstance(code.co_consts[0], type(code)):
            code = code.co_consts[0]
        print(eval(code.replace(co_consts=(7,))))
        """,
    "odd_names": """
        import types
        def f(x):
            y = x
            return y
        for name in ("\\udc80", "a\\0b", "", "\\U0001f40d", "x" * 5000):
            code = f.__code__.replace(co_name=name, co_qualname="q." + name,
                                      co_filename="<made " + name + ">")
            g = types.FunctionType(code, {"__name__": "m" + name})
            print(g(1), ascii(g.__code__.co_name)[:20], ascii(g.__qualname__)[:20],
                  g.__code__ == code)
            try:
                exec(compile("x = 1\\nx = 2", "<made " + name + ">", "exec"))
            except (ValueError, UnicodeError) as error: print(type(error).__name__)
        h = types.FunctionType(f.__code__.replace(co_filename="<made f>"), {"__name__": 5})
        print(h(1))
        k = types.FunctionType(f.__code__.replace(co_filename="<made f>", co_firstlineno=10**6), {})
        print(k(1), k.__code__.co_firstlineno)
        """,
    "memory": """
        import gc, importlib, os, sys, types
        here = os.path.dirname(os.path.abspath(__file__))
        sys.path.insert(0, here); sys.dont_write_bytecode = True
        path = os.path.join(here, "part.py")
        with open(path, "w") as out:
            out.write("VALUE = 1\\n" + "".join(
                f"def f{i}(a, b=1):\\n    def g():\\n        return a\\n    return g() + {i}\\n"
                for i in range(30)))
        import part
        def f(x):
            return x
        def resident():
            gc.collect()
            with open("/proc/self/statm") as f: return int(f.read().split()[1]) * 4096
        def grows(what, n):
            for _ in range(n // 4): what()
            before = resident()
            for _ in range(n): what()
            more = resident() - before
            print(what.__name__, "grows" if more > 2 << 20 else "stays")
        def reload():
            importlib.reload(part).f3(1)
        def copied():
            types.FunctionType(f.__code__.replace(co_name="g"), globals())(1)
        def swapped():
            f.__code__ = f.__code__.replace(co_consts=f.__code__.co_consts)
            f(1)
        def string():
            exec("def h(x):\\n    return x\\nh(1)", {})
        def generator():
            try: eval("(1/0 for x in (1,)).__next__()", {})
            except ZeroDivisionError as error: error.__traceback__.tb_next.tb_lasti
        grows(reload, 1000); grows(copied, 4000); grows(swapped, 4000); grows(string, 4000)
        grows(generator, 4000)
        os.unlink(path)
        """,
}

CASES = {**DOORS, **DISGUISE, **LIMITS}

# The oracle is lost where the recursion limit is hit, where the program itself traces and
# where an exception ends it; under it, the memory grows.
UNCOUNTED = {"memory", "nested", "recursion", "traced", "uncaught"}
# Those that import nothing. Elsewhere a namedtuple may be made, which evaluates a string of
# one line, in a module that the oracle has loaded before it begins to count.
ALONE = {"strings", "string_flags"}


def run(command, folder):
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
           "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LIMIT_S)
    return pair.outcome(done)


def counted(hits, globs, name):
    return {where: n for where, n in hits.items()
            if n and any(fnmatch.fnmatchcase(where[0], g) for g in globs.split(","))
            and (where != ("<string>", 1) or name in ALONE)}


class Case:
    def __init__(self, name, text, args):
        self.name, self.args = name, args
        self.folder = os.path.realpath(tempfile.mkdtemp(prefix="codes-"))
        self.script = os.path.join(self.folder, name + ".py")
        self.globs = f"{self.folder}/*,{NAMES}"
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(textwrap.dedent(text).lstrip("\n"))
        self.plain = run([args.python, self.script], self.folder)
        self.hits = self.settrace()

    def settrace(self):
        if self.name in UNCOUNTED:
            return None
        out = os.path.join(self.folder, "oracle.json")
        run([self.args.python, os.path.join(HERE, "oracle.py"), out, self.globs,
             self.script], self.folder)
        with open(out, encoding="utf-8") as f:
            hits = {tuple(where): n for where, n in json.load(f)["hits"]}
        return counted(hits, self.globs, self.name)

    def compare(self, mode):
        """Lines about what is wrong."""
        session = os.path.join(self.folder, "session." + mode)
        ours = run([self.args.runner, "--session=" + session, "--mode=" + mode,
                    "--include=all", "--exe=" + self.args.python, "--", self.script],
                   self.folder)
        told = list(pair.differences(self.plain, ours))
        counts = Session(session)
        if counts.header.n_dropped:
            told.append(f"{counts.header.n_dropped} records dropped")
        frozen = [f for f in map(counts.string, (f.path for f in counts.records("file")))
                  if f.startswith("<frozen ")]
        told += [f"{f} is watched" for f in frozen]
        if self.hits is None:
            return told
        here = counted(counts.hits(), self.globs, self.name)
        told += [f"line {where}: settrace {self.hits.get(where, 0)}, here {here.get(where, 0)}"
                 for where in sorted(self.hits.keys() | here.keys())
                 if self.hits.get(where, 0) != here.get(where, 0)]
        return told

    def close(self):
        shutil.rmtree(self.folder)


def main():
    options = pair.options(__doc__)
    options.add_argument("--mode", action="append", choices=["count", "full"])
    options.add_argument("cases", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    for name, text in CASES.items():
        if args.cases and name not in args.cases:
            continue
        case = Case(name, text, args)
        for mode in args.mode or ["count", "full"]:
            total.add(f"{name} {mode}", case.compare(mode))
        case.close()
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
