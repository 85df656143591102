"""Mixed: what differs between two texts, by difflib."""
import difflib

from clock import timed

OLD = [f"line {i * i % 89}: {'abcdefgh' * (i % 5)} of page {i // 30}\n" for i in range(120)]
NEW = [line.replace("page 2", "page two") for i, line in enumerate(OLD) if i % 11 != 3]


def compare(rounds):
    for _ in range(rounds):
        delta = list(difflib.ndiff(OLD, NEW))
        short = list(difflib.unified_diff(OLD, NEW))
    return delta, short


def is_right(found, rounds):
    delta, short = found
    gone = sum(line.startswith("-") for line in short[2:])
    new = sum(line.startswith("+") for line in short[2:])
    return ([*difflib.restore(delta, 1)] == OLD and [*difflib.restore(delta, 2)] == NEW
            and len(OLD) - gone + new == len(NEW))


timed(compare, 45, is_right)
