"""Comprehensions on one line and on many, nested, conditional, with walrus."""
squares = [x * x for x in range(10)]
table = [
    [
        row * col
        for col in range(4)
    ]
    for row in range(3)
    if row != 1
]
index = {
    word: len(word)
    for word in ("one", "three", "five")
}
letters = {c for w in index for c in w if c not in "aeiou"}
halves = [half for x in squares if (half := x // 2) > 5]
print(squares, table, index, sorted(letters), halves)


def local(n):
    factor = 3
    return [factor * i for i in range(n)], {i: factor for i in range(n)}


print(local(3))
if not [x for x in squares if x > 1000]:
    print("none")
