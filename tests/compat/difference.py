"""Counts of CPython's own tests under us against those of sys.settrace: line by line,
function by function, caller by caller.

    difference.py [--python PYTHON] [--runner RUNNER] [--suite DIR] [--engine ENGINE]
                  [--mode MODE] [--jobs N] [--quick] [--keep DIR] [MODULE...]

Each module of modules.txt is run plainly, under oracle.py, and under the runner in each
engine and mode. Then the counts must be alike, and every test must end under the runner
as it does plainly. Tests that end otherwise under sys.settrace, or meddle with it, tell
nothing about counts; they are left out of that comparison, and named. What may differ is
in explained.txt, with the reason. The last line is "N passed, M failed"."""
import concurrent.futures
import fnmatch
import json
import os
import re
import subprocess
import sys
import tempfile
import time

import judge
import pair

HERE = os.path.dirname(os.path.abspath(__file__))
LIMIT_S = 300
AGAIN = 2  # more runs, where counts may vary from run to run


def say(command, **more):
    return subprocess.run(command, capture_output=True, text=True, **more)


def rows(name):
    with open(os.path.join(HERE, name), encoding="utf-8") as f:
        return [row for row in f if row.strip() and not row.startswith("#")]


class Explained:
    """The table of explained.txt for one version and engine."""

    def __init__(self, version, engine):
        self.rows = []
        for row in rows("explained.txt"):
            where, module, what, reason = row.split(None, 3)
            if {"*", version, engine, f"{version}/{engine}"} & {*where.split(",")}:
                self.rows.append((module, what))

    def of(self, module):
        """What is said of a module, or a file; a folder's name may be left out."""
        return [what for at, what in self.rows if at in (module, module.rpartition(".")[2])]

    def has_line(self, module, path, line):
        own = is_own(path, module) or path.startswith("<")
        for what in self.of(module) if own else self.of(os.path.basename(path)):
            span = re.fullmatch(r"(\d+)(?:-(\d+))?", what)
            if span and int(span[1]) <= line <= int(span[2] or span[1]):
                return True
        return False

    def has_end(self, module, test):
        """Whether the test may end otherwise than plainly."""
        return any(re.fullmatch(what, test.rpartition(".")[2]) for what in self.of(module))

    def has_counts(self, module, test):
        """Whether its counts may differ."""
        return self.has_end(module, test) or any(
            re.fullmatch(what.removeprefix("counts:"), test.rpartition(".")[2])
            for what in self.of(module))

    def varies(self, module):
        return "varies" in self.of(module)


def is_own(path, module):
    return path.endswith((module.replace(".", "/") + ".py",
                          module.replace(".", "/") + "/__init__.py"))


class Module:
    """One module of the suite, and the ways to run it."""

    def __init__(self, row, args, folder):
        name, *more = row.split()
        more = dict(word.split("=", 1) for word in more)
        self.name = name if name.startswith("test_") else "test_" + name
        self.only = more.get("only", "")
        self.is_quick = more.get("when") != "night"
        self.versions = more.get("on", args.version).split(",")
        self.args = args
        self.folder = folder
        self.n_runs = 0
        own = self.name.replace(".", "/")
        self.files = [own + ".py", own + "/__init__.py"]
        self.files += [glob for glob in more.get("watch", "").split(",") if glob]
        self.env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

    def is_compared(self, key):
        path = key[0]
        return path.startswith("<doctest ") or any(
            fnmatch.fnmatchcase(path, "*/" + glob) for glob in self.files)

    def run(self, before, skip=()):
        """The results of one run, whose command begins with `before`."""
        self.n_runs += 1
        results = os.path.join(self.folder, f"{self.name}.{self.n_runs}.json")
        command = [*before, os.path.join(HERE, "suite.py"), results, "test." + self.name,
                   "--only", self.only]
        for folder in self.args.suite:
            command += ["--dir", folder]
        for test in skip:
            command += ["--skip", test]
        with tempfile.TemporaryDirectory(dir=self.folder) as work:
            try:
                done = say(command, cwd=work, env=self.env, timeout=LIMIT_S,
                           stdin=subprocess.DEVNULL, errors="backslashreplace")
            except subprocess.TimeoutExpired:
                return None, f"took more than {LIMIT_S} s"
        if not os.path.exists(results):
            end = (done.stdout + done.stderr)[-2000:]
            return None, f"status {done.returncode}, no results:\n{end}"
        with open(results, encoding="utf-8") as f:
            return json.load(f), None

    def plain(self):
        return self.run([self.args.python])

    def oracle(self, skip=()):
        """(results, counts, error); counts are {what: {key: n}}."""
        out = os.path.join(self.folder, f"{self.name}.{self.n_runs}.oracle")
        globs = ",".join(["<doctest *", *("*/" + glob for glob in self.files)])
        results, error = self.run(
            [self.args.python, os.path.join(HERE, "oracle.py"), out, globs], skip)
        if error:
            return None, None, error
        counts = judge.read_oracle(out)
        return results, counts, None if counts else "the trace function was lost"

    def traced(self, way, skip=()):
        engine, mode = way
        path = os.path.join(self.folder, f"{self.name}.{self.n_runs}.ttrace")
        before = [self.args.runner, "--session=" + path, "--mode=" + mode,
                  "--engine=" + engine, "--exe=" + self.args.python,
                  *(f"--include=**/{glob}" for glob in self.files),
                  "--include=generated", "--"]
        results, error = self.run(before, skip)
        if error:
            return None, None, error
        counts, _ = judge.read_session(path, mode, self.is_compared)
        if not self.args.keep:
            os.remove(path)
        return results, counts, None


def count(counts, found):
    """The counts of what is in `found`, to see whether another run has the same."""
    return {(what, key): counts[what].get(key, 0) for what, key in found}


def steady(module, way, skip, theirs, ours, found):
    """What of `found` is left without counts that vary from run to run."""
    seen = [(count(theirs, found), count(ours, found))]
    for _ in range(AGAIN):
        _, theirs, error = module.oracle(skip)
        if not error:
            _, ours, error = module.traced(way, skip)
        if not error:
            seen.append((count(theirs, found), count(ours, found)))
    return {k: found[k] for k in found
            if all(a[k] == seen[0][0][k] and b[k] == seen[0][1][k] for a, b in seen)}


def compare(module, way, skip, theirs, ours, explained):
    """Lines about what differs, and how much of it is explained."""
    found = judge.different(theirs, ours, way[0])
    left = {(what, key): n for (what, key), n in found.items()
            if what != "line" or not explained.has_line(module.name, *key)}
    if left and explained.varies(module.name):
        left = steady(module, way, skip, theirs, ours, left)
    return judge.show(left), len(found) - len(left)


def otherwise(plain, results):
    """The tests that ended in another way than in the plain run."""
    plain, results = plain["ends"], results["ends"]
    return sorted(t for t in plain.keys() | results.keys()
                  if plain.get(t) != results.get(t))


def test_way(module, way, plain, theirs, disturbed):
    """(lines about what is wrong, how much is explained) of one engine and mode."""
    explained = Explained(module.args.version, way[0])
    results, ours, error = module.traced(way, disturbed)
    if error:
        return [error], 0
    told, n_explained = compare(module, way, disturbed, theirs, ours, explained)
    if disturbed and way[1] == "full":
        # What was left out for settrace's sake must still run under us.
        results, _, error = module.traced(way)
        if error:
            return [error], 0
    left_out = [] if way[1] == "full" else disturbed
    told[:0] = [f"{t}: {plain['ends'].get(t)} plainly, {results['ends'].get(t)} here"
                for t in otherwise(plain, results)
                if t not in left_out and not explained.has_end(module.name, t)]
    return told, n_explained


def test_module(module):
    """(failures as text, a note)"""
    began = time.monotonic()
    explained = Explained(module.args.version, "")
    plain, error = module.plain()
    if error:
        return [f"plain run: {error}"], ""
    disturbed = [t for t in plain["ends"] if explained.has_counts(module.name, t)]
    watched, theirs, error = module.oracle(disturbed)
    more = set() if error else {*otherwise(plain, watched), *watched["meddlers"]}
    if not more <= {*disturbed}:
        disturbed = sorted({*disturbed, *more})
        watched, theirs, error = module.oracle(disturbed)
    if error:
        return [f"under settrace: {error}"], ""
    told, most = [], 0
    for way in module.args.ways:
        wrong, n_explained = test_way(module, way, plain, theirs, disturbed)
        told += [f"{' '.join(way)}: {line}" for line in wrong]
        most = max(most, n_explained)
    if not theirs["line"]:
        told.append("not a line of it was watched")
    note = (f"{time.monotonic() - began:.1f} s, {len(plain['ends'])} tests, "
            f"{len(theirs['line'])} lines, {len(theirs['call'])} ways to call")
    if most:
        note += f", {most} differences explained"
    if disturbed:
        note += ", left out: " + " ".join(t.rpartition(".")[2] for t in disturbed)
    return told, note


def has_suite(python):
    code = "import importlib.util as u; print(bool(u.find_spec('test.test_grammar')))"
    return say([python, "-c", code]).stdout.strip() == "True"


def chosen(args, folder):
    """The modules that are named, or those of the list that this version has."""
    known = [Module(row, args, folder) for row in rows("modules.txt")]
    if not args.modules:
        return [m for m in known if args.version in m.versions
                and (m.is_quick or not args.quick)]
    known = {m.name: m for m in known}
    named = [Module(name, args, folder) for name in args.modules]
    return [known.get(m.name, m) for m in named]


def test_all(args, folder, total):
    with concurrent.futures.ThreadPoolExecutor(args.jobs) as pool:
        modules = chosen(args, folder)
        for module, (told, note) in zip(modules, pool.map(test_module, modules)):
            if not told:
                print(f"{module.name:<24} alike  {note}", flush=True)
            total.add(f"{module.name:<24} {note}", told)


def main():
    options = pair.options(__doc__)
    pair.add_ways(options)
    options.add_argument("--suite", action="append",
                         default=os.environ.get("TEST_SUITE", "").split())
    options.add_argument("--jobs", type=int, default=os.cpu_count())
    options.add_argument("--quick", action="store_true", help="fewer modules, mode full only")
    options.add_argument("--keep", help="folder for sessions and counts")
    options.add_argument("modules", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    args.mode = args.mode or ("full" if args.quick else None)
    args.ways = pair.ways(args)
    args.suite = [os.path.abspath(s) for s in args.suite]
    total = pair.Sum()
    if not args.suite and not has_suite(args.python):
        total.add(args.python, [f"has no test suite; on Debian: apt-get install "
                                f"libpython{args.version}-testsuite, or --suite DIR"])
        return total.end()
    with tempfile.TemporaryDirectory(prefix="difference-") as folder:
        if args.keep:
            os.makedirs(args.keep, exist_ok=True)
            folder = os.path.abspath(args.keep)
        test_all(args, folder, total)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
