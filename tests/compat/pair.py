"""What the scripts here share: the interpreter and the runner that are compared, the
noise between any two runs, and the sum at the end."""
import argparse
import os
import re
import subprocess
import sys
import tempfile

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

# What differs between any two runs of one interpreter.
NOISE = [
    (re.compile(rb"0x[0-9a-f]{6,}"), b"0x"),
    (re.compile(rb"pid=\d+"), b"pid"),
    (re.compile(rb"\d+\.\d+ seconds|\d+\.\d+s\b| +\d+\.\d\d\d"), b"T"),
    (re.compile(rb"Fatal Python error: Aborted.*", re.S), b"aborted"),
]


def options(doc, **more):
    """A parser with the options that every script has."""
    parser = argparse.ArgumentParser(
        description=doc, formatter_class=argparse.RawDescriptionHelpFormatter, **more)
    parser.add_argument("--python", default=os.environ.get("PYTHON", "python3"))
    parser.add_argument("--runner", help="default: ./ttrace-runner-3.X")
    return parser


def resolve(args):
    """Makes args.python what sys.executable says, finds the runner, adds args.version."""
    code = "import sys; print(sys.executable, '%d.%d' % sys.version_info[:2])"
    args.python, args.version = subprocess.run(
        [args.python, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    runner = args.runner or os.path.join(TOP, "ttrace-runner-" + args.version)
    args.runner = os.path.abspath(runner)


def engines(args):
    """The engines that the runner has for this Python; there is one at least."""
    return list(_engines(args)) or sys.exit(args.runner + " runs nothing")


def _engines(args):
    for engine in ("bytecode", "monitoring"):
        with tempfile.TemporaryDirectory(prefix="engines-") as folder:
            done = subprocess.run(
                [args.runner, "--session=" + os.path.join(folder, "session"),
                 "--engine=" + engine, "--exe=" + args.python, "--", "-c", ""],
                capture_output=True)
        if done.returncode == 0:
            yield engine


def add_ways(parser):
    """Options for what is compared in each engine and mode."""
    parser.add_argument("--engine", help="auto, bytecode or monitoring; default: each")
    parser.add_argument("--mode", help="full or count; default: both")


def ways(args):
    """[(engine, mode)] that the options ask for."""
    return [(engine, mode) for engine in ([args.engine] if args.engine else engines(args))
            for mode in ([args.mode] if args.mode else ["full", "count"])]


def without_noise(stream):
    for pattern, text in NOISE:
        stream = pattern.sub(text, stream)
    return stream


def outcome(done):
    """(status, stdout, stderr) of a subprocess.CompletedProcess."""
    return done.returncode, without_noise(done.stdout), without_noise(done.stderr)


def differences(plain, ours, but=()):
    """Lines about where two outcomes differ, `but` in the parts named."""
    for what, a, b in zip(("status", "stdout", "stderr"), plain, ours):
        if a == b or what in but:
            continue
        if what == "status":
            yield f"{what}: {a} plainly, {b} here"
            continue
        a, b = a.splitlines(), b.splitlines()
        at = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y),
                  min(len(a), len(b)))
        yield (f"{what} line {at + 1}: {b''.join(a[at:at + 1])!r} plainly, "
               f"{b''.join(b[at:at + 1])!r} here")


class Sum:
    """Counts what passed, shows what did not, and has the last word."""

    def __init__(self):
        self.passed = self.failed = 0

    def add(self, name, told, most=25):
        """`told` are lines about what is wrong with `name`; none, and it is right."""
        told = list(told)
        self.passed += not told
        self.failed += bool(told)
        if told:
            print(name + ":")
        for line in told[:most]:
            print("    " + line)
        if len(told) > most:
            print(f"    and {len(told) - most} more")

    def end(self):
        """Prints the sum; the exit status."""
        print(f"{self.passed} passed, {self.failed} failed")
        return int(self.failed != 0 or self.passed == 0)
