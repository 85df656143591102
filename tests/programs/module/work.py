"""What the programs here trace."""
import threading


class Thing:
    def method(self, n):
        return helper(n)

    @staticmethod
    def static():
        return 1


def helper(n):
    return [n for _ in range(n)]


def add(a, b=1):
    c = a + b
    return c


def loop(n):
    total = 0
    for i in range(n):
        total += i
    return total


def fail():
    x = 1
    raise ValueError(x)


def generate(n):
    for i in range(n):
        yield i


def in_thread(n):
    t = threading.Thread(target=add, args=(n,))
    t.start()
    t.join()


def main(n):
    return Thing().method(n)
