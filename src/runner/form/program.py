"""Reads a command line of `python -m trace` and makes ready what it names. The runner
executes this in a namespace of its own before anything is traced, so that the program
finds no module of ours; and nothing of the current directory is on sys.path yet.

What is imported here is what `python -m trace` has imported when a program of its
begins: what the program imports of that does not run again, and is not counted.
"""
import runpy

import linecache
import inspect
import dis
import gc
import io
import os
import pickle
import re
import sys
import sysconfig
import threading
import token
import tokenize

import argparse

NAME = "ttrace"

# Options, and what stands behind them; those of a line are a group of their own.
FLAGS = ["-c --count", "-t --trace", "-l --listfuncs", "-T --trackcalls"]
REPORTS = ["-r --report", "-R --no-report"]
MODIFIERS = [("-f --file", {}), ("-C --coverdir", {}),
             ("-m --missing", {"action": "store_true"}),
             ("-s --summary", {"action": "store_true"}),
             ("-g --timing", {"action": "store_true"})]


class Help(argparse.Action):
    """--help, in the words of the interpreter's own `trace`."""

    def __call__(self, parser, namespace, values, option=None):
        sys.stdout.flush()
        os.execv(sys.executable, [sys.executable, "-m", "trace", "--help"])


def options(words):
    """The options as argparse gives them. Exits with status 2, as `trace` does, where
    they cannot be."""
    p = argparse.ArgumentParser(prog=NAME, add_help=False)
    p.add_argument("-h", "--help", action=Help, nargs=0)
    p.add_argument("--version", action="version", version="trace 2.0")
    group = p.add_argument_group()
    for names in FLAGS:
        group.add_argument(*names.split(), action="store_true")
    group = p.add_argument_group()
    reports = group.add_mutually_exclusive_group()
    for names in REPORTS:
        reports.add_argument(*names.split(), action="store_true")
    for names, how in MODIFIERS:
        group.add_argument(*names.split(), **how)
    group = p.add_argument_group()
    group.add_argument("--ignore-module", action="append", default=[])
    group.add_argument("--ignore-dir", action="append", default=[])
    p.add_argument("--module", action="store_true", default=False)
    p.add_argument("progname", nargs="?")
    p.add_argument("arguments", nargs=argparse.REMAINDER)
    opts = p.parse_args(words)
    opts.ignore_dir = [expand(folder) for value in opts.ignore_dir
                       for folder in value.split(os.pathsep)]
    check(p, opts)
    return opts


def expand(folder):
    folder = os.path.expanduser(os.path.expandvars(folder))
    folder = folder.replace("$prefix", sysconfig.get_path("stdlib"))
    folder = folder.replace("$exec_prefix", sysconfig.get_path("platstdlib"))
    return os.path.normpath(folder)


def check(p, opts):
    """What goes together, in the order and the words of `trace`; but a program can be
    run and reported on without a file in between."""
    runs = opts.count or opts.trace or opts.listfuncs or opts.trackcalls
    if opts.report and not opts.file and not (runs and opts.progname is not None):
        p.error("-r/--report requires -f/--file")
    if opts.report and opts.file:
        return
    if not runs:
        p.error("must specify one of --trace, --count, --report, --listfuncs, or "
                "--trackcalls")
    if opts.listfuncs and (opts.count or opts.trace):
        p.error("cannot specify both --listfuncs and (--trace or --count)")
    if opts.summary and not opts.count:
        p.error("--summary can only be used with --count or --report")
    if opts.progname is None:
        p.error("progname is missing: required with the main options")


class Program:
    """What the runner needs: `code` and its `globals` (None: nothing runs), `request`
    (session/request.h), `rules` of what is left out (session/scope.h)."""

    def __init__(self, opts):
        self.lines = opts.count
        self.prints = opts.trace
        self.functions = opts.listfuncs
        self.callers = opts.trackcalls
        if self.callers or self.functions:  # one thing at a time, as `trace` has it
            self.lines = self.prints = False
        if self.callers:
            self.functions = False
        self.timing = opts.timing
        self.rules = [*starts_of_threads(), *modules(opts.ignore_module),
                      *folders(opts.ignore_dir, opts.progname)]
        self.request = request(self, opts)
        self.code = self.globals = None
        if opts.progname is not None and not (opts.report and opts.file):
            sys.orig_argv = words_of_python(opts)
            self.code, self.globals = (module if opts.module else script)(opts)


def request(program, opts):
    words = [word for word, wanted in [
        ("count", program.lines or opts.report and opts.file),
        ("functions", program.functions),
        ("callers", program.callers), ("summary", opts.summary),
        ("missing", opts.missing or opts.report and not opts.file),
        ("quiet", opts.no_report)] if wanted]
    if opts.coverdir is not None:
        words.append("coverdir=" + opts.coverdir)
    if opts.file is not None:
        words.append("file=" + opts.file)
    words.append("tracer=" + os.path.join(os.path.dirname(os.__file__), "trace.py"))
    if not (program.lines or program.functions or program.callers or
            opts.report and opts.file):
        return b""
    return b"".join(os.fsencode(word) + b"\0" for word in words)


# What is left out.

def starts_of_threads():
    """`trace` is in a thread from run() on."""
    return ["threading:Thread." + name for name in (
        "_bootstrap", "_bootstrap_inner", "_set_ident", "_set_tstate_lock",
        "_set_native_id")]


def as_glob(path):
    return re.sub(r"([*?[])", r"[\1]", path)


def modules(values):
    """A name is that of a file, as `trace` has it, or of a module or package."""
    for value in values:
        for name in value.split(","):
            name = name.strip()
            if name and "/" not in name:
                yield as_glob(name) + ".py"
                if name != "__main__":
                    yield as_glob(name)


def folders(values, progname):
    """Names of files that begin with the folder's; a relative one can only be the
    program's own."""
    for folder in values:
        if folder.startswith("/"):
            if folder.strip("/"):
                yield as_glob(folder) + "/**"
        elif progname and progname.startswith(folder + os.sep):
            yield as_glob(progname)


# What runs, and its names: those of `trace`, but in the real __main__.

def real_main(**names):
    main = sys.modules["__main__"].__dict__
    main.update(__package__=None, __cached__=None, __spec__=None)
    main.update(names)
    return main


def words_of_python(opts):
    """What stands in sys.orig_argv when Python runs the program by itself."""
    at = len(sys.orig_argv) - (len(sys.argv) - 1) - len(["-m", "trace"])
    return [*sys.orig_argv[:at], *["-m"] * opts.module, opts.progname, *opts.arguments]


def script(opts):
    name = opts.progname
    sys.argv = [name, *opts.arguments]
    sys.path[0:1] = [os.path.dirname(name)]
    try:
        with io.open_code(name) as f:
            source = f.read()
    except OSError as err:
        sys.exit("Cannot run file %r because: %s" % (name, err))
    loader = sys.modules["importlib._bootstrap_external"].SourceFileLoader
    main = real_main(__file__=name, __loader__=loader("__main__", name))
    return compile(source, name, "exec", dont_inherit=True), main


def module(opts):
    _, spec, code = runpy._get_module_details(opts.progname)
    sys.argv = [code.co_filename, *opts.arguments]
    return code, real_main(__file__=code.co_filename, __package__=spec.parent,
                           __loader__=spec.loader, __spec__=spec)


def read():
    """The Program that sys.argv names behind the -m of `python -m trace`."""
    opts = options(sys.argv[1:])
    if not sys.flags.safe_path:
        sys.path.insert(0, os.getcwd())
        # `trace` has been looked for there: the folder is known to the import system.
        sys.modules["importlib._bootstrap_external"].PathFinder.find_spec(
            "trace", sys.path[:1])
    return Program(opts)
