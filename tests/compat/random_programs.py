"""Random programs under us, under sys.settrace, and under nobody: what they print, their
line counts, their calls by caller and how often generators go on must be the same.

    random_programs.py [--python PYTHON] [--runner RUNNER] [--engine ENGINE] [--mode MODE]
                       [--seconds N] [--seed S] [--count N] [--keep DIR] [--show]

Programs come from random_grammar.py, one for each number from S on, many to a process.
One that differs is made as small as it goes and printed, with the command that repeats
it. --count N stops after N programs; --show prints them instead of running them. The
last line is "N passed, M failed"."""
import collections
import concurrent.futures
import copy
import os
import subprocess
import sys
import tempfile
import time

import judge
import pair
import random_grammar
import random_tree

HERE = os.path.dirname(os.path.abspath(__file__))
DRIVE = os.path.join(HERE, "random_drive.py")
BATCH = 40
LIMIT_S = 60
SHRINK_S = 180  # at most; and no longer than the run itself is to take
WORST = 5  # programs that are made small and shown


class Run:
    """One process that has run a folder of programs, and what is known of each."""

    def __init__(self, status, output):
        self.ends = {}  # name: what it printed; None where the process died in it
        self.counts = {}
        self.told = [f"status {status}"] if status else []  # about the whole process
        for part in output.split("== ")[1:]:
            name, _, said = part.partition("\n")
            self.ends[name] = said
        if "end" not in self.ends and self.ends:
            self.ends[name] = None


class Bench:
    """Runs folders of programs in all the ways that are compared."""

    def __init__(self, args, folder):
        self.args = args
        self.folder = folder
        self.n_batches = 0
        self.pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        self.env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}

    def process(self, before, folder):
        with tempfile.TemporaryFile("w+", dir=self.folder) as out:
            try:
                status = subprocess.run(
                    [*before, DRIVE, folder], stdout=out, stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL, env=self.env, timeout=LIMIT_S).returncode
            except subprocess.TimeoutExpired:
                status = f"more than {LIMIT_S} s"
            out.seek(0)
            return Run(status, out.read())

    def plain(self, folder):
        return self.process([self.args.python], folder)

    def oracle(self, folder):
        out = folder + ".oracle"
        run = self.process([self.args.python, os.path.join(HERE, "oracle.py"), out,
                            folder + "/*.py"], folder)
        run.counts = judge.read_oracle(out)
        return run

    def traced(self, folder, engine, mode):
        path = f"{folder}.{engine}.{mode}.ttrace"
        run = self.process([self.args.runner, "--session=" + path, "--mode=" + mode,
                            "--engine=" + engine, "--exe=" + self.args.python,
                            f"--include={folder}/*.py", "--"], folder)
        if os.path.exists(path):
            run.counts, wrong = judge.read_session(path, mode)
            run.told += wrong
            if not self.args.keep:
                os.remove(path)
        return run

    def write(self, sources):
        """Writes [(seed, source)]; returns the folder, and the seed of each name."""
        self.n_batches += 1
        folder = os.path.join(self.folder, f"batch{self.n_batches}")
        os.mkdir(folder)
        names = {}
        for i, (seed, source) in enumerate(sources):
            name = f"{i:04}_{seed}"
            names[name] = i
            with open(os.path.join(folder, name + ".py"), "w", encoding="utf-8") as f:
                f.write(source)
        return folder, names

    def compare(self, sources, ways):
        """{(index, way): lines about what differs}, and how many tell nothing."""
        folder, names = self.write(sources)
        jobs = [self.pool.submit(self.plain, folder), self.pool.submit(self.oracle, folder),
                *(self.pool.submit(self.traced, folder, *way) for way in ways)]
        plain, oracle, *ours = [job.result() for job in jobs]
        if "end" not in plain.ends:
            raise ValueError(f"python itself ends with {plain.told}")
        if not oracle.counts:
            raise ValueError("the oracle has lost its trace function")
        found = [by_program(judge.different(oracle.counts, run.counts, way[0]))
                 for way, run in zip(ways, ours)]
        different, n_mute = {}, 0
        for name, i in names.items():
            if oracle.ends.get(name) != plain.ends[name]:
                n_mute += 1
                continue
            for way, run, counts in zip(ways, ours, found):
                told = [*other_end(name, plain, run), *judge.show(counts.get(name, {}))]
                if told:
                    different[i, way] = told
        for way, run in zip(ways, ours):
            if run.told and not any(key[1] == way for key in different):
                different[-1, way] = run.told
        return different, n_mute


def by_program(found):
    """What judge.different() finds, by the name of the program."""
    programs = {}
    for (what, key), counts in found.items():
        name = os.path.basename(judge.path_of(key))[:-3]
        programs.setdefault(name, {})[what, key] = counts
    return programs


def other_end(name, plain, run):
    said = run.ends.get(name, "")
    if said is None:
        yield f"died: {', '.join(run.told)}"
    elif said != plain.ends[name]:
        a, b = plain.ends[name].split("\n"), said.split("\n")
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        yield f"prints {a[at:at + 1]} plainly, {b[at:at + 1]} here"


def kind_of(told):
    return told[0].partition(" ")[0]


def smaller(bench, seed, tree, way, kind):
    """The smallest program found that differs in the same way, and how."""
    told = bench.compare([(seed, random_tree.text(tree))], [way])[0].get((0, way))
    end = time.monotonic() + min(SHRINK_S, bench.args.seconds)
    while told and time.monotonic() < end:
        step = shrink_once(bench, seed, tree, way, kind, end)
        if not step:
            break
        edit, told = step
        random_tree.make(edit)
    return told


def shrink_once(bench, seed, tree, way, kind, end):
    """(edit, what then differs), or None."""
    now, ways = len(random_tree.text(tree)), {}
    for edit in tree.edits():
        undo = random_tree.make(edit)
        source = random_tree.text(tree)
        random_tree.make(undo)
        if len(source) < now:
            ways.setdefault(source, edit)
    sources = collections.deque(sorted(ways, key=len))
    while sources and time.monotonic() < end:
        few = []
        while sources and len(few) < BATCH:
            source = sources.popleft()
            if random_grammar.compiles(source):
                few.append((seed, source))
        try:
            different = bench.compare(few, [way])[0]
        except ValueError:
            continue
        for i, (_, source) in enumerate(few):
            told = different.get((i, way))
            if told and kind_of(told) == kind:
                return ways[source], told
    return None


def report(bench, seed, way, told):
    """Lines about one program that differs."""
    version = tuple(map(int, bench.args.version.split(".")))
    tree = copy.deepcopy(random_grammar.program(seed, version))
    alone = smaller(bench, seed, tree, way, kind_of(told))
    yield from alone or [*told[:5], "(but not when it is alone in its process)"]
    yield from ("  | " + line for line in tree.lines()) if alone else ()
    yield (f"repeat: random_programs.py --python {bench.args.python} --seed {seed} "
           f"--count 1 --engine {way[0]} --mode {way[1]}")


def go(bench, ways, total):
    args = bench.args
    version = tuple(map(int, args.version.split(".")))
    end = time.monotonic() + args.seconds
    seed, last = args.seed, args.seed + args.count
    n_mute = n_shown = 0
    while time.monotonic() < end and seed < last:
        seeds = range(seed, min(seed + BATCH, last))
        seed = seeds.stop
        sources = [(s, random_tree.text(random_grammar.program(s, version)))
                   for s in seeds]
        try:
            different, mute = bench.compare(sources, ways)
        except ValueError as e:
            total.add(f"seeds {seeds.start} to {seeds.stop - 1}", [str(e)])
            continue
        n_mute += mute
        total.passed += len(seeds) - mute - len({i for i, way in different})
        for (i, way), told in different.items():
            name = f"seed {seeds[i] if i >= 0 else seeds}, {' '.join(way)}"
            n_shown += i >= 0
            if 0 <= i and n_shown <= WORST:
                told = report(bench, seeds[i], way, told)
            total.add(name, told, 150)
            sys.stdout.flush()
    print(f"seeds {args.seed} to {seed - 1} on {args.version}, "
          f"{' and '.join(map(' '.join, ways))}; {n_mute} end otherwise under settrace")


def main():
    options = pair.options(__doc__)
    pair.add_ways(options)
    options.add_argument("--seconds", type=float, default=60)
    options.add_argument("--seed", type=int, default=1)
    options.add_argument("--count", type=int, default=10**9)
    options.add_argument("--keep", help="folder for programs, sessions and counts")
    options.add_argument("--show", action="store_true")
    args = options.parse_args()
    pair.resolve(args)
    if args.show:
        version = tuple(map(int, args.version.split(".")))
        for seed in range(args.seed, args.seed + min(args.count, 1000)):
            print(random_tree.text(random_grammar.program(seed, version)))
        return 0
    total = pair.Sum()
    with tempfile.TemporaryDirectory(prefix="random-") as folder:
        if args.keep:
            os.makedirs(args.keep, exist_ok=True)
            folder = tempfile.mkdtemp(dir=os.path.abspath(args.keep))
        go(Bench(args, folder), pair.ways(args), total)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
