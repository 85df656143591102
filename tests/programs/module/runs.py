"""run, runctx and runfunc: where things run, and what comes out."""
import contextlib
import io
import sys
import trace
import work

VALUE = 5


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except BaseException as e:
        print(type(e).__name__, e, sys.gettrace())


t = trace.Trace(ignoredirs=[sys.base_prefix])
t.run("RESULT = work.add(VALUE)")
print(RESULT)
t.runctx("y = add(x)\nz = y", {"__file__": "made/up.py", "add": work.add, "x": 2})
g, l = {"add": work.add}, {}
t.runctx("a = add(3)", g, l)
print(l, "a" in g)
t.runctx(compile("b = 1\n", "compiled.py", "exec"), {"__file__": "compiled.py"})
t.runctx("pass")
attempt(t.runctx, "x = (")
attempt(t.runctx, "raise SystemExit(3)", {"__file__": "x.py"})
attempt(t.runfunc, work.fail)
attempt(t.runfunc, sys.exit, 4)
attempt(t.runfunc)
attempt(t.runfunc, func=work.add)
attempt(t.runfunc, lambda *a, **k: (a, k), 1, self=2, func=3)
attempt(t.runfunc, 5)
attempt(t.run, None)


class A:
    def f(self):
        return sorted(sys._getframe(1).f_locals["kw"]), sys._getframe(1).f_code.co_name


print(t.runfunc(A().f))
print(trace.Trace(timing=True).start_time > 0, trace.Trace().start_time)
for bad in (dict(count=1, nothing=1), dict(infile=1)):
    try:
        print(type(trace.Trace(**bad)) is trace.Trace)
    except TypeError:
        print("TypeError")
print(issubclass(trace.Trace, object), trace.Trace.__name__, callable(trace.main))


class Sub(trace.Trace):
    def __init__(self, more):
        super().__init__(trace=0, count=1, countfuncs=0)
        self.more = more


s = Sub(3)
s.runfunc(work.add, 1)
print(s.more, len(s.counts), s.pathtobasename, s.infile, s.outfile, s.trace)
t = trace.Trace(0, 0, 0, 1)
t.runfunc(work.main, 2)
t.run("work.add(1)")
with contextlib.redirect_stdout(io.StringIO()) as listing:  # whose order is by paths
    t.results().write_results()
print(*sorted(line for line in listing.getvalue().splitlines() if line[:4] == "    "),
      sep="\n")
outer = lambda *args: None
sys.settrace(outer)
trace.Trace(trace=0).runfunc(work.add, 1)
print(sys.gettrace())
sys.argv = ["x", "--count"]
attempt(trace.main)
sys.argv = ["trace.py", "-l", work.__file__]
sys.path[0] = ""
attempt(trace.main)
