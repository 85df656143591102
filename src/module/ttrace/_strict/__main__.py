"""`ttrace --compat=strict`: `python -m trace`, run by an interpreter that was given this
folder. What it finds in a folder it runs as it runs a module: with the same frames above,
and without a flush of the streams behind it."""
import sys

sys.path[0] = __file__[:-len("/ttrace/_strict/__main__.py")]
# What the reference imports, in its order.
import io, linecache, os, sysconfig, token, tokenize, inspect, gc, dis, pickle, threading

# The package as such may import more.
sys.modules["ttrace"] = type(sys)("ttrace")
sys.modules["ttrace"].__path__ = [os.path.join(sys.path[0], "ttrace")]
try:
    from ttrace._guise import Guise
except ImportError as error:
    sys.exit(f"ttrace: --compat=strict does not know this Python ({error}); to build for "
             f"it: make PYTHON={sys.executable}")

with Guise(globals()) as code:
    exec(globals().pop("code"))
