"""Runs one module of CPython's own test suite, the same way under whoever watches.

    suite.py RESULTS MODULE [--dir DIR] [--skip ID]... [--only REGEX]

RESULTS is written: how each test ended, as JSON. MODULE is, e.g., test.test_grammar; of
it run those tests whose ids have a match for REGEX. DIR is where the tests lie if not with
the interpreter: Debian has them in a package of its own, which can be unpacked anywhere.

What makes one run differ from the next is taken out: the collector (objects then die
when they are let go, not when some allocation made it start), chance, and tests that
switch tracing off, which would be counted on one side only."""
import argparse
import doctest
import gc
import json
import os
import random
import re
import sys
import unittest


class Results(unittest.TextTestResult):
    """Notes how each test ended, by its id, and which tests meddle with tracing: they
    set hooks, which run untraced, or lose the trace function as a RecursionError does."""

    HOOKS = "sys.settrace", "sys.setprofile", "sys.monitoring.register_callback"

    def __init__(self, *args):
        super().__init__(*args)
        self.ends = {}
        self.meddlers = set()
        self.running = None
        self.trace = sys.gettrace()
        sys.addaudithook(self.audit)

    def audit(self, event, args):
        # doctest puts back what was there, the oracle watches one more thread.
        if event in self.HOOKS and self.running:
            by = os.path.basename(sys._getframe(1).f_code.co_filename)
            if by not in ("doctest.py", "oracle.py"):
                self.meddlers.add(self.running)

    def startTest(self, test):
        super().startTest(test)
        self.trace = sys.gettrace()
        self.ends[test.id()] = "ok"
        self.running = test.id()

    def stopTest(self, test):
        self.running = None
        super().stopTest(test)
        if sys.gettrace() is not self.trace:
            self.meddlers.add(test.id())
            sys.settrace(self.trace)

    def note(self, test, end):
        self.ends[getattr(test, "test_case", test).id()] = end

    def addError(self, test, err):
        super().addError(test, err)
        self.note(test, "bad")

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.note(test, "bad")

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.note(test, "bad")

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.note(test, "skipped")


def no_tracing(test):
    """Stands for test.support's decorator of that name."""
    return unittest.skip("switches tracing off")(test)


def each(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from each(test)
        else:
            yield test


def load(name):
    __import__(name)
    module = sys.modules[name]
    suite = unittest.defaultTestLoader.loadTestsFromModule(module)
    if suite.countTestCases() == 0:  # before 3.12 some modules were doctests alone
        suite = doctest.DocTestSuite(module)
    return suite


def main():
    options = argparse.ArgumentParser()
    options.add_argument("results")
    options.add_argument("module")
    options.add_argument("--dir", action="append", default=[])
    options.add_argument("--skip", action="append", default=[])
    options.add_argument("--only", default="")
    args = options.parse_args()
    gc.disable()
    random.seed(1)
    import test
    test.__path__[:0] = args.dir
    from test import support
    support.no_tracing = no_tracing
    only = re.compile(args.only)
    wanted = [t for t in each(load(args.module))
              if t.id() not in args.skip and only.search(t.id())]
    del sys.argv[1:]  # some tests look at it
    runner = unittest.TextTestRunner(stream=sys.stdout, verbosity=2,
                                     resultclass=Results)
    result = runner.run(unittest.TestSuite(wanted))
    with open(args.results, "w", encoding="utf-8") as f:
        json.dump({"ends": result.ends, "meddlers": sorted(result.meddlers)}, f)
    sys.stdout.flush()
    if sys.gettrace() is None:  # else the oracle does it, when it has written its own
        os._exit(0)  # what is still alive ends unseen, whoever watches


if __name__ == "__main__":
    main()
