# Frame objects, their locals, tracebacks made by hand.
import sys, types
def tr(fn,*a,**k):
    try: print(repr(fn(*a,**k)))
    except BaseException as e: print(type(e).__name__, e)
F=types.FrameType
def f(a):
    b=1
    c=[1]
    def g(): return c
    fr=sys._getframe()
    print(repr(fr).replace(hex(id(fr)),'ID'), fr.f_lasti, fr.f_lineno)
    p=fr.f_locals
    print(type(p), p)
    p['b']=5; p['zz']=7; p['c']=3
    print(b,c,p, len(p), list(p), list(reversed(p)), p.keys(), p.values(), p.items())
    tr(lambda: p.__delitem__('b'))
    tr(lambda: p.__delitem__('zz'))
    tr(lambda: p.pop('b'))
    tr(lambda: p['nope'])
    tr(lambda: p.get('nope',4)); tr(lambda: p.get('nope')); tr(lambda:p.get('b')); tr(lambda: p.get())
    tr(lambda: p|{'q':1}); tr(lambda: {'q':1}|p); tr(lambda: p|5)
    tr(lambda: p.update(b=1)); tr(lambda: p.update({'b':9})); tr(lambda: p.update([('b',9)])); tr(lambda: p.update(5)); tr(lambda: p.update())
    print(b)
    tr(lambda: p.setdefault('b',4)); tr(lambda: p.setdefault('n',4)); tr(lambda: p.setdefault())
    tr(lambda: p.copy()); tr(lambda: type(p.copy()));tr(lambda: p.popitem()); tr(lambda: p.clear())
    tr(lambda: p=={}); tr(lambda: p==p); tr(lambda: p==fr.f_locals); tr(lambda: p is fr.f_locals); tr(lambda: p=={**p}); tr(lambda: hash(p)); tr(lambda:p<p)
    tr(lambda: 'b' in p); tr(lambda: [] in p); tr(lambda: p[1]); tr(lambda: p.__setitem__(1,2)); tr(lambda: p[1]); tr(lambda: p[[]])
    p|={'b':12}; print(b)
    tr(lambda: isinstance(p, dict)); import collections.abc; tr(lambda: isinstance(p, collections.abc.Mapping))
    tr(type(p)); tr(type(p),1); tr(lambda: type(p)(fr).keys())
    tr(fr.clear)
    def h(): yield 1
    g2=h(); tr(lambda: g2.gi_frame.clear()); tr(lambda: next(g2))
    g2=h(); next(g2); tr(lambda: g2.gi_frame.clear())
    tr(lambda: setattr(fr,'f_lineno',1)); tr(lambda: delattr(fr,'f_lineno')); tr(lambda: setattr(fr,'f_trace',1));tr(lambda: fr.f_trace); tr(lambda: setattr(fr,'f_trace_lines',1)); tr(lambda: delattr(fr,'f_trace'));tr(lambda: delattr(fr,'f_trace_lines'));
    tr(lambda: setattr(fr,'f_trace_lines',True)); tr(lambda: setattr(fr,'f_trace_opcodes',1));
    tr(lambda: fr.f_generator)
    return fr
fr=f(1)
print(repr(fr).replace(hex(id(fr)),'ID')); print(fr.f_locals, fr.f_back); 
tr(fr.clear); print(fr.f_locals, fr.f_lineno, fr.f_lasti)
tr(types.FrameType); tr(types.TracebackType); tr(types.TracebackType,None,None,None,None); tr(types.TracebackType,None,fr,1,2)
tr(types.TracebackType,None,fr,'a',2);tr(types.TracebackType,1,fr,'a',2); tr(types.TracebackType,None,1,1,2)
T=types.TracebackType
try: 1/0
except Exception as e: tb=e.__traceback__
tr(lambda: setattr(tb,'tb_next',1)); tr(lambda: setattr(tb,'tb_next',tb)); tr(lambda: delattr(tb,'tb_next')); tr(lambda: setattr(tb,'tb_lineno',tb)); print(dir(tb))
