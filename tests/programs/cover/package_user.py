"""Imports modules of its own, one of them late and one never."""
import parcel
from parcel import weights


def late():
    from parcel.extra import add
    return add(1, 2)


def never():
    import parcel.unused
    return parcel.unused


print(parcel.NAME, weights.heavy(3), weights.heavy(30), late())
