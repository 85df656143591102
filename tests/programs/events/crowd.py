# nodes: work 1, leaf 1
"""A thousand tasks, one place in the call tree."""
import asyncio


async def leaf(n):
    await asyncio.sleep(0)  #= 3000
    return n


async def work(n):
    total = 0
    for i in range(3):
        total += await leaf(n)  #= 3000
    return total


async def main():
    tasks = [asyncio.create_task(work(i)) for i in range(1000)]
    return sum(await asyncio.gather(*tasks))


print(asyncio.run(main()))
