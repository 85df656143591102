"""Line-dense: turns the front of every permutation over until its first is in place."""
from clock import timed


def fannkuch(n):
    order = list(range(n))
    turned = [0] * n
    checksum = most = 0
    sign = 1
    while True:
        cards = order[:]
        flips = 0
        while cards[0]:
            last = cards[0]
            cards[:last + 1] = cards[last::-1]
            flips += 1
        if flips > most:
            most = flips
        checksum += sign * flips
        sign = -sign
        at = 1  # the next permutation: rotate the shortest front that has not come round
        while True:
            if at == n:
                return checksum, most
            order[:at + 1] = order[1:at + 1] + order[:1]
            turned[at] += 1
            if turned[at] <= at:
                break
            turned[at] = 0
            at += 1


timed(lambda n: [fannkuch(7) for _ in range(n)], 60,
      lambda found, n: found == [(228, 16)] * n)
