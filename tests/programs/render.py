"""A few lines of one's own on top of the standard library."""
import json


def render(data):
    return json.dumps(data, indent=1)


print(render({"numbers": [1, 2, 3]}))
