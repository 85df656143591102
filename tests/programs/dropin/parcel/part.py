import util


def part():
    return util.util()
