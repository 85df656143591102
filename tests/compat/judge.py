"""The counts of oracle.py beside those of a session: {what: {key: n}}, where what is

    line        the key is (path, line)
    call        (caller, function), a function being (path, qualified name, first line);
                the caller is the nearest that is watched, None where a thread begins
    resumes of  function

and, from the oracle alone, what some count and some do not: `again`, lines that
tracing sees twice on 3.12 and 3.13, and `closed`, resumes that only ended a frame."""
import json
import os

from session import Session

# What may be added to a count of the oracle, and taken off: monitoring sees the lines
# that tracing sees twice, too.
MORE = {("line", "monitoring"): "again"}
LESS = {"resumes of": "closed"}


def deep_tuple(value):
    return tuple(map(deep_tuple, value)) if isinstance(value, list) else value


def read_oracle(path):
    """The counts that oracle.py has written; None if it has lost its trace function."""
    if not os.path.exists(path):
        return None
    with open(path, encoding="utf-8") as f:
        told = json.load(f)
    names = {"hits": "line", "pairs": "call", "resumes": "resumes of"}
    return {names.get(what, what): {deep_tuple(key): n for key, n in rows}
            for what, rows in told.items()}


def read_session(path, mode, is_kept=lambda where: True):
    """(counts, what is wrong with the session); is_kept tells of (path, ...)."""
    session = Session(path)
    wrong = [f"thread {name} ends in a function" for name in session.unbalanced()]
    if session.header.n_dropped or session.header.n_folded:
        wrong.append("records were dropped")
    counts = {"line": {k: n for k, n in session.hits().items() if is_kept(k)}}
    if mode == "full":
        counts["call"] = session.pairs(is_kept)
        counts["resumes of"] = {k: n for k, n in session.resumes().items() if is_kept(k)}
    return counts, wrong


def different(theirs, ours, engine):
    """{(what, key): (the oracle's count, ours)} where they differ."""
    found = {}
    for what in ours:
        more = theirs.get(MORE.get((what, engine)), {})
        less = theirs.get(LESS.get(what), {})
        for key in theirs[what].keys() | more.keys() | ours[what].keys():
            a, b = theirs[what].get(key, 0), ours[what].get(key, 0)
            if not a - less.get(key, 0) <= b <= a + more.get(key, 0):
                found[what, key] = a, b
    return found


def path_of(key):
    """The file that a key speaks of."""
    return key[1][0] if isinstance(key[1], tuple) else key[0]


def where(key):
    """A key for the eye."""
    if isinstance(key[1], tuple):
        return f"{where(key[1])} by {where(key[0]) if key[0] else 'nobody'}"
    return " ".join(map(str, (os.path.basename(key[0]), *key[1:])))


def show(found):
    """Lines about what differs."""
    return [f"{what} {where(key)}: settrace {a}, here {b}"
            for (what, key), (a, b) in sorted(found.items(), key=str)]
