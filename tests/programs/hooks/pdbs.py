# engine: bytecode; on 3.13 set_trace() stops at the next line where LINE events are on
# oracle: no; pdb uses sys.settrace
"""pdb, driven from standard input; and post mortem."""
import pdb


def inner(n, deep=0):
    m = n * 2
    if deep:
        return inner(m, deep - 1)
    m += 1
    return m


def work(n):
    total = 0
    pdb.set_trace()
    for i in range(n):
        total += inner(i)
    done = True
    total += 1
    skipped = "not"
    return total, skipped if "skipped" in dir() else None


def fails(n):
    local = n + 1
    return local / 0


print(work(3))
try:
    fails(1)
except ZeroDivisionError as error:
    pdb.post_mortem(error.__traceback__)
pdb.run("print(inner(2, 1))", globals())
print(pdb.runcall(inner, 5))
