# needs: 3.12
# engine: bytecode; monitoring has one of the tool ids
# oracle: no; it uses the same events
"""sys.monitoring: every event and tool id, DISABLE, local events, restart_events."""
import sys

mon = sys.monitoring
E = mon.events
seen = []


def gen(n):
    for i in range(n):
        yield i


def fails(n):
    try:
        return 1 // n  #= 9
    except ZeroDivisionError:
        raise KeyError(n) from None
    finally:
        n = 0


def work(n):
    total = 0  #= 9
    for i in gen(n):
        if i % 2:
            total += i
    while total > 3: total -= 1  #= 9
    try:
        fails(0)
    except KeyError:
        total += len("abc")  #= 9
    g = gen(2)
    next(g)
    try:
        g.throw(ValueError)
    except ValueError:
        pass
    return total + sum([i for i in range(3)])


def place(code, offset):
    lines = [line for start, end, line in code.co_lines() if start <= offset < end]
    return lines[0] - code.co_firstlineno if lines and lines[0] else None


def show(arg):
    return repr(arg) if isinstance(arg, (int, str, Exception)) else type(arg).__name__


def watch(name):
    def callback(code, *args):
        if code.co_filename != __file__:
            return
        if name == "LINE":
            args = [args[0] - code.co_firstlineno]
        elif name in ("BRANCH", "JUMP"):
            args = [place(code, a) for a in args]
        else:
            args = [place(code, args[0]), *map(show, args[1:])]
        if name == "PY_UNWIND":  # comes from our instruction: the place is near, not right
            args[0] = None
        seen.append((name, code.co_name, *args))
    return callback


COMPARED = ("PY_START", "PY_RESUME", "PY_RETURN", "PY_YIELD", "CALL", "C_RETURN", "C_RAISE",
            "LINE", "BRANCH", "JUMP", "RAISE", "EXCEPTION_HANDLED", "PY_UNWIND", "PY_THROW", "RERAISE",
            "STOP_ITERATION")
for tool in range(6):
    mon.use_tool_id(tool, f"tool {tool}")
    for name in COMPARED:
        mon.register_callback(tool, getattr(E, name), watch(name))
    mon.set_events(tool, sum({getattr(E, n) for n in COMPARED
                              if n not in ("C_RETURN", "C_RAISE")}))
    work(3)
    mon.set_events(tool, 0)
    print(tool, mon.get_tool(tool), len(seen))
    if tool == 0:
        print(*seen, sep="\n")
    del seen[:]
    mon.free_tool_id(tool)

# Answered with DISABLE, an event comes once, until all are restarted.
mon.use_tool_id(0, "once")
lines = []


def once(code, line):
    lines.append(line - code.co_firstlineno)
    return mon.DISABLE


mon.register_callback(0, E.LINE, once)
mon.set_local_events(0, work.__code__, E.LINE)
work(4)
work(4)
print(lines)
del lines[:]
mon.restart_events()
work(4)
print(lines, mon.get_local_events(0, work.__code__) == E.LINE)
mon.set_local_events(0, work.__code__, 0)
mon.free_tool_id(0)
n_instructions = 0


def instruction(code, offset):
    global n_instructions
    n_instructions += 1


mon.use_tool_id(1, "instructions")
mon.register_callback(1, E.INSTRUCTION, instruction)
mon.set_local_events(1, gen.__code__, E.INSTRUCTION)
print(list(gen(3)), n_instructions > 20)
mon.free_tool_id(1)
print([mon.get_tool(i) for i in range(6)])
