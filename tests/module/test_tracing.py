"""tracing, traced and on_event against sys.settrace, on programs of every kind, and against
what programs measure and `trace` writes. Prints "N passed, M failed"."""
import ast
import asyncio
import collections
import inspect
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
import trace
import traceback

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
sys.path.insert(0, os.path.join(ROOT, "build", "python"))
import ttrace  # noqa: E402

sys.path.insert(0, os.path.join(ROOT, "tests", "compat"))
import session  # noqa: E402

HERE = os.path.abspath(__file__)
sys.path[0:0] = [tempfile.mkdtemp()]
FOLDER = sys.path[0]


# What is traced

def loop(n=10):
    total = 0
    for i in range(n):
        if i % 3:
            total += i
        else:
            total -= 1
    while total > 3:
        total -= 7
    return [k for k in range(3)], total


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def recursion():
    return fib(8)


def numbers(n):
    try:
        for i in range(n):
            yield i
    finally:
        n = 0


def outer_numbers(n):
    yield from numbers(n)
    yield -1


def generators():
    g = numbers(5)
    next(g)
    next(g)
    g.close()
    h = outer_numbers(3)
    for i in h:
        pass
    k = numbers(3)
    next(k)
    try:
        k.throw(KeyError("x"))
    except KeyError:
        pass
    return sum(j * 2 for j in numbers(4))


def thrower(n):
    if n == 0:
        raise ValueError("x")
    thrower(n - 1)


def exceptions():
    for i in range(3):
        try:
            thrower(i)
        except ValueError:
            caught = i
        finally:
            done = i
    return caught, done


async def step(n):
    await asyncio.sleep(0)
    return n


async def both():
    return await asyncio.gather(step(1), step(2), step(3))


def coroutines():
    return asyncio.run(both())


def classes():
    class Point:
        def __init__(self, x):
            self.x = x

        @property
        def twice(self):
            return self.x * 2

    return sum(Point(i).twice for i in range(4))


def threads():
    workers = [threading.Thread(target=loop, args=(n,)) for n in (3, 5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()


PROGRAMS = [loop, recursion, generators, exceptions, coroutines, classes, threads]


# The oracle

def is_generator(code):
    return code.co_flags & (0x20 | 0x80 | 0x200)


class Oracle:
    """Lines and calls of this file by sys.settrace."""

    def __init__(self):
        self.lines = collections.Counter()
        self.calls = collections.Counter()
        self.begun = set()
        self.kept = []

    def trace(self, frame, event, arg):
        if frame.f_code.co_filename != HERE:
            return None
        if event == "line":
            self.lines[frame.f_lineno] += 1
        elif event == "call" and frame not in self.begun:
            self.begun.add(frame)
            self.calls[frame.f_code.co_qualname] += 1
        return self.trace

    def run(self, function, *args):
        threading.settrace(self.trace)
        sys.settrace(self.trace)
        try:
            return function(*args)
        finally:
            sys.settrace(None)
            threading.settrace(None)


def oracle_of(function):
    oracle = Oracle()
    oracle.run(function)
    return oracle


def lines_of(t):
    return {row.line: row.hits for row in t.lines() if row.file == HERE and row.hits}


def calls_of(t):
    return {row.name: row.calls for row in t.functions() if row.file == HERE and row.calls}


def lines_in(function, t):
    """Without those of the function that has the block."""
    first = function.__code__.co_firstlineno
    last = max(line for _, _, line in function.__code__.co_lines() if line)
    return {line: hits for line, hits in lines_of(t).items() if not first <= line <= last}


def record(function, **options):
    with ttrace.tracing(**options) as t:
        function()
    return t


tests = []


def test(function):
    tests.append(function)
    return function


def equal(have, want):
    assert have == want, f"{have!r} is not {want!r}"


def fails(kind, function, *args, **options):
    try:
        function(*args, **options)
    except kind as error:
        assert str(error), "no text"
        return str(error)
    raise AssertionError(f"no {kind.__name__}")


@test
def programs_have_the_lines_and_calls_that_settrace_says():
    for program in PROGRAMS:
        oracle = oracle_of(program)
        t = record(program)
        assert oracle.lines, program
        try:
            equal(lines_in(record, t), dict(oracle.lines))
            equal(calls_of(t), dict(oracle.calls))
        except AssertionError as error:
            raise AssertionError(f"{program.__name__}: {error}") from None


@test
def the_block_itself_is_counted_from_its_first_line():
    def work():
        with ttrace.tracing() as t:
            a = 1
            for b in range(3):
                a += b
        a = 2
        return t
    first = work.__code__.co_firstlineno
    equal(lines_of(work()), {first + 1: 1, first + 2: 1, first + 3: 4, first + 4: 3})


@test
def an_exception_ends_the_block_and_goes_on():
    t = ttrace.tracing()

    def work():
        with t:
            thrower(2)
    fails(ValueError, work)
    equal(t.active, False)
    equal(calls_of(t), {"thrower": 3})
    equal(sys.gettrace(), None)


@test
def nested_blocks_have_each_what_runs_in_them():
    with ttrace.tracing() as outer:
        fib(3)
        with ttrace.tracing() as inner:
            fib(4)
            with ttrace.tracing(include="no_such_module") as nothing:
                fib(2)
        fib(5)
    equal(calls_of(inner), {"fib": 9 + 3})
    equal(calls_of(outer), {"fib": 5 + 9 + 3 + 15})
    equal(nothing.functions(), [])
    equal(nothing.lines(), [])


@test
def blocks_that_overlap_are_independent():
    a, b = ttrace.tracing(), ttrace.tracing()
    a.start()
    fib(3)
    b.start()
    fib(4)
    a.stop()
    fib(5)
    b.stop()
    equal(calls_of(a), {"fib": 5 + 9})
    equal(calls_of(b), {"fib": 9 + 15})


@test
def an_object_that_is_entered_again_has_the_sum():
    t = ttrace.tracing()
    for n in (3, 4):
        with t:
            with t:
                fib(n)
            fib(2)
        fib(6)
    equal(calls_of(t), {"fib": 5 + 9 + 2 * 3})


@test
def a_wider_block_inside_sees_the_functions_that_run_already():
    def work():
        with ttrace.tracing(include="json") as outer:
            with ttrace.tracing() as inner:
                fib(1)
        return outer, inner
    outer, inner = work()
    equal(outer.functions(), [])
    equal([str(call.caller) for call in inner.call_graph() if str(call.callee) == "fib"],
          [work.__qualname__])


@test
def results_may_be_asked_for_in_the_block():
    with ttrace.tracing() as t:
        fib(3)
        equal(calls_of(t)["fib"], 5)
        fib(3)
    equal(calls_of(t)["fib"], 10)


@test
def threads_that_run_already_and_new_ones_are_recorded():
    ready, go, done = threading.Event(), threading.Event(), threading.Event()

    def wait():
        ready.set()
        go.wait()
        fib(4)
        done.set()
    old = threading.Thread(target=wait)
    old.start()
    ready.wait()
    with ttrace.tracing() as t:
        go.set()
        done.wait()
        new = threading.Thread(target=fib, args=(5,))
        new.start()
        new.join()
    old.join()
    equal(calls_of(t)["fib"], 9 + 15)
    callers = {str(call.caller): call.count for call in t.call_graph()
               if str(call.callee) == "fib"}
    equal(callers.pop("None"), 1)
    equal(callers.pop(wait.__qualname__), 1)
    equal(callers, {"fib": 8 + 14})


@test
def blocks_in_several_threads_at_once_work():
    results = []

    def work(n):
        for _ in range(20):
            with ttrace.tracing() as t:
                fib(n)
            results.append((n, calls_of(t)["fib"]))
    workers = [threading.Thread(target=work, args=(n,)) for n in (3, 4, 5)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    least = {3: 5, 4: 9, 5: 15}
    equal(len(results), 60)
    for n, calls in results:
        assert calls >= least[n], (n, calls)
    equal(sys.gettrace(), None)
    equal(threading.gettrace(), None)


@test
def filters_take_modules_files_functions_and_the_library():
    def work():
        import json
        json.dumps({"a": [1, 2]}, indent=1)
        fib(2)
        loop(1)
    name = __name__
    equal(set(calls_of(record(work, include=f"{name}:fib"))), {"fib"})
    t = record(work, exclude=f"{name}:fib")
    assert "loop" in calls_of(t) and "fib" not in calls_of(t)
    t = record(work, include="json")
    assert t.functions() and all("json" in row.file for row in t.functions())
    t = record(work, include=["json.encoder", os.path.basename(HERE)])
    equal({os.path.basename(row.file) for row in t.functions()},
          {"encoder.py", os.path.basename(HERE)})
    assert record(work, include="stdlib").functions()
    assert not record(work, include="all", exclude=["stdlib", HERE]).functions()
    fails(ValueError, ttrace.tracing, include="")
    fails(TypeError, ttrace.tracing, include=[3])
    fails(TypeError, ttrace.tracing, include=3)


@test
def lines_or_calls_can_be_left_out():
    t = record(recursion, lines=False)
    equal(calls_of(t)["fib"], 67)
    fails(ValueError, t.lines)
    fails(ValueError, t.coverage)
    t = record(recursion, calls=False)
    assert lines_of(t)
    fails(ValueError, t.functions)
    fails(ValueError, t.hottest)
    fails(ValueError, t.call_graph)


@test
def what_was_never_started_says_so():
    fails(RuntimeError, ttrace.tracing().lines)


@test
def the_trace_function_before_comes_back():
    def own(frame, event, arg):
        return None
    sys.settrace(own)
    threading.settrace(own)
    try:
        with ttrace.tracing():
            fib(3)
        after, for_threads = sys.gettrace(), threading.gettrace()
    finally:
        sys.settrace(None)
        threading.settrace(None)
    assert after is own and for_threads is own


@test
def call_graphs_count_calls_and_time_once():
    t = record(recursion)
    graph = t.call_graph()
    edges = {(str(call.caller), str(call.callee)): call for call in graph}
    equal(edges["recursion", "fib"].count, 1)
    equal(edges["fib", "fib"].count, 66)
    total = {row.name: row.total_seconds for row in t.functions()}
    assert 0 < edges["fib", "fib"].seconds <= edges["recursion", "fib"].seconds
    assert edges["recursion", "fib"].seconds <= total["recursion"] * 1.0001
    assert total["fib"] <= total["recursion"] * 1.0001
    assert isinstance(graph, tuple) and len(graph) == len(edges)


@test
def graphs_are_written_with_names_escaped():
    a = ttrace.Place('a"b\\.py', 1, "<module>")
    b = ttrace.Place("b.py", 2, 'f."x"')
    graph = ttrace.CallGraph([ttrace.Call(a, b, 2, 0.5), ttrace.Call(None, a, 1, 2.0)])
    equal(graph.to_dot(), 'digraph calls {\n    node [shape=box];\n'
          '    n0 [label="<module>\\na\\"b\\\\.py:1"];\n'
          '    n1 [label="f.\\"x\\"\\nb.py:2"];\n'
          '    n0 -> n1 [label="2x\\n500.000 ms"];\n}\n')
    equal(graph.to_mermaid(), 'flowchart TD\n    n0["#60;module#62;"]\n'
          '    n1["f.#34;x#34;"]\n    n0 -->|"2x, 500.000 ms"| n1\n')


def spin(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


@test
def times_are_those_that_the_program_measures():
    def work():
        began = time.perf_counter()
        time.sleep(0.05)
        slept = time.perf_counter()
        spin(0.05)
        return slept - began, time.perf_counter() - slept
    with ttrace.tracing() as t:
        slept, spun = work()
    first = work.__code__.co_firstlineno
    rows = {row.line: row for row in t.lines() if row.file == HERE}
    functions = {row.name: row for row in t.functions()}
    for have, want in ((rows[first + 2].self_seconds, slept),
                       (rows[first + 4].total_seconds, spun),
                       (functions["spin"].self_seconds, spun),
                       (functions["spin"].total_seconds, spun),
                       (functions[work.__qualname__].total_seconds, slept + spun)):
        assert abs(have - want) < 0.05 * want + 0.002, (have, want)
    equal({row.name for row in t.hottest(2)}, {"spin", work.__qualname__})
    equal(t.hottest(1, by="total")[0].total_seconds,
          max(row.total_seconds for row in t.functions()))
    fails(ValueError, t.hottest, by="name")


MODULE = '''"""Text."""
import sys


def used(n):
    """Doc."""
    if n > 100:
        return 0
    if n > 200:  #pragma NO COVER
        return 1  #pragma NO COVER
    for i in range(n):
        n += i
    return n


def unused(a,
           b=2):
    """Doc

    of lines."""
    return [a
            for a in b]


class C:
    x = 1

    def method(self):
        return used(2)


used(3)
C().method()
'''


def make_module(name):
    with open(os.path.join(FOLDER, name + ".py"), "w", encoding="utf-8") as file:
        file.write(MODULE)
    return name


def cover_files(folder):
    out = {}
    for name in os.listdir(folder):
        with open(os.path.join(folder, name), encoding="utf-8") as file:
            out[name] = file.read()
    return out


@test
def cover_files_are_those_of_trace():
    name = make_module("covered")
    path = os.path.join(FOLDER, name + ".py")
    code = compile(MODULE, path, "exec")

    def run():
        exec(code, {"__name__": name, "__file__": path})
    tracer = trace.Trace(count=1, trace=0, ignoredirs=[sys.prefix, sys.base_prefix])
    tracer.runfunc(run)
    theirs, ours = tempfile.mkdtemp(), tempfile.mkdtemp()
    tracer.results().write_results(show_missing=True, coverdir=theirs)
    t = record(run, include=path)
    equal(t.write_cover(ours), 1)
    equal(cover_files(ours), {name + ".cover": cover_files(theirs)[name + ".cover"]})
    with_missing = cover_files(ours)[name + ".cover"]
    assert ">>>>>>" in with_missing
    t.write_cover(ours, missing=False)
    assert ">>>>>>" not in cover_files(ours)[name + ".cover"]
    fails(OSError, t.write_cover, path)


@test
def coverage_knows_the_lines_that_never_ran():
    name = make_module("partly")
    module = __import__(name)
    with ttrace.tracing(include=name) as t:
        module.used(0)
    have = t.coverage()
    equal(list(have), [module.__file__])
    have = have[module.__file__]
    hit = {row.line for row in t.lines()}
    equal(hit, {7, 9, 11, 13})
    possible = set(trace._find_executable_linenos(module.__file__)) - {None, 0, 10}
    equal(sorted(hit | set(have.missing)), sorted(possible))
    equal((have.executed, have.executable), (4, len(possible)))
    assert abs(have.percent - 100 * 4 / len(possible)) < 1e-9


@test
def a_saved_recording_opens_with_the_same_numbers():
    t = record(recursion)
    path = os.path.join(FOLDER, "saved.ttrace")
    t.save(path)
    saved = session.Session(path)
    equal({line: hits for (file, line), hits in saved.hits().items() if file == HERE and hits},
          lines_of(t))
    equal({name: n for (file, name, _), n in saved.calls().items() if file == HERE and n},
          calls_of(t))
    other = os.path.join(FOLDER, "other.txt")
    with open(other, "w", encoding="utf-8") as file:
        file.write("mine")
    fails(OSError, t.save, other)
    fails(OSError, t.save, os.path.join(FOLDER, "no", "such"))


# traced

@test
def traced_functions_have_the_sum_of_their_calls():
    @ttrace.traced
    def work(n):
        "doc"
        return fib(n)
    equal((work(3), work(4), work.__doc__), (2, 3, "doc"))
    fib(5)
    equal(calls_of(work.tracing)["fib"], 5 + 9)
    equal(calls_of(work.tracing)[work.__qualname__], 2)

    @ttrace.traced(include=f"{__name__}:thrower")
    def again(n):
        thrower(n)
    fails(ValueError, again, 2)
    equal(calls_of(again.tracing), {"thrower": 3})
    fails(TypeError, ttrace.traced, 3)
    fails(TypeError, ttrace.traced, int)
    fails(ValueError, ttrace.traced(include=""), fib)


@test
def traced_recursion_counts_once():
    @ttrace.traced
    def down(n):
        return n and down(n - 1)
    down(5)
    equal(calls_of(down.tracing)[down.__qualname__], 6)


@test
def traced_methods_generators_and_coroutines_work():
    class Cart:
        @ttrace.traced
        def total(self, n):
            return fib(n)
    equal(Cart().total(3), 2)
    equal(calls_of(Cart.total.tracing)["fib"], 5)

    @ttrace.traced
    def items(n):
        got = []
        try:
            for i in range(n):
                got.append((yield fib(i)))
        except KeyError:
            got.append("error")
            yield -1
        return got
    g = items(3)
    equal([next(g), g.send("a"), g.send("b")], [0, 1, 1])
    fib(6)
    equal(g.throw(KeyError("x")), -1)
    try:
        next(g)
    except StopIteration as stop:
        equal(stop.value, ["a", "b", "error"])
    equal(calls_of(items.tracing)["fib"], 1 + 1 + 3)
    g = items(3)
    next(g)
    g.close()
    equal(items.tracing.active, False)

    @ttrace.traced
    async def work(n):
        await asyncio.sleep(0)
        return fib(n)

    @ttrace.traced
    async def stream(n):
        for i in range(n):
            await asyncio.sleep(0)
            yield fib(i)

    async def main():
        return await work(3), [i async for i in stream(3)]
    equal(asyncio.run(main()), (2, [0, 1, 1]))
    equal(calls_of(work.tracing)["fib"], 5)
    equal(calls_of(stream.tracing)["fib"], 1 + 1 + 3)


# on_event

def events_by_settrace(function):
    out = []

    def tracer(frame, event, arg):
        if frame.f_code.co_filename == HERE:
            out.append((event, frame.f_code.co_name, frame.f_lineno, brief(event, arg)))
        return tracer
    sys.settrace(tracer)
    try:
        function()
    finally:
        sys.settrace(None)
    return out


def brief(event, arg):
    return arg[0].__name__ if event == "exception" else repr(type(arg))


@test
def listeners_get_what_settrace_gives():
    for program in (loop, recursion, generators, exceptions, classes):
        out = []

        def listen(frame, event, arg):
            out.append((event, frame.f_code.co_name, frame.f_lineno, brief(event, arg)))
        want = events_by_settrace(program)
        with ttrace.on_event(listen):
            program()
        here = "listeners_get_what_settrace_gives"
        have = [row for row in out if row[1] != here]
        assert want
        equal(have, want)


@test
def listeners_choose_events_and_code():
    out = []
    listener = ttrace.on_event(lambda frame, event, arg: out.append((event, arg)),
                               events={"return"}, include=f"{__name__}:fib")
    fib(2)
    loop(1)
    equal(listener.active, True)
    listener.stop()
    listener.stop()
    fib(2)
    equal(out, [("return", 1), ("return", 0), ("return", 1)])
    equal((listener.active, sys.gettrace()), (False, None))
    fails(ValueError, ttrace.on_event, print, events={"opcode"})
    fails(TypeError, ttrace.on_event, 3)
    fails(ValueError, ttrace.on_event, print, include="")


@test
def an_exception_in_a_listener_ends_it():
    def listen(frame, event, arg):
        raise RuntimeError("no")
    listener = ttrace.on_event(listen, events="call", include=f"{__name__}:fib")
    equal(fails(RuntimeError, fib, 3), "no")
    equal(listener.active, False)
    equal(fib(3), 2)
    listener.stop()
    equal((sys.gettrace(), threading.gettrace()), (None, None))


@test
def several_listeners_and_a_block_work_at_once():
    a, b = [], []
    with ttrace.on_event(lambda *e: a.append(e[1]), events="call",
                         include=f"{__name__}:fib"):
        with ttrace.tracing() as t, ttrace.on_event(
                lambda *e: b.append(e[1]), events="line", include=f"{__name__}:loop"):
            fib(3)
            loop(2)
    equal((len(a), calls_of(t)["fib"]), (5, 5))
    first, last = loop.__code__.co_firstlineno, fib.__code__.co_firstlineno
    equal(len(b), sum(hits for line, hits in lines_of(record(lambda: loop(2))).items()
                      if first < line < last))


# Processes

@test
def a_child_records_for_itself():
    t = ttrace.tracing()
    t.start()
    fib(3)
    pid = os.fork()
    if pid == 0:
        status = 1
        try:
            equal((t.active, sys.gettrace()), (False, None))
            fib(6)
            with ttrace.tracing() as own:
                fib(4)
            equal(calls_of(own), {"fib": 9})
            fails(RuntimeError, t.lines)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    equal(os.waitpid(pid, 0)[1], 0)
    fib(2)
    t.stop()
    equal(calls_of(t)["fib"], 5 + 3)


@test
def nothing_is_left_behind():
    folder = tempfile.mkdtemp()
    program = ("import sys; sys.path.insert(0, %r)\nimport ttrace\n"
               "with ttrace.tracing() as t:\n    x = 1\nprint(t.lines()[0].hits)"
               % os.path.join(ROOT, "build", "python"))
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         env={**os.environ, "TMPDIR": folder})
    equal((out.stdout, out.stderr, os.listdir(folder)), ("1\n", "", []))
    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True,
                         env={**os.environ, "TMPDIR": os.path.join(folder, "no")})
    assert re.search(r"OSError: .*no/ttrace", out.stderr), out.stderr


@test
def everything_public_is_documented():
    for name in ttrace.__all__:
        thing = getattr(ttrace, name)
        assert thing.__doc__, name
        for part, value in vars(thing).items() if isinstance(thing, type) else ():
            if callable(value) and not part.startswith("_"):
                assert value.__doc__, (name, part)


@test
def stubs_have_the_same_names_and_parameters():
    with open(os.path.splitext(ttrace.__file__)[0] + ".pyi",
              encoding="utf-8") as file:
        stubs = {node.name: node for node in ast.parse(file.read()).body
                 if hasattr(node, "name")}
    compared = 0
    for name in set(ttrace.__all__) - {"Trace", "CoverageResults"}:  # other tests' affair
        thing, stub = getattr(ttrace, name), stubs[name]
        if isinstance(stub, ast.FunctionDef):
            pairs = [(thing, stub)] if name != "traced" else []
        else:
            members = {node.name: node for node in stub.body
                       if isinstance(node, ast.FunctionDef)}
            public = {part for part, value in vars(thing).items()
                      if callable(value) and not part.startswith("_")
                      and not issubclass(thing, tuple)}
            assert public <= set(members), (name, public - set(members))
            fields = [node.target.id for node in stub.body
                      if isinstance(node, ast.AnnAssign)]
            equal(fields, list(getattr(thing, "_fields", ())))
            pairs = [(getattr(thing, part), node) for part, node in members.items()
                     if not part.startswith("__") and callable(getattr(thing, part))]
        for function, node in pairs:
            compared += 1
            equal([arg.arg for arg in node.args.args],
                  list(inspect.signature(function).parameters))
    equal(compared, 13)


def main():
    failed = 0
    chosen = sys.argv[1] if len(sys.argv) > 1 else ""
    ours = [each for each in tests if chosen in each.__name__]
    for each in ours:
        try:
            each()
        except Exception:
            failed += 1
            print(f"not ok: {each.__name__}")
            traceback.print_exc(file=sys.stdout)
    print(f"{len(ours) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
