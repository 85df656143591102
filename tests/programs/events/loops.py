# oracle: hits; which task comes first is up to the threads
"""Loops in threads: each runs its own tasks at the same time as the others."""
import asyncio
import concurrent.futures
import threading


async def leaf(n):
    await asyncio.sleep(0.001)
    return n


async def work(n):
    return [await leaf(n + i) for i in range(3)]


async def crosses(loop):
    future = asyncio.run_coroutine_threadsafe(leaf(100), loop)
    return await asyncio.wrap_future(future)


def runs(n):
    return asyncio.run(work(n))


with concurrent.futures.ThreadPoolExecutor(4) as pool:
    print(list(pool.map(runs, range(8))))
loop = asyncio.new_event_loop()
thread = threading.Thread(target=loop.run_forever)
thread.start()
print(asyncio.run(crosses(loop)))
loop.call_soon_threadsafe(loop.stop)
thread.join()
loop.close()
