"""Runs a script as __main__ under a hook of the interpreter, or under line_profiler.

    hooked.py settrace|monitoring|line_profiler SCRIPT

settrace and monitoring want the module `floor` on the path. line_profiler times the
functions of the script itself; with $BENCH_LINES it writes there what it found, as JSON:
[[path, function, [[line, hits, seconds], ...]], ...]."""
import json
import os
import runpy
import sys
import types


def settrace():
    import floor
    import threading
    threading.settrace(floor.trace)
    floor.trace()


def monitoring():
    import floor
    events = sys.monitoring.events
    tool = sys.monitoring.PROFILER_ID
    sys.monitoring.use_tool_id(tool, "floor")
    for event, callback in ((events.LINE, floor.on_line), (events.PY_START, floor.on_start),
                            (events.PY_RETURN, floor.on_return)):
        sys.monitoring.register_callback(tool, event, callback)
    sys.monitoring.set_events(tool, events.LINE | events.PY_START | events.PY_RETURN)


def functions(names):
    """Those of a module, and of its classes."""
    for thing in list(names.values()):
        if isinstance(thing, types.FunctionType):
            yield thing
        elif isinstance(thing, type) and thing.__module__ == "__main__":
            yield from functions(vars(thing))


def line_profiler():
    """The script's functions are known when it has itself timed: so that is where the
    profiler comes in."""
    import clock
    import line_profiler as lp
    plainly = clock.timed

    def timed(work, amount, is_right):
        profiler = lp.LineProfiler()
        for f in functions(work.__globals__):
            try:
                profiler.add_function(f)
            except ValueError:  # it cannot take two functions that are equal in bytes
                continue
        profiler.enable_by_count()
        plainly(work, amount, is_right)
        profiler.disable_by_count()
        if "BENCH_LINES" in os.environ:
            stats = profiler.get_stats()
            with open(os.environ["BENCH_LINES"], "w", encoding="utf-8") as f:
                json.dump([[path, name, [[line, n, t * stats.unit] for line, n, t in lines]]
                           for (path, _, name), lines in stats.timings.items()], f)

    clock.timed = timed


def main():
    hook, script = sys.argv[1:]
    sys.argv[:] = [script]
    sys.path[0] = os.path.dirname(script)
    with_hook = {"settrace": settrace, "monitoring": monitoring,
                 "line_profiler": line_profiler}[hook]
    with_hook()
    runpy.run_path(script, run_name="__main__")
    if hook == "monitoring" and not sys.modules["floor"].total():
        sys.exit("sys.monitoring did not call back")


if __name__ == "__main__":
    main()
