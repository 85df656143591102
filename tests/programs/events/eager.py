# needs: 3.12
# tasks: Task-1 ended, at once ended, in it ended, waits ended, fails ended, Task-2 ended
# nodes: short 4
"""Eager tasks: they begin before they are scheduled, and perhaps never are."""
import asyncio


def eager(coroutine, name):
    return asyncio.Task(coroutine, loop=asyncio.get_running_loop(), name=name,
                        eager_start=True)


async def short(n):
    return n * 2


async def long(n):
    inner = eager(short(n), "in it")
    await asyncio.sleep(0.001)
    return await inner + await short(n)


async def fails():
    raise ValueError("at once")


async def main():
    a = eager(short(1), "at once")
    print(a.done(), await a, asyncio.current_task().get_name())
    b = eager(long(2), "waits")
    print(b.done(), await b)
    c = eager(fails(), "fails")
    print(c.done(), repr(c.exception()))
    # The loop names it when it has run.
    asyncio.get_running_loop().set_task_factory(asyncio.eager_task_factory)
    print(await asyncio.create_task(short(3), name="too late"))


asyncio.run(main())
