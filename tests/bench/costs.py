"""What a run costs apart from the program's own time: start-up, and the first frame."""
import os
import statistics
import subprocess
import time

from runs import run

START_WAYS = ("plain", "untraced", "count", "full", "ttrace --count", "record")
START_GOAL_MS = 15
FRAME_GOAL_MS = 100


def start_up(target, n_runs):
    """{way: milliseconds of an empty program}, medians."""
    script = os.path.join(target.folder, "empty.py")
    with open(script, "w", encoding="utf-8"):
        pass
    times = {way: [] for way in START_WAYS}
    for n in range(n_runs):
        for way in START_WAYS:
            session = os.path.join(target.folder, f"{n}-{way}.ttrace")
            command = target.command(way, script, (), session)
            began = time.perf_counter()
            subprocess.run(command, cwd=target.folder, env=target.environment(), check=True,
                           stderr=subprocess.PIPE)
            times[way].append(1000 * (time.perf_counter() - began))
            if os.path.exists(session):
                os.unlink(session)
    return {way: statistics.median(t) for way, t in times.items()}


def measure(target, n_runs, script_of):
    """Returns what was found, and lines about missed goals."""
    start = start_up(target, n_runs)
    frames = [1000 * run(target, "screen", script_of("fib"), scale=0.5).first_frame_s
              for _ in range(max(3, n_runs // 3))]
    frame = statistics.median(frames)
    more = {way: ms - start["plain"] for way, ms in start.items() if way != "plain"}
    print(f"\nstart-up: plain {start['plain']:.1f} ms; more: "
          + ", ".join(f"{way} {ms:+.1f}" for way, ms in more.items()))
    print(f"first frame: {frame:.0f} ms")
    missed = [f"start-up, {way}: {ms:+.1f} ms, goal {START_GOAL_MS}"
              for way, ms in more.items() if ms > START_GOAL_MS]
    if frame > FRAME_GOAL_MS:
        missed.append(f"first frame: {frame:.0f} ms, goal {FRAME_GOAL_MS}")
    return {"start_ms": start, "first_frame_ms": frames}, missed
