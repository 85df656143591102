"""Compares the lexer with the tokenize module of the Python that runs this, and its
docstring lines with those of the trace module, over the standard library or the files
given. By hand, from the top of the tree:

    python3.12 tests/report/lexer_against_tokenize.py [FILE...]"""
import glob
import io
import os
import subprocess
import sys
import sysconfig
import tempfile
import token
import tokenize
import trace

OURS = ["W", "W", "W", "W", "W", "W", "W", "N", "S", "C", "O"]  # by enum lexer_kind
THEIRS = {token.NAME: "W", token.NUMBER: "N", token.STRING: "S", token.OP: "O",
          tokenize.COMMENT: "C"}
START = getattr(token, "FSTRING_START", None)
END = getattr(token, "FSTRING_END", None)
MIDDLE = getattr(token, "FSTRING_MIDDLE", None)


def build(folder):
    tool = os.path.join(folder, "dump")
    sources = ["tests/report/lexer_dump.c", "src/report/lexer.c", "src/report/words.c",
               "src/base/buf.c", "src/base/file.c", "src/base/err.c",
               "src/base/xalloc.c"]
    subprocess.run(["cc", "-std=c17", "-D_GNU_SOURCE", "-O1", "-Isrc", "-I.",
                    "-fsanitize=address,undefined", "-o", tool, *sources], check=True)
    return tool


def paint(rows, start, end, kind):
    (line, at), (last, stop) = start, end
    while line <= last:
        row = rows[line - 1]
        # 3.12.1 has tokens that end behind their line.
        for i in range(at, min(stop, len(row)) if line == last else len(row)):
            row[i] = kind
        line, at = line + 1, 0


def their_rows(text, lines):
    """A letter for each character; None where tokenize does not say."""
    rows = [[None] * len(line) for line in lines]
    for tok in tokenize.generate_tokens(io.StringIO(text).readline):
        if START and (tok.type in (START, END) or tok.type == MIDDLE
                      and not set(tok.string) & set("{}")):  # places are off there
            paint(rows, tok.start, tok.end, "S")
        elif tok.type == token.STRING and START is None \
                and "f" in tok.string[:2].lower().split(tok.string[-1])[0]:
            paint(rows, tok.start, tok.end, None)  # fields inside are not told apart
        elif tok.type in THEIRS:
            paint(rows, tok.start, tok.end, THEIRS[tok.type])
        elif tok.type == token.ERRORTOKEN and tok.string.strip():
            raise tokenize.TokenError("error token")
    return rows


def our_rows(tool, text, lines, folder):
    path = os.path.join(folder, "text")
    with open(path, "w", encoding="utf-8", newline="") as f:
        f.write(text)
    rows = [[None] * len(line.encode()) for line in lines]
    docs = {1: set(), 2: set()}
    out = subprocess.run([tool, path], capture_output=True, text=True, check=True)
    for words in map(str.split, out.stdout.splitlines()):
        if words[1] == "doc":
            for flag in docs:
                if int(words[2]) & flag:
                    docs[flag].add(int(words[0]))
            continue
        line, at, length, kind = map(int, words)
        for i in range(at, at + length):
            rows[line - 1][i] = OURS[kind]
    # From bytes to characters.
    chars = []
    for row, line in zip(rows, lines):
        at, result = 0, []
        for c in line:
            result.append(row[at])
            at += len(c.encode())
        chars.append(result)
    return chars, docs


def compare(tool, path, folder):
    with tokenize.open(path) as f:
        text = f.read()
    lines = text.split("\n")
    if lines[-1] == "":
        lines.pop()
    theirs = their_rows(text, lines)
    ours, docs = our_rows(tool, text, lines, folder)
    for number, (line, a, b) in enumerate(zip(lines, theirs, ours), 1):
        for at, (c, x, y) in enumerate(zip(line, a, b)):
            if x is None or c.isspace():
                continue
            if x == "O" and c == "@":
                y = "O"
            if x != y:
                return f"{path}:{number}:{at + 1}: {x} there, {y} here: {line!r}"
    found = docs[1] | docs[2] if START is None else docs[1]
    with tokenize.open(path) as f:
        expected = set(trace._find_strings(path, f.encoding))
    if found != expected:
        return f"{path}: docstring lines differ: {sorted(found ^ expected)[:9]}"
    return None


def main():
    files = sys.argv[1:] or sorted(
        glob.glob(sysconfig.get_path("stdlib") + "/**/*.py", recursive=True))
    same = bad = skipped = 0
    with tempfile.TemporaryDirectory() as folder:
        tool = build(folder)
        for path in files:
            try:
                difference = compare(tool, path, folder)
            except (SyntaxError, tokenize.TokenError, UnicodeDecodeError):
                skipped += 1  # Python does not take it either
                continue
            if difference:
                bad += 1
                print(difference)
            else:
                same += 1
    print(f"{same} files alike, {bad} not, {skipped} not tokenized by Python")
    return bad != 0


if __name__ == "__main__":
    sys.exit(main())
