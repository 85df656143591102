"""Reads a session file, for tests only. The layout is not written down here a second
time: it is taken from the structs in src/session/format.h.

    session.py FILE      prints hits and calls as JSON"""
import collections
import ctypes
import itertools
import json
import os
import re
import sys

HEADER = os.path.join(os.path.dirname(__file__), "../../src/session/format.h")
SCALARS = {
    "char": ctypes.c_char, "uint32_t": ctypes.c_uint32, "int32_t": ctypes.c_int32,
    "uint64_t": ctypes.c_uint64, "int64_t": ctypes.c_int64, "uint16_t": ctypes.c_uint16,
    "uint8_t": ctypes.c_uint8,
}
NONE = 0xFFFFFFFF


class Layout:
    """The structs and enumerators of a C header whose fields are plain scalars, arrays
    and structs declared before."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as f:
            text = re.sub(r"/\*.*?\*/", " ", f.read(), flags=re.S)
        self.types = dict(SCALARS)
        self.constants = {}
        for m in re.finditer(r"typedef (\w+) (\w+);", text):
            self.types[m.group(2)] = self.types[m.group(1)]
        for m in re.finditer(r"#define (\w+) (\d+)u?\b", text):
            self.constants[m.group(1)] = int(m.group(2))
        for m in re.finditer(r"enum \w+ \{(.*?)\};", text, re.S):
            self._add_enum(m.group(1))
        for m in re.finditer(r"struct (\w+) \{(.*?)\};", text, re.S):
            self._add_struct(*m.groups())

    def _add_enum(self, body):
        value = 0
        for word in filter(None, map(str.strip, body.split(","))):
            name, _, given = map(str.strip, word.partition("="))
            value = int(given, 0) if given else value
            self.constants[name] = value
            value += 1

    def _add_struct(self, name, body):
        fields = []
        for m in re.finditer(r"(?:_Atomic\s+)?(?:struct\s+)?(\w+)\s+([^;]+);", body):
            for declared in m.group(2).split(","):
                field, size = re.match(r"\s*(\w+)(?:\[(\w+)\])?", declared).groups()
                ctype = self.types[m.group(1)]
                if size:
                    ctype *= self.constants.get(size) or int(size)
                fields.append((field, ctype))
        self.types[name] = type(name, (ctypes.Structure,), {"_fields_": fields})


LAYOUT = Layout(HEADER)


class Session:
    """One session file, read whole: a picture of the moment it was opened."""

    def __init__(self, path):
        with open(path, "rb") as f:
            head = f.read(ctypes.sizeof(LAYOUT.types["format_header"]))
            self.header = LAYOUT.types["format_header"].from_buffer_copy(head)
            if self.header.magic != b"ttrace\r\n":
                raise ValueError(f"{path}: not a session")
            self._bytes = [self._section(f, e) for e in self.header.sections]
        self.strings = self._bytes[LAYOUT.constants["FORMAT_STRINGS"]]

    @staticmethod
    def _section(f, entry):
        f.seek(entry.offset)
        return f.read(entry.count * entry.record_size)

    def records(self, name):
        """The records of a section: name is `file`, `code`, `line`, `node`, ..."""
        ctype = LAYOUT.types["format_" + name]
        data = self._bytes[LAYOUT.constants[f"FORMAT_{name.upper()}S"]]
        return (ctype * (len(data) // ctypes.sizeof(ctype))).from_buffer_copy(data)

    def string(self, at):
        size = int.from_bytes(self.strings[at:at + 4], sys.byteorder)
        return self.strings[at + 4:at + 4 + size].decode("utf-8", "surrogateescape")

    def hits(self):
        """{(path, line): hits}, of the lines that ran."""
        files = [self.string(f.path) for f in self.records("file")]
        places = self.places()
        hits = collections.Counter()
        for i, line in enumerate(self.records("line")):
            if line.hits + places[i]:
                hits[files[line.file], line.line] += line.hits + places[i]
        return hits

    def places(self):
        """{line's index: what its places add to it}"""
        terms = iter(self.records("term"))
        values, added = [], collections.Counter()
        for place in self.records("place"):
            value = place.hits
            for term in itertools.islice(terms, place.n_terms):
                value += term.sign * values[term.place]
            values.append(value)
            if place.line != NONE:
                added[place.line] += value
        return added

    def lines(self):
        """{(path, line)} of all lines that can run."""
        files = [self.string(f.path) for f in self.records("file")]
        return {(files[line.file], line.line) for line in self.records("line")}

    def _functions(self):
        """(path, qualified name, first line) of each code record."""
        files = [self.string(f.path) for f in self.records("file")]
        return [(files[c.file], self.string(c.qualname), c.first_line)
                for c in self.records("code")]

    def calls(self):
        """{function: times started}."""
        calls = collections.Counter()
        for (_, function), n in self.pairs().items():
            calls[function] += n
        return calls

    def pairs(self, is_kept=lambda function: True):
        """{(caller, function): times started}, among the functions that are kept. The
        caller is the nearest one of them; None where a thread begins."""
        functions = self._functions()
        nodes = self.records("node")
        nearest = []  # by node: itself, or what it was called by
        pairs = collections.Counter()
        for node in nodes:  # parents come first
            above = None if node.parent == NONE else nearest[node.parent]
            function = None if node.code == NONE else functions[node.code]
            if function and is_kept(function):
                if node.calls:
                    pairs[above, function] += node.calls
                nearest.append(function)
            else:
                nearest.append(above)
        return pairs

    def resumes(self):
        """{function: times a generator or coroutine of it went on}."""
        functions = self._functions()
        resumes = collections.Counter()
        for node in self.records("node"):
            if node.code != NONE and node.resumes:
                resumes[functions[node.code]] += node.resumes
        return resumes

    def unbalanced(self):
        """Threads that have ended, or would have, inside a function."""
        return [self.string(t.name) for t in self.records("thread") if t.node != t.root]

    def tick_s(self):
        """Seconds in a tick of the session's clock."""
        h = self.header
        return (h.last_mono_ns - h.start_mono_ns) * 1e-9 / max(1, h.last_ticks - h.start_ticks)

    def line_times(self, raw=False):
        """{(path, line): (hits, self, below)} in seconds, of the lines that ran, self
        times less what the probes took."""
        files = [self.string(f.path) for f in self.records("file")]
        h, tick_s = self.header, self.tick_s()

        def cost(line):
            return line.hits * h.line_cost_ticks + line.calls * h.call_cost_ticks
        return {(files[line.file], line.line): (
            line.hits, max(0, line.self_ticks - (0 if raw else cost(line))) * tick_s,
            line.below_ticks * tick_s) for line in self.records("line") if line.hits}

    def function_times(self, raw=False):
        """{(path, qualified name, first line): (calls, self, total)} in seconds, of the
        functions that ran, recursion counted once, less what the probes took."""
        codes, nodes = self.records("code"), self.records("node")
        files = [self.string(f.path) for f in self.records("file")]
        costs, selves = [0] * len(codes), [0] * len(codes)
        calls, totals = [0] * len(codes), [0] * len(codes)
        for line in self.records("line"):
            costs[line.code] += line.hits * self.header.line_cost_ticks
        for node in nodes:
            if node.code != NONE:
                calls[node.code] += node.calls
                selves[node.code] += node.self_ticks
                costs[node.code] += (node.calls + node.resumes) * self.header.call_cost_ticks
        share = [1 if raw or not own else max(0, own - cost) / own
                 for own, cost in zip(selves, costs)]
        sums = [node.self_ticks * (1 if node.code == NONE else share[node.code])
                for node in nodes]
        for i in range(len(nodes) - 1, 0, -1):
            code = nodes[i].code
            if code != NONE and all(nodes[a].code != code for a in self._above(nodes, i)):
                totals[code] += sums[i]
            sums[nodes[i].parent] += sums[i]
        tick_s = self.tick_s()
        return {(files[c.file], self.string(c.qualname), c.first_line): (
            calls[i], selves[i] * share[i] * tick_s, totals[i] * tick_s)
            for i, c in enumerate(codes) if calls[i]}

    @staticmethod
    def _above(nodes, i):
        while nodes[i].parent != NONE:
            i = nodes[i].parent
            yield i

    def tree(self):
        """{((path, qualified name, first line), ...) from the outermost call: (calls,
        resumes, ends by an exception)}; all threads in one."""
        functions = self._functions()
        tree = {}
        ways = []  # by node; a parent comes before its children
        for node in self.records("node"):
            way = ways[node.parent] if node.parent != NONE else ()
            if node.code != NONE:
                way += functions[node.code],
                told = node.calls, node.resumes, node.raised
                tree[way] = tuple(map(sum, zip(tree.get(way, (0, 0, 0)), told)))
            ways.append(way)
        return tree

    def callers(self):
        """{(path, line): True} of the lines from which recorded code was called."""
        files = [self.string(f.path) for f in self.records("file")]
        return {(files[line.file], line.line): True for line in self.records("line")
                if line.below_ticks}


def main():
    session = Session(sys.argv[1])
    json.dump({
        "state": session.header.state,
        "exit_status": session.header.exit_status,
        "hits": [[*where, n] for where, n in sorted(session.hits().items())],
        "calls": [[*what, n] for what, n in sorted(session.calls().items())],
    }, sys.stdout, indent=0)


if __name__ == "__main__":
    main()
