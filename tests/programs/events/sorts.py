# oracle: no; a signal comes where it comes
"""A handler that raises while C code works, in loops of any kind."""
import json
import signal
import re


class Late(Exception):
    pass


late = tries = 0


def raises(number, frame):
    global late
    late += 1  #@raises
    raise Late


def key(n):
    return -n


def gen():
    i = 0
    while True:
        i += 1
        yield i


def work(n):
    return sum([sorted(range(40), key=key)[0] for _ in range(n)])


WAYS = [
    lambda: sorted(range(3000), key=key),
    lambda: [x for x in gen() if x > 1 << 60],
    lambda: sum(gen()),
    lambda: work(100000),
    lambda: json.loads("[" * 200 + "]" * 200) and work(1000),
    lambda: re.sub("a", lambda m: m[0] * 2, "a" * 100000),
    lambda: max(map(key, gen())),
]
signal.signal(signal.SIGALRM, raises)
for way in WAYS * 10:
    tries += 1  #= 70
    try:
        signal.setitimer(signal.ITIMER_REAL, 0.0005)
        while True:
            way()
    except Late:
        pass  #= 70
print(late, tries)
print(f"@raises {late}")
