"""Runs one workload once, in one way, and says what that took."""
import collections
import fcntl
import json
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

LIMIT_S = 300

# seconds of the workload itself, by the wall and of CPU; the amount of work; KiB at the
# peak (of the front-end alone on the screen); bytes of the session on the disk; seconds
# to the first frame
Run = collections.namedtuple("Run", "wall cpu amount peak_kib session_bytes first_frame_s",
                             defaults=[None])


def run(target, way, script, rules=(), scale=1.0, more_env=(), look=None):
    """`look` is called with the session's path while it is there."""
    with tempfile.TemporaryDirectory(prefix="run-", dir=target.folder) as folder:
        out = os.path.join(folder, "out")
        session = os.path.join(folder, "run.ttrace")
        env = {**target.environment(), "BENCH_OUT": out, "BENCH_SCALE": repr(scale),
               **dict(more_env)}
        command = target.command(way, script, rules, session)
        first_frame_s = None
        if way == "screen":
            peak, first_frame_s = on_screen(command, folder, env, out)
        else:
            peak = on_its_own(command, folder, env)
        size = os.stat(session).st_blocks * 512 if os.path.exists(session) else 0
        if look:
            look(session)
        with open(out, encoding="utf-8") as f:
            took = json.load(f)
        return Run(took["wall"], took["cpu"], took["amount"], peak, size, first_frame_s)


def on_its_own(command, folder, env):
    """Peak memory, in KiB."""
    with tempfile.TemporaryFile(dir=folder) as said:
        child = subprocess.Popen(command, cwd=folder, env=env, stdin=subprocess.DEVNULL,
                                 stdout=subprocess.DEVNULL, stderr=said)
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)}: status {child.returncode}\n"
                     + said.read().decode(errors="replace"))
        return usage.ru_maxrss


def on_screen(command, folder, env, out):
    """Runs it on a terminal until the workload has said its time, then quits. Returns
    the front-end's peak memory, in KiB, and the seconds until the first frame."""
    began = time.monotonic()
    pid, master = pty.fork()
    if pid == 0:
        os.chdir(folder)
        os.execvpe(command[0], command, env)
    fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
    seen, first_frame_s = b"", None
    while not os.path.exists(out):
        if time.monotonic() - began > LIMIT_S:
            os.kill(pid, signal.SIGKILL)
            sys.exit(f"{' '.join(command)}: no end")
        if not select.select([master], [], [], 0.02)[0]:
            continue
        try:
            seen = seen[-65536:] + os.read(master, 65536)
        except OSError:  # the terminal's other end is closed
            sys.exit(f"{' '.join(command)}: ended\n{seen[-2000:].decode(errors='replace')}")
        if first_frame_s is None and b"Source" in seen:
            first_frame_s = time.monotonic() - began
    with open(f"/proc/{pid}/status", encoding="utf-8") as f:
        peak = next(int(line.split()[1]) for line in f if line.startswith("VmHWM"))
    os.write(master, b"Q")
    while True:  # it must be able to write until it is gone
        try:
            if not os.read(master, 65536):
                break
        except OSError:
            break
    os.waitpid(pid, 0)
    os.close(master)
    return peak, first_frame_s
