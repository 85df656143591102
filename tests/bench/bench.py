"""What watching a program costs: each workload under the interpreter itself, under the
standard library's trace, and under us in four ways, as factors to the first.

    bench.py [--python PYTHON] [--runs N] [--quick] [--scale F] [WORKLOAD...]

All ways of one workload run in turn, round after round; a factor is the median over the
rounds. A workload times itself, without start-up. Below the table: start-up, the first
frame, and peak memory."""
import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(HERE), "compat"))
import pair  # noqa: E402: it lies beside us

# workload, what it is, filter rules beyond the default
WORKLOADS = [
    ("bodies", "line-dense", []),
    ("sieve", "line-dense", []),
    ("fib", "call-dense", []),
    ("desk", "call-dense", []),
    ("tokens", "stdlib left out", []),
    ("bodies", "left out", ["--exclude=**/bodies.py"]),
]
# untraced: our runner with no session; what it adds is the interpreter it is linked with.
WAYS = ["plain", "trace", "untraced", "count", "full", "screen"]
LIMIT_S = 300


class Bench:
    def __init__(self, python, runner, ttrace, folder, scale):
        self.python, self.runner, self.ttrace = python, runner, ttrace
        self.folder = folder
        self.prefix = subprocess.run(
            [python, "-c", "import sys; print(sys.base_prefix)"], capture_output=True,
            text=True).stdout.strip()
        self.out = os.path.join(folder, "seconds")
        self.env = {**os.environ, "BENCH_OUT": self.out, "BENCH_SCALE": str(scale),
                    "TERM": "xterm-256color", "LC_ALL": "C.UTF-8",
                    "PYTHONDONTWRITEBYTECODE": "1"}
        self.peak_kib = {}
        self.first_frame_s = []
        self.n_runs = 0

    def command(self, way, script, rules):
        self.n_runs += 1
        session = "--session=" + os.path.join(self.folder, f"{self.n_runs}.ttrace")
        if way == "plain":
            return [self.python, script]
        if way == "trace":
            return [self.python, "-m", "trace", "--count", "-C", self.folder,
                    "--ignore-dir=" + self.prefix, script]
        if way == "screen":
            return [self.ttrace, "--python", self.python, *rules, script]
        watch = [] if way == "untraced" else [session, "--mode=" + way, *rules]
        return [self.runner, *watch, "--exe=" + self.python, "--", script]

    def seconds(self, workload, way, rules):
        """One run: what the workload says that it took."""
        if os.path.exists(self.out):
            os.unlink(self.out)
        command = self.command(way, os.path.join(HERE, workload + ".py"), rules)
        if way == "screen":
            peak = self.on_screen(command)
        else:
            child = subprocess.Popen(command, cwd=self.folder, env=self.env,
                                     stdout=subprocess.DEVNULL)
            _, status, usage = os.wait4(child.pid, 0)
            child.returncode = os.waitstatus_to_exitcode(status)
            if child.returncode:
                sys.exit(f"{' '.join(command)}: status {child.returncode}")
            peak = usage.ru_maxrss
        self.peak_kib[way] = max(peak, self.peak_kib.get(way, 0))
        for name in os.listdir(self.folder):
            if name.endswith(".ttrace"):
                os.unlink(os.path.join(self.folder, name))
        with open(self.out) as f:
            return float(f.read())

    def on_screen(self, command):
        """Runs it on a terminal until the workload has said its time, then quits.
        Returns the front-end's peak memory, in KiB."""
        began = time.monotonic()
        pid, master = pty.fork()
        if pid == 0:
            os.chdir(self.folder)
            os.execvpe(command[0], command, self.env)
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("4H", 40, 120, 0, 0))
        seen = b""
        while not os.path.exists(self.out):
            if time.monotonic() - began > LIMIT_S:
                os.kill(pid, signal.SIGKILL)
                sys.exit(f"{' '.join(command)}: no end")
            ready, _, _ = select.select([master], [], [], 0.05)
            if not ready:
                continue
            if seen is not None:
                seen += os.read(master, 65536)
                if b"Source" in seen:
                    self.first_frame_s.append(time.monotonic() - began)
                    seen = None
            else:
                os.read(master, 65536)
        with open(f"/proc/{pid}/status") as f:
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
        return peak

    def start_up(self, runs):
        """Milliseconds of an empty program: plain, and what the runner adds."""
        times = {}
        for _ in range(runs):
            for way in ("plain", "count", "full"):
                command = self.command(way, "-c", []) + ["pass"]
                began = time.perf_counter()
                subprocess.run(command, cwd=self.folder, env=self.env, check=True)
                times.setdefault(way, []).append(time.perf_counter() - began)
        return {way: 1000 * statistics.median(t) for way, t in times.items()}


def main():
    options = pair.options(__doc__)
    options.add_argument("--runs", type=int, default=5)
    options.add_argument("--scale", type=float, default=1.0)
    options.add_argument("--quick", action="store_true", help="one short round")
    options.add_argument("--without", action="append", default=[], choices=WAYS)
    options.add_argument("workloads", nargs="*")
    args = options.parse_args()
    if args.quick:
        args.runs, args.scale = 1, 0.2
    pair.resolve(args)
    ways = [w for w in WAYS if w not in args.without]
    print(f"Python {args.version}, {args.runs} rounds; factors to the plain run")
    print(f"{'workload':<10}{'':<18}{'plain s':>9}" + "".join(f"{w:>9}" for w in ways[1:]))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        bench = Bench(args.python, args.runner, os.path.join(pair.TOP, "ttrace"), folder,
                      args.scale)
        for workload, what, rules in WORKLOADS:
            if args.workloads and workload not in args.workloads:
                continue
            rounds = [{way: bench.seconds(workload, way, rules) for way in ways}
                      for _ in range(args.runs)]
            factors = [statistics.median(r[w] / r["plain"] for r in rounds)
                       for w in ways[1:]]
            plain = statistics.median(r["plain"] for r in rounds)
            print(f"{workload:<10}{what:<18}{plain:>9.3f}"
                  + "".join(f"{f:>9.2f}" for f in factors), flush=True)
        start = bench.start_up(3 if args.quick else 15)
        print("start-up: plain {plain:.1f} ms".format(**start)
              + "".join(f", {w} +{start[w] - start['plain']:.1f} ms"
                        for w in ("count", "full")))
        if bench.first_frame_s:
            print(f"first frame: {1000 * statistics.median(bench.first_frame_s):.0f} ms")
        print("peak memory: " + ", ".join(f"{way} {kib / 1024:.1f} MiB"
                                          for way, kib in bench.peak_kib.items())
              + " (screen: the front-end alone)")


if __name__ == "__main__":
    main()
