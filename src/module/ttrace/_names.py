"""Names of modules, and which modules are left out."""
import os
import sys


def modname(path):
    """The name of the module in the file `path`, without its package."""
    return os.path.splitext(os.path.basename(path))[0]


def fullmodname(path):
    """A name for the file `path` by the longest entry of sys.path that it lies below,
    dotted; all of the path where there is none."""
    above = max((folder for folder in map(os.path.normcase, sys.path)
                 if os.path.normcase(path).startswith(folder + os.sep)),
                key=len, default="")
    below = path[len(above) + 1:] if above else os.path.splitdrive(path)[1]
    return os.path.splitext(below.replace(os.sep, "."))[0].lstrip(".")


class Ignore:
    """Decides once for each module *name*, by the first file that comes under it."""

    def __init__(self, modules=None, dirs=None):
        self._modules = set(modules or ())
        self._folders = [os.path.normpath(folder) + os.sep for folder in dirs or ()]
        self._ignore = {"<string>": 1}

    def names(self, filename, modulename):
        """1 if that module is left out, else 0."""
        if modulename not in self._ignore:
            self._ignore[modulename] = int(self._is_out(filename, modulename))
        return self._ignore[modulename]

    def _is_out(self, filename, modulename):
        return (modulename in self._modules
                or any(modulename.startswith(name + ".") for name in self._modules)
                or filename is None
                or any(filename.startswith(folder) for folder in self._folders))
