"""The towers of Hanoi: recursion, a loop, and a branch that never runs."""
def move(n, source, target, spare):
    if n == 0:
        return 0
    if source == target:
        raise ValueError(source)
    left = move(n - 1, source, spare, target)
    right = move(n - 1, spare, target, source)
    return left + 1 + right


def main():
    moves = 0
    for height in range(4):
        moves += move(height, "left", "right", "middle")
    print("moves", moves)


main()
