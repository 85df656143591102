# oracle: no; it is what the program does itself
"""sys.settrace: every kind of event, switched on and off in the middle."""
import sys
import threading

seen = []


def gen(n):
    for i in range(n):  #= 12
        yield i  #= 9


def fails(n):
    try:
        return 1 / n  #= 5
    except ZeroDivisionError:
        return None  #= 3
    finally:
        n = 0  #= 5


def passes(n):
    with open(__file__):
        try:
            return [1 // k for k in (1, n)]
        finally:
            n = None


def leaves():
    g = gen(3)
    next(g)
    try:
        g.throw(KeyError("thrown"))
    except KeyError:
        try:
            passes(0)
        except (OSError, ArithmeticError) as error:
            return error.__traceback__.tb_next.tb_lineno


def work():
    total = leaves() and 0
    for i in gen(2):  #= 9
        total += i  #= 6
    with open(__file__) as f:  #= 6
        total += len(f.name) > 0  #= 3
    squares = [
        i * i
        for i in range(3)
    ]
    return fails(0) or total + sum(squares)  #= 3


def note(frame, event, arg):
    code = frame.f_code
    if code.co_filename != __file__:
        return None
    seen.append((event, code.co_name, frame.f_lineno - code.co_firstlineno,
                 type(arg).__name__, sorted(frame.f_locals) if code is not main else None))
    return note


def main():
    sys.settrace(note)
    work()
    sys.settrace(None)


main()
print(*seen, sep="\n")
del seen[:]
print(sys.gettrace())


# A local trace function of its own, that switches itself off, and one that raises.
def only_lines(frame, event, arg):
    if event == "line" and frame.f_lineno - frame.f_code.co_firstlineno == 2:
        frame.f_trace_lines = False
    seen.append((event, frame.f_lineno - frame.f_code.co_firstlineno))
    return only_lines


def first(frame, event, arg):
    return only_lines if frame.f_code.co_name == "work" else None


sys.settrace(first)
work()
sys.settrace(None)
print(seen)


def raises(frame, event, arg):
    if frame.f_code.co_name == "target" and event == "line":
        raise LookupError("from the trace function")
    return raises


def target():
    return 1


try:
    sys.settrace(raises)
    target()
except LookupError as error:
    print(error, sys.gettrace())
del seen[:]


def thread_note(frame, event, arg):
    if frame.f_code.co_filename == __file__:
        seen.append((event, frame.f_code.co_name))
        return thread_note


threading.settrace(thread_note)
t = threading.Thread(target=work)
t.start()
t.join()
threading.settrace(None)
print(seen, threading.gettrace())
del seen[:]
if sys.version_info >= (3, 12):
    going, may_go = threading.Event(), threading.Event()
    t = threading.Thread(target=lambda: (going.set(), may_go.wait(), fails(3)))
    t.start()
    going.wait()
    threading.settrace_all_threads(thread_note)
    may_go.set()
    t.join()
    threading.settrace_all_threads(None)
else:
    fails(3)
for word in seen:
    print(word, file=sys.stderr if word[1] == "<lambda>" else sys.stdout)
del seen[:]
threading.setprofile(lambda frame, event, arg: seen.append(event)
                     if frame.f_code.co_filename == __file__ else None)
t = threading.Thread(target=fails, args=(2,))
t.start()
t.join()
threading.setprofile(None)
print(seen)
