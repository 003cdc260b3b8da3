"""Random play on a Go board: groups as union-find, liberties, captures."""

SIZE = 9


class Random:
    def __init__(self, seed):
        self.state = seed

    def below(self, n):
        self.state = (self.state * 1103515245 + 12345) & 0x7FFFFFFF
        return (self.state >> 8) % n


class Board:
    def __init__(self):
        self.points = [0] * (SIZE * SIZE)
        self.neighbours = []
        for p in range(SIZE * SIZE):
            x, y = p % SIZE, p // SIZE
            near = []
            if x > 0:
                near.append(p - 1)
            if x < SIZE - 1:
                near.append(p + 1)
            if y > 0:
                near.append(p - SIZE)
            if y < SIZE - 1:
                near.append(p + SIZE)
            self.neighbours.append(tuple(near))
        self.captured = [0, 0, 0]

    def group(self, start):
        color, seen, todo, liberties = self.points[start], {start}, [start], set()
        while todo:
            p = todo.pop()
            for q in self.neighbours[p]:
                c = self.points[q]
                if c == 0:
                    liberties.add(q)
                elif c == color and q not in seen:
                    seen.add(q)
                    todo.append(q)
        return seen, liberties

    def play(self, p, color):
        self.points[p] = color
        for q in self.neighbours[p]:
            if self.points[q] == 3 - color:
                stones, liberties = self.group(q)
                if not liberties:
                    for s in stones:
                        self.points[s] = 0
                    self.captured[color] += len(stones)
        if not self.group(p)[1]:
            self.points[p] = 0
            return False
        return True


def run():
    random, total = Random(7), 0
    for game in range(3):
        board, color = Board(), 1
        for _ in range(160):
            free = [p for p, c in enumerate(board.points) if c == 0]
            if not free:
                break
            for _ in range(5):
                if board.play(free[random.below(len(free))], color):
                    break
            color = 3 - color
        total = total * 31 + board.captured[1] * 7 + board.captured[2] + sum(board.points)
    return total


EXPECTED = 612450
