# nodes: guarded 1
"""Coroutines driven by hand, and asynchronous generators."""
import sys
import types


@types.coroutine
def pause(value):
    got = yield value  #> KeyError 1
    return got


class Awaitable:
    def __await__(self):
        got = yield "await"
        return got


async def leaf(n):
    try:
        return await pause(n)
    except KeyError as error:  #< KeyError 1
        return f"leaf caught {error}"


async def branch(n):
    total = 0
    for i in range(n):
        total += await leaf(i) or 0
    try:
        print(await leaf(9))
        await Awaitable()
    finally:
        print("branch ends")
    return total


async def stream(n):
    try:
        for i in range(n):
            await pause("tick")
            yield i
    except ZeroDivisionError:
        yield "divided"
    finally:
        print("stream ends")


class Guard:
    async def __aenter__(self):
        return await pause("enter")

    async def __aexit__(self, kind, error, trace):
        await pause("exit")
        return kind is ValueError


async def guarded():
    async with Guard() as g:  #< ValueError 1
        print("in", g)
        async for x in stream(2):
            print(x)
        raise ValueError("suppressed")  #> ValueError 1
    async with (Guard(), Guard()):
        pass
    print([x async for x in stream(2)], {x: await leaf(x) async for x in stream(2) if x})
    return "guarded"


def drive(c, *answers):
    """Runs a coroutine to its end: its steps, and what it returned."""
    steps = []
    answers = list(answers)
    try:
        steps.append(c.send(None))
        while True:
            answer = answers.pop(0) if answers else None
            if isinstance(answer, Exception):
                steps.append(c.throw(answer))
            else:
                steps.append(c.send(answer))  #> StopIteration 2
    except StopIteration as end:  #< StopIteration 2
        return steps, end.value


print(drive(branch(3), 1, 2, 3, KeyError("k"), 5))
print(drive(guarded(), "g"))

if sys.version_info[:2] != (3, 12):  # runs what awaits so as to close it: one resume more
    c = branch(2)
    c.send(None)
    c.close()
c = branch(2)
c.close()
g = stream(3)
a = g.asend(None)
print(a.send(None))
try:
    a.send(None)  #> StopIteration 1
except StopIteration as end:  #< StopIteration 1
    print("item", end.value)
a = g.athrow(ZeroDivisionError)
try:
    a.send(None)  #> StopIteration 1
except StopIteration as end:  #< StopIteration 1
    print("item", end.value)
a = g.aclose()
try:
    a.send(None)  #> StopIteration 1
except StopIteration:  #< StopIteration 1
    print("closed")
c = leaf(1)
c.send(None)
del c
c = leaf(2)
print(c.cr_frame.f_lineno, c.cr_await)
c.send(None)
print(c.cr_await.gi_code.co_name)
del c
