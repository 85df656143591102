"""Runs until it is told to stop."""
def turn(n):
    return n + 1


n = 0
print("turning", flush=True)
while True:
    n = turn(n)
