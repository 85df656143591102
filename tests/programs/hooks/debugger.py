# oracle: no; bdb uses sys.settrace
"""A debugger made with bdb: breakpoints, steps, next, until, return, a jump."""
import bdb
import sys

log = []


def inner(n):
    n += 1
    n *= 2
    return n


def work(n):
    total = 0
    for i in range(n):
        total += inner(i)
        total += 1
    try:
        total / 0
    except ZeroDivisionError:
        total = -total
    return total


class Debugger(bdb.Bdb):
    def __init__(self, plan):
        super().__init__()
        self.plan = list(plan)

    def note(self, what, frame, *more):
        code = frame.f_code
        log.append((what, code.co_name, frame.f_lineno - code.co_firstlineno,
                    {k: v for k, v in frame.f_locals.items() if k in ("n", "i", "total")},
                    *more))
        step = self.plan.pop(0) if self.plan else "continue"
        if step == "next":
            self.set_next(frame)
        elif step == "return":
            self.set_return(frame)
        elif step == "until":
            self.set_until(frame)
        elif step == "step":
            self.set_step()
        else:
            self.set_continue()

    def user_line(self, frame):
        if frame.f_code.co_filename == __file__:
            self.note("line", frame, self.break_here(frame))
        else:
            self.set_step()

    def user_call(self, frame, args):
        self.note("call", frame)

    def user_return(self, frame, value):
        self.note("return", frame, value if isinstance(value, int) else None)

    def user_exception(self, frame, info):
        self.note("exception", frame, info[0].__name__)


def run(*plan, breaks=()):
    d = Debugger(plan)
    for line, condition in breaks:
        d.set_break(__file__, work.__code__.co_firstlineno + line, cond=condition)
    d.runcall(work, 2)
    d.clear_all_breaks()


run("step", "step", "next", "next", "next", "step", "step", "return", "step")
run("continue", "next", "next", breaks=[(4, "i == 1")])
run("next", "next", "until", "until", "until", "until")
run("step", "step", "step", "step", "step", "step", "return", "next", "next", "next", "next",
    "next", "next", "next", "next", "next")
print(*log, sep="\n")
print(sys.gettrace(), work(2))
