"""What a program finds when it begins."""
import sys

was = sorted(sys.modules)
before = sorted(globals())
import gc
import inspect
import os
import traceback
import warnings

print(was)
print(before, type(__builtins__), __file__, __name__, __package__, __cached__)
print(globals().get("__spec__"), globals().get("__loader__"), __doc__)
main = sys.modules["__main__"]
print(main is sys.modules[__name__], sorted(vars(main)))
print([getattr(main, name) for name in
       ("__file__", "__name__", "__package__", "__cached__", "__spec__")])
print(type(main.__loader__), main.__builtins__, main.__dict__ is globals())
print(sys.argv, sys.orig_argv, sys.path, sys.flags, sys.executable, sys.prefix)
print(sorted(set(sys.path_importer_cache) - set(sys.path)))
print([type(hook) for hook in sys.meta_path], len(sys.path_hooks))
print(sys.excepthook is sys.__excepthook__, sys.stdout is sys.__stdout__)
print(inspect.getframeinfo(sys._getframe(1)))
print(len(gc.callbacks), gc.isenabled(), gc.get_threshold(), sys.getrecursionlimit())
if sys.version_info >= (3, 12):
    print([sys.monitoring.get_tool(i) for i in range(6)])
warnings.warn("of the one above", stacklevel=2)
warnings.warn("of one further above", stacklevel=4)
warnings.warn("shown in __main__ only", DeprecationWarning, stacklevel=3)
traceback.print_stack(limit=4, file=sys.stdout)
frame = sys._getframe()
for _ in range(4):
    print(frame.f_code.co_name, frame.f_lineno, sorted(frame.f_globals)[:3])
    frame = frame.f_back
print(sorted(os.environ))
print("ttrace" in sys.modules, [m for m in sys.modules if "trac" in m])
