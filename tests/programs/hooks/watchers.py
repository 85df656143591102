# oracle: no; it allocates
# stderr: loose; faulthandler says where it is when it is
"""What looks at the program from outside: tracemalloc, gc callbacks, faulthandler."""
import faulthandler
import gc
import sys
import tempfile
import time
import tracemalloc


def allocates(n):
    return [bytes(1000) for _ in range(n)]


tracemalloc.start(5)
kept = allocates(50)  #= 1
snapshot = tracemalloc.take_snapshot()
tracemalloc.stop()
rows = [(s.traceback[0].lineno, s.count >= 50)
        for s in snapshot.statistics("lineno") if s.traceback[0].filename == __file__
        and s.size > 20000]
print(rows, tracemalloc.get_object_traceback(kept[0]))

phases = []
gc.disable()
gc.collect()
gc.callbacks.append(lambda phase, info: phases.append((phase, info["collected"])))
for _ in range(3):
    loop = []
    loop.append(loop)
    del loop
    gc.collect()
print(phases)
del gc.callbacks[:]


def waits(n):
    if n:
        return waits(n - 1)
    time.sleep(0.05)


with tempfile.TemporaryFile("w+") as out:
    faulthandler.dump_traceback_later(0.01, file=out)
    waits(3)
    faulthandler.cancel_dump_traceback_later()
    faulthandler.dump_traceback(file=out, all_threads=False)
    out.seek(0)
    print("".join(line for line in out if "File" in line))
sys.addaudithook(lambda event, args: None)
print(sys.getsizeof(allocates) > 0, gc.is_tracked(kept), sys.getrefcount(kept))
