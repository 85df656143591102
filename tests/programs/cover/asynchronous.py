"""Coroutines: await, async for, async with, gather."""
import asyncio


class Source:
    def __init__(self, n):
        self.n = n

    def __aiter__(self):
        return self

    async def __anext__(self):
        if self.n == 0:
            raise StopAsyncIteration
        self.n -= 1
        await asyncio.sleep(0)
        return self.n

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await asyncio.sleep(0)


async def numbers(n):
    for i in range(n):
        yield i
        await asyncio.sleep(0)


async def worker(name):
    total = 0
    async with Source(3) as source:
        async for n in source:
            total += n
    async for n in numbers(3):
        total += n
    return name, total, [n async for n in numbers(2)]


async def main():
    print(await asyncio.gather(worker("a"), worker("b")))


asyncio.run(main())
