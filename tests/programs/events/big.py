# watches: <big>
# options: --include=mine --include=generated --exclude=importlib.*
"""Functions of more than 65,536 code units, and with thousands of constants and jumps."""
def body(n):
    rows = ["def long(x):", "    total = 0"]
    for i in range(n):
        rows += [f"    if x != {i + 300}:", f"        total += {i} + x"]
    rows += ["    for k in range(3):", "        total += k", "    return total"]
    return "\n".join(rows) + "\n"


space = {}
exec(compile(body(6000), "<big>", "exec"), space)
code = space["long"].__code__
print(len(code.co_code) // 2 > 65536, space["long"](1), space["long"](777))
exec(compile("v = [\n" + "\n".join(f"{i}," for i in range(70000)) + "\n]\n", "<big>", "exec"), space)
print(sum(space["v"]))
exec(compile("x = 1" + " + 1" * 900 + "\ny = '" + "z" * 1000000 + "'\n", "<big>", "exec"), space)
print(space["x"], len(space["y"]))
