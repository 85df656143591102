"""Subclasses with methods of their own, and attributes that are replaced."""
import sys
import trace
import work


def show(what, tracer):
    print(what, sorted((f.rsplit("/", 1)[-1], n, c) for (f, n), c in tracer.counts.items()))


class Lines(trace.Trace):
    def localtrace_count(self, frame, why, arg):
        print("local", why, frame.f_lineno, arg is None)
        return super().localtrace_count(frame, why, arg)


class Calls(trace.Trace):
    def globaltrace_lt(self, frame, why, arg):
        print("global", why, frame.f_code.co_name)
        return super().globaltrace_lt(frame, why, arg)


class Few(trace.Trace):
    def globaltrace_lt(self, frame, why, arg):
        if frame.f_code.co_name == "main":
            return super().globaltrace_lt(frame, why, arg)


class Named(trace.Trace):
    def file_module_function_of(self, frame):
        file, module, function = super().file_module_function_of(frame)
        return "file", "module", function.upper()


class Once(trace.Trace):
    """Does not go on behind the first line."""

    def localtrace_count(self, frame, why, arg):
        super().localtrace_count(frame, why, arg)
        return None


class Bad(trace.Trace):
    def localtrace_count(self, frame, why, arg):
        raise ArithmeticError(why)


class Bare(trace.Trace):
    def __init__(self):
        pass


class Silent(trace.Trace):
    def results(self):
        return "results"


for cls in Lines, Calls, Few, Once:
    t = cls(trace=0)
    print(t.runfunc(work.main, 2))
    show(cls.__name__, t)
for mode in "countfuncs", "countcallers":
    t = Named(count=0, trace=0, **{mode: 1})
    t.runfunc(work.main, 1)
    r = t.results()
    print(sorted(r.calledfuncs), sorted(r.callers))
try:
    Bad(trace=0).runfunc(work.main, 1)
except ArithmeticError as e:
    print(e, sys.gettrace())
t = Bare()
for name in "counts", "trace", "globaltrace", "localtrace", "donothing", "ignore":
    print(name, hasattr(t, name))
try:
    t.runfunc(work.main, 1)
except AttributeError as e:
    print(e)
print(Silent(trace=0).results())

# Attributes
t = trace.Trace(trace=0)
local = t.localtrace
t.localtrace = lambda frame, why, arg: print("mine", why) or local(frame, why, arg)
print(t.runfunc(work.add, 1))
show("replaced", t)
t = trace.Trace(trace=0)
t.file_module_function_of = None
t.trace = 1
t.runfunc(work.add, 1)
t.trace = 0
t.runfunc(work.add, 1)
show("trace", t)
t.counts = {("work.py", 1): 5}
t.runfunc(work.add, 1)
show("counts", t)


class Default(dict):
    def get(self, key, default=None):
        return super().get(key, 100)


t.counts = Default()
t.runfunc(work.loop, 3)
show("default", t)
t = trace.Trace(count=0, trace=0, countfuncs=1)
t.file_module_function_of = lambda frame: ("a", "b", frame.f_code.co_name)
t.runfunc(work.main, 1)
print(sorted(t._calledfuncs))


class Ignore:
    def names(self, file, module):
        print("asked", file.rsplit("/", 1)[-1], module)
        return module == "other"


t = trace.Trace(trace=0)
t.ignore = Ignore()
t.runfunc(work.main, 1)
show("asked", t)
t.ignore = trace._Ignore(["work"])
t.runfunc(work.main, 1)
show("ignored", t)
del t.counts
t.ignore = trace._Ignore()
try:
    t.runfunc(work.add, 1)
except AttributeError as e:
    print("no counts", sys.gettrace())
t = trace.Trace(trace=0)
del t.localtrace
try:
    t.runfunc(work.add, 1)
except AttributeError as e:
    print("no localtrace", sys.gettrace())


class Switching(trace.Trace):
    def localtrace_trace(self, frame, why, arg):
        self.localtrace = self.localtrace_count
        return super().localtrace_trace(frame, why, arg)


t = Switching(count=0)
print(t.runfunc(work.loop, 2))
show("switched", t)
