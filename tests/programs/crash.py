"""Fails after useful work, of which nothing may be lost."""
def share(total, people):
    return total // people


def bill(rows):
    shares = {}
    for row in rows:
        name, people = row.split(":")
        shares[name] = share(120, int(people))
    return shares


print("sharing")
bill(["tea:4", "cake:3", "milk:0", "salt:1"])
print("never printed")
