"""asyncio: numbers that pass through queues, from task to task."""
import asyncio

from clock import timed

STAGES = 4


async def numbers(n):
    for i in range(n):
        if i % 16 == 0:
            await asyncio.sleep(0)
        yield i


async def produce(n, out):
    async for i in numbers(n):
        await out.put(i)
    await out.put(None)


async def add_one(into, out):
    while (number := await into.get()) is not None:
        await out.put(number + 1)
    await out.put(None)


async def total(into):
    found = 0
    while (number := await into.get()) is not None:
        found += number
    return found


async def pipeline(n):
    queues = [asyncio.Queue(maxsize=8) for _ in range(STAGES + 1)]
    results = await asyncio.gather(
        produce(n, queues[0]), *map(add_one, queues, queues[1:]), total(queues[-1]))
    return results[-1]


timed(lambda n: asyncio.run(pipeline(n)), 50_000,
      lambda found, n: found == n * (n - 1) // 2 + STAGES * n)
