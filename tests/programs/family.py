"""Children are programs too."""
import os


def cube(n):
    return n ** 3


def main():
    for first in range(3):
        if os.fork() == 0:
            for n in range(first, first + 6):
                cube(n)
            os._exit(0)
        os.wait()
    print("all are back")


main()
