"""What the programs of the cookbook look at."""


class Cart:
    def __init__(self):
        self.items = []

    def add(self, price, n=1):
        self.items.append((price, n))

    def total(self):
        result = 0
        for price, n in self.items:
            result += price * n
        if result > 100:
            result = discount(result)
        return result


def discount(amount):
    if amount > 1000:
        return amount * 0.8
    return amount - 10


def divide(a, b):
    try:
        return a / b
    except ZeroDivisionError:
        return None


def fib(n):
    if n < 2:
        return n
    return fib(n - 1) + fib(n - 2)


def main():
    cart = Cart()
    cart.add(30, 2)
    cart.add(50)
    divide(1, 0)
    return cart.total()
