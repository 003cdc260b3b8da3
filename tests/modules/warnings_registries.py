# What _warnings notes in registries, by action and line.
import _warnings
import sys
import warnings

warnings.showwarning = lambda *args, **kw: print("shown", args[0], args[3])
for action in ("once", "module", "default", "always", "all", "error", "ignore"):
    warnings.resetwarnings()
    warnings.simplefilter(action)
    shared = {}
    for make in (lambda: None, dict, lambda: shared):
        for line in (0, 1, 1, 2):
            registry = make()
            try:
                if registry is None:
                    _warnings.warn_explicit("text", UserWarning, "file", line)
                else:
                    _warnings.warn_explicit("text", UserWarning, "file", line, registry=registry)
            except Warning as e:
                print("raised", e)
            print(action, line, registry and {k: v for k, v in registry.items() if k != "version"})
print([k for k in warnings.onceregistry if k != "version"])
