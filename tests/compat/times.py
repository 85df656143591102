"""Whether times are right: programs whose lines sleep or spin, and measure themselves how
long; the session must say the same of each line and each function, by 3 %.

    times.py [--python PYTHON] [--runner RUNNER] [--unit SECONDS] [--show]

In these programs a line that ends in `#: name` is measured: with what it calls, that is
its total; less the measured lines below it, its self time. `self=a+b` and `total=c` say
otherwise, as sums of the times of other names, 0 for none; with `#: ~name` nothing is
measured. SPIN(s) keeps the CPU for s seconds within one line and one call of C: no probe
runs meanwhile, that would have to be taken off.

The last line is "N passed, M failed"."""
import ast
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

TOLERANCE = 0.03
# A line begins a little before its measuring does and ends a little after: a few calls
# and probes, the more of them the more often it runs, each with its chance to be
# interrupted. What takes long in there (a switch of threads) is for the second try.
SLACK_S, SLACK_EACH_S = 400e-6, 8e-6

LABEL = re.compile(r"^( *)(.*?)  #: (~?)(\w+)(?: self=(\S+))?(?: total=(\S+))?$")

BEGIN = """\
import json, sys, threading, time
from threading import get_ident
from time import perf_counter as now, sleep
u = float(sys.argv[2])
spans = []
"""
END = """\
json.dump(spans, open(sys.argv[1], "w"))
"""

LINES = """
    def work():
        for _ in range(20):
            sleep(u / 10)  #: short
        for _ in range(20):
            SPIN(u / 10)  #: busy
        sleep(10 * u)  #: long
        SPIN(2 * u); sleep(u)  #: both
    work()  #: all
"""

CALLS = """
    def leaf(s):
        SPIN(s)  #: leaf
    def middle(s):
        sleep(s)  #: own
        leaf(s); leaf(s)  #: twice
    def outer(s):
        middle(s); sleep(s)  #: mixed
        leaf(2 * s)  #: direct
    for _ in range(4):
        outer(u)  #: outer
    [leaf(u) for _ in range(3)]  #: comprehension
    [SPIN(u) for _ in range(3)]  #: inside
    def key(n):
        leaf(u)
        return n
    sorted([3, 1, 2], key=key)  #: by_c
    list(map(leaf, [u, u]))  #: mapped
"""

RECURSION = """
    def down(n):
        SPIN(u)  #: here
        if n:
            down(n - 1)  #: deeper
            sleep(u)  #: behind
    def one(n):
        return (SPIN(u), n and one(n - 1))  #: both
    def ping(n):
        SPIN(u)  #: ping_own
        return n and pong(n - 1)  #: ping_calls
    def pong(n):
        sleep(u)  #: pong_own
        return n and ping(n - 1)  #: pong_calls
    down(4)  #: start
    one(4)  #: start_one
    ping(5)  #: start_ping
"""

EXCEPTIONS = """
    def fails(s):
        SPIN(s)  #: before
        raise KeyError(s)
    def passes(s):
        fails(s)  #: calls
    def catches(s):
        try:
            passes(s)  #: tries
        except KeyError:
            sleep(s)  #: handles
        finally:
            SPIN(s)  #: ends
    for _ in range(4):
        catches(u)  #: all
    try:
        int("x" + " " * SPIN(u))  #: by_c
    except ValueError:
        sleep(u)  #: after_c
"""

THREADS = """
    def spins(n):
        for _ in range(n):
            SPIN(u)  #: spins
            sleep(u)  #: rests
    def sleeps(n):
        for _ in range(n):
            sleep(2 * u)  #: sleeps
            nap(u)  #: calls
    def nap(s):
        sleep(s)  #: naps
    threads = [threading.Thread(target=t, args=(5,)) for t in (spins, spins, sleeps)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()  #: joins
"""

GENERATORS = """
    def gen():
        SPIN(u)  #: first
        yield 1
        sleep(u)  #: second
        yield 2
        SPIN((yield 3))  #: ~sent self=sends total=sends
        yield 4
        SPIN(u)  #: last
    def through(g):
        yield from g  #: ~through self=0 total=first+second+sends+last
    def draw(g):
        next(g)  #: draws self=0 total=draws
    g = through(gen())
    next(g)  #: begins
    draw(g)  #: drawn
    draw(g)  #: drawn_again
    g.send(2 * u)  #: sends self=0 total=sends
    sleep(3 * u)  #: between
    list(g)  #: rest
"""

TASKS = """
    import asyncio
    async def leaf():
        SPIN(u)  #: before
        await asyncio.sleep(2 * u)  #: ~sleeps self=0 total=0
        SPIN(2 * u)  #: after
    async def work():
        await leaf()  #: ~awaits self=0 total=before+after
        sleep(u)  #: blocks
    async def main():
        await asyncio.gather(work(), work(), work())  #: ~gathers self=0 total=0
        await work()  #: ~alone self=0
    asyncio.run(main())  #: runs
"""

# Here probes run while the clock does: raw times are what has passed.
PYTHON_LOOPS = """
    def spin(s):
        end = now() + s
        while now() < end: pass  #: ~loop self=calls
    def count(n):
        for _ in range(n): pass  #: ~counts self=count
    for _ in range(10):
        spin(u)  #: calls self=0
    count(round(u * 3e7))  #: count self=0
"""


def expand(program):
    """The program with its measuring. Returns its text and, by name, the line's number,
    whether it is measured, and the sums."""
    out, labels = BEGIN.splitlines(), {}
    for line in textwrap.dedent(program).splitlines():
        line = re.sub(r"SPIN\(((?:[^()]|\([^()]*\))*)\)",
                      r"any(map((now() + (\1)).__lt__, iter(now, None)))", line)
        m = LABEL.match(line)
        if not m:
            out.append(line)
            continue
        indent, text, quiet, name, own, total = m.groups()
        if quiet:
            out.append(indent + text)
        else:
            out += [f"{indent}_t = now()", f"{indent}try:", f"{indent}    {text}"]
        labels[name] = (len(out), not quiet, own, total)
        if not quiet:
            out += [f"{indent}finally:",
                    f"{indent}    spans.append((get_ident(), '{name}', _t, now()))"]
    return "\n".join(out) + "\n" + END, labels


class Truth:
    """What the program measured."""

    def __init__(self, text, labels, spans):
        self.labels = labels
        self.function = self._functions(text)  # by name: first line, None for the module
        self.n = collections.Counter(name for _, name, _, _ in spans)
        self.totals = collections.Counter()
        self.selves = collections.Counter()
        self.function_totals = collections.Counter()
        for thread in {s[0] for s in spans}:
            self._add_thread(sorted((begin, -end, name) for t, name, begin, end in spans
                                    if t == thread))

    def _functions(self, text):
        found = {}
        for node in ast.walk(ast.parse(text)):  # breadth first: inner ones come last
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                for name, (line, *_) in self.labels.items():
                    if node.lineno <= line <= node.end_lineno:
                        found[name] = node.lineno
        return found

    def _add_thread(self, spans):
        above = []  # (end, name) of the spans that enclose the present one
        for begin, end, name in spans:
            end = -end
            while above and above[-1][0] <= begin:
                above.pop()
            self.selves[name] += end - begin
            if above:
                self.selves[above[-1][1]] -= end - begin
            if all(other != name for _, other in above):
                self.totals[name] += end - begin
            function = self.function.get(name)
            if all(self.function.get(other) != function for _, other in above):
                self.function_totals[function] += end - begin
            above.append((end, name))

    def _sum(self, formula):
        return 0 if formula == "0" else sum(self.totals[n] for n in formula.split("+"))

    def lines(self):
        """(name, line, self or None, total or None)"""
        for name, (line, is_measured, own, total) in self.labels.items():
            yield (name, line,
                   self._sum(own) if own else self.selves[name] if is_measured else None,
                   self._sum(total) if total else self.totals[name] if is_measured else None)

    def functions(self):
        """(first line, self, total) of functions in which all is measured plainly."""
        for first in {f for f in self.function.values() if f}:
            names = [n for n, f in self.function.items() if f == first]
            if all(self.labels[n][1:] == (True, None, None) for n in names):
                yield first, sum(self.selves[n] for n in names), self.function_totals[first]


class Check:
    """One run of a program, and what is wrong with it."""

    def __init__(self, args, program, raw):
        self.args, self.raw = args, raw
        self.text, self.labels = expand(program)
        with tempfile.TemporaryDirectory(prefix="times-") as folder:
            self._run(folder)

    def _run(self, folder):
        self.script = os.path.join(folder, "program.py")
        session, spans = (os.path.join(folder, n) for n in ("run.ttrace", "spans"))
        with open(self.script, "w", encoding="utf-8") as f:
            f.write(self.text)
        subprocess.run(
            [self.args.runner, "--session=" + session, "--mode=full",
             "--exe=" + self.args.python, "--", self.script, spans, repr(self.args.unit)],
            check=True, stdin=subprocess.DEVNULL, timeout=300)
        with open(spans, encoding="utf-8") as f:
            self.truth = Truth(self.text, self.labels, json.load(f))
        self.session = Session(session)

    def differs(self, what, ours, truth, n):
        if truth is None:
            return None
        # What ought to take no time is held against the unit that others take.
        room = TOLERANCE * (truth or n * self.args.unit) + SLACK_S + n * SLACK_EACH_S
        if self.args.show:
            print(f"    {what:<28}{1000 * truth:>10.3f} ms{1000 * ours:>10.3f} ms")
        if abs(ours - truth) <= room:
            return None
        return f"{what}: {1000 * ours:.3f} ms, in truth {1000 * truth:.3f} ms"

    def wrong(self):
        lines = self.session.line_times(self.raw)
        n = sum(self.truth.n.values())
        found = []
        for name, line, own, total in self.truth.lines():
            hits, our_self, below = lines.get((self.script, line), (0, 0, 0))
            found += [self.differs(f"{name}, line {line}, self", our_self, own, hits),
                      self.differs(f"{name}, line {line}, total", our_self + below, total, n)]
        functions = {first: (name, own, total) for (path, name, first), (_, own, total)
                     in self.session.function_times(self.raw).items() if path == self.script}
        for first, own, total in self.truth.functions():
            name, our_self, our_total = functions.get(first, (f"line {first}", 0, 0))
            found += [self.differs(f"{name}(), self", our_self, own, n),
                      self.differs(f"{name}(), total", our_total, total, n)]
        return [f for f in found if f]


def right(args, program, raw=False):
    """Lines about what is wrong twice: once is the machine's other work."""
    if args.show:
        print(textwrap.dedent(program))
    return Check(args, program, raw).wrong() and Check(args, program, raw).wrong()


def main():
    options = pair.options(__doc__)
    options.add_argument("--unit", type=float, default=0.01,
                         help="lines take a tenth to ten times of it; 0.1: up to a second")
    options.add_argument("--show", action="store_true", help="all times, right or wrong")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    for name, program in (("lines", LINES), ("calls", CALLS), ("recursion", RECURSION),
                          ("exceptions", EXCEPTIONS), ("threads", THREADS),
                          ("generators", GENERATORS), ("tasks", TASKS)):
        total.add(name, right(args, program))
    total.add("loops in Python", right(args, PYTHON_LOOPS, raw=True))
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
