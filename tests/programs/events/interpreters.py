"""Interpreters within the interpreter: they run as they do, and are not watched."""
import sys
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
import threading

CODE = """if 1:
    import json
    def f(n):
        return n if n < 2 else f(n - 1) + f(n - 2)
    assert f(10) == 55
    exec(compile("x = [i for i in range(3)]", "<made>", "exec"))
    assert json.loads("[1]") == [1]
"""


def runs(n):
    for i in range(n):
        one = interpreters.create()
        interpreters.run_string(one, CODE)
        interpreters.destroy(one)


runs(2)
t = threading.Thread(target=runs, args=(2,))
t.start()
t.join()
print("back", sum(i for i in range(4)))
