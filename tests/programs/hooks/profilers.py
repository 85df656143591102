# oracle: no; they use sys.setprofile and sys.settrace
"""cProfile, profile and trace.Trace within the program."""
import cProfile
import profile
import pstats
import sys
import trace


def leaf(n):
    return n + 1  #= 139


def work(n):
    return sum(leaf(i) for i in range(n)) + len(sorted(range(n), key=leaf))


def show(stats):
    stats = pstats.Stats(stats).stats
    for (file, line, name), (primitive, calls, *_, callers) in sorted(stats.items()):
        if file == __file__ or "len" in name:
            print(line, name, primitive, calls,
                  sorted((c[1], c[2]) for c in callers if c[0] == __file__))


p = cProfile.Profile()
p.enable()
work(10)
p.disable()
show(p)
p = cProfile.Profile(builtins=False)
p.runcall(work, 10)
show(p)
p = profile.Profile()
p.runcall(work, 10)
p.create_stats()
show(p)
t = trace.Trace(count=True, trace=False, ignoredirs=[sys.prefix, sys.base_prefix])
t.runfunc(work, 10)
print(sorted((line, n) for (file, line), n in t.results().counts.items()
             if file == __file__))
t = trace.Trace(count=False, trace=True, ignoredirs=[sys.prefix, sys.base_prefix])
t.runfunc(leaf, 1)
t = trace.Trace(countfuncs=True, count=False, trace=False)
t.runfunc(work, 9)
print(sorted(name for file, module, name in t.results().calledfuncs if file == __file__))
t = trace.Trace(countcallers=True, count=False, trace=False)
t.runfunc(work, 10)
print(sorted((a[2], b[2]) for a, b in t.results().callers if b[0] == __file__))
work(10)
