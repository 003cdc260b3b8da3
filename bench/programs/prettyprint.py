"""pprint of nested data, textwrap of prose."""

import pprint
import textwrap


def run():
    data = {"k%d" % i: [(j, "value" * (j % 3), {"x": j}) for j in range(6)] for i in range(12)}
    prose = "The quick brown fox jumps over the lazy dog and runs away from everything that moves. " * 12
    return len(pprint.pformat(data)), len(textwrap.fill(prose, 60)), len(textwrap.indent(prose, "> "))


EXPECTED = (2327, 1031, 1034)
