"""Garbage in cycles: doubly linked lists, parents and children, closures that hold themselves."""


class Node:
    def __init__(self, value):
        self.value = value
        self.next = self.previous = None


def ring(n):
    first = last = Node(0)
    for i in range(1, n):
        node = Node(i)
        node.previous, last.next = last, node
        last = node
    last.next, first.previous = first, last
    return first


def closure(n):
    def inner(k):
        return inner(k - 1) + 1 if k else n

    return inner(2)


def run():
    total = 0
    for i in range(600):
        total += ring(12).previous.value
        total += closure(i)
        a, b = [], {}
        a.append(b)
        b["a"] = a
    return total


EXPECTED = 187500
