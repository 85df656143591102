"""Mixed: looks through each point of a picture at balls over a chequered floor."""
import math

from clock import timed

WIDTH, HEIGHT, DEPTH = 32, 24, 3


class Vector:
    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, other):
        return Vector(self.x + other.x, self.y + other.y, self.z + other.z)

    def __sub__(self, other):
        return Vector(self.x - other.x, self.y - other.y, self.z - other.z)

    def __mul__(self, factor):
        return Vector(self.x * factor, self.y * factor, self.z * factor)

    def dot(self, other):
        return self.x * other.x + self.y * other.y + self.z * other.z

    def unit(self):
        return self * (1 / math.sqrt(self.dot(self)))

    def mirrored(self, normal):
        return self - normal * (2 * self.dot(normal))


class Ball:
    shine = 0.4

    def __init__(self, centre, radius, light):
        self.centre, self.radius, self.light = centre, radius, light

    def distance(self, origin, direction):
        to = self.centre - origin
        along = to.dot(direction)
        rest = along * along - to.dot(to) + self.radius ** 2
        if rest < 0:
            return None
        near = along - math.sqrt(rest)
        return near if near > 1e-6 else None

    def normal(self, point):
        return (point - self.centre).unit()

    def brightness(self, point):
        return self.light


class Floor:
    shine = 0.1

    def distance(self, origin, direction):
        if direction.y >= 0:
            return None
        return -origin.y / direction.y or None

    def normal(self, point):
        return Vector(0, 1, 0)

    def brightness(self, point):
        return 0.9 if (math.floor(point.x) + math.floor(point.z)) % 2 else 0.2


SCENE = [Floor()] + [Ball(Vector(2.0 * i - 4, 1 + i % 2 * 0.5, 6.0 + i), 1.0, 0.5 + 0.1 * i)
                     for i in range(5)]
SUN = Vector(3, 5, -4).unit()


def nearest(origin, direction):
    found, at = None, math.inf
    for thing in SCENE:
        distance = thing.distance(origin, direction)
        if distance is not None and 1e-6 < distance < at:
            found, at = thing, distance
    return found, at


def look(origin, direction, depth):
    thing, distance = nearest(origin, direction)
    if thing is None:
        return 0.5 + 0.5 * max(0.0, direction.y)
    point = origin + direction * distance
    normal = thing.normal(point)
    shaded, _ = nearest(point, SUN)
    light = 0.2 if shaded else 0.2 + 0.8 * max(0.0, normal.dot(SUN))
    seen = light * thing.brightness(point)
    if depth:
        seen += thing.shine * look(point, direction.mirrored(normal), depth - 1)
    return seen


def picture():
    eye = Vector(0, 1.5, -3)
    return [[look(eye, Vector((x - WIDTH / 2) / WIDTH, (HEIGHT / 2 - y) / WIDTH, 1).unit(),
                  DEPTH) for x in range(WIDTH)] for y in range(HEIGHT)]


def is_right(rows, amount):
    """The sky is brighter than what lies under it, and nothing is out of bounds."""
    sky, floor = sum(rows[0]), sum(rows[-1])
    return len(rows) == HEIGHT and sky > floor and all(0 < p < 2 for r in rows for p in r)


timed(lambda n: [picture() for _ in range(n)][-1], 36, is_right)
