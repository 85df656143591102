"""Mixed: the tokens of some of the standard library."""
import ast
import collections
import io
import os
import tokenize

from clock import timed

NAMES = ("ast.py", "textwrap.py", "heapq.py", "json/decoder.py")


def texts():
    for name in NAMES:
        path = os.path.join(os.path.dirname(os.__file__), name)
        with open(path, encoding="utf-8") as f:
            yield f.read()


def count(rounds):
    words = collections.Counter()
    for _ in range(rounds):
        for text in TEXTS:
            for token in tokenize.generate_tokens(io.StringIO(text).readline):
                if token.type == tokenize.NAME:
                    words[token.string] += 1
    return words


def is_right(words, rounds):
    functions = sum(isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
                    for text in TEXTS for node in ast.walk(ast.parse(text)))
    return words["def"] == rounds * functions > 0


TEXTS = list(texts())
timed(count, 12, is_right)
