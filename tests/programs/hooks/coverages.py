# needs: module coverage; Debian has it for its own python3
# oracle: no; coverage uses sys.settrace
"""coverage.py beside us: it reports what it does without, and we count all the same."""
import coverage


def work(n):
    total = 0
    for i in range(n):  #= 12
        if i > 100:  #= 10
            total -= i
        total += i  #= 10
    return total


for options in {"branch": True}, {"timid": True}:
    c = coverage.Coverage(data_file=None, include=[__file__], **options)
    c.start()
    work(5)
    c.stop()
    data = c.get_data()
    [name] = data.measured_files()
    print(sorted(data.lines(name)), sorted(data.arcs(name) or []))
    print(c.analysis2(name)[1:4])
