"""A tour of what Krait runs: make run, or build/release/krait examples/tour.py."""
import asyncio
import collections
import contextlib
import dataclasses
import json
import math
import re
import sys
import tempfile
from enum import Enum
from fractions import Fraction
from pathlib import Path


def title(text):
    print(f"\n{text}\n{'-' * len(text)}")


title("Who is speaking")
krait = getattr(sys.implementation, "krait", None)
speaker = "Krait " + ".".join(map(str, krait)) if krait else "not Krait"
print(f"{speaker}, a Python {sys.version_info.major}.{sys.version_info.minor}")

title("Numbers of any size, and exact ones")
print(f"2**200 = {2 ** 200:,}")
print(f"50! has {len(str(math.factorial(50)))} digits; 1/3 + 1/6 = {Fraction(1, 3) + Fraction(1, 6)}")

title("Text")
words = "the quick brown fox jumps over the lazy dog the end".split()
print(collections.Counter(words).most_common(2), "naïve café ☕".upper(), re.sub(r"(\w+)@(\w+)", r"\2 at \1", "krait@example"))


class Suit(Enum):
    SPADES, HEARTS = "♠♥"


@dataclasses.dataclass(order=True)
class Card:
    rank: int
    suit: Suit = dataclasses.field(compare=False, default=Suit.SPADES)


title("Data classes, enumerations, pattern matching")


def describe(thing):
    match thing:
        case Card(rank=14, suit=suit):
            return f"the ace of {suit.name.lower()}"
        case Card(rank) if rank > 10:
            return "a face card"
        case Card():
            return "a small card"
        case {"cards": [first, *rest]}:
            return f"{describe(first)} and {len(rest)} more"


hand = [Card(14, Suit.HEARTS), Card(3), Card(12)]
print([describe(card) for card in sorted(hand)], "|", describe({"cards": hand}))

title("Generators and closures")


def primes():
    found = []
    for n in range(2, sys.maxsize):
        if all(n % p for p in found):
            found.append(n)
            yield n


print([p for p, _ in zip(primes(), range(12))])

title("Errors that say where")
with contextlib.suppress(ZeroDivisionError):
    try:
        1 / (len(hand) - 3)
    except ZeroDivisionError as error:
        error.add_note("the note travels with it")
        print(f"{error!r} with {error.__notes__}")
        raise

title("Coroutines")


async def fetch(name, turns):
    for _ in range(turns):
        await asyncio.sleep(0)
    return f"{name} took {turns} turns"


async def together():
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(fetch(name, turns)) for name, turns in [("tea", 3), ("toast", 2)]]
    return [task.result() for task in tasks]


print(asyncio.run(together()))

title("Files, JSON and the rest of the standard library")
with tempfile.TemporaryDirectory() as folder:
    path = Path(folder) / "tour.json"
    path.write_text(json.dumps({"cards": len(hand), "suits": [s.value for s in Suit]}, ensure_ascii=False), encoding="utf-8")
    print(path.name, json.loads(path.read_text(encoding="utf-8")))
print("\nNext: python files of your own, or just krait for a prompt.")
