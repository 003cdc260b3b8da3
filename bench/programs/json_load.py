"""json.loads: objects, numbers, escapes."""

import json

TEXT = json.dumps(
    [{"id": i, "name": "user %d \u00e9" % i, "score": i / 7, "tags": ["a", 'q"uote'], "sub": {"x": [i] * 5}} for i in range(300)]
)


def run():
    data = json.loads(TEXT)
    return len(data), sum(d["id"] + d["sub"]["x"][4] for d in data), data[7]["tags"][1]


EXPECTED = (300, 89700, 'q"uote')
