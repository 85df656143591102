"""Counts lines, and writes .cover files."""
import tempfile

import shop
import ttrace

with ttrace.tracing() as t:
    shop.main()
folder = tempfile.mkdtemp()
t.write_cover(folder)
with open(folder + "/shop.cover") as file:
    print(file.read())
