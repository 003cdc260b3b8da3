"""A ray tracer: vectors as objects with operators, spheres, a plane, shadows and reflections."""

import math


class Vector:
    __slots__ = ("x", "y", "z")

    def __init__(self, x, y, z):
        self.x, self.y, self.z = x, y, z

    def __add__(self, o):
        return Vector(self.x + o.x, self.y + o.y, self.z + o.z)

    def __sub__(self, o):
        return Vector(self.x - o.x, self.y - o.y, self.z - o.z)

    def __mul__(self, k):
        return Vector(self.x * k, self.y * k, self.z * k)

    def dot(self, o):
        return self.x * o.x + self.y * o.y + self.z * o.z

    def unit(self):
        return self * (1.0 / math.sqrt(self.dot(self)))

    def reflect(self, normal):
        return self - normal * (2.0 * self.dot(normal))


class Sphere:
    def __init__(self, center, radius, color, shine):
        self.center, self.radius, self.color, self.shine = center, radius, color, shine

    def hit(self, origin, direction):
        to_center = self.center - origin
        along = to_center.dot(direction)
        rest = self.radius * self.radius - (to_center.dot(to_center) - along * along)
        if rest < 0.0:
            return None
        t = along - math.sqrt(rest)
        return t if t > 1e-6 else None

    def normal(self, point):
        return (point - self.center).unit()

    def color_at(self, point):
        return self.color


class Floor:
    shine = 0.1

    def hit(self, origin, direction):
        if direction.y > -1e-6:
            return None
        t = -origin.y / direction.y
        return t if t > 1e-6 else None

    def normal(self, point):
        return Vector(0.0, 1.0, 0.0)

    def color_at(self, point):
        return 0.9 if (math.floor(point.x) + math.floor(point.z)) % 2 else 0.2


class Scene:
    def __init__(self):
        self.things = [Floor()]
        for i in range(4):
            self.things.append(Sphere(Vector(i * 1.5 - 2.0, 0.7, 6.0 + i % 2), 0.7, 0.3 + 0.2 * i, 0.4))
        self.light = Vector(-5.0, 8.0, -3.0)

    def nearest(self, origin, direction):
        best, what = 1e30, None
        for thing in self.things:
            t = thing.hit(origin, direction)
            if t is not None and t < best:
                best, what = t, thing
        return best, what

    def trace(self, origin, direction, depth):
        distance, thing = self.nearest(origin, direction)
        if thing is None:
            return 0.5 + 0.5 * direction.y
        point = origin + direction * distance
        normal = thing.normal(point)
        to_light = (self.light - point).unit()
        lit = max(0.0, normal.dot(to_light))
        if lit and self.nearest(point, to_light)[1] is not None:
            lit = 0.0
        color = thing.color_at(point) * (0.1 + 0.9 * lit)
        if depth and thing.shine:
            color = color * (1.0 - thing.shine) + thing.shine * self.trace(point, direction.reflect(normal), depth - 1)
        return color


def run():
    scene, eye, total = Scene(), Vector(0.0, 1.5, -1.0), 0.0
    size = 26
    for row in range(size):
        for column in range(size):
            direction = Vector((column - size / 2) / size, (size / 2 - row) / size - 0.1, 1.0).unit()
            total += scene.trace(eye, direction, 2)
    return round(total, 6)


EXPECTED = 324.41655
