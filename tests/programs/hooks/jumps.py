# engine: bytecode; monitoring hears of the line that is jumped from
# mode: full; sums do not know where a jump leaves them
# oracle: no; it jumps
"""A debugger's jumps, from every line of a function to every other one."""
import contextlib
import sys

ran = {}


def target(n):
    done = ["start"]  #@a
    for i in range(2):  #@b
        done.append(i)  #@c
        if i:  #@d
            done.append("odd")  #@e
    try:  #@f
        done.append("try")  #@g
        done.append(1 // n)  #@h
    except ZeroDivisionError:  #@i
        done.append("except")  #@j
    finally:
        done.append("finally")  #@k
    while n > 0:  #@l
        n -= 1  #@m
    with contextlib.nullcontext(n) as m:  #@n
        done.append(m)  #@o
    done.append({n: m})  #@p
    return done  #@q


FIRST = target.__code__.co_firstlineno
LAST = max(line for _, _, line in target.__code__.co_lines() if line)


def jump(n, at, to):
    """What comes of target(n) that jumps, the first time it comes to a line, to another.
    The line that it jumps from does not run, and nobody is told of the one that does."""
    left = [to]

    def tracer(frame, event, arg):
        if frame.f_code is not target.__code__:
            return None
        if event == "line":
            try:
                if frame.f_lineno == at and left:
                    frame.f_lineno = left.pop()
            except ValueError as error:
                print(error)
            ran[frame.f_lineno] = ran.get(frame.f_lineno, 0) + 1
        return tracer
    sys.settrace(tracer)
    try:
        return target(n)
    except Exception as error:
        return type(error).__name__, str(error)
    finally:
        sys.settrace(None)


for at in range(FIRST + 1, LAST + 1):
    for to in range(FIRST + 1, LAST + 1):
        print(at - FIRST, to - FIRST, jump(at % 2, at, to))
with open(__file__) as f:
    for number, line in enumerate(f, 1):
        if "#@" in line and number in ran:
            print("@" + line.rpartition("#@")[2].strip(), ran[number])
