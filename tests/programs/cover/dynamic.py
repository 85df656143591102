"""exec, eval, compile, and code that has no file."""
namespace = {}
exec("def made(n):\n    return n + 1\n", namespace)
print(namespace["made"](1), eval("2 + 3"))
code = compile("x = 5\ny = x * 2\n", "<made>", "exec")
exec(code, namespace)
print(namespace["y"])


def local():
    here = 1
    exec("print('sees', here)")
    return eval("here + 1")


print(local())
kind = type("Kind", (), {"method": lambda self: 7})
print(kind().method())
