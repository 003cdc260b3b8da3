"""pathlib and os.path without the file system."""

import os.path
import pathlib


def run():
    total = 0
    base = pathlib.PurePosixPath("/usr/share/project")
    for i in range(400):
        path = base / ("dir%d" % (i % 7)) / ("file%d.tar.gz" % i)
        total += len(path.name) + len(path.suffix) + len(path.stem) + len(str(path.with_suffix(".txt"))) + len(path.parts)
        total += len(str(path.relative_to(base))) + len(path.parents)
        joined = os.path.join("/a/b", "..", "c%d" % i, "d.txt")
        total += len(os.path.normpath(joined)) + len(os.path.splitext(joined)[1]) + len(os.path.basename(joined))
    return total


EXPECTED = 47050
