"""Reads from the keyboard while it is watched."""
def ask(question):
    return input(question).strip()


name = ask("name? ")
age = int(ask("age? "))
print(f"hello {name}, in ten years you will be {age + 10}")
