"""Threads that share work; each line's count is the sum over them."""
import threading

lock = threading.Lock()
done = []


def square(n):
    return n * n


def worker(first, last):
    for n in range(first, last):
        value = square(n)
        with lock:
            done.append(value)


threads = [threading.Thread(target=worker, args=(i * 5, i * 5 + 5)) for i in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
print(sum(done))
