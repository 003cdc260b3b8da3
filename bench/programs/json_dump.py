"""json.dumps: nested data, floats, escapes, indentation."""

import json


def run():
    data = [
        {"id": i, "name": "user %d \u00e9\u4e2d" % i, "score": i / 7, "tags": ["a", 'q"uote', "\n"], "none": None, "ok": True}
        for i in range(250)
    ]
    text = json.dumps(data)
    return len(text), len(json.dumps(data, indent=2, sort_keys=True)), len(json.dumps(data, ensure_ascii=False))


EXPECTED = (32470, 45972, 29970)
