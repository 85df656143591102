"""The ways in which a workload is run: a command for each, and what it needs."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(HERE))
HOOKED = os.path.join(HERE, "hooked.py")

# name: (column, part of the scale that it runs at, since it takes so much longer)
# untraced is our runner without a session: what it adds is the interpreter that it is
# linked with. record and screen are the whole program, the others the runner alone.
FOREIGN = {
    "trace": ("trace", 0.1),
    "coverage": ("coverage", 0.3),
    "line_profiler": ("lineprof", 0.15),
    "settrace": ("C trace", 0.3),
    "monitoring": ("C monit", 0.3),
}
OURS = {
    "untraced": ("untraced", 1),
    "count": ("count", 1),
    "full": ("full", 1),
    "record": ("record", 1),
    "events": ("events", 1),
    "screen": ("screen", 1),
}
WAYS = {"plain": ("plain s", 1), **FOREIGN, **OURS}


def ask(python, code):
    done = subprocess.run([python, "-c", code], capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


class Target:
    """One Python that is measured, with its runner."""

    def __init__(self, python, runner, folder):
        self.python, self.runner, self.folder = python, runner, folder
        self.ttrace = os.path.join(TOP, "ttrace")
        self.version, self.stdlib = ask(
            python, "import platform, sysconfig; print(platform.python_version());"
                    "print(sysconfig.get_path('stdlib'))").split("\n")
        self.missing = dict(self._missing())  # way: why it is not measured

    def _missing(self):
        for way, module, package in (
                ("coverage", "coverage.tracer", "python3-coverage"),
                ("line_profiler", "line_profiler", "python3-line-profiler")):
            if ask(self.python, f"import {module}") is None:
                yield way, f"no {module} (Debian: {package})"
        why = self._build_floor()
        if why:
            yield "settrace", why
            yield "monitoring", why
        elif tuple(map(int, self.version.split(".")[:2])) < (3, 12):
            yield "monitoring", "comes with Python 3.12"

    def _build_floor(self):
        """Compiles the module `floor`. Returns why not, or None."""
        include, suffix = ask(
            self.python, "import sysconfig; print(sysconfig.get_path('include'));"
                         "print(sysconfig.get_config_var('EXT_SUFFIX'))").split("\n")
        command = [os.environ.get("CC", "cc"), "-std=c17", "-O2", "-shared", "-fPIC",
                   "-isystem", include, os.path.join(HERE, "floor.c"),
                   "-o", os.path.join(self.folder, "floor" + suffix)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except OSError as e:
            return f"floor.c: {e}"
        return f"floor.c: {done.stderr.strip()[-200:]}" if done.returncode else None

    def environment(self):
        return {**os.environ, "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                "PYTHONDONTWRITEBYTECODE": "1", "PYTHONPATH": self.folder}

    def command(self, way, script, rules, session):
        """`rules` are ours, without dashes: "exclude=nbody". Others get what comes near;
        hooks know no filters."""
        ours = ["--" + r for r in rules]
        if way == "plain":
            return [self.python, script]
        if way == "trace":
            skip = [] if "include=stdlib" in rules else ["--ignore-dir=" + self.stdlib]
            if any(r.startswith("exclude=") for r in rules):
                skip.append("--ignore-dir=" + os.path.dirname(script))
            return [self.python, "-m", "trace", "--count", "-C", self.folder, *skip, script]
        if way == "coverage":
            more = ["--pylib"] if "include=stdlib" in rules else []
            if any(r.startswith("exclude=") for r in rules):
                more.append("--omit=" + script)
            return [self.python, "-m", "coverage", "run", "--data-file=" + session + ".cov",
                    *more, script]
        if way in ("settrace", "monitoring", "line_profiler"):
            return [self.python, HOOKED, way, script]
        if way == "untraced":
            return [self.runner, "--exe=" + self.python, "--", script]
        if way in ("count", "full", "events"):
            mode = ["--mode=count"] if way == "count" else ["--mode=full"]
            log = ["--events=ring"] if way == "events" else []
            return [self.runner, "--session=" + session, *mode, *log, *ours,
                    "--exe=" + self.python, "--", script]
        if way == "record":
            return [self.ttrace, "record", "--events=none", "-o", session,
                    "--python", self.python, *ours, script]
        if way == "screen":
            return [self.ttrace, "--python", self.python, *ours, script]
        if way == "ttrace --count":
            return [self.ttrace, "--count", "-C", self.folder, "--python", self.python,
                    script]
        sys.exit(f"no such way: {way}")

    def suits(self, way, what, rules):
        """line_profiler is given the script's functions, knows no filters, and looks at
        the thread that switched it on."""
        if way in self.missing:
            return False
        return way != "line_profiler" or not rules and what != "threads"
