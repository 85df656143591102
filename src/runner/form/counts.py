"""Reads a counts file of `python -m trace`, which may come from anybody: what it makes
are dicts, tuples, strings and numbers, or an error. The runner executes this in a
namespace of its own."""
import os
import pickle
import sys
import tokenize


class Unpickler(pickle.Unpickler):
    """One that makes no object of any class."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"it has {module}.{name}, which no counts file has")

    def persistent_load(self, pid):
        raise pickle.UnpicklingError("it refers to something outside of it")


def is_function(key):
    return type(key) is tuple and len(key) == 3 and all(type(s) is str for s in key)


def is_pair(key):
    return type(key) is tuple and len(key) == 2 and all(map(is_function, key))


def is_line(key):
    return type(key) is tuple and len(key) == 2 and type(key[0]) is str \
        and type(key[1]) in (int, type(None))


def check(value):
    """The three dicts, if that is what it is."""
    if type(value) is not tuple or len(value) != 3 \
            or any(type(part) is not dict for part in value):
        raise ValueError("it is not three dicts")
    for part, is_key in zip(value, (is_line, is_function, is_pair)):
        for key, n in part.items():
            if not is_key(key) or type(n) is not int or n < 0:
                raise ValueError(f"{key!r}: {n!r} is not what stands in a counts file")
    return value


def load(path):
    with open(path, "rb") as f:
        return check(Unpickler(f).load())


def nothing(path, name):
    """Code of that name in which no line runs."""
    return compile("", path, "exec").replace(
        co_name=name, co_qualname=name, co_firstlineno=0, co_linetable=b"")


def compiled(path):
    """The code of a file as it is now."""
    try:
        with tokenize.open(path) as f:
            return compile(f.read(), path, "exec", dont_inherit=True)
    except Exception:
        return nothing(path, "<module>")


def counts_of(path):
    """The three dicts; empty ones, and a line on stderr, where they cannot be read. A
    word on stdout says that there is something else, which is not to be written over."""
    try:
        return load(path)
    except EOFError:
        why = "Ran out of input"
    except Exception as err:
        why = err
    print("Skipping counts file %r: %s" % (path, why), file=sys.stderr)
    if os.path.isfile(path) and os.path.getsize(path) > 0:
        print("other")
    return {}, {}, {}


def read(path, more):
    """What a counts file has, if `path` is not None, and the lines of `more` files:
    [(code of a file, {line: hits}), ...], [code of a function, ...], [(code of the
    caller, code of the callee), ...]."""
    hits, functions, pairs = ({}, {}, {}) if path is None else counts_of(path)
    files = {file: {} for file in more}
    for (file, line), n in hits.items():
        if line is not None and 0 <= line < 2**31:
            files.setdefault(file, {})[line] = min(n, 2**64 - 1)
    codes = {key: nothing(key[0], key[2])
             for key in [*functions, *(key for pair in pairs for key in pair)]}
    return ([(compiled(file), lines) for file, lines in files.items()],
            [codes[key] for key in functions],
            [(codes[caller], codes[callee]) for caller, callee in pairs])
