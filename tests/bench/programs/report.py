"""A real program in small: most of its work is in the standard library."""
import ast
import io
import json
import os
import tokenize

from clock import timed


def count_words(text):
    words = {}
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.NAME:
            words[token.string] = words.get(token.string, 0) + 1
    return words


def functions(text):
    return [node.name for node in ast.walk(ast.parse(text))
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]


def report(paths):
    table = {}
    for path in paths:
        with open(path, encoding="utf-8") as f:
            text = f.read()
        table[os.path.basename(path)] = [count_words(text), functions(text)]
    return json.loads(json.dumps(table, indent=1))


def main(rounds):
    library = os.path.dirname(os.__file__)
    paths = [os.path.join(library, name)
             for name in ("ast.py", "json/decoder.py", "textwrap.py", "heapq.py")]
    return [report(paths) for _ in range(rounds)]


def is_right(reports, rounds):
    return len(reports) == rounds and all(
        words["def"] == len(names) > 0
        for table in reports for words, names in table.values())


timed(main, 5, is_right)
