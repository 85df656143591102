"""What a program finds above itself, in sys and in __main__, when it is run as
`python -m trace` runs it: all that is of ours looks like the interpreter's own trace, down
to the frames in tracebacks, or is not to be seen."""
import importlib.machinery
import importlib.util
import os
import sys
import time
import types

from . import _command, _lines, _names, _results, _trace

_FOLDER = os.path.dirname(__file__)

# Statements of ours that can be found in a traceback, and the beginning of what stands in
# the reference in their place. What is not found there gets the line of the `def`.
_PLACES = {
    "main": [
        (".load_module(", "runpy._get_module_details("),
        (".load_file(", "compile("),
        (".runctx(", ".runctx("),
        (".results(", ".results("),
        (".read_results(", "CoverageResults("),
        ("return self.report(", "return results.write_results("),
        (".report(", "    results.write_results("),
    ],
    "runctx": [("exec(", "exec(")],
}


class _Reference:
    """The source of the interpreter's own trace; an empty one, if it is not there."""

    def __init__(self):
        self.path = _command.reference_path()
        try:
            with open(self.path, encoding="utf-8") as file:
                self.lines = file.read().split("\n")
        except OSError:
            self.lines = []

    def find(self, text, above=1):
        """Where an expression with that text in it stands, below a line: (line, column,
        end column), or None."""
        for number, line in enumerate(self.lines[above - 1:], above):
            if text in line:
                column = line.index(text) + len(text)
                while column > 0 and (line[column - 1].isalnum() or line[column - 1] in "._("):
                    column -= 1
                return number, column, line.rfind(")") + 1 or len(line)
        return None


def _number(n):
    """As location tables have it: six bits a byte, the lowest first."""
    data = bytearray()
    while n > 63:
        data.append(64 | n & 63)
        n >>= 6
    return bytes(data) + bytes([n])


def _entry(lines, column, end):
    """Of a location table, for one code unit `lines` below the last."""
    return (bytes([0xf0]) + _number(abs(lines) << 1 | (lines < 0)) + _number(0)
            + _number(column + 1) + _number(end + 1))


def _moved(function, scope, reference):
    """The function as if it came from the reference, which has it in `scope`."""
    code = function.__code__
    name = code.co_name
    first = reference.find(f"def {name}(") or (1, 0, 0)
    with open(code.co_filename, encoding="utf-8") as file:
        ours = file.read().splitlines()
    places = {}
    for number in {line for _, _, line in code.co_lines() if line}:
        for text, theirs in _PLACES[name]:
            if text in ours[number - 1]:
                places.setdefault(number, reference.find(theirs, first[0]) or first)
    table, last = bytearray(), first[0]
    for number, *_ in code.co_positions():
        line, column, end = places.get(number, first)
        table += _entry(line - last, column, end)
        last = line
    code = code.replace(co_filename=reference.path, co_firstlineno=first[0],
                        co_linetable=bytes(table))
    return types.FunctionType(code, scope, name, function.__defaults__)


def _module_code(reference):
    """What runs as the module: a call of main() where the reference has its own."""
    line, _, _ = reference.find("    main()") or (2, 0, 0)
    return compile("\n" * (line - 2) + "if __name__ == '__main__':\n    main()",
                   reference.path, "exec")


def _globals(reference):
    """What is global in the reference, and what its frames therefore have."""
    modules = ["sys", "threading", *(line[len("import "):] for line in reference.lines
                                     if line.startswith("import "))]
    return {
        **{name: sys.modules[name] for name in modules if name in sys.modules},
        "_time": time.monotonic,
        "__all__": ["Trace", "CoverageResults"],
        "PRAGMA_NOCOVER": _results.PRAGMA_NOCOVER,
        "CoverageResults": _results.CoverageResults,
        "Trace": _trace.Trace,
        "_Ignore": _names.Ignore,
        "_modname": _names.modname,
        "_fullmodname": _names.fullmodname,
        "_find_lines_from_code": _lines.lines_of_code,
        "_find_lines": _lines.lines_of_codes,
        "_find_strings": _lines.strings_of_file,
        "_find_executable_linenos": _lines.lines_of_file,
    }


def _set_modules():
    """Without ours; and __main__, which runpy takes out for a while where it runs a
    folder, stands where it did: there are programs that go through all modules."""
    modules = {name: module for name, module in sys.modules.items()
               if name.split(".")[0] != __package__}
    main = modules.pop("__main__")
    sys.modules.clear()
    for name, module in modules.items():
        sys.modules[name] = module
        if name == "io":
            sys.modules["__main__"] = main


def _set_path():
    """As -m leaves it: the folder has been searched, though not by us."""
    del sys.path[0]
    for folder in (_FOLDER, os.path.dirname(_FOLDER), os.path.join(_FOLDER, "_strict")):
        sys.path_importer_cache.pop(folder, None)
    if not sys.flags.safe_path:
        try:
            sys.path.insert(0, os.getcwd())
        except OSError:
            return
        importlib.machinery.PathFinder.find_spec("trace", sys.path[:1])


class Guise:
    """To be entered with what is to run in `scope`, the dict of __main__, before the
    program's folder is on sys.path: so no module there takes the place of one that
    tracing needs. As a context manager it keeps nothing of ours in there."""

    def __init__(self, scope):
        self._scope = scope

    def __enter__(self):
        """The code to run."""
        reference = _Reference()
        scope = self._scope
        for name in [name for name in scope if not name.startswith("__")]:
            del scope[name]
        spec = importlib.util.spec_from_file_location("trace", reference.path)
        scope.update(_globals(reference), __doc__=None, __package__=spec.parent,
                     __loader__=spec.loader, __spec__=spec, __file__=spec.origin,
                     __cached__=spec.cached)
        sys.argv[0] = reference.path
        sys.orig_argv[1:] = ["-m", "trace", *sys.argv[1:]]
        _trace.Trace.runctx = _moved(_trace.Trace.runctx, scope, reference)
        _command.Command.main = _moved(_command.Command.main, scope, reference)
        _trace.Trace.__module__ = _results.CoverageResults.__module__ = "__main__"
        scope["main"] = _command.Command().main
        _set_modules()
        _set_path()
        return _module_code(reference)

    def __exit__(self, kind, error, traceback):
        """Takes frames of ours out of the traceback."""
        if error is None:
            return
        entries = []
        while traceback:
            if not traceback.tb_frame.f_code.co_filename.startswith(_FOLDER + os.sep):
                entries.append(traceback)
            traceback = traceback.tb_next
        for entry, below in zip(entries, [*entries[1:], None]):
            entry.tb_next = below
        error.__traceback__ = entries[0] if entries else None
