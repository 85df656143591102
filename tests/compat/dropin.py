"""`./ttrace` against `python -m trace`: status, both streams, files made and counts files,
to the byte. With --compat=strict all must be the same, tracebacks included. Without it, so
must be what programs that end well leave, but for the cases in deviations.txt, which must
differ.

    dropin.py [--python PYTHON] [--ttrace TTRACE] [--only WORD] [--way strict|default]

Both run in the same folder, a copy of tests/programs/dropin (by default with those of
tests/programs/cover beside them) that is new each time. A case is a list of command
lines, run one behind the other. The last line is "N passed, M failed"."""
import concurrent.futures
import difflib
import fnmatch
import glob
import os
import pickle
import re
import shutil
import subprocess
import sys
import tempfile

import pair

PROGRAMS = os.path.join(pair.TOP, "tests/programs/dropin")
COVER = os.path.join(pair.TOP, "tests/programs/cover")

MODES = {
    "count": "-c -m -s -f counts -C cov",
    "plain": "-c -s -C cov --ignore-dir=$prefix",
    "trace": "-t --ignore-dir=$prefix",
    "all": "-t",
    "both": "-c -t -f counts -C cov --ignore-module=os,codecs",
    "functions": "-l",
    "callers": "-T",
}

# Files that an editor or git could spoil.
ODD = {
    "latin.py": "# coding: latin-1\ndef f():\n    return 'ä\xa0'\n\n\nprint(ascii(f()))\n"
    .encode("latin-1"),
    "layout.py": b"\xef\xbb\xbfdef f():\r\n\treturn 1\t+ \\\r\n\t\t2\x0c\r\n\x0c\r\n"
    b"def g():\r\n    '''\xe2\x80\xa8 doc\x1c\x0b'''\r\n    x = '\xe2\x80\xa8'; return f()"
    b"\r\n\x0cg()\rf()\r\n   \r\n\r\nprint('end')  # no newline",
    "empty.py": b"",
    "blank.py": b"\n\n",
    "broken.py": b"x = 1\ndef f(:\n    pass\n",
    "nul.py": b"x = 1\n\0\n",
    "coding.py": b"# coding: nonsense\nx = 1\n",
    "utf.py": b"x = '\xff'\n",
    "a.b.py": b"import util\nprint(util.util())\n",
    "words.txt": b"no python\n",
    # Counts files: not a pickle, nothing, other shapes, and a call.
    "counts.garbage": b"garbage",
    "counts.empty": b"",
    "counts.short": pickle.dumps(({}, {}), 1),
    "counts.long": pickle.dumps(({}, {}, {}, {}), 1),
    "counts.number": pickle.dumps(5, 1),
    "counts.numbers": pickle.dumps((1, 2, 3), 1),
    "counts.lists": pickle.dumps(([], [], []), 1),
    "counts.texts": pickle.dumps(({("user.py", 1): "x"}, {}, {}), 1),
    "counts.keys": pickle.dumps(({1: 1}, {2: 1}, {3: 1}), 1),
    "counts.cut": pickle.dumps(({("user.py", 1): 1}, {}, {}), 1)[:-3],
    "counts.runs": b"(cos\nmkdir\n(Vmade_by_it\ntR}}t.",  # it calls os.mkdir()
    "counts.gone": pickle.dumps(({("user.py", 1): 2, ("gone.py", 3): 4}, {}, {}), 1),
    "counts.good": pickle.dumps(
        ({("user.py", 1): 2, ("user.py", 7): 10**20, ("<string>", 1): 1,
          ("gone.pyc", 3): 4},
         {("user.py", "user", "f"): 1}, {(("a", "b", "c"), ("d", "e", "f")): 1}), 4),
}

SHADOWED = "token inspect pickle gettext linecache tokenize shutil".split()


def in_modes(name, modes=MODES, arguments=""):
    return [(f"{name} {mode}{arguments and ' '}{arguments}",
             [f"{MODES[mode]} {name}.py {arguments}"]) for mode in modes]


def cases():
    """[(name, command lines)]; a line that begins with KEY=VALUE sets that first."""
    for name in "lines", "user":
        yield from in_modes(name)
    for name in "generators names frames modules outputs sources pickles latin layout " \
                "empty blank".split():
        yield from in_modes(name, ["count", "trace", "functions", "callers"])
    for name in "threads", "late":  # in which order, and who waits, is not said
        yield from in_modes(name, ["plain"])
    how = """own_hook hook_fails no_hook no_stderr value chain group os_error exits
        exits_with_text exits_at_once interrupted raises_interrupt killed syntax
        generator_exit unraisable stdout_closed fd_closed warns""".split()
    for way in how:
        yield from in_modes("dies", ["count"], way)
    for way in "value", "interrupted", "exits", "stdout_closed":
        yield from in_modes("dies", ["trace", "functions"], way)
    yield from in_modes("dies", ["count", "functions"], "forks")
    for name in "broken nul coding utf".split():
        yield name, [f"-c -C cov {name}.py"]
    yield from [
        # Ways to say what runs
        ("no file", ["-t nowhere.py"]), ("a folder", ["-t parcel"]),
        ("./", ["-t ./user.py"]), ("from above", ["-c -C cov ../work/user.py"]),
        ("below", ["-t parcel/part.py"]), ("dots", ["-t a.b.py"]),
        ("no python", ["-t words.txt"]), ("empty name", ["-t ''"]),
        ("module", ["-t --ignore-dir=$prefix --module parcel a b"]),
        ("module counts", ["-c -m -s -C cov --module parcel"]),
        ("module calls", ["-T --module parcel.__main__"]),
        ("module within", ["-c -C cov --module parcel.part"]),
        ("no module", ["-t --module nowhere"]),
        ("no module within", ["-t --module parcel.nowhere"]),
        ("no main", ["-t --module parcel.deep"]), ("stdlib", ["-l --module this"]),
        ("module name", ["-t --module user.py"]), ("relative", ["-t --module .user"]),
        ("safe path", ["PYTHONSAFEPATH=1 PYTHONPATH=parcel -t modules.py",
                       "PYTHONSAFEPATH=1 -t --module user"]),
        ("optimised", ["PYTHONOPTIMIZE=2 -c -m -s -C cov lines.py"]),
        ("warnings", ["PYTHONWARNINGS=error -c -m -C cov dies.py warns"]),
        ("unbuffered", ["PYTHONUNBUFFERED=1 -t outputs.py"]),
        ("ascii", ["PYTHONIOENCODING=ascii:backslashreplace -t layout.py"]),
        # The program's arguments
        ("arguments", ["-t modules.py -c --count -- --help x", "-c -C cov -- modules.py a",
                       "-t modules.py -- a"]),
        # Options
        ("help", ["--help", "-h", "-c --help user.py", "COLUMNS=40 -h"]),
        ("version", ["--version", "--v"]),
        ("mistakes", [
            "", "user.py", "-c", "-t", "-lc user.py", "-lt user.py", "-s user.py",
            "-ts user.py", "-r", "-r user.py", "-rR -f x", "-R", "--co user.py",
            "--m -c user.py", "--t user.py", "-x", "--count=1 user.py", "-cx user.py",
            "-f", "-c -C", "-c --module", "--report -c", "-l -s user.py", "--i x -c",
            "-T -l -c user.py"]),
        ("shortened", ["--cou --cov cov --mi --s user.py", "--li user.py",
                       "--track user.py", "--tra --n user.py", "--tr -t user.py"]),
        ("bundled", ["-cmsCcov user.py", "-cmC=cov user.py", "-tg empty.py",
                     "-cms -Ccov -fcounts user.py"]),
        ("no use", ["-T -m -s -c -C cov user.py", "-t -C cov -m user.py",
                    "-tT user.py", "-l -g -f counts user.py"]),
        # Counts files and reports
        ("accumulate", ["-c -f counts -C cov user.py", "-c -f counts -C cov lines.py",
                        "-l -f counts user.py", "-T -f counts user.py",
                        "-r -f counts -m -s -C cov2", "-c -R -f counts user.py",
                        "-r -f counts"]),
        ("report", ["-r -f counts", "-r -f counts.good -C cov -s"]),
        ("report beside", ["-r -f counts.keys"]),
        *[("counts " + kind, [f"-r -f counts.{kind} -C cov -m -s",
                              f"-c -f counts.{kind} -C cov user.py"])
          for kind in "empty short long number numbers lists texts keys cut good".split()],
        ("counts garbage", ["-c -f counts.garbage -C cov user.py"]),
        ("unwritable", ["-c -f parcel -C cov user.py", "-c -f no/where -C cov user.py",
                        "-c -C parcel/util.py user.py", "-c -C a/b/c user.py"]),
        # Leaving out
        *[("ignore " + words, [f"-c -s -C cov {words} user.py"]) for words in (
            "--ignore-module=util", "--ignore-module=parcel", "--ignore-module=__init__",
            "--ignore-module=user,part", "--ignore-module=parcel.util",
            "--ignore-module ' util , '", "--ignore-module=a", "--ignore-dir=.",
            "--ignore-dir=$PWD", "--ignore-dir=$PWD/", "--ignore-dir=parcel",
            "--ignore-dir=$PWD/parcel/", "--ignore-dir=/", "--ignore-dir=/usr:$PWD/parcel",
            "--ignore-dir=$prefixed", "--ignore-dir=~/x:$exec_prefix")],
        ("ignore by variable", ["prefix=/nowhere -c -s -C cov --ignore-dir=$prefix user.py",
                                "HOME=$PWD -t --ignore-dir=~/parcel user.py"]),
        ("ignore all the same", ["-l --ignore-module=user user.py"]),
        ("ignore dots", ["-t --ignore-module=a a.b.py"]),
    ]


def default_cases():
    """The same for what ttrace does without --compat=strict."""
    for path in sorted(glob.glob(os.path.join(COVER, "*.py"))):
        name = "cover/" + os.path.basename(path)[:-len(".py")]
        yield from in_modes(name, ["count", "trace", "functions", "callers"])
    yield from [
        ("paths", ["-t ./user.py", "-c -C cov ../work/user.py", "-t parcel/part.py",
                   "-t a.b.py"]),
        ("module", ["-t --ignore-dir=$prefix --module parcel a b",
                    "-c -m -s -C cov --module parcel", "-T --module parcel.__main__"]),
        ("no file", ["-t nowhere.py", "-c -C cov parcel", "-t words.txt"]),
        ("no module", ["-t --module nowhere", "-t --module parcel.nowhere"]),
        ("broken", ["-c -C cov broken.py"]),
        ("encodings", ["-c -m -C cov latin.py", "-c -C cov layout.py",
                       "-c -m -C cov empty.py", "-t blank.py",
                       "PYTHONIOENCODING=ascii:backslashreplace -t layout.py"]),
        ("safe path", ["PYTHONSAFEPATH=1 -t --ignore-dir=$prefix --module this"]),
        ("arguments", ["-t a.b.py -c --count -- --help x", "-c -C cov -- a.b.py a",
                       "-t a.b.py -- a"]),
        ("mistakes", ["-t", "-lc a.b.py", "-lt a.b.py", "-ts a.b.py", "-r",
                      "-r a.b.py", "-rR -f x", "-R", "--t a.b.py", "--count=1 a.b.py",
                      "-f", "-c -C", "-c --module", "--report -c", "-l -s a.b.py",
                      "-T -l -c a.b.py"]),
        ("shortened", ["--cou --cov cov --mi --s a.b.py", "--li a.b.py",
                       "--track a.b.py", "--tra --n a.b.py"]),
        ("bundled", ["-cmsCcov a.b.py", "-cmC=cov a.b.py", "-tg empty.py",
                     "-cms -Ccov -fcounts a.b.py"]),
        ("no use", ["-T -m -s -c -C cov a.b.py", "-t -C cov -m a.b.py", "-tT a.b.py",
                    "-l -g -f counts a.b.py"]),
        ("accumulate", ["-c -f counts -C cov a.b.py", "-c -f counts -C cov cover/layout.py",
                        "-l -f counts a.b.py", "-T -f counts a.b.py",
                        "-r -f counts -m -s -C cov2", "-r -f counts"]),
        ("unwritable", ["-c -f parcel -C cov a.b.py", "-c -f no/where -C cov a.b.py"]),
        ("ignore", ["-c -s -C cov --ignore-module=util a.b.py",
                    "-t --ignore-module=util,codecs a.b.py",
                    "-t --ignore-dir=/ --ignore-dir=parcel a.b.py",
                    "HOME=$PWD -t --ignore-dir=~/parcel a.b.py"]),
        # What differs, and why: deviations.txt.
        ("exception", ["-c -C cov dies.py value"]),
        ("listed exception", ["-l dies.py value"]),
        ("exit status", ["-l dies.py exits"]),
        ("interrupted", ["-l dies.py interrupted"]),
        ("os error", ["-l dies.py os_error"]),
        ("killed", ["-c -C cov dies.py killed"]),
        ("main", ["-t --ignore-dir=$prefix pickles.py"]),
        ("no report", ["-c -R -f counts a.b.py"]),
        ("packages", ["-c -C cov --ignore-module=parcel user.py"]),
        ("same names", ["-c -C cov --ignore-dir=$prefix user.py"]),
        ("counts garbage", ["-c -f counts.garbage -C cov a.b.py"]),
        ("counts runs", ["-r -f counts.runs -C cov"]),
        ("gone", ["-r -f counts.gone -C cov -m"]),
        ("about ttrace", ["--version"]), ("nothing", [""]),
    ]


def run(command, line, folder):
    words = re.findall(r"'[^']*'|\S+", line.replace("$PWD", folder))
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("PYTHON")}
    env |= {"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1",
           "PYTHONHASHSEED": "0", "COLUMNS": "80", "HOME": os.path.dirname(folder)}
    while words and re.match(r"\w+=", words[0]):
        name, _, value = words.pop(0).partition("=")
        env[name] = value
    return subprocess.run([*command, *(word.strip("'") for word in words)], cwd=folder,
                          env=env, stdin=subprocess.DEVNULL, capture_output=True)


def read_tree(folder):
    found = {}
    for at, folders, names in os.walk(folder):
        for name in folders:
            found[os.path.relpath(os.path.join(at, name), folder) + "/"] = b""
        for name in names:
            path = os.path.join(at, name)
            with open(path, "rb") as f:
                found[os.path.relpath(path, folder)] = f.read()
    return found


def counts_of(data, kept=list):
    """What compares counts files: equal strings may or may not be one in a pickle."""
    try:
        return [kept(part.items()) for part in pickle.loads(data)], data[:1]
    except Exception:
        return data


def outcome(command, lines, folder, *more, kept=list):
    """What happened: [(what, bytes or other)]."""
    shutil.copytree(PROGRAMS, folder)
    for path in more:
        shutil.copytree(path, os.path.join(folder, os.path.basename(path)))
    for name, data in ODD.items():
        with open(os.path.join(folder, name), "wb") as f:
            f.write(data)
    told = []
    for line in lines:
        done = run(command, line, folder)
        told += [(line + ": status", done.returncode), (line + ": stdout", done.stdout),
                 (line + ": stderr", done.stderr)]
    for name, data in sorted(read_tree(folder).items()):
        told.append((name, counts_of(data, kept) if name.startswith("counts") else data))
    shutil.rmtree(folder)
    return told


# What is not the same in any two runs.
NOISE = [(re.compile(rb"0x[0-9a-f]{6,}"), b"0x"),
         (re.compile(rb"(?m)^\d+\.\d\d (?=\S+\(\d+\))"), b"T "),
         (re.compile(rb"(Ran \d+ tests? in )[\d.]+s"), rb"\1T")]


# A traceback of the reference's own report: where it raised is not shown here.
OWN = re.compile(rb'  File "[^"]*/trace\.py", line \d+, in '
                 rb'(?!runctx\n|main\n|<module>\n).*\n(    .*\n)*')


def quiet(value):
    if isinstance(value, bytes):
        for pattern, text in NOISE:
            value = pattern.sub(text, value)
    return value


# Frames of the reference, above the program; by default we have none.
ABOVE = re.compile(rb'  File "(?:<frozen runpy>|[^"]*/trace\.py)", line \d+, in .*\n'
                   rb"(?:    .*\n)*")


# How to call it, with its name.
USAGE = re.compile(rb"usage: (?:trace\.py|ttrace) .*\n(?: .*\n)*(?:trace\.py|ttrace): ")


def told_alike(told):
    """Without the frames, and with one name."""
    return [(what, USAGE.sub(b"usage\n", ABOVE.sub(b"", value))
             if what.endswith(": stderr") else value) for what, value in told]


def deviations():
    """{pattern of a case's name: why it differs}"""
    found = {}
    with open(os.path.join(pair.TOP, "tests/compat/deviations.txt"), encoding="utf-8") as f:
        for line in f:
            name, _, reason = line.partition("#")
            room, _, name = name.strip().partition("/")
            if room == "dropin":
                found[name] = reason.strip()
    return found


def compare(theirs, ours):
    """Lines about what differs."""
    theirs = {what: quiet(value) for what, value in theirs}
    ours = {what: quiet(value) for what, value in ours}
    for what in [*theirs, *(what for what in ours if what not in theirs)]:
        a, b = theirs.get(what), ours.get(what)
        if a == b:
            continue
        if what.endswith(": stderr") and OWN.sub(b"", a) == OWN.sub(b"", b):
            continue
        yield f"{what} differs"
        if isinstance(a, bytes) and isinstance(b, bytes):
            yield from list(difflib.unified_diff(
                *[[repr(line)[2:-1][:200] for line in data.splitlines()] for data in (a, b)],
                "trace", "here", lineterm="", n=1))[2:30]
        else:
            yield f"{str(a)[:300]} there, {str(b)[:300]} here"


class Tester:
    def __init__(self, args):
        self.args = args
        self.trace = [args.python, "-m", "trace"]
        self.ttrace = [os.path.abspath(args.ttrace), "--python", args.python]
        self.differs = deviations()

    def tests(self):
        """(name, function, arguments), of those that are asked for."""
        for name, lines in cases() if self.args.way != "default" else ():
            if self.args.only in name:
                yield "strict: " + name, self.strict, lines
        for name, lines in default_cases() if self.args.way != "strict" else ():
            if self.args.only in name:
                yield name, self.default, name, lines

    def strict(self, lines):
        with tempfile.TemporaryDirectory(prefix="dropin-") as folder:
            work = os.path.join(os.path.realpath(folder), "work")
            return list(compare(outcome(self.trace, lines, work),
                                outcome([*self.ttrace, "--compat=strict"], lines, work)))

    def default(self, name, lines):
        with tempfile.TemporaryDirectory(prefix="dropin-") as folder:
            work = os.path.join(os.path.realpath(folder), "work")
            told = list(compare(*[told_alike(outcome(command, lines, work, COVER, kept=set))
                                  for command in (self.trace, self.ttrace)]))
        for pattern, reason in self.differs.items():
            if fnmatch.fnmatchcase(name, pattern):
                return [] if told or "perhaps" in reason else ["does not differ"]
        return told


def main():
    options = pair.options(__doc__)
    options.add_argument("--ttrace", default=os.path.join(pair.TOP, "ttrace"))
    options.add_argument("--way", choices=["strict", "default"], help="default: both")
    options.add_argument("--only", default="", help="cases with this in their name")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    tester = Tester(args)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        tests = [(name, pool.submit(test, *case)) for name, test, *case in tester.tests()]
        for name, job in tests:
            total.add(name, job.result())
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
