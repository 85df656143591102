"""Whatever a program does to itself, its counts are exact and it ends as it would under
python, by each engine. Each case is a small program; a comment "#= N" says how often its
line runs, and "#~ N" how often in all children together, each of which has a session of
its own.

    survives.py [--python PYTHON] [--runner RUNNER] [--mode MODE] [--engine ENGINE] [CASE...]

The last line is "N passed, M failed"."""
import collections
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

import pair
from session import Session

LIMIT_S = 60

COUNT = """
    n = 0
    for i in range(1000):  #= 1001
        n += 1  #= 1000
"""

CASES = {
    "plain": COUNT,
    "killed": COUNT + """
    import os, signal
    os.kill(os.getpid(), signal.SIGKILL)  #= 1
    """,
    "segfault": COUNT + """
    import ctypes
    ctypes.string_at(0)  #= 1
    """,
    "abort": COUNT + """
    import os
    os.abort()  #= 1
    """,
    "os_exit": COUNT + """
    import os
    os._exit(3)  #= 1
    """,
    "raises": COUNT + """
    def f(): return 1 / 0  #= 2
    f()  #= 1
    """,
    "interrupt": COUNT + """
    import os, signal
    os.kill(os.getpid(), signal.SIGINT)  #= 1
    """,
    "fork": """
    import os
    def work(n):
        total = 0
        for i in range(n):
            total += i  #= 10  #~ 100
        return total
    pid = os.fork()
    if pid == 0:
        work(100)  #= 0  #~ 1
        os._exit(0)
    os.waitpid(pid, 0)
    work(10)  #= 1
    """,
    "many_forks": """
    import os
    def work():
        return 1  #= 0  #~ 50
    for i in range(50):
        pid = os.fork()
        if pid == 0:
            work()
            os._exit(0)
        os.waitpid(pid, 0)  #= 50
    """,
    "fork_in_thread": """
    import os, threading
    def child():
        return 5  #= 0  #~ 1
    def run():
        pid = os.fork()
        if pid == 0:
            child()
            os._exit(0)
        os.waitpid(pid, 0)
    t = threading.Thread(target=run)
    t.start()
    t.join()  #= 1
    """,
    "pool": """
    import multiprocessing
    def cube(n):
        return n ** 3  #= 0  #~ 20
    if __name__ == "__main__":
        with multiprocessing.get_context("fork").Pool(2) as pool:
            print(pool.map(cube, range(20)))
            pool.close()
            pool.join()
    """,
    "exec": COUNT + """
    import os, sys
    os.execv(sys.executable, [sys.executable, "-c", "print('replaced')"])  #= 1
    """,
    "threads": """
    import threading
    def work():
        n = 0
        for i in range(100):
            n += 1  #= 50000
    threads = [threading.Thread(target=work) for _ in range(500)]
    for t in threads:
        t.start()  #= 500
    for t in threads:
        t.join()
    """,
    "raw_threads": """
    import _thread, time
    done = []
    def work():
        for i in range(10):
            pass
        done.append(1)  #= 20
    for _ in range(20):
        _thread.start_new_thread(work, ())  #= 20
    while len(done) < 20:
        time.sleep(0.001)
    """,
    "daemon_threads": COUNT + """
    import threading
    def spin():
        while True:
            pass
    for _ in range(5):
        threading.Thread(target=spin, daemon=True).start()  #= 5
    """,
    "outlives_main": """
    import threading, time
    def late():
        time.sleep(0.1)
        for i in range(7):
            print(i)  #= 7
    threading.Thread(target=late).start()
    print("main ends")  #= 1
    """,
    "traces_itself": COUNT + """
    import sys
    def tracer(frame, event, arg):
        return tracer
    sys.settrace(tracer)
    def f():
        a = 1  #= 3
        return a
    f(); f()
    sys.settrace(None)
    sys.setprofile(lambda *a: None)
    f()  #= 1
    sys.setprofile(None)
    """,
    "closes_all": """
    import os
    os.closerange(0, 256)
    n = 0
    for i in range(1000):
        n += 1  #= 1000
    os._exit(n & 255)  #= 1
    """,
    "replaces_streams": COUNT + """
    import os
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)  #= 3
    print("lost")  #= 1
    """,
    "recursion": """
    depth = 0
    def down():
        global depth
        depth += 1
        down()
    try:
        down()
    except RecursionError:
        print("too deep")  #= 1
    for i in range(100):
        depth = 0  #= 100
    """,
    "generators": """
    def count(n):
        for i in range(n):
            yield i  #= 55
    alive = [count(10) for _ in range(5)]
    for g in alive:
        for _ in g: pass
    left = count(100)
    for _ in range(5): next(left)
    del left
    print(sum(count(0)))
    """,
    "tasks": """
    import asyncio
    async def work(i):
        await asyncio.sleep(0)
        return i  #= 1000
    async def main():
        return sum(await asyncio.gather(*(work(i) for i in range(1000))))
    print(asyncio.run(main()))  #= 1
    """,
    "timer": """
    import signal, time
    ticks = 0
    def tick(*args):
        global ticks
        ticks += 1
    signal.signal(signal.SIGALRM, tick)
    signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)
    n = 0
    for i in range(300000):
        n += 1  #= 300000
    signal.setitimer(signal.ITIMER_REAL, 0)
    print(n)  #= 1
    """,
    "new_code": """
    def f(x):
        return x + 1  #= 5
    def g(x):
        return x + 2  #= 3
    for _ in range(5): f(1)
    f.__code__ = g.__code__
    for _ in range(3): f(1)
    """,
    "reload": """
    import importlib, sys
    with open("part.py", "w") as out:
        out.write("VALUE = 1\\ndef f():\\n    return VALUE\\n")
    sys.path.insert(0, "")
    import part
    for _ in range(200):
        part = importlib.reload(part)  #= 200
        part.f()
    print("done")  #= 1
    """,
    "dynamic": """
    for i in range(2000):
        exec(f"def f{i}(x):\\n    return x + {i}\\n")  #= 2000
    print(eval("f1999(1)"))  #= 1
    """,
    "source_goes": COUNT + """
    import os
    os.unlink(__file__)  #= 1
    """,
    "interpreters": COUNT + """
    try:
        import _xxsubinterpreters as interpreters
    except ImportError:
        import _interpreters as interpreters
    one = interpreters.create()
    interpreters.run_string(one, "def f(): return 1\\nfor i in range(10): f()")
    interpreters.destroy(one)
    print("back")  #= 1
    """,
    "no_more_files": """
    import resource
    resource.setrlimit(resource.RLIMIT_NOFILE, (3, 3))
    n = 0
    for i in range(1000):
        n += 1  #= 1000
    print(n)  #= 1
    """,
    "small_files": """
    import resource, signal
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
    n = 0
    for i in range(1000):
        n += 1  #= 1000
    for i in range(3000):
        exec(f"def f{i}(x):\\n    return x + {i}\\nf{i}(1)")
    print(n)  #= 1
    """,
    "faulthandler": COUNT + """
    import faulthandler, sys
    faulthandler.enable()
    faulthandler.dump_traceback_later(0.01, exit=False)
    import time
    time.sleep(0.05)  #= 1
    faulthandler.cancel_dump_traceback_later()
    """,
    "raises_in_del": """
    class Bad:
        def __del__(self):
            raise ValueError  #= 10
    for _ in range(10):
        Bad()  #= 10
    """,
}

# Printed by python itself with what differs from run to run.
LOOSE_STDERR = {"faulthandler", "segfault", "abort"}


def run(command, folder):
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LIMIT_S)
    return pair.outcome(done)


def wanted(text):
    """{line: hits here}, {line: hits in children}"""
    own, children = {}, {}
    for number, line in enumerate(text.splitlines(), 1):
        for sign, n in re.findall(r"#([=~]) (\d+)", line):
            (own if sign == "=" else children)[number] = int(n)
    return own, children


def hits_of(session, script):
    return {line: n for (file, line), n in Session(session).hits().items()
            if file == script}


def test(name, text, args, mode, engine, folder):
    """Lines about what is wrong."""
    script = os.path.join(folder, name + ".py")
    session = os.path.join(folder, name + ".ttrace")
    results = []
    for command in ([args.python], [args.runner, "--session=" + session,
                                    "--mode=" + mode, "--exe=" + args.python, "--"]):
        with open(script, "w") as f:  # again: the program may have taken it away
            f.write(text)
        results.append(run([*command, script], folder))
    told = list(pair.differences(
        *results, but=["stderr"] if name in LOOSE_STDERR else []))
    own, children = wanted(text)
    in_children = collections.Counter()
    for path in glob.glob(glob.escape(session) + ".*"):
        in_children.update(hits_of(path, script))
    for what, want, got in (("line", own, hits_of(session, script)),
                            ("in children, line", children, in_children)):
        told += [f"{what} {line}: {n} wanted, {got.get(line, 0)} counted"
                 for line, n in want.items() if got.get(line, 0) != n]
    return told


def main():
    options = pair.options(__doc__)
    options.add_argument("--mode", action="append", choices=["count", "full"])
    options.add_argument("--engine", action="append")
    options.add_argument("cases", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    ways = [(mode, engine) for mode in args.mode or ["count", "full"]
            for engine in args.engine or pair.engines(args)]
    total = pair.Sum()
    for name, text in CASES.items():
        if args.cases and name not in args.cases:
            continue
        text = textwrap.dedent(text).lstrip("\n")
        for mode, engine in ways:
            folder = os.path.realpath(tempfile.mkdtemp(prefix="survives-"))
            try:
                told = test(name, text, args, mode, engine, folder)
            except subprocess.TimeoutExpired as error:
                told = [f"hangs: {error}"]
            finally:
                shutil.rmtree(folder)
            total.add(f"{name} {mode} {engine}", told)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
