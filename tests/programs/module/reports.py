"""CoverageResults, and what they read and write."""
import io
import os
import pickle
import sys
import trace
import work


class Results(trace.CoverageResults):
    def is_ignored_filename(self, filename):
        return filename.endswith("__main__.py") or super().is_ignored_filename(filename)

    def write_results_file(self, path, *args, **kwargs):
        result = super().write_results_file(path, *args, **kwargs)
        print("written", os.path.basename(path), result)
        return result


def attempt(function, *args, **kwargs):
    try:
        print(function(*args, **kwargs))
    except Exception as e:
        print(type(e).__name__, e)


t = trace.Trace(trace=0, infile="in.counts", outfile="out.counts")
t.runfunc(work.main, 2)
r = t.results()
print(r.infile, r.outfile, r.calledfuncs, r.callers)
r.write_results(coverdir="covers", summary=True)
print(sorted(os.listdir("covers")))
for name in sorted(os.listdir("covers")):
    print(open("covers/" + name).read())
print([list(part.values()) for part in pickle.load(open("out.counts", "rb"))])
t = trace.Trace(trace=0, infile="out.counts")
t.runfunc(work.main, 1)
for _ in range(2):
    print(sorted(t.results().counts.values()))
custom = Results({("<x>", 1): 1, (work.__file__, 3): 2, ("a/__main__.py", 1): 1})
attempt(custom.write_results, False, True, "custom")
attempt(custom.write_results, False, False)
os.remove(os.path.join(os.path.dirname(work.__file__), "work.cover"))
attempt(trace.CoverageResults({("gone.py", 1): 1}).write_results)
attempt(trace.CoverageResults({("gone.py", 1): 1}, outfile="gone.counts").write_results,
        show_missing=False, coverdir="custom")
print(os.path.exists("gone.counts"))
if sys.version_info >= (3, 13):
    attempt(trace.CoverageResults({("gone.py", 1): 1}).write_results, summary=True,
            ignore_missing_files=True)
attempt(custom.write_results_file, "a.cover", ["one\n", "\ttwo\n", "x #pragma NO COVER\n",
                                              "last\n"],
        {2: 1, 3: 1, 4: 1, 9: 1}, {1: 123456, 9: 1})
print(open("a.cover").read())
attempt(custom.write_results_file, "no/where.cover", ["x\n"], {}, {1: 1}, encoding="latin-1")
attempt(custom.write_results_file, "b.cover", ["\u2603\n"], {}, {1: 1}, encoding="ascii")
attempt(custom.write_results_file, "c.cover", ["\u2603\n"], {}, {1: 1}, "utf-8-sig")
print(open("c.cover", "rb").read())
listing = trace.CoverageResults(
    calledfuncs={("b.py", "b", "f"): 1, ("a.py", "a", "C.g"): 1},
    callers={(("a", "m", "f"), ("a", "m", "g")): 1, (("a", "m", "f"), ("b", "n", "g")): 1,
             (("a", "m", "f"), ("b", "n", "h")): 1, (("c", "o", "f"), ("b", "n", "g")): 1,
             (("", "", "f"), ("", "", "g")): 1, (("a", "m", "z"), ("c", "o", "i")): 1,
             (("a", "m", "z"), ("b", "n", "i")): 1})
attempt(listing.write_results)
listing.update(listing)
listing.update(trace.CoverageResults({("<x>", 1): 1, (work.__file__, 3): 2}))
print(len(listing.counts), len(listing.calledfuncs), len(listing.callers), listing.counter)
sys.stdout, real = io.StringIO(), sys.stdout
listing.write_results(coverdir="custom", show_missing=False)
text, sys.stdout = sys.stdout.getvalue(), real
print(repr(text))
for args in ((1, 2, 3), ({}, {}, None, {}), ({}, [], "x", [], "y")):
    attempt(lambda: vars(trace.CoverageResults(*args)))
attempt(trace.CoverageResults, infile=work.__file__)
attempt(trace.CoverageResults, infile="/")

# Helpers
i = trace._Ignore(["a", "b.c"], ["/x/", "/y/z"])
for file, module in (("a.py", "a"), ("q", "b.c.d"), ("q", "b"), ("/x/d.py", "d"),
                     ("/xx/e.py", "e"), ("/y/z/f.py", "f"), ("/elsewhere", "f"),
                     (None, "g"), ("h", "<string>"), ("/y/z/", "")):
    print(file, module, i.names(file, module))
sys.path[:0] = ["/some/where", "/some/where/deep/", "", "/some/where/deeper"]
for path in ("/some/where/m.py", "/some/where/deep/n.py", "/some/where/deeper/p/__init__.py",
             "rel/m.py", "./m.py", "../m.py", "/other/x.y.py", "/some/wherever.py", "m"):
    print(path, trace._modname(path), trace._fullmodname(path))
with open("subject.py", "w") as f:
    f.write('# c\n"""doc"""\ndef f():\n    "d"\n    x = """a\nb"""\n    if x:\n'
            '        "s"\n        return f"""{x}\n"""\n\n\nclass C:\n    "e"; y = 1\n')
print(trace._find_strings("subject.py"), trace._find_strings("subject.py", "utf-8"))
print(trace._find_executable_linenos("subject.py"))
print(trace._find_executable_linenos("nowhere.py"))
code = compile(open("subject.py").read(), "subject.py", "exec")
print(trace._find_lines_from_code(code, {}), trace._find_lines(code, {3: 1}))
print(trace.PRAGMA_NOCOVER, sorted({"Trace", "CoverageResults"} & {*trace.__all__}))
