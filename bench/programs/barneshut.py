"""Gravity by Barnes and Hut: a quadtree built anew in every step, recursion, floats in objects."""


class Node:
    __slots__ = ("x", "y", "size", "mass", "cx", "cy", "body", "children")

    def __init__(self, x, y, size):
        self.x, self.y, self.size = x, y, size
        self.mass = self.cx = self.cy = 0.0
        self.body = self.children = None

    def insert(self, body):
        if self.mass == 0.0:
            self.body = body
        else:
            if self.children is None:
                half = self.size / 2
                self.children = [Node(self.x + dx * half, self.y + dy * half, half) for dy in (0, 1) for dx in (0, 1)]
                old, self.body = self.body, None
                self.child_of(old).insert(old)
            self.child_of(body).insert(body)
        total = self.mass + body.mass
        self.cx = (self.cx * self.mass + body.x * body.mass) / total
        self.cy = (self.cy * self.mass + body.y * body.mass) / total
        self.mass = total

    def child_of(self, body):
        half = self.size / 2
        return self.children[(body.x >= self.x + half) + 2 * (body.y >= self.y + half)]

    def force(self, body):
        dx, dy = self.cx - body.x, self.cy - body.y
        distance = dx * dx + dy * dy + 1e-3
        if self.children is None or self.size * self.size < 0.25 * distance:
            if self.body is body:
                return 0.0, 0.0
            f = self.mass / (distance * distance**0.5)
            return f * dx, f * dy
        fx = fy = 0.0
        for child in self.children:
            if child.mass:
                ax, ay = child.force(body)
                fx += ax
                fy += ay
        return fx, fy


class Body:
    def __init__(self, x, y, mass):
        self.x, self.y, self.mass = x, y, mass
        self.vx = self.vy = 0.0


def run():
    bodies = [Body((i * 0.6180339887) % 1.0, (i * 0.7548776662) % 1.0, 1.0 + i % 3) for i in range(90)]
    for _ in range(3):
        root = Node(-8.0, -8.0, 16.0)
        for body in bodies:
            root.insert(body)
        for body in bodies:
            ax, ay = root.force(body)
            body.vx += ax * 1e-4
            body.vy += ay * 1e-4
        for body in bodies:
            body.x += body.vx * 0.01
            body.y += body.vy * 0.01
    return round(sum(b.x * 3 + b.y for b in bodies), 8)


EXPECTED = 175.93239642
