"""The program must not notice us: each case is run by the interpreter itself and by
the runner that stands for it, untraced, counting, with everything on, and so by each
engine. Exit status, standard output and standard error must be the same bytes.

    as_python.py [--python PYTHON] [--runner RUNNER] [CASE...]

The last line is "N passed, M failed"."""
import os
import shutil
import subprocess
import sys
import tempfile
import textwrap
import zipfile

import pair

LIMIT_S = 60

FILES = {
    # What a program can ask about how it was started.
    "facts.py": """
        import json, os, site, sys, sysconfig
        spec = __spec__
        json.dump({
            "argv": sys.argv, "path": sys.path, "flags": repr(sys.flags),
            "xoptions": sys._xoptions, "warnoptions": sys.warnoptions,
            "executable": sys.executable, "prefix": sys.prefix,
            "exec_prefix": sys.exec_prefix, "base_prefix": sys.base_prefix,
            "name": __name__, "file": globals().get("__file__"),
            "package": __package__, "spec": spec and spec.name,
            "loader": type(__loader__).__name__, "doc": __doc__,
            "main": sys.modules["__main__"].__dict__ is globals(),
            "names": sorted(globals()), "stdin": sys.stdin.encoding,
            "stdout": [sys.stdout.encoding, sys.stdout.errors,
                       sys.stdout.line_buffering, sys.stdout.write_through],
            "fs": sys.getfilesystemencoding(), "site": site.ENABLE_USER_SITE,
            "dont_write": sys.dont_write_bytecode, "hooks": len(sys.meta_path),
            "recursion": sys.getrecursionlimit(), "trace": repr(sys.gettrace()),
            "profile": repr(sys.getprofile()), "scheme": sysconfig.get_default_scheme(),
            "cwd": os.getcwd(), "modules": sorted(
                m for m in sys.modules if not m.startswith(("_distutils", "sitecustom"))),
        }, sys.stdout, indent=0, sort_keys=True)
        """,
    "ends.py": """
        import atexit, os, signal, sys
        atexit.register(lambda: print("at exit", flush=True))
        print("begins", sys.argv[1:], flush=True)
        def deep(n):
            if n:
                return deep(n - 1)
            return 1 / 0
        class Odd(Exception):
            def __str__(self):
                raise RuntimeError("no text")
        what = sys.argv[1]
        if what == "status": sys.exit(3)
        if what == "text": sys.exit("goodbye")
        if what == "none": sys.exit(None)
        if what == "big": sys.exit(300)
        if what == "object": sys.exit([1, 2])
        if what == "os._exit": os._exit(4)
        if what == "abort": os.abort()
        if what == "term": os.kill(os.getpid(), signal.SIGTERM)
        if what == "kill": os.kill(os.getpid(), signal.SIGKILL)
        if what == "interrupt": os.kill(os.getpid(), signal.SIGINT)
        if what == "keyboard": raise KeyboardInterrupt
        if what == "pipe": signal.signal(signal.SIGPIPE, signal.SIG_DFL); os.kill(os.getpid(), signal.SIGPIPE)
        if what == "error": deep(3)
        if what == "odd": raise Odd
        if what == "name": undefined_name
        if what == "attribute": sys.argz
        if what == "chain":
            try:
                deep(1)
            except ZeroDivisionError as error:
                raise ValueError("from another") from error
        if what == "context":
            try:
                deep(1)
            except ZeroDivisionError:
                {}["missing"]
        if what == "group":
            raise ExceptionGroup("several", [ValueError(1), ExceptionGroup("in", [OSError(2, "no")])])
        if what == "note":
            error = ValueError("noted"); error.add_note("look here"); raise error
        if what == "recursion":
            def again(): return again()
            again()
        if what == "handler":
            signal.signal(signal.SIGUSR1, lambda *a: print("got", a[0], a[1].f_lineno))
            os.kill(os.getpid(), signal.SIGUSR1)
        if what == "excepthook":
            sys.excepthook = lambda *a: print("hook", a[0].__name__, a[2].tb_lineno)
            deep(2)
        if what == "unraisable":
            class Bad:
                def __del__(self): raise RuntimeError("in del")
            Bad()
        if what == "thread":
            import threading
            thread = threading.Thread(target=deep, args=(1,), name="T"); thread.start(); thread.join()
        if what == "warn":
            import warnings
            def old(): warnings.warn("old", DeprecationWarning, stacklevel=2)
            old()
            warnings.warn("loud")
        print("ends", flush=True)
        """,
    "syntax.py": "def f(:\n    pass\n",
    "indent.py": "if 1:\n    a = 1\n  b = 2\n",
    "null.py": "a = 1\0\n",
    "latin.py": b"# -*- coding: latin-1 -*-\nprint('caf\xe9')\n",
    "badbytes.py": b"print('caf\xe9')\n",
    "empty.py": "",
    "crlf.py": b"a = 1\r\nprint(a)\r\n",
    "tail.py": "print(1)",
    "imports_bad.py": "import broken\n",
    "broken.py": "def go():\n    return 1 / 0\n\n\ngo()\n",
    "package/__init__.py": "print('package', __name__)\n",
    "package/__main__.py": "import sys\nprint(__name__, __package__, __spec__.name, sys.argv, sys.path[0])\n",
    "package/part.py": "print(__name__, __spec__.name)\nimport sys\nsys.exit(5)\n",
    "folder/__main__.py": "import sys, helper\nprint(__name__, sys.path[0], sys.argv, helper.WORD, __file__)\n1/0\n",
    "folder/helper.py": "WORD = 'helper'\n",
    "elsewhere/extra.py": "WORD = 'extra'\n",
    "asks.py": "name = input('who? ')\nimport sys\nprint('hello', name, sys.stdin.read())\n",
    "pickles.py": """
        import pickle, sys
        class Thing:
            def __init__(self, n): self.n = n
            def __eq__(self, other): return self.n == other.n
        def double(x): return 2 * x
        print(pickle.loads(pickle.dumps(Thing(3))) == Thing(3), pickle.loads(pickle.dumps(double))(4))
        print(Thing.__module__, double.__code__.co_filename, sys.modules["__main__"].Thing is Thing)
        """,
    "pool.py": """
        import multiprocessing, sys
        def cube(n): return n ** 3
        if __name__ == "__main__":
            with multiprocessing.get_context(sys.argv[1]).Pool(2) as pool:
                print(pool.map(cube, range(6)))
        """,
    "children.py": """
        import os, subprocess, sys
        print(subprocess.run([sys.executable, "-c", "import sys; print(sys.executable)"],
                             capture_output=True, text=True).stdout)
        pid = os.fork()
        if pid == 0:
            print("child", flush=True)
            os._exit(7)
        print("parent", os.waitpid(pid, 0)[1] >> 8)
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-c", "print('replaced')"])
        """,
    "looks.py": """
        import inspect, sys, dis, traceback
        def here(a, b=1):
            frame = sys._getframe()
            return [frame.f_lineno, frame.f_code.co_name, sorted(frame.f_locals),
                    [f.function for f in inspect.stack()]]
        print(here(1))
        print(inspect.getsource(here))
        print(inspect.signature(here), here.__code__.co_varnames)
        print(len(traceback.extract_stack()), sys.gettrace(), sys.getprofile())
        class A:
            def m(self): return super().__repr__()[:8]
        print(A().m(), [x for x in range(3)], (lambda q: q + 1)(2))
        exec("y = 5"); print(y, eval("y + 1"))
        def gen():
            got = yield 1
            print("got", got)
            yield 2
        g = gen(); next(g); print(g.gi_frame.f_lineno, g.send("x"))
        """,
    "traces.py": """
        import sys
        seen = []
        def tracer(frame, event, arg):
            seen.append((event, frame.f_code.co_name, frame.f_lineno - frame.f_code.co_firstlineno))
            return tracer
        def work(n):
            total = 0
            for i in range(n):
                total += i
            return total
        sys.settrace(tracer); work(2); sys.settrace(None)
        print(seen)
        del seen[:]
        sys.setprofile(lambda f, e, a: seen.append((e, f.f_code.co_name)))
        work(2); sys.setprofile(None)
        print(seen)
        """,
    "streams.py": """
        import os, sys
        os.write(1, b"raw\\n"); print("text"); print("error", file=sys.stderr)
        sys.stdout.buffer.write(b"\\x00\\xff\\x1b[31m\\n")
        print(sorted(os.listdir("/proc/self/fd"))[:3])
        os.close(0)
        sys.stdout = open(os.devnull, "w"); print("lost")
        """,
    "environment.py": """
        import os
        print(sorted(k for k in os.environ if "TRACE" in k.upper() or k.startswith("PYTHON")))
        """,
    "argv0.py": """
        import sys
        print(open("/proc/self/cmdline", "rb").read().split(b"\\0")[-2:], sys.orig_argv[-2:])
        """,
}

# name, arguments, environment, standard input
CASES = [
    ("script", ["facts.py", "a", "-b", "--", "c d"]),
    ("script_in_folder", ["./elsewhere/../facts.py"]),
    ("absolute", ["{dir}/facts.py"]),
    ("command", ["-c", "exec(open('facts.py').read())", "x", "-y"]),
    ("command_error", ["-c", "import os\nraise ValueError('from -c')"]),
    ("module", ["-m", "facts", "x"]),
    ("package", ["-m", "package", "x"]),
    ("package_part", ["-m", "package.part"]),
    ("no_module", ["-m", "no_such_module"]),
    ("stdlib_module", ["-m", "json.tool", "--help"]),
    ("timeit", ["-m", "timeit", "-n1", "-r1", "-s", "import sys", "sys.exit(9)"]),
    ("standard_input", ["-", "x"], {}, "import sys; print(sys.argv, __name__); 1/0"),
    ("piped", [], {}, "print(__name__)\nfoo()\n"),
    ("folder", ["folder", "a"]),
    ("zip", ["app.zip", "a"]),
    ("no_file", ["no_such_file.py"]),
    ("a_directory", ["elsewhere"]),
    ("syntax", ["syntax.py"]),
    ("indent", ["indent.py"]),
    ("null", ["null.py"]),
    ("latin", ["latin.py"]),
    ("bad_bytes", ["badbytes.py"]),
    ("empty", ["empty.py"]),
    ("crlf", ["crlf.py"]),
    ("no_newline", ["tail.py"]),
    ("broken_import", ["imports_bad.py"]),
    ("version", ["-V"]),
    ("help", ["-h"]),
    ("bad_option", ["-Q"]),
    ("x_utf8", ["-X", "utf8", "facts.py"], {"LC_ALL": "C"}),
    ("x_utf8_off", ["-X", "utf8=0", "facts.py"], {"LC_ALL": "C"}),
    ("x_dev", ["-X", "dev", "facts.py"]),
    ("x_frozen", ["-X", "frozen_modules=off", "facts.py"]),
    ("x_tracemalloc", ["-X", "tracemalloc=3", "-c", "import tracemalloc; print(tracemalloc.is_tracing())"]),
    ("x_faulthandler", ["-X", "faulthandler", "-c", "import faulthandler; print(faulthandler.is_enabled())"]),
    ("warnings", ["-W", "error", "-W", "ignore::DeprecationWarning", "facts.py"]),
    ("warns", ["-W", "always", "ends.py", "warn"]),
    ("isolated", ["-I", "facts.py"], {"PYTHONPATH": "elsewhere"}),
    ("no_environment", ["-E", "facts.py"], {"PYTHONPATH": "elsewhere", "PYTHONUTF8": "1"}),
    ("no_site", ["-S", "-s", "facts.py"]),
    ("optimized", ["-O", "facts.py"]),
    ("optimized_more", ["-OO", "-b", "facts.py"]),
    ("asserts", ["-O", "-c", "assert 0; print(__debug__)"]),
    ("no_bytecode", ["-B", "facts.py"]),
    ("unbuffered", ["-u", "facts.py"]),
    ("quiet", ["-q", "facts.py"]),
    ("path", ["-c", "import extra, sys; print(extra.WORD, sys.path)"], {"PYTHONPATH": "elsewhere"}),
    ("safe_path", ["-P", "facts.py"]),
    ("hash_seed", ["-c", "print(hash('a'))"], {"PYTHONHASHSEED": "7"}),
    ("no_user_site", ["facts.py"], {"PYTHONNOUSERSITE": "1"}),
    ("input", ["asks.py"], {}, "Ann\nrest\nof it\n"),
    ("input_ends", ["asks.py"], {}, ""),
    ("pickles", ["pickles.py"]),
    ("pool_fork", ["pool.py", "fork"]),
    ("pool_spawn", ["pool.py", "spawn"]),
    ("pool_forkserver", ["pool.py", "forkserver"]),
    ("children", ["children.py"]),
    ("looks_around", ["looks.py"]),
    ("traces_itself", ["traces.py"]),
    ("streams", ["streams.py"]),
    ("environment", ["environment.py"]),
    ("command_line", ["argv0.py", "last"]),
    ("unittest", ["-m", "unittest", "-q", "no_such_test"]),
    ("pdb", ["-m", "pdb", "tail.py"], {}, "n\np 1+1\nq\n"),
    ("cprofile", ["-m", "cProfile", "-s", "name", "empty.py"]),
    ("trace", ["-m", "trace", "--trace", "tail.py"]),
    ("doctest", ["-m", "doctest", "-v", "tail.py"]),
    ("venv", ["facts.py"]),
    ("venv_child", ["children.py"]),
    *[("ends_" + how.replace(".", ""), ["ends.py", how]) for how in """status text none big
        object os._exit abort term kill interrupt keyboard pipe error odd name attribute
        chain context group note recursion handler excepthook unraisable thread warn
        normally""".split()],
]

# The runs that stand for one plain run: the runner's options.
WAYS = {
    "untraced": [],
    "count": ["--mode=count", "--session={session}"],
    "full": ["--mode=full", "--session={session}"],
    "all": ["--mode=full", "--session={session}", "--include=all"],
}
# Where that is not the engine of the others anyway.
MONITORING = ["--engine=monitoring", *WAYS["all"]]

def write_files(folder):
    for name, text in FILES.items():
        path = os.path.join(folder, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if isinstance(text, str):
            text = textwrap.dedent(text).lstrip("\n").encode()
        with open(path, "wb") as f:
            f.write(text)
    with zipfile.ZipFile(os.path.join(folder, "app.zip"), "w") as archive:
        for name in ("__main__.py", "helper.py"):
            archive.write(os.path.join(folder, "folder", name), name)


def run(command, folder, env, text):
    plain = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
    done = subprocess.run(
        command, cwd=folder, input=(text or "").encode(), capture_output=True,
        env={**plain, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
             "PYTHONHASHSEED": "0", **env}, timeout=LIMIT_S)
    return pair.outcome(done)


class Tester:
    def __init__(self, args, folder):
        self.python, self.runner, self.folder = args.python, args.runner, folder
        self.ways = dict(WAYS)
        if len(pair.engines(args)) > 1:
            self.ways["monitoring"] = MONITORING
        self.n_runs = 0
        self.venv = None

    def make_venv(self):
        if not self.venv:
            self.venv = os.path.join(self.folder, "venv")
            subprocess.run([self.python, "-m", "venv", "--without-pip", self.venv],
                           check=True)
        return os.path.join(self.venv, "bin/python")

    def test(self, name, arguments, env=None, text=None):
        """Yields (way, what differs)."""
        python = self.make_venv() if name.startswith("venv") else self.python
        arguments = [a.replace("{dir}", self.folder) for a in arguments]
        plain = run([python, *arguments], self.folder, env or {}, text)
        for way, options in self.ways.items():
            self.n_runs += 1
            session = os.path.join(self.folder, f"s{self.n_runs}.ttrace")
            options = [o.replace("{session}", session) for o in options]
            ours = run([self.runner, *options, "--exe=" + python, "--", *arguments],
                       self.folder, env or {}, text)
            yield way, list(pair.differences(plain, ours))
            for made in os.listdir(self.folder):
                if ".ttrace" in made:
                    os.unlink(os.path.join(self.folder, made))


def main():
    options = pair.options(__doc__)
    options.add_argument("cases", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    folder = os.path.realpath(tempfile.mkdtemp(prefix="as-python-"))
    try:
        write_files(folder)
        tester = Tester(args, folder)
        for case in CASES:
            if not args.cases or case[0] in args.cases:
                for way, told in tester.test(*case):
                    total.add(f"{case[0]} {way}", told)
    finally:
        shutil.rmtree(folder)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
