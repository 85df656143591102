def add(a, b):
    return a + b


def unused(a):
    return a
