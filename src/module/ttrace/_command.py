"""The command line of the module trace."""
import ast
import io
import linecache
import os
import runpy
import sys
import sysconfig

from ._results import CoverageResults
from ._trace import Trace


def _add_options(parser):
    parser.add_argument("--version", action="version", version="trace 2.0")

    main = parser.add_argument_group("Main options")
    for names in (("-c", "--count"), ("-t", "--trace"), ("-l", "--listfuncs"),
                  ("-T", "--trackcalls")):
        main.add_argument(*names, action="store_true")

    modifiers = parser.add_argument_group("Modifiers")
    report = modifiers.add_mutually_exclusive_group()
    report.add_argument("-r", "--report", action="store_true")
    report.add_argument("-R", "--no-report", action="store_true")
    modifiers.add_argument("-f", "--file")
    modifiers.add_argument("-C", "--coverdir")
    for names in (("-m", "--missing"), ("-s", "--summary"), ("-g", "--timing")):
        modifiers.add_argument(*names, action="store_true")

    filters = parser.add_argument_group("Filters")
    filters.add_argument("--ignore-module", action="append", default=[])
    filters.add_argument("--ignore-dir", action="append", default=[])

    parser.add_argument("--module", action="store_true", default=False)
    parser.add_argument("progname", nargs="?")
    parser.add_argument("arguments", nargs="...")


def reference_path():
    """The file of the interpreter's own module trace."""
    return os.path.join(os.path.dirname(linecache.__file__), "trace.py")


def _add_help(parser):
    """What the options do is told in the words of the interpreter's own trace, which are
    its version's: taken from its source, if that is there."""
    try:
        with open(reference_path(), encoding="utf-8") as file:
            calls = [node for node in ast.walk(ast.parse(file.read()))
                     if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)]
    except (OSError, SyntaxError):
        return
    words = {call.func.attr: {} for call in calls}
    for call in calls:
        texts = [arg.value for arg in call.args if isinstance(arg, ast.Constant)]
        texts += [word.value.value for word in call.keywords
                  if word.arg == "help" and isinstance(word.value, ast.Constant)]
        if len(texts) > 1:
            words[call.func.attr][texts[0]] = texts[-1]
    for action in parser._actions:
        name = (action.option_strings or [action.dest])[0]
        action.help = action.help or words["add_argument"].get(name)
    for group in parser._action_groups:
        group.description = words["add_argument_group"].get(group.title)


def _make_parser():
    import argparse

    class Parser(argparse.ArgumentParser):
        def format_help(self):
            _add_help(self)
            return super().format_help()

    parser = Parser()
    _add_options(parser)
    return parser


def _expand(folder):
    folder = os.path.expanduser(os.path.expandvars(folder))
    for name, path in (("$prefix", "stdlib"), ("$exec_prefix", "platstdlib")):
        folder = folder.replace(name, sysconfig.get_path(path))
    return os.path.normpath(folder)


def _check(parser, options):
    """Says what is wrong, and exits; with --report nothing is."""
    mains = options.trace, options.count, options.listfuncs, options.trackcalls
    options.ignore_module = [name.strip() for names in options.ignore_module
                             for name in names.split(",")]
    options.ignore_dir = [_expand(folder) for folders in options.ignore_dir
                          for folder in folders.split(os.pathsep)]
    if options.report and not options.file:
        if not any(mains) or options.progname is None:
            parser.error("-r/--report requires -f/--file")
        # Run it and report then: a form that the reference does not take.
        options.report, options.missing = False, True
    if options.report:
        return
    if not any(mains):
        parser.error("must specify one of --trace, --count, --report, --listfuncs, or "
                     "--trackcalls")
    if options.listfuncs and (options.count or options.trace):
        parser.error("cannot specify both --listfuncs and (--trace or --count)")
    if options.summary and not options.count:
        parser.error("--summary can only be used with --count or --report")
    if options.progname is None:
        parser.error("progname is missing: required with the main options")


class Command:
    """One run of the command line in sys.argv. Frames of main() are above the program:
    its globals may be another module's (_guise.py), and it needs `sys` alone."""

    def __init__(self):
        self.parser = _make_parser()
        self.options = None

    def main(self):
        tracer = self.prepare()
        if tracer is None:
            results = self.read_results()
            return self.report(results)
        try:
            if self.options.module:
                code, scope = self.load_module()
            else:
                code, scope = self.load_file()
            tracer.runctx(code, scope, scope)
        except OSError as error:
            sys.exit(f"Cannot run file {sys.argv[0]!r} because: {error}")
        except SystemExit:
            pass
        results = tracer.results()
        if not self.options.no_report:
            self.report(results)

    def prepare(self):
        """Takes the options; the tracer, or None with --report. Exits for mistakes."""
        self.options = o = self.parser.parse_args()
        _check(self.parser, o)
        if o.report:
            return None
        return Trace(o.count, o.trace, o.listfuncs, o.trackcalls, o.ignore_module,
                     o.ignore_dir, o.file, o.file, o.timing)

    def load_module(self):
        """The code of a module, and the globals to run it in."""
        _, spec, code = runpy._get_module_details(self.options.progname)
        sys.argv = [code.co_filename, *self.options.arguments]
        return code, {"__name__": "__main__", "__file__": code.co_filename,
                      "__package__": spec.parent, "__loader__": spec.loader,
                      "__spec__": spec, "__cached__": None}

    def load_file(self):
        """The same for a file."""
        name = self.options.progname
        sys.argv = [name, *self.options.arguments]
        sys.path[0] = os.path.dirname(name)
        with io.open_code(name) as file:
            code = compile(file.read(), name, "exec")
        return code, {"__file__": name, "__name__": "__main__", "__package__": None,
                      "__cached__": None}

    def read_results(self):
        return CoverageResults(infile=self.options.file, outfile=self.options.file)

    def report(self, results):
        results.write_results(self.options.missing, self.options.summary,
                              self.options.coverdir)


def main():
    """Does what the command line in sys.argv says, as `python -m trace` does: exits
    with 2 for a mistake in it, with 1 if the program cannot be opened. What the program
    raises comes through, but SystemExit, which only ends it."""
    Command().main()
