"""Programs that start other processes: they see and do what they would under python,
and the .cover files have the sums of all processes. Each case is a small program that
is run under python and under `ttrace --count`; a comment "#= N" says how often its line
runs in all processes together, "#- " that it is not counted.

    children.py [--python PYTHON] [CASE...]

Other Pythons are those whose runners lie beside this one's. The last line is
"N passed, M failed"."""
import glob
import os
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap
import time

import pair
from session import Session

LIMIT_S = 60

# What a process can see of itself. Descriptors from 200 on may be ours.
LOOK = """
import json, os, sys
LOADED = set("{loaded}".split())
def look(*more):
    fds = []
    for fd in range(200):
        try:
            target = os.readlink("/proc/self/fd/%d" % fd)
            fds.append([fd, os.get_inheritable(fd), target.split("[")[0]])
        except OSError:
            pass
    for what in (
            sorted(os.environ.items()), sys.path, sorted(set(sys.modules) - LOADED), sys.argv,
            sys.orig_argv, list(sys.flags), sys.executable, sys._base_executable,
            sys.prefix, sorted(set(filter(os.path.isdir, sys.path_importer_cache)) - LOADED), fds, os.getcwd(),
            sys.stdin and sys.stdin.encoding, os.getpid() == os.getpgid(0),
            repr(sys.modules.get("sitecustomize")), *more):
        print(json.dumps(what))
    sys.stdout.flush()
"""

POOL = """
import multiprocessing
def cube(n):
    return n ** 3  #= 20
if __name__ == "__main__":
    pool = multiprocessing.get_context("{how}").Pool(2)
    print(pool.map(cube, range(20)))  #= 1
    pool.close()
    pool.join()
"""

PROCESS = """
import multiprocessing, os, sys
from look import look
def child(queue):
    look(multiprocessing.current_process().name)  #= 1
    queue.put(os.environ.get("EXTRA"))
    sys.exit(7)  #= 1
if __name__ == "__main__":
    context = multiprocessing.get_context("{how}")
    os.environ["EXTRA"] = "more"
    queue = context.Queue()
    process = context.Process(target=child, args=(queue,))
    process.start()
    print(queue.get())
    process.join()
    print(process.exitcode)  #= 1
"""

EXECUTOR = """
import concurrent.futures, multiprocessing
def square(n):
    return n * n  #= 30
if __name__ == "__main__":
    context = multiprocessing.get_context("{how}")
    with concurrent.futures.ProcessPoolExecutor(3, mp_context=context) as pool:
        print(sum(pool.map(square, range(30))))  #= 1
"""

HOWS = ("fork", "spawn", "forkserver")

CASES = {
    **{f"pool_{how}": POOL.replace("{how}", how) for how in HOWS},
    **{f"process_{how}": PROCESS.replace("{how}", how) for how in HOWS},
    **{f"executor_{how}": EXECUTOR.replace("{how}", how) for how in HOWS},
    "fork": """
    import os
    from look import look
    def work(n):
        total = 0
        for i in range(n):  #= 112
            total += i  #= 110
        return total
    pid = os.fork()
    if pid == 0:
        work(100)  #= 1
        look()
        os._exit(3)  #= 1
    print(os.waitpid(pid, 0)[1])
    work(10)  #= 1
    """,
    "fifty_forks": """
    import os
    def work():
        return 1  #= 50
    for i in range(50):
        if os.fork() == 0:
            work()  #= 50
            os._exit(0)
    for i in range(50):
        os.wait()  #= 50
    """,
    "forks_of_forks": """
    import os, sys
    def down(depth):
        if depth == 0:  #= 15
            return
        for i in range(2):
            pid = os.fork()
            if pid == 0:
                down(depth - 1)
                sys.exit(0)
            os.waitpid(pid, 0)  #= 14
    down(3)
    """,
    "fork_in_thread": """
    import os, threading
    def child():
        return 5  #= 4
    def run():
        pid = os.fork()
        if pid == 0:
            child()
            os._exit(0)
        os.waitpid(pid, 0)  #= 4
    threads = [threading.Thread(target=run) for _ in range(4)]
    for t in threads: t.start()
    for t in threads: t.join()
    """,
    "child_killed": """
    import os, signal, sys
    pid = os.fork()
    if pid == 0:
        for i in range(1000):
            i += 1  #= 1000
        os.kill(os.getpid(), signal.SIGKILL)  #= 1
    print(os.waitpid(pid, 0)[1])
    """,
    "child_crashes": """
    import os, subprocess, sys
    done = subprocess.run([sys.executable, "-c", "import part; part.f(); 1/0"], stderr=-1)
    print(done.returncode, done.stderr.decode())
    """,
    "runs_itself": """
    import subprocess, sys
    if len(sys.argv) > 1:
        from look import look
        look(sys.stdin.read())  #= 1
        sys.exit(5)  #= 1
    done = subprocess.run([sys.executable, __file__, "a b", "-c", ""], input="typed",
                          text=True, stdout=-1)
    print(done)  #= 1
    """,
    "subprocess_env": """
    import os, subprocess, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 4
        sys.exit()
    for env in ({}, {**os.environ, "A": "1"}, {"PYTHONPATH": "x:y"}, {"PYTHONPATH": ""}):
        print(subprocess.run([sys.executable, __file__, "x"], env=env, stdout=-1))  #= 4
    """,
    "own_path": """
    import os, subprocess, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 2
        sys.exit()
    os.environ["PYTHONPATH"] = "/somewhere"
    print(subprocess.run([sys.executable, __file__, "x"], stdout=-1))
    del os.environ["PYTHONPATH"]
    print(subprocess.run([sys.executable, __file__, "x"], stdout=-1))  #= 1
    """,
    "by_name": """
    import os, subprocess, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 3
        sys.exit()
    folder, name = os.path.split(sys.executable)
    env = {**os.environ, "PATH": folder + ":/usr/bin:/bin"}
    print(subprocess.run([name, __file__, "x"], env=env, stdout=-1))
    print(subprocess.run(f"{name} -B {__file__} x; true", shell=True, env=env, stdout=-1))
    print(subprocess.run(["env", "A=b", name, __file__, "x"], env=env, stdout=-1))
    """,
    "isolated": """
    import subprocess, sys
    if len(sys.argv) > 1:
        sys.path.insert(0, sys.argv[1])
        from look import look
        look()  #= 3
        sys.exit()
    import os
    for flag in ("-I", "-E", "-S"):
        print(subprocess.run([sys.executable, flag, __file__, os.path.dirname(__file__)], stdout=-1))
    """,
    "system": """
    import os, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 2
        sys.exit(4)
    print(os.system(f"{sys.executable} {__file__} x"))
    print(os.popen(f"exec {sys.executable} {__file__} x").read())
    """,
    "posix_spawn": """
    import os, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 2
        sys.exit(4)
    for spawn in (os.posix_spawn, os.posix_spawnp):
        pid = spawn(sys.executable, [sys.executable, __file__, "x"], {"LC_ALL": "C.UTF-8"})
        print(os.waitpid(pid, 0)[1])
    """,
    "spawnv": """
    import os, sys
    if len(sys.argv) > 1:
        print("child")  #= 1
        sys.exit(6)
    print(os.spawnv(os.P_WAIT, sys.executable, [sys.executable, __file__, "x"]))
    """,
    "execv": """
    import os, sys
    from look import look
    if len(sys.argv) < 4:
        for i in range(10):
            pass  #= 30
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:], "x"])  #= 3
    look()  #= 1
    sys.exit(9)
    """,
    "execve_fails": """
    import os, sys
    try:
        os.execve("/no/such/program", ["x"], {"A": "b"})  #= 1
    except OSError as error:
        print(error)  #= 1
    for i in range(10):
        pass  #= 10
    """,
    "execs_other": """
    import os
    for i in range(10):
        pass  #= 10
    os.execvp("echo", ["echo", "replaced"])  #= 1
    """,
    "grandchildren": """
    import os, subprocess, sys
    depth = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(depth, flush=True)  #= 4
    if depth:
        subprocess.run([sys.executable, __file__, str(depth - 1)])  #= 3
    """,
    "preexec": """
    import os, subprocess, sys
    def before():
        os.umask(0o77)  #= 1
    done = subprocess.run([sys.executable, "-c", "import os; print(os.umask(0))"],
                          preexec_fn=before, stdout=-1)
    print(done)
    """,
    "module_of_children": """
    import subprocess, sys
    subprocess.run([sys.executable, "-c", "import part; part.f(); part.f()"])
    """,
    "descriptors": """
    import os, subprocess, sys
    if len(sys.argv) > 1:
        print(os.read(int(sys.argv[1]), 100))  #= 1
        print(os.open("/dev/null", os.O_RDONLY))
        sys.exit()
    r, w = os.pipe()
    os.write(w, b"through")
    print(subprocess.run([sys.executable, __file__, str(r)], pass_fds=[r], stdout=-1))
    """,
    "signals": """
    import os, signal, subprocess, sys
    if len(sys.argv) > 1:
        names = [signal.getsignal(s) for s in (signal.SIGINT, signal.SIGPIPE, signal.SIGUSR1)]
        print(names, signal.pthread_sigmask(signal.SIG_BLOCK, []), flush=True)  #= 2
        os.kill(os.getpid(), signal.SIGUSR1)
        sys.exit(0)
    for what in (signal.SIG_IGN, signal.SIG_DFL):
        signal.signal(signal.SIGUSR1, what)
        signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR2])
        print(subprocess.run([sys.executable, __file__, "x"], stdout=-1))
    """,
    "plain_locale": """
    import os, subprocess, sys
    if len(sys.argv) > 1:
        from look import look
        look()  #= 2
        sys.exit()
    folder, name = os.path.split(sys.executable)
    env = {"PATH": folder}
    print(subprocess.run([sys.executable, __file__, "x"], env=env, stdout=-1))
    print(subprocess.run([name, __file__, "x"], env=env, stdout=-1))
    """,
}

PART = """
def f():
    return 1  #= 2
"""

# name: (options of ttrace, program)
OPTIONS = {
    "ignored": (["--children=ignore"], """
    import os, subprocess, sys
    from look import look
    def work():
        return 1  #= 1
    if len(sys.argv) > 1:
        work()
        sys.exit(2)
    pid = os.fork()
    if pid == 0:
        work()
        look()
        os._exit(3)
    print(os.waitpid(pid, 0)[1])
    print(subprocess.run([sys.executable, __file__, "x"]).returncode)
    print(os.environ.get("TTRACE_CHILDREN"))
    work()
    """),
}


def clean(text):
    return textwrap.dedent(text).lstrip("\n")


def run(command, folder):
    env = {"PATH": "/usr/bin:/bin", "HOME": folder, "TMPDIR": folder + "/tmp",
           "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                          capture_output=True, timeout=LIMIT_S)
    lines = done.stderr.splitlines(True)
    said = b"".join(line for line in lines if line.startswith(b"ttrace: "))
    done.stderr = b"".join(line for line in lines if not line.startswith(b"ttrace: "))
    return pair.outcome(done), said.decode()


def counted(path):
    """{line: hits} of a .cover file."""
    hits = {}
    if os.path.exists(path):
        with open(path, encoding="utf-8") as f:
            for number, line in enumerate(f, 1):
                m = re.match(r" *(\d+): ", line)
                if m:
                    hits[number] = int(m.group(1))
    return hits


def wrong_counts(text, cover):
    hits = counted(cover)
    for number, line in enumerate(text.splitlines(), 1):
        m = re.search(r"#= (\d+)", line)
        if m and hits.get(number, 0) != int(m.group(1)):
            yield (f"{os.path.basename(cover)} line {number}: {m.group(1)} wanted, "
                   f"{hits.get(number, 0)} counted")


class Tester:
    def __init__(self, args):
        self.python = args.python
        self.ttrace = os.path.join(pair.TOP, "ttrace")
        self.version = args.version
        # What `python -m trace` has loaded before the program begins, and from where.
        loaded = subprocess.run(
            [self.python, "-c", "import argparse, gc, gettext, inspect, locale, pickle, runpy,"
             " shutil, sys, sysconfig, threading; print(*sys.modules, *sys.path_importer_cache)"],
            capture_output=True, text=True).stdout
        self.look = LOOK.replace("{loaded}", loaded.strip())

    def prepare(self, name, text):
        folder = os.path.realpath(tempfile.mkdtemp(prefix="children-"))
        os.mkdir(folder + "/tmp")
        for file, content in ((name, text), ("look", self.look), ("part", PART)):
            with open(f"{folder}/{file}.py", "w") as f:
                f.write(content)
        return folder

    def command(self, *words):
        return [self.ttrace, "--python=" + self.python, *words]

    def test(self, name, options, text):
        """Lines about what is wrong."""
        text = clean(text)
        folder = self.prepare(name, text)
        script = f"{folder}/{name}.py"
        try:
            plain, _ = run([self.python, script], folder)
            ours, said = run(self.command("--count", "-m", "-C", "cov", *options, script),
                             folder)
            yield from pair.differences(plain, ours)
            if said:
                yield "said: " + said
            yield from wrong_counts(text, f"{folder}/cov/{name}.cover")
            if re.search(r"part\.f", text) and name == "module_of_children":
                yield from wrong_counts(PART, f"{folder}/cov/part.cover")
            yield from (f"left behind: {path}" for path in glob.glob(f"{folder}/tmp/*"))
        except subprocess.TimeoutExpired as error:
            yield f"hangs: {error}"
        finally:
            shutil.rmtree(folder)


def test_kept(tester):
    """-o keeps the children beside the program, private, and replaces older ones."""
    text = clean(CASES["fork"])
    folder = tester.prepare("kept", text)
    try:
        for _ in range(2):
            run(tester.command("--io=inherit", "-o", "run.ttrace", "kept.py"), folder)
        paths = sorted(glob.glob(folder + "/run.ttrace*"))
        if len(paths) != 2:
            yield f"there are {paths}"
            return
        first, second = map(Session, paths)
        if second.header.parent_pid != first.header.pid or first.header.parent_pid != 0:
            yield "the child's parent is somebody else"
        if paths[1] != f"{paths[0]}.{second.header.pid}":
            yield f"the child is called {paths[1]}"
        yield from (f"{p}: mode {os.stat(p).st_mode:o}" for p in paths
                    if os.stat(p).st_mode & 0o777 != 0o600)
    finally:
        shutil.rmtree(folder)


def test_outlives(tester):
    """A daemon is not waited for, and what it has counted is there."""
    folder = tester.prepare("daemon", clean("""
    import os, time
    r, w = os.pipe()
    if os.fork() == 0:
        for i in range(100):
            pass  #= 100
        os.close(w)
        for fd in range(3): os.close(fd)
        time.sleep(8)
        os._exit(0)
    os.close(w)
    os.read(r, 1)
    """))
    began = time.monotonic()
    try:
        _, said = run(tester.command("--count", "-C", "cov", "daemon.py"), folder)
        if time.monotonic() - began > 6:
            yield "it was waited for"
        if not re.match(r"ttrace: 1 process still runs \(\d+\), counted up to now\n$", said):
            yield f"said: {said!r}"
        with open(folder + "/daemon.py") as f:
            yield from wrong_counts(f.read(), folder + "/cov/daemon.cover")
    finally:
        shutil.rmtree(folder)


def other_pythons(version):
    """Interpreters of other versions that there are runners for."""
    for runner in glob.glob(pair.TOP + "/ttrace-runner-3.*"):
        other = runner.rpartition("-")[2]
        told = subprocess.run([runner, "--version"], capture_output=True, text=True).stdout
        python = f"{told.split(chr(10))[1]}/bin/python{other}" if told else ""
        if other != version and os.path.exists(python):
            yield python


OTHER = """
import subprocess, sys
print(subprocess.run(["{python}", "-c", "from look import look; import part; part.f(); look(); part.f()"], stdout=-1))
"""


def test_other(tester, python, with_runner):
    """A child of another version is counted, or runs as if we were not there."""
    text = clean(OTHER.replace("{python}", python))
    folder = tester.prepare("other", text)
    ttrace, runner = tester.ttrace, f"ttrace-runner-{tester.version}"
    try:
        if not with_runner:
            os.makedirs(folder + "/bin")
            os.makedirs(folder + "/libexec/ttrace")
            shutil.copy(ttrace, folder + "/bin")
            shutil.copy(f"{pair.TOP}/{runner}", folder + "/libexec/ttrace")
            for name in ("follow", "form"):
                shutil.copytree(f"{pair.TOP}/src/runner/{name}",
                                f"{folder}/libexec/ttrace/{name}")
            ttrace = folder + "/bin/ttrace"
        plain, _ = run([tester.python, "other.py"], folder)
        ours, said = run([ttrace, "--python=" + tester.python, "--count", "-C", "cov",
                          "other.py"], folder)
        yield from pair.differences(plain, ours)
        if with_runner:  # its name has the whole path, as `trace` has it
            covers = glob.glob(folder + "/cov/*part.cover") or [""]
            yield from wrong_counts(PART, covers[0])
        if with_runner == ("and there is no runner" in said):
            yield f"said: {said!r}"
    finally:
        shutil.rmtree(folder)


def main():
    options = pair.options(__doc__)
    options.add_argument("cases", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    tester, total = Tester(args), pair.Sum()
    cases = {name: ([], text) for name, text in CASES.items()} | OPTIONS
    tests = [(name, tester.test(name, *case)) for name, case in cases.items()]
    tests += [("kept", test_kept(tester)), ("outlives", test_outlives(tester))]
    for python in other_pythons(args.version):
        tests.append(("other " + python, test_other(tester, python, True)))
        tests.append(("no runner for " + python, test_other(tester, python, False)))
    for name, told in tests:
        if not args.cases or name in args.cases:
            total.add(name, told)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
