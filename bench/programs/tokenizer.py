"""A hand-written scanner and recursive-descent evaluator for arithmetic."""


def tokens(text):
    i, n = 0, len(text)
    while i < n:
        c = text[i]
        if c.isspace():
            i += 1
        elif c.isdigit():
            start = i
            while i < n and (text[i].isdigit() or text[i] == "."):
                i += 1
            yield "number", text[start:i]
        elif c.isalpha() or c == "_":
            start = i
            while i < n and (text[i].isalnum() or text[i] == "_"):
                i += 1
            yield "name", text[start:i]
        else:
            yield "op", c
            i += 1
    yield "end", ""


class Parser:
    def __init__(self, text, names):
        self.items = list(tokens(text))
        self.at = 0
        self.names = names

    def peek(self):
        return self.items[self.at]

    def take(self):
        item = self.items[self.at]
        self.at += 1
        return item

    def expression(self):
        value = self.term()
        while self.peek()[1] in ("+", "-"):
            value = value + self.term() if self.take()[1] == "+" else value - self.term()
        return value

    def term(self):
        value = self.factor()
        while self.peek()[1] in ("*", "%"):
            value = value * self.factor() if self.take()[1] == "*" else value % self.factor()
        return value

    def factor(self):
        kind, text = self.take()
        if kind == "number":
            return int(text)
        if kind == "name":
            return self.names[text]
        if text == "(":
            value = self.expression()
            self.take()
            return value
        return -self.factor()


def run():
    names = {"alpha": 3, "beta_2": 41, "gamma": 7}
    line = "(alpha + 12 * beta_2) % 1000 - (gamma * (3 + alpha) - -4) * 2 + beta_2 % gamma"
    total = 0
    for n in range(120):
        names["alpha"] = n
        total += Parser(line, names).expression()
    return total


EXPECTED = -39060
