# oracle: no; it takes half a minute
"""Eight threads that take turns as often as they can: every count is exact."""
import sys
import threading

sys.setswitchinterval(1e-6)
N = 3000


def leaf(n):
    return n  #= 24000


def gen(n):
    for i in range(n):
        yield i  #= 24000


def work():
    total = 0
    for i in range(N):
        total += leaf(i)  #= 24000
    for i in gen(N):
        total += i  #= 24000
        try:
            if i % 10 == 0:
                raise KeyError  #= 2400  #> KeyError 2400
        except KeyError:  #< KeyError 2400
            total -= 1  #= 2400
    return total


threads = [threading.Thread(target=work) for _ in range(8)]
[t.start() for t in threads]
[t.join() for t in threads]
