import inspect

import wrapt


@wrapt.decorator
def twice(wrapped, instance, args, kwargs):
    return wrapped(*args, **kwargs), instance is not None


@twice
def f(a, b=2):
    "doc"
    return a + b


class C:
    @twice
    def m(self, x):
        return x

    @twice
    @classmethod
    def k(cls):
        return cls.__name__


print(f(1), f.__name__, f.__doc__, inspect.signature(f), C().m(3), C.k(), type(f).__name__)
p = wrapt.ObjectProxy([1, 2])
p.append(3)
print(p, p == [1, 2, 3], isinstance(p, list), p + [4], p[1:], len(p), repr(p)[:12], p.__class__, bool(wrapt.ObjectProxy(0)), wrapt.ObjectProxy(5) * 2, 7 // wrapt.ObjectProxy(2))
p._self_x = 1
print(p._self_x, wrapt.FunctionWrapper(len, lambda w, i, a, k: w(*a) + 1)([1]), wrapt.PartialCallableObjectProxy(max, 5)(3))
