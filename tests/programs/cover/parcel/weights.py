LIMIT = 10


def heavy(kilograms):
    if kilograms > LIMIT:
        return True
    return False
