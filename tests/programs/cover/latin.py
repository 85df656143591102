# -*- coding: latin-1 -*-
"""Text that is not UTF-8: éè."""


def word():
    return "café"  # ü


if len(word()) == 4:
    print("four")
else:
    print("not")
