# Modules whose state is of the process are not for interpreters of their own.
import _interpreters

for name in ("faulthandler", "_tracemalloc", "_suggestions", "_json", "_imp"):
    id = _interpreters.create()
    result = _interpreters.exec(id, f"import {name}")
    print(name, result and (result.type.__name__, result.msg))
    _interpreters.destroy(id)
id = _interpreters.create()
try:
    _interpreters.set___main___attrs(id, {"a\0b": 1})
except ValueError as e:
    print(e)
_interpreters.destroy(id)
