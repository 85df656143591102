"""Mixed: text from a document and a document from text, by the parts of json that are
written in Python."""
import json
import json.decoder
import json.scanner

from clock import timed


class Decoder(json.JSONDecoder):
    def __init__(self):
        super().__init__()
        self.scan_once = json.scanner.py_make_scanner(self)


DOCUMENT = [{"id": i, "name": f"part {i}", "price": i * 0.25, "sold": i % 3 == 0,
             "tags": ["new", "\u00e9t\u00e9", None][: i % 4],
             "box": {"x": -i, "y": i * i, "inside": [[], {}, [i]]}} for i in range(100)]


def there_and_back(rounds):
    document = DOCUMENT
    for _ in range(rounds):
        document = Decoder().decode(json.dumps(document, indent=1))
    return document


timed(there_and_back, 100, lambda document, n: document == DOCUMENT)
