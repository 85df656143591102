"""Whether the cost of a unit of work stays what it is as the work grows: N, 2N, 4N, 8N
of much the same, and of a program that takes one new call path for each number."""
import statistics

from runs import run

WORKLOADS = ("nbody", "fib", "paths")
WAYS = ("plain", "count", "full", "events")
TIMES = (1, 2, 4, 8)
SCALE = 0.25
N_ROUNDS = 3


def measure(target, args, script_of):
    print("\ngrowth: us a unit of work, at N and so often that, and the session's size")
    print(f"{'workload':<9}{'units':>9}" + "".join(f"{w + ' us':>11}{'':>7}" for w in WAYS)
          + f"{'full KiB':>10}")
    return {w: one(target, args, script_of(w), w) for w in WORKLOADS}


def one(target, args, script, workload):
    first, rows = {}, []
    for times in TIMES:
        rounds = [{way: run(target, way, script, scale=args.scale * SCALE * times)
                   for way in WAYS} for _ in range(min(args.runs, N_ROUNDS))]
        cost = {way: 1e6 * statistics.median(
            getattr(r[way], args.clock) / r[way].amount for r in rounds) for way in WAYS}
        first = first or cost
        full = rounds[0]["full"]
        rows.append({"units": full.amount, "us": cost, "session_bytes": full.session_bytes,
                     "peak_kib": full.peak_kib})
        print(f"{workload:<9}{full.amount:>9}"
              + "".join(f"{cost[w]:>11.3f}{'x%.2f' % (cost[w] / first[w]):>7}" for w in WAYS)
              + f"{full.session_bytes / 1024:>10.0f}", flush=True)
    return rows
