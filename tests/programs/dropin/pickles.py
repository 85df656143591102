"""What depends on sys.modules['__main__']."""
import collections
import dataclasses
import doctest
import enum
import pickle
import typing
import unittest

T = "Point"


@dataclasses.dataclass
class Point:
    x: int
    y: "int" = 0

    def far(self: T) -> "Point":
        """
        >>> Point(1).far()
        Point(x=2, y=0)
        """
        return Point(self.x * 2, self.y)


class Color(enum.Enum):
    RED = 1


class Test(unittest.TestCase):
    def test(self):
        self.assertEqual(Point(1).far(), Point(2))


Pair = collections.namedtuple("Pair", "a b")
for what in (Point(1), Color.RED, Pair(1, 2)):
    try:
        print(pickle.loads(pickle.dumps(what)) == what)
    except Exception as e:
        print(type(e), e)
try:
    print(typing.get_type_hints(Point.far))
except NameError as e:
    print(e)
runner = doctest.DocTestRunner()
for test in doctest.DocTestFinder().find(Point, "Point", globs=globals()):
    print(runner.run(test))
unittest.main(exit=False, verbosity=0)
