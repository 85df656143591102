"""The programs of tests/cookbook, each in two forms, with sys.settrace or `trace` and with
our module, print what their .txt says: with Python, and below the runner. GENERATE=1
writes the .txt anew, from the first form and Python alone. Prints "N passed, M failed"."""
import difflib
import glob
import os
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
COOKBOOK = os.path.join(ROOT, "tests", "cookbook")
RUNNER = os.path.join(ROOT, f"ttrace-runner-{sys.version_info.major}.{sys.version_info.minor}")


def run(words, program):
    done = subprocess.run([*words, program], capture_output=True, text=True, env={
        **os.environ, "PYTHONPATH": os.path.join(ROOT, "build", "python")})
    return done.stdout + done.stderr


def ways():
    """How programs run: a name, and the words in front of the program."""
    yield "python", [sys.executable]
    session = os.path.join(tempfile.mkdtemp(), "session")
    n = 0
    while True:
        n += 1
        yield "runner", [RUNNER, f"--session={session}{n}", f"--exe={sys.executable}"]


def main():
    passed = failed = 0
    runner = ways()
    python = next(runner)
    for first in sorted(glob.glob(os.path.join(COOKBOOK, "*.by_settrace.py"))):
        wanted_in = first.removesuffix(".by_settrace.py") + ".txt"
        if os.environ.get("GENERATE"):
            with open(wanted_in, "w", encoding="utf-8") as file:
                file.write(run(python[1], first))
        with open(wanted_in, encoding="utf-8") as file:
            wanted = file.read()
        assert wanted.strip(), wanted_in
        second = first.replace(".by_settrace.py", ".by_ttrace.py")
        for program in (first, second):
            for how, words in (python, next(runner)):
                have = run(words, program)
                passed += have == wanted
                failed += have != wanted
                if have != wanted:
                    print(f"not ok: {os.path.basename(program)} with {how}")
                    print(*difflib.unified_diff(wanted.splitlines(), have.splitlines(),
                                                lineterm=""), sep="\n")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
