"""Classes, inheritance, properties, slots, a metaclass."""


class Meta(type):
    made = []

    def __new__(mcs, name, bases, space, **options):
        mcs.made.append(name)
        return super().__new__(mcs, name, bases, space)

    def __init__(cls, name, bases, space, **options):
        super().__init__(name, bases, space)
        cls.options = options


class Shape(metaclass=Meta, kind="base"):
    __slots__ = ("name",)

    def __init__(self, name):
        self.name = name

    @property
    def area(self):
        raise NotImplementedError

    def __repr__(self):
        return f"{type(self).__name__}({self.name!r}, {self.area})"


class Square(Shape, kind="square"):
    __slots__ = ("side",)

    def __init__(self, name, side):
        super().__init__(name)
        self.side = side

    @property
    def area(self):
        return self.side ** 2

    @area.setter
    def area(self, value):
        self.side = value ** 0.5

    @staticmethod
    def unit():
        return Square("unit", 1)

    @classmethod
    def many(cls, *sides):
        return [
            cls(f"s{side}", side)
            for side in sides
        ]


for square in Square.many(1, 2, 3):
    print(square)
unit = Square.unit()
unit.area = 16
print(unit, Meta.made, Square.options)
