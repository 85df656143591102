# oracle: no; jumps and trace functions of its own
"""Frames looked at and changed: jumps, f_locals, f_trace, stacks of every kind."""
import inspect
import sys
import threading
import traceback


def jumps(to):
    a = 1
    b = 2
    c = 3
    d = 4
    return a, b, c, d


def loops():
    done = []
    for i in range(3):
        done.append(i)
    done.append("after")
    return done


def blocks():
    done = []
    try:
        done.append("try")
        done.append("still")
    finally:
        done.append("finally")
    with open(__file__) as f:
        done.append("with")
    return done


def jumper(function, at, to):
    """Calls the function, and when it comes to the line `at`, jumps to `to`, once."""
    first = function.__code__.co_firstlineno
    jumped = []

    def tracer(frame, event, arg):
        if frame.f_code is not function.__code__:
            return None
        if event == "line" and frame.f_lineno == first + at and not jumped:
            jumped.append(at)
            try:
                frame.f_lineno = first + to
            except ValueError as error:
                print(error)
        return tracer
    sys.settrace(tracer)
    try:
        return function(*[to] * function.__code__.co_argcount)
    except UnboundLocalError as error:
        return str(error)
    finally:
        sys.settrace(None)


print(jumper(jumps, 2, 4), jumper(jumps, 4, 1), jumper(jumps, 5, 2))
print(jumper(loops, 4, 3), jumper(loops, 4, 2), jumper(loops, 2, 4), jumper(loops, 1, 3))
print(jumper(blocks, 3, 4), jumper(blocks, 1, 4), jumper(blocks, 8, 7), jumper(blocks, 6, 9))


def writes():
    value = 1
    sys._getframe().f_locals["new"] = 5
    locals()["value"] = 2
    return value, sorted(locals())


def here(kind):
    if kind == "inspect":
        return [(f.function, f.lineno, f.code_context[0].strip()) for f in inspect.stack()
                if f.filename == __file__]
    if kind == "walk":
        return [(f.f_code.co_name, line) for f, line in traceback.walk_stack(None)
                if f.f_code.co_filename == __file__]
    if kind == "extract":
        return [(f.name, f.lineno, f.line) for f in traceback.extract_stack()
                if f.filename == __file__]
    frame = sys._getframe(1)
    return frame.f_code.co_name, frame.f_lineno, sorted(frame.f_locals), frame.f_back.f_lineno


def calls(kind):
    return [here(kind),
            (lambda: here(kind))()][-1]


for kind in "inspect", "walk", "extract", "frame":
    print(kind, *calls(kind), sep="\n    ")
print(writes())


def opcodes():
    n = 1
    return n + 1


def count_opcodes(frame, event, arg):
    global lines
    if frame.f_code is opcodes.__code__:
        frame.f_trace_opcodes = True
        kinds[event] = kinds.get(event, 0) + 1
        return count_opcodes


# Probes are instructions, too: their number is not compared.
kinds = {}
sys.settrace(count_opcodes)
opcodes()
sys.settrace(None)
print(kinds.pop("opcode", 0) >= 5, kinds)


def gen():
    got = yield inspect.currentframe().f_lineno
    yield got


def raises():
    try:
        1 / 0
    except ZeroDivisionError:
        yield [f.f_code.co_name for f, _ in traceback.walk_tb(sys.exc_info()[2])]
        raise


g = gen()
print(next(g), inspect.getgeneratorstate(g), inspect.getgeneratorlocals(g), g.gi_frame.f_lineno)
g = raises()
print(next(g), inspect.getgeneratorstate(g))
try:
    next(g)
except ZeroDivisionError as error:
    traceback.print_exc(file=sys.stdout)
    print([(f.lineno, f.line, f.colno, f.end_colno)
           for f in traceback.extract_tb(error.__traceback__)])
frame = sys._current_frames()[threading.get_ident()]
print(frame is sys._getframe(), frame.f_lineno, *inspect.getframeinfo(
    sys._getframe()).positions)
try:
    list(raises())
except ZeroDivisionError as error:
    traceback.clear_frames(error.__traceback__)
    g = gen()
    next(g)
    g.gi_frame.clear()
    print(list(g))
print(inspect.getsource(gen), inspect.getclosurevars(calls).globals.keys())
