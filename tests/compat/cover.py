"""The .cover files of ./ttrace --count against those of python -m trace --count, byte
for byte, for each program in tests/programs/cover and some beside it.

    cover.py [--python PYTHON] [--ttrace TTRACE] [PROGRAM...]

What the program prints and how it ends is compared, too. The last line is
"N passed, M failed"."""
import difflib
import os
import shutil
import subprocess
import sys
import tempfile

import pair

PROGRAMS = os.path.join(pair.TOP, "tests/programs")

# program, its arguments, its standard input
CASES = [
    *[("cover/" + name, [], "") for name in """classes generators comprehensions errors
        contexts matches asynchronous functions package_user threads dynamic latin layout
        exits""".split()],
    ("hanoi", [], ""),
    ("crash", [], ""),
    ("greet", [], "Ann\n41\n"),
    ("busy", ["2000"], ""),
    ("render", [], ""),
]
LIMIT_S = 120


def run(command, folder, text):
    env = {**os.environ, "LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, cwd=folder, input=text.encode(), env=env,
                          capture_output=True, timeout=LIMIT_S)


def read_folder(folder):
    found = {}
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        with open(os.path.join(folder, name), "rb") as f:
            found[name] = f.read()
    return found


def show(path, theirs, ours):
    lines = [[line.decode("utf-8", "backslashreplace").rstrip("\n") for line in
              data.splitlines(keepends=True)] for data in (theirs, ours)]
    return [f"{path} differs:", *difflib.unified_diff(*lines, "trace", "here",
                                                      lineterm="", n=1)][:24]


def test(case, python, ttrace, folder):
    """Lines about what differs."""
    name, arguments, text = case
    source = os.path.join(PROGRAMS, os.path.dirname(name))
    work = os.path.join(folder, "work")  # both run at the same place
    shutil.copytree(source, work)
    script = os.path.join(work, os.path.basename(name) + ".py")
    prefix = subprocess.run([python, "-c", "import sys; print(sys.base_prefix)"],
                            capture_output=True, text=True).stdout.strip()
    same = ["--count", "-m", "--ignore-dir=" + prefix, "-C"]
    theirs = run([python, "-m", "trace", *same, "theirs", script, *arguments], work, text)
    ours = run([ttrace, "--python", python, *same, "ours", script, *arguments], work,
               text)
    want, got = (read_folder(os.path.join(work, f)) for f in ("theirs", "ours"))
    shutil.rmtree(work)
    # The standard library's trace leaves with status 0 where the program says sys.exit(4),
    # and saves nothing where it raises.
    status = {"cover/exits": 4}.get(name, theirs.returncode)
    told = []
    if theirs.stdout != ours.stdout:
        told.append(f"stdout {theirs.stdout!r} there, {ours.stdout!r} here: "
                    f"{ours.stderr.decode(errors='replace')[-500:]}")
    if ours.returncode != status:
        told.append(f"status {status} expected, {ours.returncode} here")
    if not want and name != "crash":
        told.append("trace wrote nothing")
    if not got:
        told.append("no .cover file: " + ours.stderr.decode(errors="replace")[-500:])
    for file in sorted(want.keys() | got.keys() if want else ()):
        # trace remembers "ignored" by the module's last name, and all packages have the
        # same: after one of the standard library's it may leave out the program's own.
        if file.endswith("__init__.cover") and file not in want:
            continue
        if file not in got or file not in want:
            told.append(f"{file} only {'there' if file in want else 'here'}")
        elif want[file] != got[file]:
            told += show(file, want[file], got[file])
    return told


def main():
    options = pair.options(__doc__)
    options.add_argument("--ttrace", default=os.path.join(pair.TOP, "ttrace"))
    options.add_argument("programs", nargs="*")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    for case in CASES:
        if args.programs and os.path.basename(case[0]) not in args.programs:
            continue
        with tempfile.TemporaryDirectory(prefix="cover-") as folder:
            total.add(case[0], test(case, args.python, os.path.abspath(args.ttrace),
                                    os.path.realpath(folder)))
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
