"""Holds the house in shape: who may include whom, which file may touch which library,
whose name a global symbol bears, and that each header stands on its own.

    layers.py [--build DIR] [--cc CC]

Prints a line for each breach, then "N passed, M failed"."""
import argparse
import glob
import os
import re
import subprocess
import sys

# A room, and the rooms below it that it may include. DESIGN's table, as data.
ROOMS = {
    "src/base": [],
    "src/session": ["base"],
    "src/runner": ["base", "session"],
    "src/report": ["base", "session"],
    "src/module": ["base", "session", "runner", "report"],
    "tui": ["base", "session", "report"],
    "src/cli": ["base", "session", "report", "tui"],
}

# A library's header, and the one file that may include it; one for each kind of program.
DOORS = {
    "Python.h": "src/runner/py.h, src/module/py.h",
    "curses.h": "tui/tty.c",
    "ncurses.h": "tui/tty.c",
    "ncursesw/curses.h": "tui/tty.c",
    "yaml.h": "src/cli/conf_yaml.c",
    "vterm.h": "tui/vt.c",
}

# Globals whose names are not the file's own, but given.
REPLACED = {
    "src/runner/follow.c": {"execv", "execve", "fexecve", "posix_spawn", "posix_spawnp"},
    "src/module/engine.c": {"PyInit__engine"},
    "src/module/extension.c": {"PyInit__tracer"},  # what the interpreter looks for
}

# Not our own words: what a comment must not hold when it goes into the tree.
UNFINISHED = re.compile(r"\b(TODO(?!\(\d+\))|FIXME|XXX|HACK)\b")
LONG_FILE = 600

INCLUDE = re.compile(r'^\s*#\s*include\s*(["<])([^">]+)[">]', re.M)
GLOBAL = re.compile(r"^[0-9a-f]+ [BCDRTV] (\S+)$")


def sources():
    return sorted(
        path for room in ROOMS for path in glob.glob(room + "/*.[ch]"))


def read(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def include_breaches(path, text):
    room = os.path.dirname(path)
    own = os.path.basename(room)
    for kind, name in INCLUDE.findall(text):
        if kind == "<":
            if name in DOORS and path not in DOORS[name].split(", "):
                yield f"includes <{name}>, which enters in {DOORS[name]} only"
        elif name in DOORS:
            yield f'writes "{name}" for a library\'s header'
        elif "/" not in name:
            yield f'includes "{name}" without its room'
        elif name.split("/")[0] not in [own, *ROOMS[room]]:
            yield f'includes "{name}": {own} may not'


def cycle(graph):
    """A ring of headers that include one another, or None."""
    done = set()

    def walk(node, path):
        if node in path:
            return path[path.index(node):] + [node]
        if node in done:
            return None
        done.add(node)
        for below in graph.get(node, ()):
            ring = walk(below, path + [node])
            if ring:
                return ring
        return None

    return next(filter(None, (walk(node, []) for node in graph)), None)


def include_name(path):
    return path.removeprefix("src/")


def check_includes():
    graph = {}
    for path in sources():
        text = read(path)
        for breach in include_breaches(path, text):
            yield f"{path}: {breach}"
        if path.endswith(".h"):
            graph[include_name(path)] = [
                name for kind, name in INCLUDE.findall(text) if kind == '"']
    ring = cycle(graph)
    if ring:
        yield "headers include one another: " + " -> ".join(ring)


def check_words():
    for path in sources() + sorted(glob.glob("tests/*/*.[ch]")):
        text = read(path)
        for number, line in enumerate(text.splitlines(), 1):
            if UNFINISHED.search(line):
                yield f"{path}:{number}: unfinished: {line.strip()}"
        if text.count("\n") > LONG_FILE:
            print(f"note: {path} has {text.count(chr(10))} lines: talk about it")


def check_guards():
    for path in sources():
        if not path.endswith(".h"):
            continue
        guard = include_name(path).upper().replace("/", "_").replace(".", "_")
        if not re.search(rf"#ifndef {guard}\n#define {guard}\n", read(path)):
            yield f"{path}: its guard is not {guard}"


def symbols(objects):
    out = subprocess.run(["nm", "-g", "--defined-only", *objects],
                         capture_output=True, text=True, check=True).stdout
    return [m.group(1) for m in map(GLOBAL.match, out.splitlines()) if m]


def check_symbols(build):
    """Globals begin with the stem of their file; `runner` objects lie one folder deeper."""
    for path in sources():
        stem = os.path.basename(path)[:-2]
        objects = (glob.glob(f"{build}/{path[:-2]}.o")
                   + glob.glob(f"{build}/py*/{path[:-2]}.o"))
        if not path.endswith(".c") or not objects:
            continue
        for name in symbols(objects):
            if name == "main" and stem == "main" or name in REPLACED.get(path, ()):
                continue
            if name != stem and not name.startswith(stem + "_"):
                if not name.startswith("__"):  # a sanitizer's or the compiler's own
                    yield f"{path}: global {name} does not begin with {stem}_"


def python_flags():
    code = "import sysconfig; print(sysconfig.get_path('include'))"
    python = os.environ.get("PYTHON", "python3")
    include = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return ["-isystem", include.stdout.strip()] if include.returncode == 0 else []


def check_headers(cc):
    flags = ["-std=c17", "-D_GNU_SOURCE", "-Isrc", "-I.", "-fsyntax-only", "-Wall",
             "-x", "c", *python_flags()]
    for path in sources():
        # Python's header comes first: STYLE 3.
        door = os.path.dirname(path).removeprefix("src/") + "/py.h"
        before = f'#include "{door}"\n' if os.path.exists("src/" + door) else ""
        if not path.endswith(".h"):
            continue
        run = subprocess.run(
            [cc, *flags, "-"], input=f'{before}#include "{include_name(path)}"\n',
            capture_output=True, text=True)
        if run.returncode or run.stderr:
            yield f"{path}: does not compile alone:\n{run.stderr}"


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--build", default="build/main")
    options.add_argument("--cc", default=os.environ.get("CC", "cc"))
    args = options.parse_args()
    checks = [check_includes(), check_words(), check_guards(),
              check_symbols(args.build), check_headers(args.cc)]
    failed = 0
    for check in checks:
        breaches = list(check)
        print("\n".join(breaches), end="\n" if breaches else "")
        failed += bool(breaches)
    print(f"{len(checks) - failed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
