"""Says how to build for the interpreter that runs this: its version, the folder of its
headers, its prefix, the ending of its extension modules, and what to link. An interpreter that has its own code inside gets a runner that
has it inside, too: the shared library of the same version can be a quarter slower."""
import os
import subprocess
import sys
import sysconfig


def words(*names):
    """Of variables of the makefile; what joins its lines stays in some."""
    text = " ".join(sysconfig.get_config_var(name) or "" for name in names)
    return text.replace("\\", " ").split()


def is_shared():
    with open("/proc/self/maps", encoding="utf-8", errors="replace") as f:
        return "libpython" in f.read()


def links(libraries):
    """Whether a program can be linked so: an archive may lack what it refers to."""
    program = "int Py_BytesMain(int, char **);" \
              "int main(int n, char **a) { return Py_BytesMain(n, a); }"
    command = [*os.environ.get("CC", "cc").split(), "-xc", "-", "-xnone", "-o",
               os.devnull, *libraries]
    return subprocess.run(command, input=program.encode(), stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL).returncode == 0


def libraries():
    archive = os.path.join("", *words("LIBPL", "LIBRARY"))
    inside = ["-no-pie", archive, *words("MODLIBS", "LIBS", "SYSLIBS")]
    if os.path.exists(archive) and not is_shared() and links(inside):
        return inside
    folder, = words("LIBDIR")
    outside = [f"-L{folder}", "-lpython" + "".join(words("VERSION", "ABIFLAGS"))]
    if not folder.startswith("/usr/lib"):
        outside.append(f"-Wl,-rpath,{folder}")
    return [*outside, *words("LIBS", "SYSLIBS")]


print("%d.%d" % sys.version_info[:2], sys.version.split()[0],
      sysconfig.get_path("include"), sys.base_prefix,
      sysconfig.get_config_var("EXT_SUFFIX"), *libraries())
