"""Whether the times that are shown are those of the program: what the probes cost is
taken off, so their sum must come near what the same interpreter takes untraced; and line
by line they stand beside line_profiler's, whose own cost is in its numbers."""
import json
import os
import statistics
import subprocess
import sys

import ways
from runs import run

COMPAT = os.path.join(ways.TOP, "tests", "compat")
sys.path.insert(0, COMPAT)
from session import Session  # noqa: E402: it lies over there

SUMS = ("nbody", "sieve", "fannkuch", "fib", "richards", "desk", "raytrace")
LINES = (("nbody", "advance"), ("sieve", "primes"), ("raytrace", "look"))


def traced(target, script, scale):
    """One run in full, and its session."""
    kept = []
    return run(target, "full", script, scale=scale, look=lambda path: kept.append(
        Session(path))), kept[0]


def sums(target, args, script_of):
    print("\nsums of shown times, off the untraced run's time by %: of lines, of functions;"
          "\nand raw ones, with the probes' cost in them")
    print(f"{'workload':<11}{'untraced s':>11}{'traced s':>10}{'lines':>9}{'functions':>11}"
          f"{'raw':>9}{'ns/line':>9}{'ns/call':>9}")
    return {w: sum_of(target, args, script_of(w), w) for w in SUMS}


def sum_of(target, args, script, workload):
    rows = []
    for _ in range(min(args.runs, 3)):
        untraced = getattr(run(target, "untraced", script, scale=args.scale), args.clock)
        took, session = traced(target, script, args.scale)
        clock = getattr(took, args.clock)
        raw, *less = (sum(t[1] for (path, *_), t in table.items() if path == script)
                      for table in (session.line_times(raw=True), session.line_times(),
                                    session.function_times()))
        # Sessions go by the wall. What probes take is CPU time in any case.
        idle = raw * (1 - clock / took.wall)
        own = [t - idle for t in (*less, raw)]
        tick_ns = 1e9 * session.tick_s()
        rows.append((untraced, clock, *(100 * (s / untraced - 1) for s in own),
                     session.header.line_cost_ticks * tick_ns,
                     session.header.call_cost_ticks * tick_ns))
    row = [statistics.median(column) for column in zip(*rows)]
    print("{:<11}{:>11.3f}{:>10.3f}{:>+8.1f}%{:>+10.1f}%{:>+8.1f}%{:>9.1f}{:>9.1f}".format(
        workload, *row), flush=True)
    return dict(zip(("untraced", "traced", "lines", "functions", "raw", "line_ns",
                     "call_ns"), row))


def beside_line_profiler(target, args, script, function):
    """The lines of one function, both ways. Times are those of the line with what it
    calls."""
    out = os.path.join(target.folder, "lines.json")
    scale = args.scale * ways.WAYS["line_profiler"][1]
    run(target, "line_profiler", script, scale=scale, more_env={"BENCH_LINES": out})
    with open(out, encoding="utf-8") as f:
        [theirs] = [lines for path, name, lines in json.load(f)
                    if name == function and path == script]
    _, session = traced(target, script, scale)
    ours, raw = session.line_times(), session.line_times(raw=True)
    with open(script, encoding="utf-8") as f:
        text = f.read().splitlines()
    rows = [(line, n, seconds, *ours.get((script, line), (0, 0, 0)),
             raw.get((script, line), (0, 0, 0))[1]) for line, n, seconds in theirs]
    print(f"\n{os.path.basename(script)}, {function}: ms of a line with what it calls\n"
          f"{'line':>6}{'hits':>9}{'lineprof':>10}{'hits':>9}{'ours':>9}{'self':>9}"
          f"{'raw self':>10}")
    for line, n, seconds, hits, own, below, raw_own in rows:
        print(f"{line:>6}{n:>9}{1e3 * seconds:>10.2f}{hits:>9}{1e3 * (own + below):>9.2f}"
              f"{1e3 * own:>9.2f}{1e3 * raw_own:>10.2f}  {text[line - 1].strip():.40}")
    plain = min(run(target, "plain", script, scale=scale).wall for _ in range(3))
    print(f"{'sum':>6}{'':>9}{1e3 * sum(r[2] for r in rows):>10.2f}{'':>9}"
          f"{1e3 * sum(r[4] + r[5] for r in rows):>9.2f}{1e3 * sum(r[4] for r in rows):>9.2f}"
          f"{1e3 * sum(r[6] for r in rows):>10.2f}  the whole program takes "
          f"{1e3 * plain:.2f} plainly")
    return [dict(zip(("line", "lp_hits", "lp_s", "hits", "self_s", "below_s", "raw_self_s"),
                     row)) for row in rows]


def beside_the_truth(target, args):
    """Programs that measure themselves, lines of a hundredth of a second to one."""
    print("\nlines and functions that sleep and spin known times, 3 % allowed:")
    done = subprocess.run(
        [sys.executable, os.path.join(COMPAT, "times.py"), "--python", target.python,
         "--runner", target.runner, "--unit", "0.01" if args.quick else "0.1"],
        capture_output=True, text=True)
    print(done.stdout.strip() or done.stderr.strip(), flush=True)
    return done.stdout.splitlines()


def measure(target, args, script_of):
    found = {"sums": sums(target, args, script_of), "truth": beside_the_truth(target, args)}
    if "line_profiler" not in target.missing:
        found["lines"] = {f"{w}:{f}": beside_line_profiler(target, args, script_of(w), f)
                          for w, f in LINES}
    return found
