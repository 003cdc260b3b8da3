"""Word counts: Counter, defaultdict, OrderedDict, deque, namedtuple, string methods."""

from collections import Counter, OrderedDict, defaultdict, deque, namedtuple

Entry = namedtuple("Entry", "word count first")
TEXT = "It was the best of times, it was the worst of times; it was the age of wisdom, it was the age of foolishness. " * 60


def run():
    words = [w.strip(".,;").lower() for w in TEXT.split()]
    counts = Counter(words)
    by_letter = defaultdict(list)
    for w in words:
        by_letter[w[0]].append(w)
    window, repeats = deque(maxlen=10), 0
    for w in words:
        repeats += w in window
        window.append(w)
    order = OrderedDict()
    for w in words:
        order[w] = order.get(w, 0) + 1
        order.move_to_end(w)
    entries = [Entry(w, n, w[0]) for w, n in counts.most_common()]
    longest = max(entries, key=lambda e: (len(e.word), e.word))
    return counts["times"], len(by_letter["w"]), repeats, next(iter(order)), longest.word, sum(e.count for e in entries)


EXPECTED = (120, 360, 1076, 'best', 'foolishness', 1440)
