"""The dict of counts is one: who has it sees each line at once."""
import sys
import threading
import trace
import work


def lines(tracer):
    return {n: c for (f, n), c in tracer.counts.items() if f.endswith("work.py")}


t = trace.Trace(trace=0)
held = t.counts
t.runfunc(work.loop, 3)
print(held is t.counts, len(held), lines(t))


def look(when):
    print(when, len(held), sum(held.values()))


def looks():
    look("first")
    x = 1
    look("then")
    return x


t.runfunc(looks)
held.clear()
t.runfunc(work.add, 1)
print(lines(t), list(held)[0][1])
del held
t.runfunc(work.add, 1)
t.runfunc(work.loop, 2)
r = t.results()
t.runfunc(work.add, 1)
print(r.counts is t.counts, lines(t), r.counter == r.counts)
again = t.results()
print(again.counts is r.counts, again.calledfuncs is t._calledfuncs)
t.counts.clear()
t.runfunc(work.add, 1)
print([n for _, n in t.counts])
keys = list(t.counts)
t.counts = dict.fromkeys(keys, 10)
t.runfunc(work.loop, 1)
t.runfunc(work.add, 1)
print([(n, c) for (_, n), c in t.counts.items()])

# Several tracers, one in the other, and frames that are left from another's run
a, b = trace.Trace(trace=0), trace.Trace(trace=0)
g = a.runfunc(work.generate, 3)
a.runfunc(next, g)
b.runfunc(next, g)
print(lines(a), lines(b))
a.runfunc(b.runfunc, work.add, 1)
print(lines(a), lines(b))
sys.settrace(a.globaltrace)
next(g)
sys.settrace(b.globaltrace)
work.add(1)
sys.settrace(None)
work.add(2)
print(lines(a), lines(b), sys.gettrace())
sys.settrace(trace.Trace(trace=0).globaltrace)
work.add(1)
sys.settrace(None)

# By hand, and chained
t = trace.Trace(trace=0)


def chain(frame, why, arg):
    print("chain", why, frame.f_code.co_name)
    return t.globaltrace(frame, why, arg)


sys.settrace(chain)
work.add(1)
sys.settrace(None)
print(lines(t), t.globaltrace == t.globaltrace_lt, t.localtrace == t.localtrace_count)

# Threads
for way in "runfunc", "runctx", "run":
    t = trace.Trace(trace=0, ignoremods=["threading", "_weakrefset"])
    if way == "runfunc":
        t.runfunc(work.in_thread, 1)
    elif way == "runctx":
        t.runctx("work.in_thread(1)", {"work": work})
    else:
        t.run("work.in_thread(1)")
    print(way, lines(t), threading.gettrace(), sys.gettrace())

# Functions and callers, looked at in between
for mode, name in ("countfuncs", "_calledfuncs"), ("countcallers", "_callers"):
    t = trace.Trace(count=0, trace=0, **{mode: 1})
    for clear in (False, True, False, False):
        t.runfunc(work.main, 1)
        noted = getattr(t, name)
        print(len(noted), list(noted)[-1][-1] if noted else None)
        if clear:
            noted.clear()
        del noted
    held = getattr(t, name)
    t.runfunc(work.add, 1)
    held.clear()
    t.runfunc(work.add, 1)
    print(list(held)[-1][-1])
    setattr(t, name, {})
    t.runfunc(work.add, 1)
    print(list(getattr(t, name))[-1][-1], len(held))
t = trace.Trace(count=0, trace=0, countfuncs=1)
t.runfunc(work.add, 1)
t.globaltrace = t.globaltrace_trackcallers
t.runfunc(work.add, 1)
t.runfunc(work.add, 1)
print(len(t._calledfuncs), len(t._callers))
t.globaltrace = t.globaltrace_countfuncs
t._calledfuncs.clear()
t.runfunc(work.add, 1)
print(len(t._calledfuncs), len(t._callers))
for tracer in trace.Trace(count=0, trace=0), trace.Trace(0, 0, 1), trace.Trace(1, 1, 1, 1):
    print(tracer.donothing, hasattr(tracer, "localtrace"), hasattr(tracer, "globaltrace"))
