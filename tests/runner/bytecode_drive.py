"""Runs bytecode_cases.py for test_bytecode.c, as it is and with probes, and compares. Every
function here returns what was wrong, as text; nothing is "". The module `probes` is the
test program's own: instrument(code, want), take() -> [(kind, line, code, frame), ...],
places() -> [(code, line, [(place, sign), ...]), ...]."""

import builtins
import dis
import os
import sys

import probes

LINE, ENTER, LEAVE, YIELD, RESUME, UNWIND, CATCH, HANDLED, PLACE = range(9)
NAMES = "LINE ENTER LEAVE YIELD RESUME UNWIND CATCH HANDLED PLACE".split()
LINES, CALLS = 1, 2

# 3.12 counts a line once more when a Python function that is called in it fails and the
# handler is on the same line, but not when a C function is called: its own mistake.
COUNTS_AGAIN = sys.version_info[:2] == (3, 12) and {
    "case_with_on_one_line",
    "case_with_where_ways_disagree",
    "case_async_with",
}


class Program:
    """The cases; code that they compile themselves is treated like them."""

    def __init__(self, path, want=0):
        self.path, self.want = path, want
        self.space = {"__name__": "cases", "__file__": path, "exec": self.exec}
        self.exec(compile(source(path), path, "exec"), self.space)

    def exec(self, code, space):
        if self.want:
            code = probes.instrument(code, self.want)
        builtins.exec(code, space)

    def cases(self):
        return [name for name in self.space if name.startswith("case_")]

    def run(self, name):
        probes.take()
        return plain(self.space[name]())

    def run_traced(self, name):
        counts = {}

        def trace(frame, event, arg):
            where = frame.f_code.co_filename
            if not where.startswith(self.path):
                return None
            if event == "line":
                key = where, frame.f_lineno
                counts[key] = counts.get(key, 0) + 1
            return trace

        sys.settrace(trace)
        try:
            result = self.run(name)
        finally:
            sys.settrace(None)
        return result, counts


def source(path):
    with open(path) as f:
        return f.read()


def codes(code):
    """A code object and all inside of it."""
    todo = [code]
    while todo:
        code = todo.pop()
        todo += [c for c in code.co_consts if isinstance(c, type(code))]
        yield code


def plain(result):
    """As text, without what differs from run to run."""
    text = repr(result)
    parts = text.split(" at 0x")
    return parts[0] + "".join(p.lstrip("0123456789abcdef") for p in parts[1:])


def counted(events):
    counts, values = {}, {}
    for kind, line, code, frame in events:
        if kind == PLACE:
            values[line] = values.get(line, 0) + 1
        elif kind == LINE:
            key = code.co_filename, line
            counts[key] = counts.get(key, 0) + 1
    for i, (code, line, terms) in enumerate(probes.places()):
        values[i] = values.get(i, 0) + sum(sign * values[j] for j, sign in terms)
        if line >= 0 and values[i]:
            key = code.co_filename, line
            counts[key] = counts.get(key, 0) + values[i]
    return counts


def differences(name, expected, got):
    for key in sorted(set(expected) | set(got)):
        a, b = expected.get(key, 0), got.get(key, 0)
        if a != b and not (COUNTS_AGAIN and name in COUNTS_AGAIN and a > b):
            yield f"{name}: line {key[1]}: {a} events, {b} probes\n"


def compare_lines(path, want):
    bare, probed = Program(path), Program(path, want)
    wrong = []
    for name in bare.cases():
        expected = bare.run(name)
        traced, counts = bare.run_traced(name)
        got = probed.run(name)
        if not expected == traced == got:
            wrong.append(f"{name}: result {expected}, traced {traced}, probed {got}\n")
        if want & LINES:
            wrong += differences(name, counts, counted(probes.take()))
    return "".join(wrong)


def compare_traced(path, want):
    """Who traces a program that has probes sees the lines that it would see without."""
    bare, probed = Program(path), Program(path, want)
    wrong = []
    for name in bare.cases():
        bare.run(name)
        result, counts = bare.run_traced(name)
        got = probed.run_traced(name)
        if got[0] != result:
            wrong.append(f"{name}: result {result}, with probes {got[0]}\n")
        wrong += differences(name, counts, got[1])
    return "".join(wrong)


class Frames:
    """Follows events as the runner does, and complains."""

    def __init__(self):
        self.stack = []
        self.suspended = set()
        self.wrong = []

    def complain(self, event, what):
        kind, line, code, frame = event
        self.wrong.append(f"{NAMES[kind]} {code.co_qualname}:{line}: {what}\n")

    def top(self, event):
        if not self.stack or self.stack[-1] != event[2:]:
            self.complain(event, f"not on top of {[c.co_name for c, f in self.stack]}")

    def push(self, event, suspended):
        if (event[2:] in self.suspended) != suspended:
            self.complain(event, f"should {'' if suspended else 'not '}be suspended")
        self.suspended.discard(event[2:])
        self.stack.append(event[2:])

    def add(self, event):
        kind, place = event[0], event[2:]
        if kind == ENTER:
            self.suspended.discard(place)  # from 3.12 on, close() may end a generator unheard
            self.push(event, False)
        elif kind == RESUME:
            self.push(event, True)
        elif kind in (UNWIND, CATCH) and place in self.suspended:
            self.push(event, True)  # thrown in
        self.top(event)
        if kind in (LEAVE, YIELD, UNWIND) and self.stack:
            self.stack.pop()
        if kind == YIELD:
            self.suspended.add(place)


def nest(path):
    program = Program(path, LINES | CALLS)
    wrong = []
    frames = Frames()
    kinds = set()
    for name in program.cases():
        frames.wrong = []
        program.run(name)
        for event in probes.take():
            kinds.add(event[0])
            frames.add(event)
        if frames.stack:
            wrong.append(f"{name}: {len(frames.stack)} frames were never left\n")
            frames.stack = []
        wrong += [f"{name}: {w}" for w in frames.wrong[:3]]
    if len(kinds) < PLACE:
        wrong.append(f"only {sorted(kinds)} seen\n")
    return "".join(wrong)


def library(installed):
    """Rewrites and checks all code of the standard library, its test suite with it where
    that lies beside it; what is installed with it as well, if asked."""
    root = os.path.dirname(os.__file__)
    wrong, n = [], 0
    for folder, folders, files in os.walk(root):
        folders[:] = [f for f in folders if installed or f != "site-packages"]
        for file in files:
            path = os.path.join(folder, file)
            if not file.endswith(".py"):
                continue
            try:
                with open(path, "rb") as f:
                    code = compile(f.read(), path, "exec", dont_inherit=True)
            except (SyntaxError, ValueError, RecursionError):
                continue  # there are bad ones on purpose
            n += 1
            try:
                for each in codes(code):
                    probes.verify(each)
            except ValueError as e:
                wrong.append(f"{path}: {e}\n")
    print(f"# {n} modules in {root}", flush=True)
    if n < 200:
        wrong.append(f"only {n} modules\n")
    return "".join(wrong)


def caches():
    import opcode
    entries = opcode._inline_cache_entries
    wrong = []
    for name, op in opcode.opmap.items():
        known = probes.caches(op) if op < 256 else None
        n = entries.get(name, 0) if isinstance(entries, dict) else entries[op] if op < 256 else 0
        if known is not None and known != n:
            wrong.append(f"{name}: {known} caches, not {n}\n")
    return "".join(wrong)


def no_handler_of_its_own():
    return 1


def generator():
    try:
        yield 1
    except KeyboardInterrupt:
        yield 2


def starters():
    """Functions that the test interrupts before they have begun."""
    return [instrumented(no_handler_of_its_own), instrumented(generator)().__next__]


def instrumented(function):
    function.__code__ = probes.instrument(function.__code__, LINES | CALLS)
    return function


def units(code):
    """(opcode, position) of each unit; None in the place of a cache's opcode."""
    cache = dis.opmap.get("CACHE", 0)
    places = code.co_positions()
    return [(op if op != cache else None, place)
            for op, place in zip(code.co_code[::2], places)]


def compare_places(path, want):
    """Where the new code stood in the old one: everything of the old code is somewhere, as
    the same instruction, and what was added has the position of what it stands for."""
    told = []
    for code in codes(compile(source(path), path, "exec")):
        new, places = probes.places(code, want)
        old, new = units(code), units(new)
        if len(places) != len(new):
            told.append(f"{code.co_qualname}: {len(places)} places of {len(new)} units")
            continue
        kept = {at for at, added in places if not added}
        told += [f"{code.co_qualname}: unit {i} is nowhere" for i, (op, _) in
                 enumerate(old) if i not in kept and op != dis.EXTENDED_ARG]
        for i, ((at, added), (op, place)) in enumerate(zip(places, new)):
            wrong = place != old[at][1] and place != (None,) * 4
            if not added and op != dis.EXTENDED_ARG:
                wrong |= op != old[at][0] or place != old[at][1]
            if wrong:
                told.append(f"{code.co_qualname}: new unit {i} {op} {place}, old {at} "
                            f"{old[at]}, added: {added}")
    return "\n".join(told)
