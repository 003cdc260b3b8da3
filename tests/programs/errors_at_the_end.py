"""Destructors that fail while the modules go: there is no io any more to read their source with."""
import sys


class Falls:
    def __init__(self, name):
        self.name = name

    def __del__(self):
        print("goes:", self.name, file=stdout)
        raise ValueError(self.name)


class Imports:
    def __del__(self):
        import json


stdout = sys.stdout
before = Falls("before the end")
del before
plain = Falls("a global")
cycle = Falls("in a cycle")
cycle.self = cycle
sys.modules["no module"] = Falls("in sys.modules")
imports = Imports()
