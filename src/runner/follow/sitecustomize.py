"""A program that ttrace watches has started this Python: it is handed to a runner, if
there is one for it. Else it goes on as if this file had never been here.

The folder of this file stands first in PYTHONPATH, and src/runner/follow.c says what is
in TTRACE_CHILDREN. Any Python may come by, so the syntax is that of old ones."""
import os
import sys

WORDS = "TTRACE_CHILDREN"
UNFIT = "TTRACE_UNFIT"  # the runner's release, where it turned out not to fit


def started_with():
    """The environment as this process got it: Python changes its own (PEP 538)."""
    try:
        with open("/proc/self/environ", "rb") as f:
            words = [w.partition(b"=") for w in f.read().split(b"\0")]
    except (IOError, OSError):
        return os.environ
    return dict((name, value) for name, sign, value in words if name and sign)


def note(session, why):
    version = "%d.%d.%d" % sys.version_info[:3]
    fd = os.open(session + ".missed", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    try:
        os.write(fd, ("%s is Python %s, %s\n" % (sys.executable, version, why)).encode())
    finally:
        os.close(fd)


def is_known():
    return (sys.implementation.name == "cpython" and sys.version_info[:2] >= (3, 11)
            and not sys.abiflags)


def follow(words, unfit):
    runners, session = words.split("\n")[2:4]
    session = session.partition("=")[2]
    if os.getuid() != os.geteuid() or os.stat(os.path.dirname(session)).st_uid != os.getuid():
        return
    runner = "%s/ttrace-runner-%d.%d" % ((runners,) + tuple(sys.version_info[:2]))
    if unfit:
        note(session, "and the runner is for " + unfit)
    elif not is_known() or not os.access(runner, os.X_OK):
        note(session, "and there is no runner for that")
    else:
        os.execve(runner, [
            runner, "--child", "--release=" + sys.version.split()[0],
            "--exe=" + sys.executable, "--argv0=" + sys.orig_argv[0], "--"
        ] + sys.orig_argv[1:], started_with())


def restore(name, value):
    """Gives os.environ its own value back. What this Python starts finds ours."""
    ours = os.environ[name]
    if value:
        os.environ[name] = value
    else:
        del os.environ[name]
    os.putenv(name, ours)


def step_aside(words):
    here = os.path.dirname(__file__)
    ours, _, own = os.environ.get("PYTHONPATH", "").partition(os.pathsep)
    if here in sys.path:
        sys.path.remove(here)
    sys.path_importer_cache.pop(here, None)
    if ours == here:
        restore("PYTHONPATH", own)
    if words:
        restore(WORDS, None)
    del sys.modules[__name__]


words = os.environ.get(WORDS)
try:
    if words:
        follow(words, os.environ.pop(UNFIT, None))
except Exception:
    pass  # the folder of the run is gone, or no business of this user
step_aside(words)
import sitecustomize  # the user's own; if there is none, site takes the ImportError
