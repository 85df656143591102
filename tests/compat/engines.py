"""Both engines tell the same of a program: hits of each line, starts of each function, the
call tree with calls, resumes and ends by an exception of each node, and which lines have
called. Hits and starts are those of sys.settrace, too. Each program is run in both modes
under each engine that this Python has; where that is one, only with sys.settrace.

    engines.py [--python PYTHON] [--runner RUNNER] [PROGRAM...]

The last line is "N passed, M failed"."""
import collections
import json
import os
import re
import subprocess
import sys
import tempfile
import textwrap

import pair
from session import Session

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 60

# At a line that ends with "# unseen", sys.monitoring shows nothing: it is silent while
# somebody's callback runs. One with "# again" counts once more for 3.12's sys.settrace and
# sys.monitoring (see README).
PROGRAMS = {
    "one_line_loops": """
        a = [i for i in range(10)]; b = {i for i in range(3)}; c = {i: i for i in range(4)}
        print(sum(i for i in range(100)), list(map(lambda x: x + 1, [1, 2])))
        for i in range(7): a.append(i)
        while len(a) > 3: a.pop()
        def f(n): return [j for j in range(n) if j % 2] if n else f(2)
        f(5); f(0); f(3)
        d = [[x for x in range(y)] for y in range(4)]
        e = [x
             for x in range(5)
             if x % 2]
        for x in range(3):
            for y in range(2): pass
        while True: break
        def g():
            while a: a.pop(); b.clear()
            for _ in (1, 2, 3): yield _
        print(list(g()), any(x for x in range(3)))
        """,
    "generators": """
        def numbers(n):
            for i in range(n):
                got = yield i
                if got: print(got)
        def delegates():
            result = yield from numbers(3)
            yield from (i * i for i in range(3))
            return result
        def careful():
            try:
                yield 1
                yield 2
            except ValueError as error:
                yield str(error)
            finally:
                print("careful ends")
        def stubborn():
            while True:
                try:
                    yield 1
                except KeyError:
                    pass
        print(list(numbers(3)), list(delegates()))
        g = numbers(5); next(g); g.send("word"); g.close()
        g = careful(); next(g); print(g.throw(ValueError("thrown"))); g.close()
        g = careful(); next(g); del g
        g = careful()
        try: g.throw(KeyError("before it began"))
        except KeyError: pass
        g = stubborn(); next(g)
        for _ in range(3): g.throw(KeyError)
        g.close()
        def outer():
            yield from careful()
        g = outer(); next(g); print(g.throw(ValueError("through")))
        try: next(g); next(g)
        except StopIteration: pass
        a, *b = numbers(4)
        print(max(numbers(6)), dict(zip(numbers(2), numbers(2))))
        """,
    "asynchronous": """
        import asyncio
        class Manager:
            async def __aenter__(self):
                await asyncio.sleep(0)
                return self
            async def __aexit__(self, *args):
                await asyncio.sleep(0)
                return args[0] is ValueError
        async def ticks(n):
            for i in range(n):
                yield i
                await asyncio.sleep(0)
        async def work(n):
            async with Manager():
                async for i in ticks(n):
                    if i == 2: raise ValueError
            return [i async for i in ticks(n)], [await leaf(i) for i in range(2)]
        async def leaf(n):
            await asyncio.sleep(0)
            return n
        async def forever():
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0)
        async def main():
            task = asyncio.create_task(forever())
            await asyncio.sleep(0)
            print(await asyncio.gather(*(work(n) for n in range(4))))
            task.cancel()
            try:
                await task
            except asyncio.CancelledError:
                print("cancelled")
            g = ticks(3)
            await g.__anext__()
            await g.aclose()
        asyncio.run(main())
        """,
    "exceptions": """
        def inner(n):
            if n > 2: raise ValueError(n)
            return 1 / n
        def middle(n):
            try:
                return inner(n)
            finally:
                n += 1
        def outer(n):
            try: return middle(n)
            except ZeroDivisionError: return 0
            except ValueError as error:
                raise KeyError(n) from error
            else:
                print("never")
            finally:
                print(n)
        for n in range(4):
            try: outer(n)
            except KeyError: print("key")
        def groups():
            try:
                raise ExceptionGroup("g", [ValueError(1), OSError(2), KeyError(3)])
            except* ValueError:
                print("value")
            except* (OSError,
                     KeyError) as group:
                print(len(group.exceptions))
        groups()
        class Odd(Exception):
            def __init__(self, *args):
                super().__init__(*args)
        def again():
            try:
                raise Odd(1)
            except Odd:
                try:
                    raise
                except Odd as e:
                    del e
        again()
        [again() for _ in range(3)]
        assert inner(1), "no"
        for word in ("a", "b"):
            try:
                int(word)
            except ValueError: continue
        """,
    "managers": """
        import contextlib
        class Manager:
            def __init__(self, swallows): self.swallows = swallows
            def __enter__(self): return self
            def __exit__(self, *args): return self.swallows
        @contextlib.contextmanager
        def made(n):
            print("in", n)
            try:
                yield n
            finally:
                print("out", n)
        with Manager(True): raise ValueError
        with Manager(False) as a, made(1) as b:
            print(b)
        def returns():
            with made(2):
                for i in range(3):
                    if i: return i
        returns()
        try:
            with made(3), Manager(False):
                raise KeyError
        except KeyError:
            pass
        with contextlib.suppress(ValueError):
            with made(4):
                raise ValueError
        with (Manager(True) as c,
              made(5) as d):
            raise OSError
        """,
    "match": """
        import dataclasses
        @dataclasses.dataclass
        class Point:
            x: int
            y: int
        def what(value):
            match value:
                case Point(0, y) if y > 1:
                    return "high"
                case Point(x=0) | Point(y=0): return "axis"
                case [1, *rest]:
                    return rest
                case {"key": word, **more}:
                    return word
                case str() | bytes():
                    return "text"
                case _: return None
        for v in (Point(0, 5), Point(0, 1), Point(2, 0), [1, 2], {"key": 3}, "s", 9): what(v)
        """,
    "classes": """
        class Meta(type):
            def __new__(cls, name, bases, space, **more):
                return super().__new__(cls, name, bases, space)
        class Base(metaclass=Meta, option=1):
            table = [i for i in range(4)]
            def __init__(self): self.value = 0
            @property
            def double(self): return self.value * 2
            @staticmethod
            def helper(x, y=lambda: 3): return x + y()
            def __getattr__(self, name): return name
            def __repr__(self):
                return f"{self.value!r}:{self.double}:{self.missing}"
            def __del__(self):
                print("gone")
        class Derived(Base):
            def __init__(self):
                super().__init__()
                self.value = self.helper(1)
        def decorate(f):
            def wrapped(*args):
                return f(*args)
            return wrapped
        @decorate
        @decorate
        def decorated(x):
            return x
        print(Derived(), decorated(1), sorted([3, 1, 2], key=lambda v: -v))
        def counter():
            n = 0
            def up():
                nonlocal n
                n += 1
                return n
            return up
        up = counter(); up(); up()
        if (n := up()) > 2: print(n)
        print(1 if n else 2, n and up() or 0, 1 < n < 5,  # again
              up(),
              [up() for _ in range(2)])
        while n > 0:
            n -= 1
        else:
            print("done")
        """,
    "recursion": """
        def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)  # again
        print(fib(10))
        def even(n):
            return n == 0 or odd(n - 1)  # again
        def odd(n):
            return n != 0 and even(n - 1)  # again
        print(even(10))
        def walk(n):
            if n:
                yield n
                yield from walk(n - 1)
        print(list(walk(5)))
        """,
    "threads": """
        import threading, queue, concurrent.futures, _thread, time
        def work(n):
            total = 0
            for i in range(n): total += i
            return total
        threads = [threading.Thread(target=work, args=(10,)) for _ in range(5)]
        for t in threads: t.start()
        for t in threads: t.join()
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            print(list(pool.map(work, range(5))))
        q = queue.Queue()
        def serve():
            while (n := q.get()) is not None: work(n)
        t = threading.Thread(target=serve); t.start()
        for n in (3, 4, None): q.put(n)
        t.join()
        """,
    "imports": """
        import sys, importlib
        with open(__file__.replace(".py", "_part.py"), "w") as out:
            out.write("X = [i for i in range(3)]\\ndef f(): return X\\n")
        sys.path.insert(0, __file__.rpartition("/")[0])
        import imports_part
        imports_part.f()
        importlib.reload(imports_part)
        code = compile("for i in range(3): j = i\\ndef g(n):\\n    return n\\ng(1)\\n",
                       __file__.replace(".py", "_made.py"), "exec")
        exec(code, {})
        exec(code, {"__name__": "made"})
        print(eval(compile("[i for i in range(4)]", __file__, "eval")))
        """,
    "long_code": """
        text = "".join(f"x{i} = {i}\\nif x{i} % 3: x{i} += 1\\n" for i in range(3000))
        text += "for i in range(5): x0 += i\\nx1 = [j for j in range(6)]\\n"
        code = compile(text, __file__.replace(".py", "_made.py"), "exec")
        exec(code, {})
        """,
    "traces_itself": """
        import sys, threading
        def tracer(frame, event, arg):  # unseen
            return tracer  # unseen
        def work(n):
            for i in range(n): n += 1
            return [i for i in range(n)]
        sys.settrace(tracer); work(3)
        threading.settrace(tracer)
        t = threading.Thread(target=work, args=(2,)); t.start(); t.join()
        sys.settrace(None)
        sys.setprofile(tracer); work(2); sys.setprofile(None)
        work(1)
        """,
    "monitors_itself": """
        import sys
        def work(n):
            for i in range(n): n += 1
            return [i for i in range(n)]
        def note(*args):  # unseen
            seen.append(args[1:])  # unseen
            return m.DISABLE  # unseen
        m = getattr(sys, "monitoring", None)
        seen = []
        for tool in (0, 1, 2, 5) if m else ():
            m.use_tool_id(tool, "program")
            for event in (m.events.LINE, m.events.PY_START, m.events.JUMP):
                m.register_callback(tool, event, note)
            m.set_events(tool, m.events.LINE | m.events.PY_START | m.events.JUMP)
            work(3)
            m.restart_events()
            work(2)
            m.set_events(tool, 0)
            m.set_local_events(tool, work.__code__, m.events.LINE)
            work(1)
            m.free_tool_id(tool)
        work(2)
        print(bool(seen))
        """,
    "runs_deep": """
        import sys
        sys.setrecursionlimit(200)
        depth = 0
        def down():
            global depth
            depth += 1
            down()
        def again():
            try:
                down()
            except RecursionError:
                print("too deep")
        again(); again()
        """,
}

# What sys.settrace shows of these is another thing: the oracle's function is taken away,
# or its frames count.
NOT_FOR_ORACLE = {"traces_itself", "monitors_itself", "runs_deep"}

# The programs that test the rewriter, all in one, but on 3.12 those that count again.
CASES = os.path.join(HERE, "../runner/bytecode_cases.py")
COUNTED_AGAIN = {"case_with_on_one_line", "case_with_where_ways_disagree",
                 "case_async_with"}


def programs(version):
    for name, text in PROGRAMS.items():
        yield name, textwrap.dedent(text).lstrip("\n")
    with open(CASES, encoding="utf-8") as f:
        text = f.read()
    names = re.findall(r"^def (case_\w+)", text, re.M)
    yield "cases", text + "".join(
        f"{name}()\n" for name in names if version != "3.12" or name not in COUNTED_AGAIN)


def run(command, folder):
    done = subprocess.run(command, cwd=folder, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LIMIT_S, text=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
    if done.returncode:
        raise RuntimeError(f"status {done.returncode}: {done.stderr[-500:]}")


class Program:
    def __init__(self, name, text, args, folder):
        self.name, self.text, self.args, self.folder = name, text, args, folder
        self.script = os.path.join(folder, name + ".py")
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(text)

    def ends_with(self, file, line, mark):
        lines = self.text.splitlines()
        return (file == self.script and line <= len(lines)
                and lines[line - 1].endswith(mark))

    def is_seen(self, file, line):
        return file.startswith(self.folder) and not self.ends_with(file, line, "# unseen")

    def seen(self, table):
        """The part of {(file, ..., line): n} that all are to agree on."""
        return {k: n for k, n in table.items() if self.is_seen(k[0], k[-1])}

    def under(self, engine, mode):
        """What the engine tells: {what: {where: n}}."""
        path = os.path.join(self.folder, f"{self.name}.{engine}.{mode}")
        run([self.args.runner, "--session=" + path, "--mode=" + mode,
             "--engine=" + engine, "--exe=" + self.args.python, "--", self.script],
            self.folder)
        session = Session(path)
        told = {"line": self.seen(session.hits())}
        if mode == "full":
            told["starts of"] = self.seen(session.calls())
            told["node"] = {
                k: n for k, n in session.tree().items()
                if all(self.is_seen(file, line) for file, _, line in k)}
            if "# unseen" not in self.text:
                told["calls from line"] = self.seen(session.callers())
        return told

    def under_settrace(self):
        path = os.path.join(self.folder, self.name + ".oracle")
        run([self.args.python, os.path.join(HERE, "oracle.py"), path,
             self.folder + "/*", self.script], self.folder)
        with open(path, encoding="utf-8") as f:
            told = json.load(f)
        starts = collections.Counter()
        for (_, function), n in told["pairs"]:
            starts[tuple(function)] += n
        return {"line": {tuple(where): n for where, n in told["hits"]}, "starts of": starts}

    def differences(self, who, one, other):
        """Where two differ, in what both tell."""
        for what in one.keys() & other.keys():
            for where in sorted(one[what].keys() | other[what].keys()):
                a, b = one[what].get(where, 0), other[what].get(where, 0)
                if a == b or (what == "line" and self.args.version == "3.12"
                              and self.ends_with(*where, "# again")):
                    continue
                yield f"{what} {where}: {a} {who[0]}, {b} {who[1]}"


def test(program, engines):
    """Lines about what is wrong."""
    told = []
    first = None
    if program.name not in NOT_FOR_ORACLE:
        first = "sys.settrace", program.under_settrace()
    for mode in ("full", "count"):
        for engine in engines:
            this = f"{engine} {mode}", program.under(engine, mode)
            if not this[1]["line"]:
                told.append(f"{this[0]}: nothing counted")
            first = first or this
            told += program.differences((first[0], this[0]), first[1], this[1])
            if "node" in this[1] and "node" not in first[1]:
                first = this
    return told


def try_out(args, engine, script, folder):
    """(status, output, hits of line 1, ...)"""
    path = os.path.join(folder, "session")
    done = subprocess.run(
        [args.runner, "--session=" + path, "--engine=" + engine,
         "--exe=" + args.python, "--", script], cwd=folder, capture_output=True,
        text=True, timeout=LIMIT_S, env={**os.environ, "PYTHONPATH": folder})
    hits = sorted(Session(path).hits().values()) if done.returncode == 0 else []
    os.unlink(path)
    return done.returncode, done.stdout + done.stderr, hits


def with_ids_taken(args, folder):
    """Other tools may have ids of sys.monitoring before the program begins."""
    script = os.path.join(folder, "small.py")
    with open(script, "w", encoding="utf-8") as f:
        f.write("print([i for i in range(3)])\n")
    for taken, said, hits in (((4,), "[0, 1, 2]\n", [4]),
                              ((4, 3), "nothing is counted", [])):
        with open(os.path.join(folder, "sitecustomize.py"), "w") as f:
            f.write("import sys\n")
            f.writelines(f"sys.monitoring.use_tool_id({i}, 'x')\n" for i in taken)
        got = try_out(args, "monitoring", script, folder)
        if got[0] != 0 or said not in got[1] or got[2] != hits:
            yield f"with {taken} taken: {got}"


def refusals(args, missing, folder):
    """An engine that this Python does not have says so and runs nothing."""
    script = os.path.join(folder, "empty.py")
    open(script, "w").close()
    for engine in missing:
        status, output, _ = try_out(args, engine, script, folder)
        if status != 2 or f"engine {engine}: " not in output:
            yield f"{engine}: status {status}: {output}"


def main():
    options = pair.options(__doc__)
    options.add_argument("programs", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    engines = pair.engines(args)
    print("engines:", *engines)
    with tempfile.TemporaryDirectory(prefix="engines-") as folder:
        folder = os.path.realpath(folder)
        for name, text in programs(args.version):
            if args.programs and name not in args.programs:
                continue
            try:
                told = test(Program(name, text, args, folder), engines)
            except (RuntimeError, subprocess.TimeoutExpired) as error:
                told = [str(error)]
            total.add(name, told)
        missing = {"bytecode", "monitoring"}.difference(engines)
        if missing and not args.programs:
            total.add("refusals", refusals(args, missing, folder))
        if "monitoring" in engines and not args.programs:
            total.add("ids taken", with_ids_taken(args, folder))
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
