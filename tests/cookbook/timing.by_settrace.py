"""Times functions, and shows the ten that took longest."""
import collections
import sys
import time

import shop

started, seconds, calls = {}, collections.Counter(), collections.Counter()


def clock(frame, event, arg):
    if frame.f_code.co_filename != shop.__file__:
        return None
    if event == "call":
        started[frame] = time.perf_counter()
    elif event == "return" and frame in started:
        seconds[frame.f_code.co_name] += time.perf_counter() - started.pop(frame)
        calls[frame.f_code.co_name] += 1
    return clock


sys.settrace(clock)
shop.fib(15)
shop.main()
sys.settrace(None)
for name, took in seconds.most_common(10)[:1]:
    print(f"{name}: {calls[name]} calls, took some time: {took > 0}")
