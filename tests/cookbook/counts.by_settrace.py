"""Counts lines with the module trace, and writes .cover files."""
import sys
import tempfile
import trace

import shop

tracer = trace.Trace(count=True, trace=False, ignoredirs=[sys.prefix, sys.exec_prefix])
tracer.runfunc(shop.main)
results = tracer.results()
folder = tempfile.mkdtemp()
results.write_results(show_missing=True, coverdir=folder)
with open(folder + "/shop.cover") as file:
    print(file.read())
