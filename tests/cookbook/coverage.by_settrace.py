"""How much of each module ran, in percent, and what did not."""
import os
import sys
import trace

import shop

ran = {}


def collect(frame, event, arg):
    if event == "line":
        ran.setdefault(frame.f_code.co_filename, set()).add(frame.f_lineno)
    return collect


sys.settrace(collect)
shop.main()
sys.settrace(None)

for filename, lines in ran.items():
    if filename != shop.__file__:
        continue
    possible = {line for line in trace._find_executable_linenos(filename) if line}
    missing = sorted(possible - lines)
    print(f"{os.path.basename(filename)}: {len(lines)} of {len(possible)} lines, "
          f"{100 * len(lines) / len(possible):.1f} %, missing {missing}")
