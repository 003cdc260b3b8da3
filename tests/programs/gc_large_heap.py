"""A large heap, with automatic whole collections while it grows: what lives stays, old cycles go, callbacks come in pairs."""
import gc
import weakref


class Node:
    def __init__(self, value):
        self.value = value
        self.pair = (value, [value])


def last_in(line):
    "A generator whose frame alone holds what it was given."
    kept = [Node(line), {line: Node(-line)}]
    yield
    yield kept[0].value, kept[1][line].value


class Loop:
    died = 0

    def __init__(self):
        self.me = self

    def __del__(self):
        Loop.died += 1


open_phases = []
wrong = []


def note(phase, info):
    if phase == "start":
        open_phases.append(info["generation"])
    elif open_phases.pop() != info["generation"]:
        wrong.append(info)


def grow(n):
    "Holds everything in local variables only."
    nodes, generators = [], []
    old_loops = [Loop() for _ in range(100)]
    refs = [weakref.ref(loop) for loop in old_loops]
    gc.collect()
    before = gc.get_stats()[2]["collections"]
    for i in range(n):
        nodes.append(Node(i))
        if i % 1000 == 0:
            g = last_in(i)
            next(g)
            generators.append(g)
            nodes[i // 2].link = nodes[i]
        if i == n // 4:
            del old_loops
    print("whole collections:", gc.get_stats()[2]["collections"] > before)
    print("old cycles gone without asking:", sum(r() is None for r in refs), Loop.died)
    print("alive:", all(node.value == i == node.pair[0] == node.pair[1][0] for i, node in enumerate(nodes)))
    print("frames:", all(next(g) == (k * 1000, -k * 1000) for k, g in enumerate(generators)))
    print("links:", sum(hasattr(node, "link") for node in nodes))


gc.callbacks.append(note)
grow(200_000)
loops = [Loop() for _ in range(1000)]
gc.collect()
live = [Node(i) for i in range(120_000)]  # so many that marking may be on its way
del loops
gc.collect()
print("all of it when asked:", Loop.died)
gc.freeze()
more = [Node(i) for i in range(100_000)]
gc.unfreeze()
print("frozen and back:", more[99_999].value, gc.get_freeze_count())
gc.callbacks.clear()
print("callbacks in pairs:", not open_phases and not wrong)
