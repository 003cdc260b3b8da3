"""A Markov decision process: value iteration on a grid with dictionaries keyed by tuples."""

MOVES = {"n": (0, -1), "s": (0, 1), "w": (-1, 0), "e": (1, 0)}
TURN = {"n": "we", "s": "we", "w": "ns", "e": "ns"}


def transitions(size, walls):
    table = {}
    for x in range(size):
        for y in range(size):
            if (x, y) in walls:
                continue
            for move in MOVES:
                outcomes = {}
                for way, chance in [(move, 0.8), (TURN[move][0], 0.1), (TURN[move][1], 0.1)]:
                    dx, dy = MOVES[way]
                    target = (x + dx, y + dy)
                    if not (0 <= target[0] < size and 0 <= target[1] < size) or target in walls:
                        target = (x, y)
                    outcomes[target] = outcomes.get(target, 0.0) + chance
                table[(x, y), move] = list(outcomes.items())
    return table


def run():
    size, walls = 9, {(2, 2), (2, 3), (5, 6), (6, 6), (7, 1)}
    table = transitions(size, walls)
    states = sorted({state for state, _ in table})
    reward = {state: -0.04 for state in states}
    reward[8, 8], reward[8, 7] = 1.0, -1.0
    value = dict.fromkeys(states, 0.0)
    for _ in range(12):
        fresh = {}
        for state in states:
            best = max(sum(p * value[s] for s, p in table[state, move]) for move in MOVES)
            fresh[state] = reward[state] + 0.95 * best
        value = fresh
    policy = {s: max(MOVES, key=lambda m: sum(p * value[q] for q, p in table[s, m])) for s in states}
    return round(sum(value.values()), 6), "".join(policy[s] for s in states[:20])


EXPECTED = (109.47123, 'snnneseeennnseeeeenn')
