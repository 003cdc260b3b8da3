def __getattr__(name):
    if name.startswith('dyn_'): return name[4:]
    raise AttributeError(f'no {name} here')
def __dir__(): return ['dyn_x']
