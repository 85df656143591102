"""Line counts of `--mode=count`, where most lines have no counter of their own, however
the program ends: small programs whose lines say how often they run.

    count.py [--python PYTHON] [--runner RUNNER] [WORD...]

A line's count stands behind it as `#3`; a line without a number does not run. Programs
that come to their end are run under oracle.py as well, which must agree. The last line
is "N passed, M failed"."""
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import textwrap

import pair
from session import Session

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 60

# name -> text
PROGRAMS = {}

# An exception at each line of a straight stretch, on every way out of it.
STRETCH = """\
b = a + a
c = a + bad[0]
d = a + bad[1]
b = (a +
     bad[2])
if b:
    e = a + bad[3]
else:
    e = b
f = a + bad[4]
"""
AROUND = """
class Manager:
    def __enter__(self):
        return self
    def __exit__(self, *exc):
        return True

class Bad:
    pass

def run(a, bad):
{body}
    return a

for k in range(6):
    for zero in (0, 1):
        try:
            run(zero, [Bad() if i == k else 1 - zero for i in range(5)])
        except TypeError:
            pass
"""
for name, head, indent, tail in [
    ("no_handler", "", 0, ""),
    ("except", "try:", 4, "except TypeError as e:\n    e = a\n    a = e\n"),
    ("finally", "try:", 4, "finally:\n    c = a\n    a = c\n"),
    ("else", "try:", 4, "except TypeError:\n    c = a\nelse:\n    c = a\n    a = c\n"),
    ("handler", "try: 1 / 0\nexcept ZeroDivisionError:", 4, "c = a\n"),
    ("with", "with Manager():", 4, "c = a\n"),
    ("two_withs", "with Manager(), Manager():", 4, "c = a\n"),
    ("for", "for i in range(3):", 4, "c = a\n"),
    ("while", "i = 0\nwhile i < 3:\n    i += 1", 4, "c = a\n"),
    ("nested", "try:\n  with Manager():\n   for i in 1, 2:\n    try:\n     a = a\n"
     "    except KeyError: pass\n    else:", 6, "    finally: c = a\nexcept TypeError:\n"
     "    c = a\n"),
]:
    body = f"{head}\n{textwrap.indent(STRETCH, ' ' * indent)}{tail}"
    PROGRAMS[name] = AROUND.replace("{body}", textwrap.indent(body, "    "))

PROGRAMS["generators"] = '''
def numbers(n, bad):
    a = n
    b = a + 1
    try:
        c = yield b
        d = c + 1
        e = d + bad
        yield e
        f = e
    except TypeError:
        g = a
        yield g
    finally:
        h = a
        h = b
    return h

def outer(n, bad):
    a = n
    b = yield from numbers(a, bad)
    c = b
    return c

for bad in (1, "x"):
    for make in (numbers, outer):
        it = make(3, bad)
        next(it)
        for sent in (1, None, "x"):
            try:
                it.send(sent)
            except (StopIteration, TypeError):
                pass
        it = make(3, bad)
        next(it)
        it.close()
        it = make(3, bad)
        next(it)
        try:
            it.throw(TypeError)
            next(it)
        except (StopIteration, TypeError):
            pass
'''

PROGRAMS["async"] = '''
import asyncio

async def work(a, bad):
    b = a + 1
    c = b + bad
    await asyncio.sleep(0)
    d = c + 1
    try:
        e = d + 1
        f = await inner(e, bad)
        g = f + bad
    except (TypeError, asyncio.CancelledError):
        h = a
        i = h
    return a

async def inner(a, bad):
    b = a
    async with Context():
        c = b
        d = c + bad
        await asyncio.sleep(0)
    async for e in steps(3):
        f = e
        g = f
    return bad

class Context:
    async def __aenter__(self):
        a = self
        b = a
        return b
    async def __aexit__(self, *exc):
        a = self
        b = a

async def steps(n):
    for i in range(n):
        a = i
        b = a
        yield b

async def main():
    for bad in (1, 1.5, "x"):
        try:
            await work(1, bad)
        except TypeError:
            pass
    task = asyncio.ensure_future(work(1, 1))
    await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)

asyncio.run(main())
'''

# An operator of the program's own raises, recurses, and is left in the middle.
PROGRAMS["operators"] = '''
class N:
    def __init__(self, n):
        self.n = n
    def __add__(self, other):
        a = self.n
        b = other.n
        if b < 0:
            raise ValueError
        return N(a + b)
    def __getitem__(self, i):
        a = i
        b = a // i
        return b
    @property
    def half(self):
        a = self.n
        b = a / (a - 4)
        return b

def run(x, y):
    a = x + y
    b = a + y
    c = (b +
         a)
    d = c[y.n]
    e = b.half
    f = (e,
         x.half)
    return f

for x in range(-2, 6):
    for y in range(-2, 6):
        try:
            run(N(x), N(y))
        except (ValueError, ZeroDivisionError):
            pass
'''

# The same function is compiled again and again, and another one in its place.
PROGRAMS["again"] = '''
first = """
def f(a):
    b = a
    c = b
    return c
f(1)
"""
second = """
def f(a):
    b = a
    if b:
        c = b
    c = a
    return c
f(1)
"""
for i in range(50):
    exec(compile(first, __file__, "exec"))
    if i % 3:
        exec(compile(second, __file__, "exec"))
'''

# Who traces the program from within sees all lines, and changes no count; unless it is
# to raise, which it does at `d = c`.
TRACED = '''
import sys

seen = []                        #1
def trace(frame, event, arg):    #1
    if event == "line":          #any
        seen.append(frame.f_lineno - run.__code__.co_firstlineno)  #any
        if fails and seen[-1] == 4:  #any
            raise KeyError       #1
    return trace                 #any

def run(a, bad):                 #1
    b = a                        #3
    try:                         #3
        c = b + bad              #3
        d = c                    #2
    except TypeError:            #2
        e = a                    #1
        return e                 #1
    while d:                     #4
        d -= 1                   #3
        e = d                    #3
    return e                     #1

def watched(*args):              #1
    old = sys.gettrace()         #3
    sys.settrace(trace)          #3
    try:                         #3
        run(*args)               #3
    except KeyError:             #1
        pass                     #1
    sys.settrace(old)            #3
    print(*seen)                 #3
    seen.clear()                 #3

fails = False                    #1
watched(2, 1)                    #1
watched(2, "x")                  #1
fails = True                     #1
watched(2, 1)                    #1
sys.exit(3)                      #1
'''

# Ends in the middle of calls: what is behind them has not run.
DEATH = '''
import os, signal, sys, threading

def die():                       #1
    here = 1                     #1
    {how}                        #1
    here = 2

def deep(n):                     #1
    a = n                        #4
    b = a + 1                    #4
    if n:                        #4
        c = deep(n - 1)          #3
        d = c
    else:
        e = b                    #1
        die()                    #1
    f = b
    return f

class Context:                   #2
    def __enter__(self):         #1
        a = self                 #1
        return a                 #1
    def __exit__(self, *exc):    #1
        b = self
        return b

def numbers(n):                  #1
    for i in range(n):           #2
        a = i                    #2
        b = a                    #2
        yield b                  #2
    c = b

def run():                       #1
    x = 0                        #1
    while x < 3:                 #4
        x += 1                   #3
        y = x                    #3
    with Context() as c:         #1
        d = c                    #1
        for n in numbers(5):     #2
            e = n                #2
            f = e                #2
            if f:                #2
                g = e            #1
                deep(3)          #1
                h = g
        i = d
    j = i
    return j

k = 1                            #1
run()                            #1
k = 2
'''
DEATHS = {
    "os._exit": "os._exit(3)",
    "kill": "os.kill(os.getpid(), signal.SIGKILL)",
    "segfault": "os.kill(os.getpid(), signal.SIGSEGV)",
    "thread": "t = threading.Thread(target=os._exit, args=(3,)); t.start(); t.join()",
}

# A loop that makes no call runs on while another thread ends the program: what is
# behind the loop has not run, what is before it has.
SPIN = '''
import os, threading, time

def spin(n):                     #1
    a = n                        #1
    b = a                        #1
    while b:                     #any
        n += 1                   #any
        a = n                    #any
    c = a
    return c

def end():                       #1
    time.sleep(0.05)             #1
    os._exit(3)                  #1

threading.Thread(target=end).start()  #1
k = 1                            #1
spin(1)                          #1
k = 2
'''

# Signals come wherever they like; the program knows how often a line ran.
SIGNALS = '''
import signal, sys

def run(n):
    a = 0
    b = 0
    try:
        while True:
            a += 1
            b = a
            if n:
                c = b
    except KeyboardInterrupt:
        d = a
    return a

def count():
    a = 0
    try:
        for i in range(10 ** 9):
            a += 1 # for
            b = a # for
    except KeyboardInterrupt:
        d = a
    return a

total = 0
rounds = 0
signal.signal(signal.SIGALRM, signal.default_int_handler)
for k in range(200):
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + k * 1e-6)
        total += run(k & 1)
        signal.setitimer(signal.ITIMER_REAL, 0.0005 + k * 1e-6)
        rounds += count()
    except KeyboardInterrupt:
        pass
signal.setitimer(signal.ITIMER_REAL, 0)
print(total, rounds)
'''


def expected(text):
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        mark = re.search(r"#(\d+)$", line)
        if mark:
            found[number] = int(mark[1])
    return found


class Runs:
    def __init__(self, args, folder):
        self.args, self.folder = args, folder
        self.n = 0

    def count(self, text):
        """(counts by line, subprocess.CompletedProcess)"""
        self.n += 1
        script = os.path.join(self.folder, f"p{self.n}.py")
        with open(script, "w") as f:
            f.write(text)
        session = script + ".ttrace"
        done = subprocess.run(
            [self.args.runner, "--session=" + session, "--mode=count",
             "--engine=bytecode", "--exe=" + self.args.python, "--", script],
            cwd=self.folder, capture_output=True, text=True, timeout=LIMIT_S)
        read = Session(session)
        counts = {line: n for (path, line), n in read.hits().items() if path == script}
        told = [] if len(read.records("term")) else ["no line follows from others"]
        return counts, told, done

    def oracle(self, text):
        script = os.path.join(self.folder, "o.py")
        with open(script, "w") as f:
            f.write(text)
        out = script + ".json"
        subprocess.run([self.args.python, os.path.join(HERE, "oracle.py"), out, script,
                        script], cwd=self.folder, check=True, timeout=LIMIT_S)
        with open(out) as f:
            return {line: n for (path, line), n in json.load(f)["hits"]}


def differences(text, want, got):
    lines = text.splitlines()
    for number in sorted(want.keys() | got.keys()):
        a, b = want.get(number, 0), got.get(number, 0)
        if a != b:
            yield f"line {number} {lines[number - 1]!r}: {a} expected, {b} here"


def test_program(runs, text):
    got, told, done = runs.count(text)
    if done.returncode:
        told.append(f"status {done.returncode}: {done.stderr[-500:]}")
    return told + list(differences(text, runs.oracle(text), got))


def test_death(runs, text):
    got, told, done = runs.count(text)
    if not done.returncode:
        told.append("it lives")
    return told + [d for d in differences(text, expected(text), got)
                   if not re.search("import|#any", d)]


def test_signals(runs):
    """A signal is handled at calls and on the way back in a loop, never between."""
    got, told, done = runs.count(SIGNALS)
    lines = SIGNALS.splitlines()
    total, rounds = map(int, done.stdout.split())
    at = {text.strip(): got.get(i, 0) for i, text in enumerate(lines, 1)}
    for line in ("a += 1", "b = a", "if n:"):
        if at[line] != total:
            told.append(f"{line}: {at[line]}, the program says {total}")
    for line in ("a += 1 # for", "b = a # for", "for i in range(10 ** 9):"):
        if at[line] != rounds:
            told.append(f"{line}: {at[line]}, the program says {rounds}")
    if at["c = b"] > total or not at["c = b"]:
        told.append(f"c = b: {at['c = b']} of {total}")
    return told


def main():
    options = pair.options(__doc__)
    options.add_argument("words", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    with tempfile.TemporaryDirectory(prefix="count-") as folder:
        runs = Runs(args, os.path.realpath(folder))
        tests = {name: (test_program, text) for name, text in PROGRAMS.items()}
        for name, how in DEATHS.items():
            tests[name] = (test_death, DEATH.replace("{how}", how))
        tests["traced"] = (test_death, TRACED)
        tests["spin"] = (test_death, SPIN)
        tests["signals"] = (lambda r, text: test_signals(r), SIGNALS)
        for name, (test, text) in tests.items():
            if not args.words or any(word in name for word in args.words):
                total.add(name, test(runs, text))
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
