"""A program as a tree: what it looks like as text, and how it could be smaller.

Everything that may go stands in some list, so that an edit is a slice of a list and what
takes its place; it is made and unmade alike."""


class Piece:
    """A part of a statement: strings, and pieces that are expressions by themselves."""

    def __init__(self, *parts):
        self.parts = list(parts)

    def text(self):
        return "".join(p if isinstance(p, str) else p.text() for p in self.parts)

    def edits(self):
        for i, part in enumerate(self.parts):
            if isinstance(part, str):
                continue
            if part.parts != ["0"]:
                yield self.parts, i, i + 1, [Piece("0")]
            for inner in part.parts:
                if isinstance(inner, Piece):
                    yield self.parts, i, i + 1, [inner]
            yield from part.edits()


class Line(Piece):
    """A simple statement; `style` may have "joined": behind a semicolon, if it can be."""

    def __init__(self, *parts, joined=False):
        super().__init__(*parts)
        self.style = ["joined"] if joined else []

    def lines(self):
        return self.text().split("\n")

    def edits(self):
        if self.style:
            yield self.style, 0, 1, []
        yield from super().edits()


class Block:
    """Statements; `style` may have "inline": on the line of the head, if they can be."""

    def __init__(self, statements, inline=False):
        self.statements = list(statements)
        self.style = ["inline"] if inline else []

    def is_inline(self):
        return self.style and all(isinstance(s, Line) for s in self.statements)

    def lines(self):
        lines, before = [], None
        for s in self.statements:
            more = s.lines()
            if isinstance(s, Line) and isinstance(before, Line) and s.style:
                lines[-1] += "; " + more.pop(0)
            lines += more
            before = s
        return lines or ["pass"]

    def edits(self):
        n = len(self.statements)
        size = n
        while size:
            for first in range(0, n, size):
                yield self.statements, first, min(n, first + size), []
            size //= 2
        if self.style:
            yield self.style, 0, 1, []
        for i, s in enumerate(self.statements):
            if isinstance(s, Compound):
                for _, body in s.clauses:
                    yield self.statements, i, i + 1, body.statements
            yield from s.edits()


class Compound:
    """Heads and what stands below them: [(Piece, Block), ...]."""

    def __init__(self, *clauses):
        self.clauses = list(clauses)

    def lines(self):
        lines = []
        for head, body in self.clauses:
            if body.is_inline():
                inner = "; ".join(s.text() for s in body.statements) or "pass"
                lines += f"{head.text()}: {inner}".split("\n")
            else:
                lines += (head.text() + ":").split("\n")
                lines += ["    " + line for line in body.lines()]
        return lines

    def edits(self):
        if len(self.clauses) > 1:
            for i in range(len(self.clauses)):
                yield self.clauses, i, i + 1, []
        for head, body in self.clauses:
            yield from body.edits()
            yield from head.edits()


def text(tree):
    return "\n".join(tree.lines()) + "\n"


def make(edit):
    """Makes the edit; returns the one that unmakes it."""
    where, first, end, new = edit
    old = where[first:end]
    new = list(new)
    where[first:end] = new
    return where, first, first + len(new), old
