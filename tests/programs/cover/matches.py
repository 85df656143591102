"""match: literals, sequences, mappings, classes, guards."""
from dataclasses import dataclass


@dataclass
class Point:
    x: int
    y: int = 0


def tell(thing):
    match thing:
        case 0 | 1:
            return "bit"
        case int(n) if n < 0:
            return "negative"
        case [first, *rest]:
            return f"{first} and {len(rest)}"
        case {"kind": kind, **more}:
            return f"{kind} {sorted(more)}"
        case Point(x=0, y=y):
            return f"on the axis at {y}"
        case Point(x, y):
            return f"at {x},{y}"
        case str() as text:
            return text.upper()
        case None:
            return "never asked"
        case _:
            return "?"


for thing in (1, -4, [1, 2, 3], {"kind": "k", "b": 1}, Point(0, 5), Point(2), "s", 2.5):
    print(tell(thing))
