# Attribute caches when something turns into a descriptor after they were filled, and slots that are another's.
def many(f, *args):
    seen = []
    for _ in range(300):
        try:
            r = f(*args)
        except Exception as e:
            r = type(e).__name__, str(e)
        if not seen or seen[-1] != r:
            seen.append(r)
    return seen

class Plain:
    pass
class Meta(type):
    both = Plain()
class Owner(metaclass=Meta):
    both = 'class'
    own = Plain()
    def __init__(self):
        self.own = 'instance'
    value = 5
    def method(self):
        return 'method'
def load(o): return o.own
def load_class(): return Owner.both
def load_own_class(): return type(Owner.own).__name__
def store(o, v): o.own = v
o = Owner()
print(many(load, o), many(load_class), many(load_own_class), many(store, o, 'instance'))
Plain.__get__ = lambda self, instance, owner: ('got', instance is None)
print(many(load, o), many(load_class), many(load_own_class), many(store, o, 'instance'))
Plain.__set__ = lambda self, instance, value: print('set', value) if value == 1 else None
print(many(load, o), many(load_class), many(load_own_class))
store(o, 1)
del Plain.__set__
print(many(load, o), many(load_class), many(store, o, 'again'), many(load, o))
del Plain.__get__
print(many(load, o), many(load_class), many(load_own_class))

class First:
    pass
class Second:
    def __get__(self, instance, owner): return 'second'
    def __set__(self, instance, value): pass
thing = First()
class Holder:
    held = thing
    def __init__(self): self.held = 'mine'
h = Holder()
def held(): return h.held
print(many(held))
thing.__class__ = Second
print(many(held))
thing.__class__ = First
print(many(held))
class Base1:
    pass
class Base2:
    def __get__(self, instance, owner): return 'based'
    def __set__(self, instance, value): pass
class Derived(Base1):
    pass
class Holder2:
    held = Derived()
    def __init__(self): self.held = 'mine'
h = Holder2()
print(many(held))
Derived.__bases__ = (Base2,)
print(many(held))
Base2.__set__ = Base2.__get__
print(many(held))
del Base2.__set__
print(many(held))

class Slotted:
    __slots__ = ('slot', 'more')
class Thief:
    __slots__ = ('own',)
    stolen = Slotted.slot
    far = Slotted.more
class DictThief:
    stolen = Slotted.slot
    far = Slotted.more
class Heir(Slotted):
    __slots__ = ()
    again = Slotted.more
def get(o): return o.stolen
def get_far(o): return o.far
def put(o): o.stolen = 42
def put_far(o): o.far = 42
for cls in (Thief, DictThief):
    t = cls()
    t.own = 1
    print(many(get, t), many(get_far, t), many(put, t), many(put_far, t), t.own)
i = Heir()
i.more = 7
print(many(lambda: i.again), many(lambda: i.more))
