"""Says how to build for the interpreter that runs this: its version, the folder of its
headers, its prefix, and what to link. An interpreter that has its own code inside gets a runner that
has it inside, too: the shared library of the same version can be a quarter slower."""
import os
import sys
import sysconfig


def libraries():
    v = sysconfig.get_config_var
    archive = os.path.join(v("LIBPL") or "", v("LIBRARY") or "")
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as f:
        is_shared = "libpython" in f.read()
    if os.path.exists(archive) and not is_shared:
        yield from ("-no-pie", archive)
        yield v("MODLIBS") or ""
    else:
        folder = v("LIBDIR")
        yield f"-L{folder}"
        yield f"-lpython{v('VERSION')}{v('ABIFLAGS') or ''}"
        if not folder.startswith("/usr/lib"):
            yield f"-Wl,-rpath,{folder}"
    yield v("LIBS") or ""
    yield v("SYSLIBS") or ""


print("%d.%d" % sys.version_info[:2], sys.version.split()[0],
      sysconfig.get_path("include"), sys.base_prefix, *libraries())
