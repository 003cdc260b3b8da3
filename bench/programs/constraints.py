"""Incremental one-way constraints between variables: a chain and a fan, planned and propagated."""


class Variable:
    def __init__(self, name, value):
        self.name = name
        self.value = value
        self.constraints = []
        self.determined_by = None
        self.strength = 0


class Constraint:
    strength = 1

    def __init__(self, *variables):
        self.variables = variables
        for v in variables:
            v.constraints.append(self)

    def output(self):
        return self.variables[-1]

    def inputs(self):
        return self.variables[:-1]

    def execute(self):
        raise NotImplementedError


class Equal(Constraint):
    strength = 2

    def execute(self):
        self.output().value = self.variables[0].value


class Scale(Constraint):
    strength = 3

    def execute(self):
        source, factor, offset, target = self.variables
        target.value = source.value * factor.value + offset.value


class Edit(Constraint):
    strength = 5

    def execute(self):
        pass


class Planner:
    def __init__(self):
        self.mark = 0

    def plan(self, start):
        self.mark += 1
        plan, todo, seen = [], [start], set()
        while todo:
            variable = todo.pop()
            for c in variable.constraints:
                out = c.output()
                if id(c) in seen or out is variable:
                    continue
                if all(v is variable or v.strength >= 0 for v in c.inputs()):
                    seen.add(id(c))
                    out.determined_by = c
                    out.strength = max(out.strength, c.strength)
                    plan.append(c)
                    todo.append(out)
        return plan

    def change(self, variable, value, plan):
        variable.value = value
        for c in plan:
            c.execute()


def chain(n):
    planner = Planner()
    variables = [Variable("v%d" % i, 0) for i in range(n + 1)]
    for i in range(n):
        Equal(variables[i], variables[i + 1])
    Edit(variables[0])
    plan = planner.plan(variables[0])
    for i in range(20):
        planner.change(variables[0], i, plan)
        assert variables[-1].value == i
    return variables[-1].value


def fan(n):
    planner = Planner()
    factor, offset = Variable("factor", 10), Variable("offset", 1000)
    pairs = []
    for i in range(n):
        source, target = Variable("s", i), Variable("t", i)
        Scale(source, factor, offset, target)
        pairs.append((source, target))
    total = 0
    for source, target in pairs:
        planner.change(source, 17, planner.plan(source))
        total += target.value
    plan = planner.plan(factor)
    for k in range(5):
        planner.change(factor, k, plan)
    return total + sum(t.value for _, t in pairs)


def run():
    return chain(400), fan(150)


EXPECTED = (19, 335700)
