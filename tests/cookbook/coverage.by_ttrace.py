"""How much of each module ran, in percent, and what did not."""
import os

import shop
import ttrace

with ttrace.tracing(include="shop") as t:
    shop.main()
for file, c in t.coverage().items():
    print(f"{os.path.basename(file)}: {c.executed} of {c.executable} lines, "
          f"{c.percent:.1f} %, missing {c.missing}")
