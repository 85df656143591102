# tasks: Task-1 ended, first ended, second ended, slow ended, grouped-0 ended, grouped-1 ended, grouped-2 ended, inner ended, shielded ended, late name ended, subclassed ended, odd ended, nested ended, never awaited ended, run ended, again ended
"""asyncio's tasks: gathered, grouped, cancelled, named, of other classes."""
import asyncio
import contextvars
import warnings

user = contextvars.ContextVar("user", default="nobody")


async def leaf(n):
    await asyncio.sleep(0)
    return n


async def work(n, times=2):
    total = 0
    for _ in range(times):
        total += await leaf(n)
    return total


async def forever():
    try:
        await asyncio.Event().wait()
    except asyncio.CancelledError:
        print("cancelled")
        raise
    finally:
        await asyncio.sleep(0)


async def fails(n):
    await asyncio.sleep(0)
    raise ValueError(n)


async def numbers(n):
    try:
        for i in range(n):
            yield i
            await asyncio.sleep(0)
    finally:
        await asyncio.sleep(0)
        print("numbers end")


class Resource:
    async def __aenter__(self):
        await asyncio.sleep(0)
        return self

    async def __aexit__(self, *error):
        await asyncio.sleep(0)
        return error[0] is KeyError


def named(coroutine, name):
    return asyncio.create_task(coroutine, name=name)


async def gathered():
    print(await asyncio.gather(named(work(1), "first"), named(work(2), "second")))
    task = named(forever(), "slow")
    try:
        await asyncio.wait_for(task, 0.01)
    except asyncio.TimeoutError:
        print("timeout", task.cancelled())


async def grouped():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work(i), name=f"grouped-{i}") for i in range(2)]
    print([t.result() for t in tasks])
    try:
        async with asyncio.TaskGroup() as group:
            group.create_task(forever(), name="grouped-2")
            await fails(7)
    except* ValueError as found:
        print(found.exceptions)


async def generators():
    async for i in numbers(3):
        if i == 1:
            break
    g = numbers(3)
    print(await anext(g), await g.asend(None))
    await g.aclose()
    print([i async for i in numbers(2)],
          {i: await leaf(i) async for i in numbers(2)},
          [await leaf(i) for i in range(2)])
    total = sum([x for x in [await leaf(2), await leaf(3)]])
    async with Resource() as r, Resource():
        raise KeyError(total)
    return r


async def names():
    task = asyncio.create_task(work(3))
    task.set_name("late name")
    inner = named(work(4, 3), "inner")
    print(await asyncio.shield(inner), await task)

    async def sets(name):
        user.set(name)
        await leaf(0)
        return user.get()
    shielded = named(sets("a"), "shielded")
    print(await shielded, user.get())
    user.set("b")
    print(user.get())


class Task(asyncio.Task):
    pass


async def classes():
    loop = asyncio.get_running_loop()
    print(await Task(work(5), loop=loop, name="subclassed"))

    def factory(loop, coroutine, **options):
        return Task(coroutine, loop=loop, **options)
    loop.set_task_factory(factory)
    task = asyncio.create_task(work(6), name="odd")
    print(type(task).__name__, await task)
    loop.set_task_factory(None)
    print(await asyncio.ensure_future(asyncio.sleep(0, "slept")))
    print(await loop.run_in_executor(None, len, "four"), await asyncio.to_thread(abs, -3))
    print(await asyncio.to_thread(runs, leaf(8), "nested"))


def runs(coroutine, name):
    with asyncio.Runner() as runner:
        task = runner.get_loop().create_task(coroutine, name=name)
        return runner.get_loop().run_until_complete(task)


async def main():
    await gathered()
    await grouped()
    await generators()
    await names()
    await classes()
    task = named(forever(), "never awaited")
    await asyncio.sleep(0)


asyncio.run(main())
print(runs(leaf(9), "run"), runs(work(1), "again"))
