# oracle: no; they come when they come
"""KeyboardInterrupt in any line: what ran was counted, and what did not was not."""
import signal

done = dict.fromkeys("abcdefg", 0)
interrupts = 0
ROUNDS = 2000


def one(name):
    done[name] += 1


def gen():
    one("e")  #@e
    yield 1
    one("f")  #@f
    yield 2


def straight():
    one("a")  #@a
    one("b")  #@b
    try:
        one("c")  #@c
    finally:
        one("d")  #@d
    for _ in gen():
        one("g")  #@g


signal.signal(signal.SIGALRM, signal.default_int_handler)
rounds = 0
while rounds < ROUNDS:
    try:
        rounds += 1
        signal.setitimer(signal.ITIMER_REAL, 5e-6 + rounds % 100 * 2e-7)
        straight()
        signal.setitimer(signal.ITIMER_REAL, 0)
    except KeyboardInterrupt:
        interrupts += 1
while True:
    try:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        break
    except KeyboardInterrupt:
        interrupts += 1
# Between the line's event and the addition, an interrupt may come.
for name, n in done.items():
    print(f"@{name} {n} {n + interrupts}")
print(rounds == ROUNDS, interrupts > 0)
