"""Where the lines of --trace go: to what sys.stdout is at that moment."""
import builtins
import contextlib
import io
import os
import sys


def lines(n):
    x = n
    return x


class Log:
    """Notes each write."""

    def __init__(self):
        self.written = []

    def write(self, text):
        self.written.append(text)

    def flush(self):
        pass


class Fragile(Log):
    def write(self, text):
        if len(self.written) > 6:
            raise OverflowError("full")
        super().write(text)


real = sys.stdout
with contextlib.redirect_stdout(io.StringIO()) as text:
    lines(1)
print(len(text.getvalue()), repr(text.getvalue())[:300])
log = sys.stdout = Log()
lines(2)
sys.stdout = None
lines(3)
sys.stdout = real
print(log.written)
log.written.clear()
real.write = log.write
lines(4)
del real.write
print(log.written)


class Shout(io.TextIOWrapper):
    def write(self, text):
        return super().write(text.upper())


buffer = io.BytesIO()
sys.stdout = Shout(buffer, encoding="utf-16")
lines(5)
sys.stdout.flush()
sys.stdout = real
print(buffer.getvalue().decode("utf-16")[:300])
calls = []
original = builtins.print
builtins.print = lambda *args, **kwargs: calls.append((args, kwargs))
lines(6)
builtins.print = original
print(calls)
for i in range(300):
    os.write(1, b"#%d\n" % i)  # overtakes what waits in the buffer
    print(i, "x" * i)
sys.stdout.flush()
os.system("echo from a child")
sys.stdout.reconfigure(line_buffering=True)
lines(7)
os.write(1, b"after a line\n")
print("ä", "\N{SNOWMAN}", "x" * 9000)
os.write(1, b"after a long line\n")
sys.stdout.reconfigure(line_buffering=False)
sys.stdout = Fragile()
try:
    lines(8)
    lines(9)
except OverflowError as e:
    written, sys.stdout = sys.stdout.written, real
    print(e, written, sys.gettrace())
sys.stdout = real
del sys.stdout
try:
    lines(10)
except RuntimeError as e:
    sys.stdout = real
    print(e)
sys.stdout = real
lines(11)
