"""What a run left: counts, functions and callers. Reports on them, and the file that they
are kept in over several runs."""
import linecache
import os
import pickle
import sys
import tokenize

from ._lines import lines_of_file
from ._names import fullmodname, modname

PRAGMA_NOCOVER = "#pragma NO COVER"


class _Reader(pickle.Unpickler):
    """Reads a counts file, which may be a stranger's: it makes numbers, strings, tuples,
    dicts and their like, and nothing that would be looked for in a module."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"a counts file holds no {module}.{name}")

    def persistent_load(self, pid):
        raise pickle.UnpicklingError("a counts file refers to nothing outside of it")


class CoverageResults:
    """Counts, functions and callers of one or several runs.

    counts       {(file name, line): hits}, lines from 1; this very dict is used
    calledfuncs  {(file name, module, function): 1}, copied
    callers      {(caller, function): 1}, both such triples; copied
    infile       a counts file to add; where it cannot be read, stderr says so, and it is
                 left out. pickle.UnpicklingError: it is no pickle, or holds objects
    outfile      where write_results() keeps everything
    """

    def __init__(self, counts=None, calledfuncs=None, infile=None, callers=None,
                 outfile=None):
        self.counts = {} if counts is None else counts
        self.counter = self.counts.copy()
        self.calledfuncs = {} if calledfuncs is None else calledfuncs.copy()
        self.callers = {} if callers is None else callers.copy()
        self.infile = infile
        self.outfile = outfile
        if infile:
            self._add_file(infile)

    def _add_file(self, path):
        try:
            with open(path, "rb") as file:
                counts, calledfuncs, callers = _Reader(file).load()
            self.update(self.__class__(counts, calledfuncs, callers=callers))
        except (OSError, EOFError, ValueError) as error:
            print(f"Skipping counts file {path!r}: {error}", file=sys.stderr)

    def is_ignored_filename(self, filename):
        """Whether that is no file, but a name like <string>."""
        return filename.startswith("<") and filename.endswith(">")

    def update(self, other):
        """Adds the results of another CoverageResults."""
        for key in other.counts:
            self.counts[key] = self.counts.get(key, 0) + other.counts[key]
        for key in other.calledfuncs:
            self.calledfuncs[key] = 1
        for key in other.callers:
            self.callers[key] = 1

    def write_results(self, show_missing=True, summary=False, coverdir=None, *,
                      ignore_missing_files=False):
        """Prints functions and callers, if there are some, writes a .cover file for each
        source that has counts, and then the counts file, if there is an outfile.

        show_missing          find the lines that can run, and mark those that did not
        summary               print a line for each file; 100 % without show_missing
        coverdir              a folder for the .cover files, made if need be; None: each
                              goes beside its source
        ignore_missing_files  leave out sources that are no longer there; else
                              OSError says so

        What cannot be written is told on stderr, and the rest is done.
        """
        self._print_functions()
        self._print_callers()
        sums = {}
        for filename, hits in self._hits_by_file().items():
            if self.is_ignored_filename(filename):
                continue
            if filename.endswith(".pyc"):
                filename = filename[:-1]
            if ignore_missing_files and not os.path.isfile(filename):
                continue
            module, n_hits, n_lines = self._write_cover(filename, hits, show_missing,
                                                        coverdir)
            if summary and n_lines:
                sums[module] = n_lines, int(100 * n_hits / n_lines), module, filename
        if sums:
            print("lines   cov%   module   (path)")
            for module in sorted(sums):
                print("%5d   %3d%%   %s   (%s)" % sums[module])
        if self.outfile:
            self._write_counts()

    def _print_functions(self):
        if not self.calledfuncs:
            return
        print("\nfunctions called:")
        for filename, module, function in sorted(self.calledfuncs):
            print(f"filename: {filename}, modulename: {module}, funcname: {function}")

    def _print_callers(self):
        if not self.callers:
            return
        print("\ncalling relationships:")
        shown = shown_called = ""
        for caller, called in sorted(self.callers):
            if caller[0] != shown:
                print(f"\n*** {caller[0]} ***")
                shown, shown_called = caller[0], ""
            if called[0] not in (caller[0], shown_called):
                print(f"  --> {called[0]}")
                shown_called = called[0]
            print(f"    {caller[1]}.{caller[2]} -> {called[1]}.{called[2]}")

    def _hits_by_file(self):
        """{file name: {line: hits}}"""
        files = {}
        for filename, line in self.counts:
            files.setdefault(filename, {})[line] = self.counts[filename, line]
        return files

    def _write_cover(self, filename, hits, show_missing, coverdir):
        """(module, lines hit, lines)"""
        if coverdir is None:
            folder, module = os.path.dirname(os.path.abspath(filename)), modname(filename)
        else:
            folder, module = coverdir, fullmodname(filename)
            # 3.13 does not mind who else makes it, but that it is a folder.
            if sys.version_info >= (3, 13) or not os.path.exists(folder):
                os.makedirs(folder, exist_ok=sys.version_info >= (3, 13))
        lines = lines_of_file(filename) if show_missing else {}
        source = linecache.getlines(filename)
        with open(filename, "rb") as file:
            encoding, _ = tokenize.detect_encoding(file.readline)
        path = os.path.join(folder, module + ".cover")
        return module, *self.write_results_file(path, source, lines, hits, encoding)

    def write_results_file(self, path, lines, lnotab, lines_hit, encoding=None):
        """Writes one .cover file; returns (lines hit, lines).

        lines      of the source, with their ends
        lnotab     {line: 1} for those that can run; those of them that were not hit are
                   marked, and count as lines, unless PRAGMA_NOCOVER stands in them
        lines_hit  {line: hits}
        """
        n_hits = n_lines = 0
        try:
            file = open(path, "w", encoding=encoding)
        except OSError as error:
            print(f"trace: Could not open {path!r} for writing: {error} - skipping",
                  file=sys.stderr)
            return 0, 0
        with file:
            for number, line in enumerate(lines, 1):
                mark = "       "
                if number in lines_hit:
                    mark = "%5d: " % lines_hit[number]
                    n_hits += 1
                    n_lines += 1
                elif number in lnotab and PRAGMA_NOCOVER not in line:
                    mark = ">>>>>> "
                    n_lines += 1
                file.write(mark)
                file.write(line.expandtabs(8))
        return n_hits, n_lines

    def _write_counts(self):
        try:
            with open(self.outfile, "wb") as file:
                pickle.dump((self.counts, self.calledfuncs, self.callers), file, 1)
        except OSError as error:
            print(f"Can't save counts files because {error}", file=sys.stderr)
