"""Mappings after ** are asked once for their keys; calling with keywords what cannot be called, or with odd ones."""
class G:
    def __init__(s, v): s.v = v
    def __getattr__(s, n):
        print('get', n)
        if s.v is AttributeError: raise AttributeError(n)
        return s.v
    def __getitem__(s, k): print('item', k); return k
def f(*a, **k): return k
class C:
    def __init__(s, *a, **k): print(a, k)
class CC:
    def __call__(s, *a, **k): return k
def t(what, fn):
    try: print(what, fn())
    except BaseException as e: print(what, type(e).__name__, e)
for v in (-0.0, lambda: ['a', 'b'], lambda: [1], lambda: 5, AttributeError, lambda: 1/0):
    g = G(v)
    t('{**}', lambda: {**g})
    t('{a, **}', lambda: {0: 1, **g})
    t('dict', lambda: dict(g))
    t('update', lambda: {}.update(g))
    t('f(**)', lambda: f(**g))
    t('f(a, **)', lambda: f(b=1, **g))
    t('f(*a, **)', lambda: f(*[1], b=1, **g))
    t('1.0(**)', lambda: (1.0)(**g))
    def orr(): d = {}; d |= g; return d
    t('|=', orr)
    t('|', lambda: {} | g)
class Plain: pass
for bad in (Plain, [], 1.0, None, len, f, C, CC(), int, list, dict, [].append, print, CC().__call__, object, C.__init__, str.join):
    for kw in ({1: 2}, {'x': 1, 2: 3}, {}, {'a': 1}):
        t(f'call', lambda: bad(**kw))
        t(f'call', lambda: bad(*(), **kw))
        t(f'call', lambda: bad(1, **kw))
        t(f'call', lambda: bad(**kw, **kw))
        t(f'call', lambda: bad(*5, **kw))
        t(f'call', lambda: bad(**5))
    class S(str): pass
    t('S', lambda: bad(**{S('a'): 1}))
