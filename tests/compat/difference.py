"""Counts of CPython's own tests under us against those of sys.settrace: line by line,
function by function.

    difference.py [--python PYTHON] [--runner RUNNER] [--suite DIR] [--engine ENGINE]
                  [--keep DIR] [MODULE...]

Each module of the suite is run three times: plainly, under oracle.py, and under the
runner. Then the counts of the last two must be alike, and every test must end under the
runner as it does plainly. Tests that end otherwise under sys.settrace, or meddle with
it, tell nothing about counts; they are left out of that comparison, and named. What may
differ is in explained.txt, with the reason. The last line is "N passed, M failed"."""
import json
import os
import re
import subprocess
import sys
import tempfile

import pair
from session import Session

HERE = os.path.dirname(os.path.abspath(__file__))
# Not in the list: test_compile and test_dis look at their own bytecode all over.
MODULES = """
    grammar generators coroutines asyncgen patma with contextlib exceptions except_star
    dataclasses enum scope decorators unpack unpack_ex listcomps genexps setcomps
    dictcomps string_literals fstring named_expressions raise extcall super property
    iter augassign yield_from keywordonlyarg positional_only_arg bisect heapq textwrap
    funcattrs descr class metaclass opcodes range slice collections functools typing
    format string pprint copy struct argparse context finalization
    """.split()
LIMIT_S = 300


def say(command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


class Explained:
    """The table of explained.txt: versions, module, what, reason."""

    def __init__(self, path, version):
        self.rows = []
        with open(path, encoding="utf-8") as f:
            for row in f:
                if row.strip() and not row.startswith("#"):
                    versions, module, what, reason = row.split(None, 3)
                    if versions == "*" or version in versions.split(","):
                        self.rows.append((module, what))

    def has_line(self, module, line):
        for at, what in self.rows:
            span = re.fullmatch(r"(\d+)(?:-(\d+))?", what)
            if at == module and span and (
                    int(span[1]) <= line <= int(span[2] or span[1])):
                return True
        return False

    def has_test(self, module, test):
        return any(at == module and re.fullmatch(what, test.rpartition(".")[2])
                   for at, what in self.rows)


class Module:
    """One module of the suite, and the ways to run it."""

    def __init__(self, name, args, folder):
        self.name = name
        self.args = args
        self.folder = folder
        self.n_runs = 0
        self.env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

    def run(self, before, skip=()):
        """The results of one run, whose command begins with `before`."""
        self.n_runs += 1
        results = os.path.join(self.folder, f"{self.name}.{self.n_runs}.json")
        command = [*before, os.path.join(HERE, "suite.py"), results, "test." + self.name]
        for folder in self.args.suite:
            command += ["--dir", folder]
        for test in skip:
            command += ["--skip", test]
        try:
            done = say(command, cwd=self.folder, env=self.env, timeout=LIMIT_S,
                       stdin=subprocess.DEVNULL)
        except subprocess.TimeoutExpired:
            return None, f"took more than {LIMIT_S} s"
        if not os.path.exists(results):
            end = (done.stdout + done.stderr)[-2000:]
            return None, f"status {done.returncode}, no results:\n{end}"
        with open(results, encoding="utf-8") as f:
            return json.load(f), None

    def oracle(self, skip=()):
        out = os.path.join(self.folder, self.name + ".oracle")
        globs = f"*/{self.name}.py,<doctest *"
        before = [self.args.python, os.path.join(HERE, "oracle.py"), out, globs]
        results, error = self.run(before, skip)
        if error:
            return None, None, error
        with open(out, encoding="utf-8") as f:
            return results, json.load(f), None

    def traced(self, skip=()):
        self.session = os.path.join(self.folder, f"{self.name}.{self.n_runs}.ttrace")
        before = [self.args.runner, "--session=" + self.session, "--mode=full",
                  "--engine=" + self.args.engine, "--exe=" + self.args.python,
                  f"--include=**/{self.name}.py", "--include=generated", "--"]
        return self.run(before, skip)


def table(rows):
    return {tuple(key): n for *key, n in rows}


def is_compared(path, name):
    return path.startswith("<doctest ") or os.path.basename(path) == name + ".py"


def compare(module, oracle, counts, explained):
    """Lines about what differs, and how much of it is explained."""
    told = []
    n_explained = 0
    for what, theirs, ours in (("line", table(oracle["hits"]), counts.hits()),
                               ("calls of", table(oracle["calls"]), counts.calls())):
        ours = {k: n for k, n in ours.items() if is_compared(k[0], module.name)}
        for key in sorted(theirs.keys() | ours.keys()):
            a, b = theirs.get(key, 0), ours.get(key, 0)
            if a == b:
                continue
            if what == "line" and explained.has_line(module.name, key[1]):
                n_explained += 1
                continue
            where = " ".join(map(str, (os.path.basename(key[0]), *key[1:])))
            told.append(f"{what} {where}: settrace {a}, here {b}")
    return told, n_explained


def otherwise(plain, results):
    """The tests that ended in another way than in the plain run."""
    plain, results = plain["ends"], results["ends"]
    return sorted(t for t in plain.keys() | results.keys()
                  if plain.get(t) != results.get(t))


def test_module(module, explained):
    """(failures as text, a note)"""
    plain, error = module.run([module.args.python])
    if error:
        return [f"plain run: {error}"], ""
    watched, counts, error = module.oracle()
    disturbed = [] if error else sorted(
        {*otherwise(plain, watched), *watched["meddlers"],
         *(t for t in plain["ends"] if explained.has_test(module.name, t))})
    if disturbed:
        watched, counts, error = module.oracle(disturbed)
    if error:
        return [f"under settrace: {error}"], ""
    results, error = module.traced(disturbed)
    if error:
        return [f"traced: {error}"], ""
    session = Session(module.session)
    told, n_explained = compare(module, counts, session, explained)
    if session.header.n_dropped:
        told.append(f"{session.header.n_dropped} records dropped")
    if disturbed:  # what was left out for settrace's sake must still run under us
        results, error = module.traced()
        if error:
            return [f"traced: {error}"], ""
    told[:0] = [f"{t}: {plain['ends'].get(t)} plainly, {results['ends'].get(t)} here"
                for t in otherwise(plain, results)
                if not explained.has_test(module.name, t)]
    n_lines = len(counts["hits"])
    note = f"{len(plain['ends'])} tests, {n_lines} lines"
    if n_explained:
        note += f", {n_explained} differences explained"
    if disturbed:
        note += ", left out: " + " ".join(t.rpartition(".")[2] for t in disturbed)
    return told, note


def has_suite(python):
    code = "import importlib.util as u; print(bool(u.find_spec('test.test_grammar')))"
    return say([python, "-c", code]).stdout.strip() == "True"


def main():
    options = pair.options(__doc__)
    options.add_argument("--suite", action="append",
                         default=os.environ.get("TEST_SUITE", "").split())
    options.add_argument("--engine", default="auto")
    options.add_argument("--keep", help="folder for sessions and counts")
    options.add_argument("modules", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    args.suite = [os.path.abspath(s) for s in args.suite]
    total = pair.Sum()
    if not args.suite and not has_suite(args.python):
        total.add(args.python, [f"has no test suite; on Debian: apt-get install "
                                f"libpython{args.version}-testsuite, or --suite DIR"])
        return total.end()
    explained = Explained(os.path.join(HERE, "explained.txt"), args.version)
    with tempfile.TemporaryDirectory(prefix="difference-") as folder:
        if args.keep:
            os.makedirs(args.keep, exist_ok=True)
            folder = os.path.abspath(args.keep)
        for name in args.modules or MODULES:
            name = name if name.startswith("test_") else "test_" + name
            told, note = test_module(Module(name, args, folder), explained)
            if not told:
                print(f"{name:<24} alike  {note}", flush=True)
            total.add(f"{name:<24} {note}", told)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
