"""A small virtual machine written in Python: fetch, decode by if chains and by a table of functions."""

PROGRAM = [
    ("push", 0), ("store", 0), ("push", 0), ("store", 1),
    ("load", 0), ("load", 1), ("add", 0), ("store", 0),
    ("load", 1), ("push", 1), ("add", 0), ("store", 1),
    ("load", 1), ("push", 700), ("less", 0), ("jump_if", 4), ("halt", 0),
]  # fmt: skip


def interpret(program):
    stack, variables, at = [], [0, 0], 0
    while True:
        op, argument = program[at]
        at += 1
        if op == "push":
            stack.append(argument)
        elif op == "load":
            stack.append(variables[argument])
        elif op == "store":
            variables[argument] = stack.pop()
        elif op == "add":
            right = stack.pop()
            stack[-1] += right
        elif op == "less":
            right = stack.pop()
            stack[-1] = stack[-1] < right
        elif op == "jump_if":
            if stack.pop():
                at = argument
        else:
            return variables


class Machine:
    def __init__(self, program):
        self.code = [(getattr(self, "op_" + op), argument) for op, argument in program]
        self.stack, self.variables, self.at = [], [0, 0], 0

    def op_push(self, n):
        self.stack.append(n)

    def op_load(self, n):
        self.stack.append(self.variables[n])

    def op_store(self, n):
        self.variables[n] = self.stack.pop()

    def op_add(self, n):
        self.stack.append(self.stack.pop() + self.stack.pop())

    def op_less(self, n):
        right = self.stack.pop()
        self.stack.append(self.stack.pop() < right)

    def op_jump_if(self, n):
        if self.stack.pop():
            self.at = n

    def op_halt(self, n):
        self.at = -1

    def run(self):
        while self.at >= 0:
            function, argument = self.code[self.at]
            self.at += 1
            function(argument)
        return self.variables


def run():
    return interpret(PROGRAM), Machine(PROGRAM).run()


EXPECTED = ([244650, 700], [244650, 700])
