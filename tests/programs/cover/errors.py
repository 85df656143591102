"""try, except, else, finally, with their returns and their chains."""


def classify(value):
    try:
        number = 10 / value
    except ZeroDivisionError:
        return "zero"
    except TypeError as error:
        return type(error).__name__
    else:
        if number > 5:
            return "large"
    finally:
        seen.append(value)
    return "small"


def swallow(values):
    for value in values:
        try:
            raise value
        except (ValueError, KeyError):
            continue
        except Exception as error:
            print("other", error)
        finally:
            print("after", value)


def overrides():
    try:
        return 1
    finally:
        return 2


def group():
    try:
        raise ExceptionGroup("g", [ValueError(1), TypeError(2)])
    except* ValueError as part:
        print(part.exceptions)
    except* TypeError:
        print("type")


seen = []
print([classify(v) for v in (1, 20, 0, "x")], seen)
swallow([ValueError("v"), KeyError("k"), OSError("o")])
print(overrides())
group()
try:
    try:
        {}["no"]
    except KeyError as error:
        raise RuntimeError("from") from error
except RuntimeError as error:
    print(repr(error.__cause__))
