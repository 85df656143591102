"""What `ttrace record` keeps: the event log against the counts, the call tree of
generators and coroutines, the tasks of asyncio, and how long calls took.

    record.py [--python PYTHON] [--ttrace TTRACE]

The last line is "N passed, M failed"."""
import collections
import os
import subprocess
import sys
import tempfile
import textwrap

import pair
from session import LAYOUT, NONE, Session

EVENT = {name[len("FORMAT_EVENT_"):]: n for name, n in LAYOUT.constants.items()
         if name.startswith("FORMAT_EVENT_")}
WAITS, ENDED = (LAYOUT.constants["FORMAT_TASK_" + s] for s in ("WAITS", "ENDED"))

MIXED = """
    import asyncio, contextlib, threading
    def gen(n):
        try:
            for i in range(n):
                yield i
        finally:
            n = 0
    def fib(n):
        return n if n < 2 else fib(n - 1) + fib(n - 2)
    def fail():
        raise KeyError("x")
    @contextlib.contextmanager
    def context():
        yield sum(gen(5))
    def work():
        with context():
            for k in range(20):
                try:
                    fail()
                except KeyError:
                    fib(6)
        g = gen(3)
        next(g)
        g.close()
        g = gen(3)
        next(g)
        with contextlib.suppress(ValueError):
            g.throw(ValueError)
    async def child(n):
        await asyncio.sleep(0)
        return [i async for i in stream(n)]
    async def stream(n):
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    async def main():
        await asyncio.gather(*(child(n) for n in range(4)))
    threads = [threading.Thread(target=work) for _ in range(4)]
    for t in threads:
        t.start()
    work()
    asyncio.run(main())
    for t in threads:
        t.join()
"""

TASKS = """
    import asyncio, time
    async def leaf(s):
        await asyncio.sleep(s)
    async def work(n):
        for _ in range(n):
            await leaf(0.02)
            end = time.perf_counter() + 0.005
            while time.perf_counter() < end:
                pass
    async def forever():
        await asyncio.Event().wait()
    async def main():
        names = [asyncio.create_task(work(3), name=f"worker {i}") for i in range(3)]
        stuck = asyncio.create_task(forever(), name="stuck")
        await asyncio.gather(*names)
        raise SystemExit(5)
    asyncio.run(main())
"""

SHARED = """
    def gen():
        for i in range(30):
            yield i
    def first(g):
        return next(g)
    def second(g):
        return next(g)
    g = gen()
    for _ in range(10):
        first(g)
        second(g)
"""

LONG = """
    def tick(n):
        s = 0
        for i in range(n):
            s += i
        return s
    for _ in range(1500):
        tick(1000)
"""


class Run:
    def __init__(self, args, folder, program, *options):
        self.script = os.path.join(folder, "program.py")
        self.file = os.path.join(folder, "program.ttrace")
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(textwrap.dedent(program))
        command = [args.ttrace, "record", "--python", args.python,
                   "--engine=" + args.engine, *options, "program.py"]
        env = {**os.environ, "LC_ALL": "C.UTF-8"}
        self.done = subprocess.run(command, cwd=folder, env=env, capture_output=True,
                                   text=True, stdin=subprocess.DEVNULL, timeout=120)
        self.session = Session(self.file)
        self.names = [self.session.string(c.qualname)
                      for c in self.session.records("code")]
        h = self.session.header
        self.tick_s = ((h.last_mono_ns - h.start_mono_ns) * 1e-9
                       / max(1, h.last_ticks - h.start_ticks))

    def nodes(self, name):
        return [n for n in self.session.records("node")
                if n.code != NONE and self.names[n.code] == name]

    def events(self):
        """(kind, thread, site) of each, and at each chunk ("stacks", {thread: codes})."""
        for chunk in sorted(self.session.records("chunk"), key=lambda c: c.number):
            if not chunk.number:
                continue
            words, at, stacks = chunk.words[:chunk.n_words], 0, {}
            while at < chunk.n_stack_words:
                thread, n = words[at] >> 32, words[at] & 0xFFFFFFFF
                stacks[thread] = [w >> 32 for w in words[at + 2:at + 2 + n]]
                at += 2 + n
            yield "stacks", stacks, None
            thread = chunk.thread
            for w in words[at:]:
                kind, site = w >> 60, w & 0xFFFFFFFF
                if kind == EVENT["THREAD"]:
                    thread = site
                elif kind != EVENT["TIME"]:
                    yield kind, thread, site


def follow(run, stacks):
    """What is wrong with the log, if it has the whole run. `stacks`, a defaultdict of
    lists, is then how the threads end."""
    hits, entered, handled = (collections.Counter() for _ in range(3))
    for kind, thread, site in run.events():
        if kind == "stacks":
            for t, codes in thread.items():
                if stacks[t] != codes:
                    yield f"stack of thread {t}: {codes}, followed {stacks[t]}"
        elif kind == EVENT["LINE"]:
            hits[site] += 1
        elif kind in (EVENT["ENTER"], EVENT["RESUME"]):
            stacks[thread].append(site)
            entered[site, kind] += 1
        elif kind == EVENT["HANDLED"]:
            handled[site] += 1
        elif kind == EVENT["CATCH"]:
            if stacks[thread][-1:] != [site]:
                yield f"caught in {run.names[site]}, which is not on top"
        elif not stacks[thread] or stacks[thread].pop() != site:
            yield f"left {run.names[site]}, which was not on top"
    for i, line in enumerate(run.session.records("line")):
        if line.hits != hits[i]:
            yield f"line {line.line}: {line.hits} hits, {hits[i]} events"
    for i, error in enumerate(run.session.records("error")):
        if error.handled != NONE and handled[i] != error.count:
            yield f"error {i}: {error.count} times, {handled[i]} events"
    for kind, field in (("ENTER", "calls"), ("RESUME", "resumes")):
        for code, name in enumerate(run.names):
            n = sum(getattr(n, field) for n in run.session.records("node")
                    if n.code == code)
            if n != entered[code, EVENT[kind]]:
                yield f"{name}: {n} {field}, {entered[code, EVENT[kind]]} events"


def test_log_agrees_with_the_counts(args, folder):
    run = Run(args, folder, MIXED)
    yield from follow(run, collections.defaultdict(list))
    n = sum(n.calls for n in run.nodes("fib"))
    if n != 5 * 20 * 25:
        yield f"fib: {n} calls"
    if run.session.header.n_lost_events:
        yield "events were lost"
    if "kept in program.ttrace" not in run.done.stderr:
        yield f"stderr: {run.done.stderr!r}"


def test_ring_keeps_the_newest(args, folder):
    run = Run(args, folder, LONG, "--events=ring")
    n = sum(kind != "stacks" for kind, _, _ in run.events())
    lost = run.session.header.n_lost_events
    calls = 2 * 1500
    hits = sum(line.hits for line in run.session.records("line"))
    if not lost or n + lost != hits + calls + 2:
        yield f"{n} events kept, {lost} lost, {hits} hits"
    if "without the first" not in run.done.stderr:
        yield f"stderr: {run.done.stderr!r}"
    last = [site for kind, _, site in run.events() if kind == EVENT["LEAVE"]][-2:]
    if [run.names[c] for c in last] != ["tick", "<module>"]:
        yield f"the last to be left: {last}"


def test_without_events_there_are_none(args, folder):
    run = Run(args, folder, LONG, "--events=none")
    if len(run.session.records("chunk")):
        yield "a chunk"
    if run.nodes("tick")[0].calls != 1500:
        yield "no call tree"


def test_generator_has_one_node(args, folder):
    run = Run(args, folder, SHARED)
    nodes = run.nodes("gen")
    # Where the end closes it by an exception, that makes it go on once more.
    if [(n.calls, n.resumes - n.raised) for n in nodes] not in ([(1, 19)], [(1, 20)]):
        yield f"{[(n.calls, n.resumes) for n in nodes]}"


def near(what, seen, wanted):
    if not 0.97 * wanted - 0.002 <= seen <= 1.1 * wanted + 0.1:
        yield f"{what}: {seen:.4f} s, wanted {wanted:.4f} s"


def test_tasks_have_names_and_times(args, folder):
    run = Run(args, folder, TASKS)
    tasks = {run.session.string(t.name): t for t in run.session.records("task")}
    if sorted(tasks) != ["Task-1", "stuck", "worker 0", "worker 1", "worker 2"]:
        yield f"{sorted(tasks)}"
        return
    if run.done.returncode != 5:
        yield f"status {run.done.returncode}"
    for i in range(3):
        t = tasks[f"worker {i}"]
        yield from near(f"worker {i} ran", t.ran_ticks * run.tick_s, 0.015)
        if t.state != ENDED or t.runs != 4 or run.names[t.code] != "work":
            yield f"worker {i}: state {t.state}, {t.runs} runs, {run.names[t.code]}"
        if t.awaited_ticks * run.tick_s < 0.06:
            yield f"worker {i} awaited {t.awaited_ticks * run.tick_s} s"
    [node] = run.nodes("leaf")
    if (node.calls, node.resumes) != (9, 9):
        yield f"leaf: {node.calls} calls, {node.resumes} resumes"
    if node.suspended_ticks * run.tick_s < 9 * 0.02:
        yield f"leaf: suspended {node.suspended_ticks * run.tick_s} s"
    if node.self_ticks * run.tick_s > 0.05:
        yield f"leaf: ran {node.self_ticks * run.tick_s} s"


def test_task_that_waits_says_where(args, folder):
    run = Run(args, folder, TASKS.replace("raise SystemExit(5)", "__import__('os')._exit(6)"))
    [t] = [t for t in run.session.records("task") if run.session.string(t.name) == "stuck"]
    line = run.session.records("line")[t.line].line if t.line != NONE else None
    if (t.state, line, run.done.returncode) != (WAITS, 12, 6):
        yield f"state {t.state}, line {line}, status {run.done.returncode}"


def test_calls_are_timed(args, folder):
    run = Run(args, folder, """
        import time
        def nap(s):
            time.sleep(s)
        for s in [0.001] * 50 + [0.1]:
            nap(s)
    """)
    [timing] = [t for t in run.session.records("timing") if run.names[t.code] == "nap"]
    yield from near("least", timing.min_ticks * run.tick_s, 0.001)
    yield from near("most", timing.max_ticks * run.tick_s, 0.1)
    if sum(timing.calls) != 51:
        yield f"{sum(timing.calls)} calls"


ERRORS = """
    import contextlib, json
    def fail(n):
        if n % 2:
            raise ValueError(n)
        return {}[n]
    def again(n):
        try:
            fail(n)
        except ValueError:
            raise
        finally:
            n = 0
    for i in range(6):
        try:
            again(i)
        except (KeyError, ValueError) as e:
            e = None
    for i in range(3):
        with contextlib.suppress(ValueError):
            json.loads("{")
    def gen():
        try:
            yield 1
        except RuntimeError:
            yield 2
    g = gen()
    next(g)
    g.throw(RuntimeError("thrown"))
    list(g)
    try:
        raise ExceptionGroup("two", [ValueError(1), OSError(2)])
    except* ValueError:
        pass
    except* OSError:
        i = 7
    def early():
        for i in range(5):
            try:
                1 / 0
            except ZeroDivisionError:
                if i < 3:
                    continue
                return i
    early()
    try:
        try:
            raise ExceptionGroup("one", [OSError()])
        except* OSError:
            raise KeyError("another")
    except* KeyError as group:
        group.__traceback__ = None
    fail(5)
"""


def test_errors_have_two_places(args, folder):
    if args.engine == "monitoring":
        return  # it does not hear of the end of a handler
    run = Run(args, folder, ERRORS)
    lines = [line.line for line in run.session.records("line")] + [None]
    place = lambda i: lines[i] if i != NONE else None
    seen = {(run.session.string(e.text), place(e.raised), place(e.handled)): e.count
            for e in run.session.records("error")}
    wanted = {
        ("KeyError: 0", 6, 17): 3,
        ("ValueError: 1", 5, 17): 3,
        ("JSONDecodeError: Expecting property name enclosed in double quotes: "
         "line 1 column 2 (char 1)", 21, 20): 3,
        ("RuntimeError: thrown", 24, 25): 1,
        ("ExceptionGroup", 32, 33): 1,
        ("ZeroDivisionError: division by zero", 40, 41): 4,
        ("ExceptionGroup", 50, 51): 1,
        ("ValueError: 5", 5, None): 1,
    }
    for key in sorted(seen.keys() | wanted.keys(), key=repr):
        if seen.get(key) != wanted.get(key):
            yield f"{key}: {seen.get(key)} times, wanted {wanted.get(key)}"


def test_measuring_leaves_nothing_behind(args, folder):
    run = Run(args, folder, "x = 1\n")
    s, h = run.session, run.session.header
    seen = [len(s.records(name)) for name in ("file", "code", "line", "timing", "error")]
    if seen != [1, 1, 1, 1, 0]:
        yield f"files, codes, lines, timings, errors: {seen}"
    if [n.calls for n in s.records("node")] != [0, 0, 1]:
        yield "nodes of nobody"
    if [kind for kind, _, _ in run.events()][1:] != [
            EVENT["ENTER"], EVENT["LINE"], EVENT["LEAVE"]]:
        yield "events of nobody"
    for what in ("line", "call"):
        ns = getattr(h, what + "_cost_ticks") * run.tick_s * 1e9
        if not 1 <= ns <= 2000:
            yield f"a {what} costs {ns:.1f} ns"


def test_what_cannot_be_is_refused(args, folder):
    for options, words in ((["--pause", "x.py"], "need a screen"),
                           (["--count", "x.py"], "does not go with"),
                           (["--events=all", "x.py"], "none|ring|log"),
                           ([], "what shall run?")):
        done = subprocess.run([args.ttrace, "record", *options], cwd=folder, text=True,
                              capture_output=True, stdin=subprocess.DEVNULL)
        if done.returncode != 2 or words not in done.stderr:
            yield f"{options}: status {done.returncode}, {done.stderr!r}"


def main():
    options = pair.options(__doc__)
    options.add_argument("--ttrace", default=os.path.join(pair.TOP, "ttrace"))
    args = options.parse_args()
    pair.resolve(args)
    args.ttrace = os.path.abspath(args.ttrace)
    total = pair.Sum()
    for args.engine in pair.engines(args):
        for name, test in list(globals().items()):
            if name.startswith("test_"):
                with tempfile.TemporaryDirectory(prefix="record-") as folder:
                    total.add(f"{name} ({args.engine})", test(args, folder))
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
