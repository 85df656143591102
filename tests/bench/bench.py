"""What watching a program costs: each workload under the interpreter itself, under other
tools, under the emptiest hooks there are, and under us in several ways, as factors to the
first.

    bench.py [--python PYTHON] [--runs N] [--quick] [--scale F] [--clock wall|cpu]
             [--without WAY] [--only PART] [--json FILE] [WORKLOAD...]

Without --python, each Python that a runner in this tree is built for. All ways of one
workload run in turn, round after round; a factor is the median over the rounds. What is
slow runs on less work, in fewer rounds. A workload times itself, without start-up, and
checks its own result. A number with a ! misses its goal. All of it takes some six minutes
for each Python, --quick half a minute."""
import argparse
import glob
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

import costs
import growth
import shown
import ways
from runs import run

PARTS = ("factors", "costs", "growth", "times")
FOREIGN_ROUNDS = 2
PROGRAMS = os.path.join(ways.HERE, "programs")

# workload, what it is, filter rules beyond the default
ROWS = [
    ("nbody", "line-dense", ()),
    ("fannkuch", "line-dense", ()),
    ("spectral", "line-dense", ()),
    ("sieve", "line-dense", ()),
    ("fib", "call-dense", ()),
    ("richards", "call-dense", ()),
    ("deltablue", "call-dense", ()),
    ("desk", "call-dense", ()),
    ("raytrace", "mixed", ()),
    ("json_text", "with stdlib", ("include=stdlib",)),
    ("texts", "with stdlib", ("include=stdlib",)),
    ("tokens", "with stdlib", ("include=stdlib",)),
    ("json_text", "without stdlib", ()),
    ("texts", "without stdlib", ()),
    ("tokens", "without stdlib", ()),
    ("report", "without stdlib", ()),
    ("threads", "threads", ()),
    ("tasks", "asyncio", ()),
    ("nbody", "left out", ("exclude=nbody.py",)),
    ("richards", "left out", ("exclude=richards.py",)),
]
# What counts, and counts with times and the call tree, may cost at most: factors of
# DESIGN's. Where that is nothing, two medians of the same still differ by 2 %. A screen
# may add SCREEN_GOAL to the latter.
GOALS = {
    "line-dense": {"count": 1.3, "full": 1.9},
    "call-dense": {"count": 1.8, "full": 2.8},
    "without stdlib": {"count": 1.05, "full": 1.15},
    "left out": {"count": 1.02, "full": 1.02},
}
SCREEN_GOAL = 1.05


def script_of(workload):
    return os.path.join(PROGRAMS, workload + ".py")


def targets(args, folder):
    """The Pythons to measure, one of each runner in the tree, or the one asked for."""
    wanted = ways.ask(args.python, "import platform; print(platform.python_version())") \
        if args.python else None
    if args.python and not wanted:
        sys.exit(f"bench: {args.python} does not run")
    found = []
    for runner in sorted(glob.glob(os.path.join(ways.TOP, "ttrace-runner-3.*"))):
        version, prefix = re.match(r"(\S+) .*\n(.*)\n", subprocess.run(
            [runner, "--version"], capture_output=True, text=True).stdout).groups()
        python = args.python or os.path.join(
            prefix, "bin", "python" + version.rsplit(".", 1)[0])
        if wanted not in (None, version):
            continue
        if not os.access(python, os.X_OK) and not args.python:
            print(f"{os.path.basename(runner)}: there is no {python}")
            continue
        own = os.path.join(folder, version)
        os.mkdir(own)
        found.append(ways.Target(python, runner, own))
    if not found:
        sys.exit("bench: no runner in this tree fits " + (args.python or "any Python")
                 + "; say make PYTHON=/path/to/python3")
    return found


class Factors:
    """The table of one Python: for each row and way, the median of the factors."""

    def __init__(self, target, args):
        self.target, self.args = target, args
        self.ways = [w for w in ways.WAYS if w not in args.without and w not in target.missing]
        self.rows = [r for r in ROWS if not args.workloads or r[0] in args.workloads]
        self.rounds = []  # by row: [{way: Run}]
        self.factors = []  # by row: {way: factor}
        self.missed = []

    def measure(self):
        print(f"{'workload':<11}{'':<15}"
              + "".join(f"{ways.WAYS[w][0]:>9}" for w in self.ways))
        for row in self.rows:
            self.rounds.append([self.one_round(row, n) for n in range(self.args.runs)])
            self.factors.append(self.factors_of(self.rounds[-1]))
            self.print_row(row, self.rounds[-1], self.factors[-1])

    def one_round(self, row, n):
        workload, what, rules = row
        found = {}
        for way in self.ways:
            if way in ways.FOREIGN and n >= FOREIGN_ROUNDS:
                continue
            if not self.target.suits(way, what, rules):
                continue
            found[way] = run(self.target, way, script_of(workload), rules,
                             self.args.scale * ways.WAYS[way][1])
        return found

    def seconds(self, one):
        return getattr(one, self.args.clock)

    def factors_of(self, rounds):
        """Per unit of work, since not all ways are given as much."""
        def cost(one):
            return self.seconds(one) / one.amount
        return {way: statistics.median(cost(r[way]) / cost(r["plain"])
                                       for r in rounds if way in r)
                for way in self.ways if way in rounds[0]}

    def print_row(self, row, rounds, factors):
        workload, what, _ = row
        plain = statistics.median(self.seconds(r["plain"]) for r in rounds)
        cells = [f"{plain:9.3f}"]
        for way in self.ways[1:]:
            if way not in factors:
                cells.append(f"{'-':>9}")
                continue
            is_missed = self.misses(row, way, factors)
            cells.append(f"{factors[way]:8.2f}" + (" !"[is_missed]))
        print(f"{workload:<11}{what:<15}" + "".join(cells), flush=True)

    def misses(self, row, way, factors):
        goal = GOALS.get(row[1], {}).get(way)
        if way == "screen" and "full" in factors:
            goal = factors["full"] * SCREEN_GOAL
        if goal is None or round(factors[way], 2) <= round(goal, 2):
            return False
        self.missed.append(f"{row[0]} ({row[1]}), {way}: {factors[way]:.2f}, "
                           f"goal {goal:.2f}")
        return True

    def print_gain(self):
        """The same as gains over trace."""
        mine = [w for w in ways.OURS if w in self.ways and w != "untraced"]
        if "trace" not in self.ways or not mine:
            return
        print("\npython -m trace --count takes so many times as long as")
        print(f"{'':<26}" + "".join(f"{ways.WAYS[w][0]:>9}" for w in mine))
        for (workload, what, _), f in zip(self.rows, self.factors):
            print(f"{workload:<11}{what:<15}"
                  + "".join(f"{f['trace'] / f[w]:>9.1f}" for w in mine))

    def print_memory(self):
        print("\npeak memory, MiB: "
              + ", ".join(f"{w} {self.most(w, 'peak_kib') / 1024:.1f}" for w in self.ways)
              + " (screen: the front-end alone)")
        print("session, KiB: "
              + ", ".join(f"{w} {self.most(w, 'session_bytes') / 1024:.0f}"
                          for w in self.ways
                          if w in ("count", "full", "record", "events")))

    def most(self, way, field):
        return max(getattr(r[way], field) for rounds in self.rounds for r in rounds
                   if way in r)

    def as_json(self):
        return [{"workload": row[0], "kind": row[1], "factors": factors,
                 "rounds": [{way: one._asdict() for way, one in r.items()} for r in rounds]}
                for row, rounds, factors in zip(self.rows, self.rounds, self.factors)]


def bench(target, args):
    """All of one Python. Returns what goes into the JSON."""
    found = {"version": target.version, "python": target.python, "missing": target.missing}
    missed = []
    print(f"\nPython {target.version}, {os.path.basename(target.runner)}; {args.runs} "
          f"rounds at scale {args.scale:g}; factors of {args.clock} time to the plain run")
    for way, why in target.missing.items():
        print(f"not measured: {way}: {why}")
    if "factors" in args.parts:
        factors = Factors(target, args)
        factors.measure()
        factors.print_gain()
        factors.print_memory()
        found["factors"] = factors.as_json()
        missed += factors.missed
    if "costs" in args.parts:
        found["costs"], more = costs.measure(target, 3 if args.quick else 15, script_of)
        missed += more
    if "growth" in args.parts:
        found["growth"] = growth.measure(target, args, script_of)
    if "times" in args.parts:
        found["times"] = shown.measure(target, args, script_of)
    if missed:
        print("\nmissed goals:\n    " + "\n    ".join(missed))
    found["missed"] = missed
    return found


def options():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--python", help="default: each that a runner is built for")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--scale", type=float, default=1.0)
    parser.add_argument("--quick", action="store_true", help="one short round")
    parser.add_argument("--clock", choices=("wall", "cpu"), default="wall",
                        help="cpu bears a machine on which others are at work, too")
    parser.add_argument("--without", action="append", default=[], choices=list(ways.WAYS)[1:])
    parser.add_argument("--only", dest="parts", action="append", choices=PARTS)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("workloads", nargs="*", metavar="WORKLOAD")
    args = parser.parse_args()
    args.parts = args.parts or PARTS
    known = {row[0] for row in ROWS}
    if not known.issuperset(args.workloads):
        parser.error("workloads are " + " ".join(sorted(known)))
    if args.quick:
        args.runs, args.scale = 1, 0.2 * args.scale
    return args


def main():
    args = options()
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        found = [bench(target, args) for target in targets(args, folder)]
    if args.json:
        with open(args.json, "w", encoding="utf-8") as f:
            json.dump(found, f, indent=1)


if __name__ == "__main__":
    main()
