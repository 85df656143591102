"""Places queens on ever larger boards so that none attacks another.

    ttrace config/examples/queens.py [largest board]

A program to look at while it runs: a recursion to follow in the call tree, a
hot spot to find, lines that run a million times and lines that never do."""
import sys
import time


def is_safe(queens, column):
    """Whether a queen in the next row may stand in this column."""
    row = len(queens)
    for other_row, other in enumerate(queens):
        if other == column or abs(other - column) == row - other_row:
            return False
    return True


def place(size, queens, found):
    """Fills the rows from len(queens) on, in every way there is."""
    if len(queens) == size:
        found.append(tuple(queens))
        return
    for column in range(size):
        if is_safe(queens, column):
            queens.append(column)
            place(size, queens, found)
            queens.pop()


def turn(board):
    """The board, a quarter to the right."""
    size = len(board)
    turned = [0] * size
    for row, column in enumerate(board):
        turned[column] = size - 1 - row
    return tuple(turned)


def mirror(board):
    return tuple(len(board) - 1 - column for column in board)


def is_first_of_its_kind(board):
    """Whether no turned or mirrored form of the board comes before it."""
    form = board
    for _ in range(4):
        if form < board or mirror(form) < board:
            return False
        form = turn(form)
    return True


def draw(board):
    for column in board:
        print("   " + ". " * column + "Q " + ". " * (len(board) - 1 - column))


def solve(size):
    print(f"{size:2} queens: ", end="")
    found = []
    for column in range(size):
        place(size, [column], found)
        print(".", end="", flush=True)
    kinds = [board for board in found if is_first_of_its_kind(board)]
    if not kinds:
        print(" no way")
        return
    print(f" {len(found)} ways, {len(kinds)} of them different")
    if size == 8:
        draw(kinds[0])


def main():
    largest = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    if largest > 15:
        print("that would take hours", file=sys.stderr)
        return 2
    began = time.perf_counter()
    for size in range(1, largest + 1):
        solve(size)
    print(f"{time.perf_counter() - began:.1f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main())
