"""Ends as its argument says."""
import os
import signal
import sys
import warnings


def lines(n):
    x = n
    if n:
        return lines(n - 1)
    how(x)


def hook(kind, error, traceback):
    print("hook", kind.__name__, error)
    while traceback:
        code = traceback.tb_frame.f_code
        print(os.path.basename(code.co_filename), traceback.tb_lineno, code.co_name)
        traceback = traceback.tb_next


def bad_hook(kind, error, traceback):
    raise ArithmeticError("in the hook")


def value(x):
    raise ValueError("with\nlines", x)


def chain(x):
    try:
        {}[x]
    except KeyError as e:
        raise RuntimeError("chained") from e


def group(x):
    raise ExceptionGroup("several", [ValueError(1), OSError("two")])


def own_hook(x):
    sys.excepthook = hook
    value(x)


def hook_fails(x):
    sys.excepthook = bad_hook
    value(x)


def no_hook(x):
    del sys.excepthook
    value(x)


def no_stderr(x):
    sys.stderr = None
    value(x)


def os_error(x):
    sys.argv[0] = "a name\tof its own"
    open("nowhere/to/be/found")


def exits(x):
    sys.exit(3)


def exits_with_text(x):
    sys.exit("text")


def exits_at_once(x):
    os._exit(7)


def interrupted(x):
    os.kill(os.getpid(), signal.SIGINT)
    while True:
        x += 1


def raises_interrupt(x):
    raise KeyboardInterrupt("by hand")


def killed(x):
    os.kill(os.getpid(), signal.SIGTERM)
    while True:
        x += 1


def syntax(x):
    compile("x = (1 +\n  2 3", "a file", "exec")


def generator_exit(x):
    raise GeneratorExit


def forks(x):
    print("before", flush=True)
    pid = os.fork()
    if pid:
        os.waitpid(pid, 0)
    print("parent" if pid else "child", flush=True)


def unraisable(x):
    class Bad:
        def __del__(self):
            raise ValueError("unraisable")
    Bad()


def stdout_closed(x):
    print("last words")
    sys.stdout.close()


def fd_closed(x):
    os.close(1)


def warns(x):
    warnings.warn("here")
    warnings.warn("above", stacklevel=3)
    eval("'\\d' is 1")


how = globals()[sys.argv[1]]
print("begins")
lines(2)
print("ends")
