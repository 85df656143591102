# engine: bytecode; on 3.13 set_trace() stops at the next line where LINE events are on
# oracle: no; pdb uses sys.settrace
"""breakpoint(), as PYTHONBREAKPOINT and sys.breakpointhook have it."""
import os
import sys

calls = []


def hook(*args, **kwargs):
    calls.append((args, kwargs, sys._getframe(1).f_code.co_name))


def work(n):
    total = n
    breakpoint()  #= 4
    return total


os.environ["PYTHONBREAKPOINT"] = "0"
print(work(1))
os.environ["PYTHONBREAKPOINT"] = "__main__.hook"
print(work(2), calls)
os.environ["PYTHONBREAKPOINT"] = "no.such"
print(work(3))
del os.environ["PYTHONBREAKPOINT"]
print(work(4))
sys.breakpointhook = hook
breakpoint(1, x=2)
print(calls)
