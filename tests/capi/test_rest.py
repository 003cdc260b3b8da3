import re
import sys
import warnings

import rest

warnings.showwarning = lambda message, category, filename, lineno, *rest: print("warning:", message, category, filename, lineno)
warnings.simplefilter("always")
for name in ("cells_and_methods", "exceptions", "strings", "buffers", "ordered_dicts", "struct_sequences", "system_things", "code_and_frames", "audits"):
    print("---", name)
    sys.stdout.flush()
    for what, result in getattr(rest, name)("text"):
        # CPython's messages name a place in its source.
        print(what, re.sub(r"0x[0-9a-f]+|[\w./]+(:\d+)?(?=: bad argument to internal)", "...", ascii(result)))
    sys.stdout.flush()
