"""Times a workload within its own process, so that start-up is not in it, and looks at
what came out, so that none is quick by doing nothing."""
import gc
import json
import os
import sys
import time


def timed(work, amount, is_right):
    """Runs work(amount), the amount scaled by $BENCH_SCALE; is_right(result, amount)."""
    amount = max(1, round(amount * float(os.environ.get("BENCH_SCALE", "1"))))
    gc.collect()
    cpu_began, began = time.process_time(), time.perf_counter()
    result = work(amount)
    took = {"wall": time.perf_counter() - began, "cpu": time.process_time() - cpu_began,
            "amount": amount}
    if not is_right(result, amount):
        sys.exit(f"{sys.argv[0]}: a wrong result: {result!r:.200}")
    out = os.environ.get("BENCH_OUT")
    if out:  # renamed into place: who waits for it finds it whole
        with open(out + ".new", "w", encoding="utf-8") as f:
            json.dump(took, f)
        os.rename(out + ".new", out)
    else:
        sys.stderr.write("{wall:.3f} s, of that {cpu:.3f} s CPU\n".format(**took))
