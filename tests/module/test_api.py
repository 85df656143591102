"""The package ttrace against the standard library's module trace: each program in
tests/programs/module runs with one and with the other as `trace`, and must print the same.

    test_api.py [--python PYTHON] [--only WORD]

The last line is "N passed, M failed"."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "../compat"))
import pair

PROGRAMS = os.path.join(pair.TOP, "tests/programs/module")
PACKAGE = os.path.join(pair.TOP, "build/python/ttrace")

# What only the module's own name and place make different, or is in C here.
OWN = [
    (re.compile(r"\S+/(trace|ttrace/__init__)\.py"), "<trace.py>"),
    (re.compile(r"(?m)^(    )t?trace\.Trace\."), r"\1<trace>.Trace."),
    (re.compile(r"'t?trace', 'Trace\."), "'<trace>', 'Trace."),
    (re.compile(r"<t?trace\.(\w+ object at 0x)"), r"<<trace>.\1"),
    (re.compile(r"(?m)^usage: \S+"), "usage:"),
]


def run(python, program, folder, ours):
    work = os.path.join(folder, "work")
    shutil.copytree(PROGRAMS, work)
    if ours:
        os.mkdir(os.path.join(folder, "ours"))
        with open(os.path.join(folder, "ours/trace.py"), "w", encoding="utf-8") as f:
            f.write("import sys, ttrace\nsys.modules['trace'] = ttrace\n")
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("PYTHON")}
    env["PYTHONPATH"] = os.pathsep.join(
        [os.path.join(folder, "ours"), os.path.dirname(PACKAGE)] if ours else [])
    env |= {"LC_ALL": "C.UTF-8", "PYTHONDONTWRITEBYTECODE": "1", "COLUMNS": "80"}
    done = subprocess.run([python, program], cwd=work, env=env, capture_output=True,
                          text=True, stdin=subprocess.DEVNULL)
    shutil.rmtree(work)
    shutil.rmtree(os.path.join(folder, "ours"), ignore_errors=True)
    streams = []
    for text in (done.stdout, done.stderr):
        for pattern, own in OWN:
            text = pattern.sub(own, text)
        streams.append(pair.without_noise(text.encode()))
    return done.returncode, *streams


def main():
    options = pair.options(__doc__)
    options.add_argument("--only", default="", help="programs with this in their name")
    args = options.parse_args()
    pair.resolve(args)
    total = pair.Sum()
    for program in sorted(os.listdir(PROGRAMS)):
        if args.only not in program or program == "work.py":
            continue
        with tempfile.TemporaryDirectory(prefix="api-") as folder:
            folder = os.path.realpath(folder)
            theirs, ours = (run(args.python, program, folder, own) for own in (False, True))
        told = list(pair.differences(theirs, ours))
        if theirs[0] or not theirs[1]:
            told.append(f"status {theirs[0]} plainly: {theirs[2].decode()[-500:]}")
        total.add(program, told)
    return total.end()


if __name__ == "__main__":
    sys.exit(main())
