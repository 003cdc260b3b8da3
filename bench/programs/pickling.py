"""Pickle by its Python implementation: dispatch by type, memo, opcodes into bytes and back."""

import io
import pickle


class Point:
    def __init__(self, x, y):
        self.x, self.y = x, y


def run():
    data = {"points": [(i, i * 1.5, "name%d" % i) for i in range(150)], "nested": [[n] * 3 for n in range(80)]}
    data["dict"] = {str(i): {"id": i, "tags": {"a", "b"}, "raw": b"x" * i} for i in range(60)}
    file = io.BytesIO()
    pickle._Pickler(file, 4).dump(data)
    back = pickle._Unpickler(io.BytesIO(file.getvalue())).load()
    return back == data, len(back["dict"])


EXPECTED = (True, 60)
