"""Names of OpenSSL's error libraries and reasons, from its headers.

usage: openssl_names.py OPENSSL_INCLUDE_DIR OUT_DIR

Writes OUT_DIR/libraries.inc, {number, "NAME"} for each ERR_LIB_NAME, and OUT_DIR/reasons.inc, {library, reason, "NAME"}
for each LIBRARY_R_NAME, sorted. Headers of libraries that this OpenSSL leaves out are just not there.
"""

import pathlib
import re
import sys

include, out = (pathlib.Path(a) for a in sys.argv[1:])
define = re.compile(r"^\s*#\s*define\s+(\w+)\s+(-?\d+)\b", re.M)

libraries = {}
for name, number in define.findall((include / "err.h").read_text()):
    if name.startswith("ERR_LIB_"):
        libraries.setdefault(name.removeprefix("ERR_LIB_"), int(number))

reasons = {}
for header in sorted(include.glob("*err*.h")):
    for name, number in define.findall(header.read_text()):
        library, found, reason = name.partition("_R_")
        if found and library in libraries:
            # The first name of a number counts: the ones of old versions come later (sslerr_legacy.h).
            reasons.setdefault((libraries[library], int(number)), reason)

out.mkdir(parents=True, exist_ok=True)
(out / "libraries.inc").write_text("".join(f'{{{n}, "{name}"}},\n' for name, n in libraries.items()))
(out / "reasons.inc").write_text("".join(f'{{{l}, {r}, "{name}"}},\n' for (l, r), name in sorted(reasons.items())))
