import asyncio


def count(n):
    got = None
    for i in range(n):
        try:
            got = yield (i,
                         got)
        except ValueError:
            yield "thrown"
    return "done"


def delegate():
    result = yield from count(2)
    yield result


def endless():
    try:
        while True: yield
    finally:
        print("closed")


async def wait(n):
    await asyncio.sleep(0)
    return n


async def agen(n):
    for i in range(n):
        yield await wait(i)


class Manager:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        await wait(0)


async def main():
    async with Manager() as m:
        total = [x async for x in agen(3) if x]
    parts = await asyncio.gather(wait(1), wait(2))
    async for x in agen(2):
        if x:
            break
    task = asyncio.ensure_future(asyncio.sleep(100))
    await asyncio.sleep(0)
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        total.append("cancelled")
    return total, parts


g = count(3)
print(next(g), g.send("sent"), g.throw(ValueError()), list(g))
print(list(delegate()), sum(x for x in range(4) if x % 2))
e = endless()
next(e)
del e
print(asyncio.run(main()))
