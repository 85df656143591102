"""Every event of every kind of program, and programs that use Python's own hooks: each
in tests/programs/events and tests/programs/hooks runs plainly, under order.py, and
under the runner, counting and with everything on and logged.

    events.py [--python PYTHON] [--runner RUNNER] [--engine ENGINE] [PROGRAM...]

Under the runner it must print and end as it does plainly. Hits, calls and, thread by
thread, the order of what happens must be what the oracle saw. The log must agree with
the counts, and no call may be left open. Where sys.settrace sees nothing or is what the
program is about, the program says what is right. In its comments:

    #= N            the line runs N times
    #> TYPE N       N exceptions of the type come from the line
    #< TYPE N       N are over at the line
    #@NAME          a name for the line; printing "@NAME N" or "@NAME LOW HIGH" says
                    that it has run so often, and "@NAME and so many" is not compared

and in those at its top, each with a reason behind a semicolon where it has one:

    needs: 3.12     skipped before; also "module NAME"
    until: 3.12     skipped later
    oracle: hits    it cannot tell the order; no: not even the hits
    stderr: loose   not compared
    calls: open     some are, at the end
    watches: GLOBS  more than the program's own files, in order.py's words
    options: WORDS  more options of the runner's
    engine: bytecode  not run by monitoring
    mode: full      not run where counts alone are recorded
    tasks: NAME STATE, ...  all that asyncio has
    nodes: NAME N, ...      how often the function is in the call tree

NAME.in, if there is one, is the program's input. Where the runner has both engines, the
one that monitors runs the program, too; it does not hear where exceptions are over. The
last line is "N passed, M failed"."""
import collections
import fnmatch
import glob
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile

import pair
import record
from session import LAYOUT, NONE, Session

ORACLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "order.py")
PROGRAMS = os.path.join(pair.TOP, "tests/programs")
LIMIT_S = 60
STATES = {n: name.rpartition("_")[2].lower() for name, n in LAYOUT.constants.items()
          if name.startswith("FORMAT_TASK_")}
CALL = {record.EVENT["ENTER"], record.EVENT["RESUME"]}
RETURN = {record.EVENT[e] for e in ("LEAVE", "YIELD", "UNWIND")}


class Program:
    def __init__(self, path):
        self.path = path
        self.name = os.path.splitext(os.path.basename(path))[0]
        with open(path, encoding="utf-8") as f:
            self.lines = f.read().splitlines()
        self.notes = {}
        for line in self.lines:
            m = re.fullmatch(r"# (\w+): ([^;]*)(;.*)?", line)
            if not m:
                break
            self.notes[m[1]] = m[2].strip()
        with open(path[:-2] + "in", "rb") if os.path.exists(path[:-2] + "in") else open(
                os.devnull, "rb") as f:
            self.input = f.read()

    def note(self, key):
        return self.notes.get(key, "")

    def list(self, key):
        """[(name, what)] of a note that is a list."""
        return [tuple(row.strip().rsplit(None, 1)) for row in self.note(key).split(",") if row]

    def marks(self, sign):
        """(line, words) of each mark."""
        for number, line in enumerate(self.lines, 1):
            for words in re.findall(rf"#{sign}\s*([^#]*)", line):
                yield number, words.split()

    def why_not(self, version, python):
        """Why it cannot run there, or None."""
        key = lambda text: tuple(map(int, text.split(".")))
        needs, until = self.note("needs"), self.note("until")
        if needs.startswith("module "):
            done = subprocess.run([python, "-c", "import " + needs.split()[1]],
                                  stderr=subprocess.DEVNULL)
            return f"has no {needs}" if done.returncode else None
        if (needs and key(version) < key(needs)) or (until and key(version) > key(until)):
            return f"is for another version ({needs or until})"
        return None


class Traced(record.Run):
    """What the runner has kept of a program."""

    def __init__(self, path):
        self.session = Session(path)
        self.names = [self.session.string(c.qualname)
                      for c in self.session.records("code")]

    def threads(self):
        """Of each thread that something happened in, what did, as order.py says it."""
        files = [self.session.string(f.path) for f in self.session.records("file")]
        codes = [(files[c.file], name, c.first_line)
                 for c, name in zip(self.session.records("code"), self.names)]
        lines = [(files[n.file], n.line) for n in self.session.records("line")]
        seen = collections.defaultdict(list)
        for kind, thread, site in self.events():
            if kind == record.EVENT["LINE"]:
                seen[thread].append(("line", *lines[site]))
            elif kind in CALL:
                seen[thread].append(("call", *codes[site]))
            elif kind in RETURN:
                seen[thread].append(("return", *codes[site]))
        return list(seen.values())


class Tester:
    def __init__(self, program, args, folder):
        self.program = program
        self.args = args
        self.folder = folder
        self.script = os.path.join(folder, program.name + ".py")
        self.session = os.path.join(folder, "session")
        self.counts = os.path.join(folder, "counts")
        self.globs = [folder + "/*", *self.program.note("watches").split(",")]
        self.said = []

    def is_watched(self, path):
        return any(fnmatch.fnmatchcase(path, g) for g in self.globs)

    def run(self, *command):
        """The outcome of a run, less what the program says for us."""
        work = os.path.join(self.folder, "work")
        shutil.rmtree(work, ignore_errors=True)
        os.mkdir(work)
        env = {k: v for k, v in os.environ.items() if not k.startswith("PYTHON")}
        env.update(LC_ALL="C.UTF-8", PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0")
        done = subprocess.run([*command, self.script], cwd=work, env=env,
                              input=self.program.input, capture_output=True,
                              timeout=LIMIT_S)
        self.said = re.findall(rb"^@(.*)\n", done.stdout, re.M)
        done.stdout = re.sub(rb"^@(.*)\n", b"", done.stdout, flags=re.M)
        return pair.outcome(done)

    def oracle(self):
        outcome = self.run(self.args.python, ORACLE, self.counts,
                           ",".join(self.globs))
        with open(self.counts, encoding="utf-8") as f:
            return outcome, json.load(f)

    def traced(self, engine, mode):
        if os.path.exists(self.session):
            os.unlink(self.session)
        return self.run(self.args.runner, "--session=" + self.session, "--mode=" + mode,
                        "--engine=" + engine, *["--events=log"][mode == "count":],
                        *self.program.note("options").split(), "--exe=" + self.args.python,
                        "--")

    def test(self):
        """Lines about what is wrong."""
        shutil.copy(self.program.path, self.script)
        plain = self.run(self.args.python)
        but = ["stderr"] if self.program.note("stderr") else []
        counts = None
        if not self.program.note("oracle").startswith("no"):
            outcome, counts = self.oracle()
            for told in pair.differences(plain, outcome, but=["stderr"]):
                yield "oracle: " + told
        for engine, mode in self.args.ways:
            if engine == "monitoring" and self.program.note("engine") == "bytecode":
                continue
            if mode == "count" and self.program.note("mode") == "full":
                continue
            told = [*pair.differences(plain, self.traced(engine, mode), but=but)]
            if os.path.exists(self.session):
                told += self.check(Traced(self.session), engine, mode, counts)
            else:
                told.append("no session")
            yield from (f"{engine}, {mode}: {line}" for line in told)

    def check(self, traced, engine, mode, counts):
        yield from self.check_hits(traced, counts)
        if mode == "full":
            yield from self.check_rest(traced, counts)
        if mode == "full" and engine == "bytecode":
            yield from self.check_errors(traced)

    def compare(self, what, theirs, ours):
        for key in sorted(theirs.keys() | ours.keys(), key=repr):
            if theirs.get(key, 0) != ours.get(key, 0):
                yield f"{what} {key}: {theirs.get(key, 0)} wanted, {ours.get(key, 0)} seen"

    def check_hits(self, traced, counts):
        hits = traced.session.hits()
        own = {line: n for (path, line), n in hits.items() if path == self.script}
        for line, (n, *_) in self.program.marks("="):
            if own.get(line, 0) != int(n):
                yield f"line {line}: {n} wanted, {own.get(line, 0)} seen"
        names = {words[0]: line for line, words in self.program.marks("@")}
        for words in self.said:
            name, *span = words.decode().split()
            n = own.get(names[name], 0)
            if not int(span[0]) <= n <= int(span[-1]):
                yield f"line {names[name]}: {' to '.join(span)} said, {n} seen"
        if counts:
            yield from self.compare(
                "line", {tuple(key): n for key, n in counts["hits"]},
                {key: n for key, n in hits.items() if self.is_watched(key[0])})
        if traced.session.header.n_dropped:
            yield f"{traced.session.header.n_dropped} records dropped"

    def check_rest(self, traced, counts):
        stacks = collections.defaultdict(list)
        yield from record.follow(traced, stacks)
        for thread, codes in stacks.items():
            if codes and not self.program.note("calls"):
                yield f"thread {thread} ends in {[traced.names[c] for c in codes]}"
        if counts:
            pairs = {(tuple(function), caller and tuple(caller)): n
                     for (caller, function), n in counts["pairs"]}
            yield from self.compare("calls of", pairs, {
                (function, caller): n for (caller, function), n
                in traced.session.pairs(lambda f: self.is_watched(f[0])).items()})
        if counts and not self.program.note("oracle"):
            yield from self.check_order(traced.threads(), counts["threads"])
        yield from self.check_tasks(traced)
        for name, n in self.program.list("nodes"):
            if len(traced.nodes(name)) != int(n):
                yield f"{name}: {n} nodes wanted, {len(traced.nodes(name))} seen"

    def check_order(self, ours, theirs):
        ours, theirs = (sorted([tuple(e) for e in thread if self.is_watched(e[1])]
                               for thread in threads) for threads in (ours, theirs))
        if len(ours) != len(theirs):
            yield f"{len(theirs)} threads wanted, {len(ours)} seen"
        for n, (a, b) in enumerate(zip(theirs, ours)):
            at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
                      min(len(a), len(b)))
            if a == b:
                continue
            show = lambda events: "; ".join(
                f"{k} {' '.join(map(str, what))}" for k, _, *what in events[at:at + 3])
            before = a[at - 1] if at else None
            yield (f"thread {n}, event {at} of {len(a)}, {len(b)}, behind "
                   f"{before and (before[0], *before[2:])}: {show(a)} wanted, "
                   f"{show(b)} seen")

    def check_errors(self, traced):
        lines = traced.session.records("line")
        for sign, field in ((">", "raised"), ("<", "handled")):
            want = {}
            for line, words in self.program.marks(sign):
                for name, n in zip(words[::2], words[1::2]):
                    want[line, name] = int(n)
            if not want:
                continue
            got = collections.Counter()
            for e in traced.session.records("error"):
                at = getattr(e, field)
                if at != NONE:
                    got[lines[at].line,
                        traced.session.string(e.type).rpartition(".")[2]] += e.count
            for key in sorted(want.keys() | got.keys()):
                if want.get(key, 0) != got.get(key, 0):
                    yield (f"{key[1]} {field} on line {key[0]}: {want.get(key, 0)} "
                           f"wanted, {got.get(key, 0)} seen")

    def check_tasks(self, traced):
        want = self.program.list("tasks")
        got = [(traced.session.string(t.name), STATES[t.state])
               for t in traced.session.records("task")]
        if want and sorted(want) != sorted(got):
            yield f"tasks {sorted(got)}, wanted {sorted(want)}"
        for t in traced.session.records("task"):
            if STATES[t.state] == "runs":
                yield f"task {traced.session.string(t.name)} runs at the end"


def main():
    options = pair.options(__doc__)
    options.add_argument("--engine", help="bytecode or monitoring; default: each")
    options.add_argument("programs", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    args.ways = [("bytecode", "count"), ("bytecode", "full"), ("monitoring", "full")]
    engines = [args.engine] if args.engine else [*pair.engines(args)]
    args.ways = [way for way in args.ways if way[0] in engines]
    total = pair.Sum()
    for path in sorted(glob.glob(os.path.join(PROGRAMS, "events/*.py"))
                       + glob.glob(os.path.join(PROGRAMS, "hooks/*.py"))):
        program = Program(path)
        if args.programs and program.name not in args.programs:
            continue
        why = program.why_not(args.version, args.python)
        if why:
            print(f"{program.name} is left out: {args.python} {why}")
            continue
        folder = os.path.realpath(tempfile.mkdtemp(prefix="events-"))
        try:
            told = list(Tester(program, args, folder).test())
        except subprocess.TimeoutExpired as error:
            told = [f"hangs: {error}"]
        finally:
            shutil.rmtree(folder)
        total.add(program.name, told)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
