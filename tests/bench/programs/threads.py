"""Threaded: four workers that take blocks of numbers from a queue and hand on what they
found."""
import queue
import threading

from clock import timed

BLOCK = 100


def steps(n):
    """Halve it, or treble it and add one, until it is one."""
    count = 0
    while n != 1:
        n = n // 2 if n % 2 == 0 else 3 * n + 1
        count += 1
    return count


def worker(jobs, results):
    while True:
        first = jobs.get()
        if first is None:
            return
        results.put(max((steps(n), n) for n in range(first, first + BLOCK)))


def longest(blocks):
    jobs, results = queue.Queue(), queue.Queue()
    threads = [threading.Thread(target=worker, args=(jobs, results)) for _ in range(4)]
    for t in threads:
        t.start()
    for i in range(blocks):
        jobs.put(1 + i * BLOCK)
    for _ in threads:
        jobs.put(None)
    for t in threads:
        t.join()
    return [results.get_nowait() for _ in range(blocks)], results.empty()


def is_right(found, blocks):
    best = sorted(found[0])
    return found[1] and (blocks < 10 or (178, 871) in best)


timed(longest, 500, is_right)
