"""copy.deepcopy of nested lists, dicts and objects."""

import copy


class Item:
    def __init__(self, name, parts):
        self.name = name
        self.parts = parts


def run():
    shared = [1, 2, 3]
    data = {"items": [Item("i%d" % i, [shared, (i, "x")]) for i in range(60)], "table": {i: [i] * 4 for i in range(60)}}
    twin = copy.deepcopy(data)
    first, second = twin["items"][0], twin["items"][1]
    shallow = [copy.copy(item) for item in data["items"]]
    return first.parts[0] is second.parts[0], first.parts[0] is not shared, len(twin["table"]), len(shallow)


EXPECTED = (True, True, 60, 60)
