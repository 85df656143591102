"""Threads: of every module that starts them."""
import _thread
import concurrent.futures
import queue
import threading
import time

done = []
local = threading.local()
lock = threading.Lock()


def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)


def work(n):
    local.n = n
    with lock:
        done.append(fib(n))
    return local.n


def fails():
    raise SystemExit("only the thread")


def produce(q):
    for i in range(5):
        q.put(i)
    q.put(None)


def consume(q):
    while (i := q.get()) is not None:
        done.append(i)


class Worker(threading.Thread):
    def run(self):
        work(4)


threads = [threading.Thread(target=work, args=(n,), name=f"w{n}") for n in range(8)]
for t in threads + [Worker()]:
    t.start()
    t.join()
print(sorted(done))
with concurrent.futures.ThreadPoolExecutor(1) as pool:
    print([f.result() for f in [pool.submit(work, n) for n in range(5)]],
          list(pool.map(work, range(3))))
    print(repr(pool.submit(divmod, 1, 0).exception()))
del done[:]
q = queue.Queue()
threads = [threading.Thread(target=f, args=(q,)) for f in (produce, consume)]
[t.start() for t in threads]
[t.join() for t in threads]
print(done)
t = threading.Thread(target=fails)
t.start()
t.join()
t = threading.Timer(0.001, work, [1])
t.start()
t.join()
condition = threading.Condition()
