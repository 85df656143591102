"""Exceptions: where they come from, and where they are over."""
import contextlib
import json


def fail(kind, *args):
    raise kind(*args)  #> KeyError 3 OSError 3 ValueError 5


def passes(n):
    try:
        fail(ValueError, n)
    finally:
        n = None


def again(n):
    try:
        fail(ValueError, n)
    except ValueError as error:
        error.add_note("again")
        raise


def other(n):
    try:
        fail(KeyError, n)
    except KeyError as error:
        raise OSError(n) from error  #> OSError 1


def chain(n):
    try:
        return {}[n]
    except KeyError:
        return [][n:] or 1 / 0  #> ZeroDivisionError 1


def nested():
    try:
        try:
            fail(KeyError)
        except OSError:
            pass
    except KeyError:
        try:
            fail(ValueError)
        except ValueError:  #< ValueError 1
            return "nested"  #< KeyError 1


def returns():
    for i in range(3):
        try:
            fail(OSError, i)
        except OSError:  #< OSError 3
            if i == 0:
                continue
            if i == 2:
                break
        finally:
            i = -1
    try:
        return 1
    finally:
        print("finally")


def swallows():
    try:
        fail(KeyError)
    finally:
        return "swallowed"  #< KeyError 1


for f in passes, again, other:
    try:
        f(1)
    except (ValueError, OSError) as error:  #< OSError 1 ValueError 2
        print(type(error).__name__, error, getattr(error, "__notes__", None))
try:
    chain(0)
except ZeroDivisionError:  #< ZeroDivisionError 1
    print("divided")
print(nested(), returns(), swallows())
for n in 1, 2, 3:
    with contextlib.suppress(ValueError, TypeError):  #< JSONDecodeError 1 TypeError 1 ValueError 1
        json.loads("{") if n == 1 else len(n) if n == 2 else fail(ValueError)  #> JSONDecodeError 1 TypeError 1


def group(*errors):
    try:
        try:
            raise ExceptionGroup("several", list(errors))  #> ExceptionGroup 3
        except* ValueError as found:  #< ExceptionGroup 1
            print("values", found.exceptions)
        except* (OSError, KeyError):
            raise RuntimeError("new")  #> ExceptionGroup 1
    except* RuntimeError as found:  #< ExceptionGroup 2
        print("runtime", len(found.exceptions))
    except* TypeError:
        print("types")


group(ValueError(1))
group(ValueError(1), OSError(2))
group(KeyError(1), TypeError(2), ExceptionGroup("in", [ValueError(3), TypeError(4)]))
try:
    group(ArithmeticError(1))
except ExceptionGroup as error:  #< ExceptionGroup 1
    print(error.exceptions)


class Refuses:
    def __enter__(self):
        fail(ValueError, "enter")

    def __exit__(self, *error):
        print("never")


class Replaces:
    def __enter__(self):
        return self

    def __exit__(self, kind, error, trace):
        raise LookupError("replaced")  #> LookupError 1


try:
    with Refuses():
        print("never")
except ValueError as error:  #< ValueError 1
    print(error)
try:
    with Replaces():
        fail(ValueError)
except LookupError as error:  #< LookupError 1
    print(error, repr(error.__context__))
try:
    assert not print, "message"  #> AssertionError 1
except AssertionError as error:  #< AssertionError 1
    print(error, error.__traceback__.tb_lineno)
else:
    print("never")
try:
    pass
except OSError:
    print("never")
else:
    print("else")
fail(KeyError, "nobody")
