# _csv: dialects, readers, writers, each line compared with the oracle.


def t(f):
    try:
        print(f, '->', ascii(eval(f)))
    except BaseException as e:
        print(f, '->', type(e).__name__, ascii(str(e)))
_csv=__import__('_csv')
class F:
    def __init__(s): s.o=[]
    def write(s,x): s.o.append(x); return len(x)
def W(rows,**k):
    f=F(); w=_csv.writer(f,**k); r=[w.writerow(x) for x in rows]; return f.o,r
def R(lines,**k): return list(_csv.reader(lines,**k))
class D:
    delimiter=';'; quotechar="'"; quoting=0; lineterminator='\n'
class It:
    def __init__(s,x): s.x=x
    def __str__(s): return s.x
class Bad:
    def __str__(s): raise ValueError('bad')
class BadF:
    def write(s,x): raise OSError('no')
def EXC(*a):
    raise ValueError
for f in r'''_csv.list_dialects()
_csv.register_dialect('x', delimiter=';')
_csv.list_dialects()
_csv.get_dialect('x').delimiter, _csv.get_dialect('x').quotechar
_csv.unregister_dialect('x')
_csv.unregister_dialect('x')
_csv.get_dialect('x')
_csv.get_dialect(1)
_csv.register_dialect(1)
_csv.register_dialect()
_csv.register_dialect('a','b','c')
_csv.register_dialect('a',5)
_csv.field_size_limit()
_csv.field_size_limit(10)
R(['abcdefghijklm'])
_csv.field_size_limit(131072)
_csv.field_size_limit('x')
_csv.field_size_limit(1,2)
_csv.field_size_limit(2**70)
_csv.Dialect()
d=_csv.Dialect
(lambda d:(d.delimiter,d.doublequote,d.escapechar,d.lineterminator,d.quotechar,d.quoting,d.skipinitialspace,d.strict))(_csv.Dialect())
(lambda d:(d.delimiter,d.doublequote,d.escapechar,d.lineterminator,d.quotechar,d.quoting,d.skipinitialspace,d.strict))(_csv.Dialect(D))
_csv.Dialect(delimiter='')
_csv.Dialect(delimiter='ab')
_csv.Dialect(delimiter=1)
_csv.Dialect(delimiter=None)
_csv.Dialect(delimiter='\n')
_csv.Dialect(delimiter=' ',skipinitialspace=True)
_csv.Dialect(delimiter='"')
_csv.Dialect(quotechar='')
_csv.Dialect(quotechar='ab')
_csv.Dialect(quotechar=1)
_csv.Dialect(quotechar=None)
_csv.Dialect(quotechar=None,quoting=3).quotechar
_csv.Dialect(quotechar='\n')
_csv.Dialect(quotechar=' ',skipinitialspace=True)
_csv.Dialect(escapechar='')
_csv.Dialect(escapechar='ab')
_csv.Dialect(escapechar=1)
_csv.Dialect(escapechar=',')
_csv.Dialect(escapechar='"')
_csv.Dialect(escapechar='\n')
_csv.Dialect(escapechar=' ',skipinitialspace=True)
_csv.Dialect(quoting=10)
_csv.Dialect(quoting='x')
_csv.Dialect(quoting=-1)
_csv.Dialect(lineterminator=None)
_csv.Dialect(lineterminator=1)
_csv.Dialect(lineterminator=',')
_csv.Dialect(lineterminator='')
_csv.Dialect(foo=1)
_csv.Dialect(None), _csv.Dialect('nope')
_csv.Dialect(doublequote=[]).doublequote
_csv.Dialect(strict=1).strict
setattr(_csv.Dialect(),'delimiter','x')
_csv.Dialect(delimiter='é').delimiter
R(['a,b,c','1,"2,3",4','"a""b",c','"x','y",z'])
R(['a,b\r\n','c,d\n','\n','e'])
R(['a\nb,c'])
R(['a\rb'])
R(['"a\nb",c'])
R(['a\n','b\r\n\r\n'])
R(['a"b,c','"a"b,c'])
R(['"a"b'],strict=True)
R(['"a'],strict=True)
R(['"a'])
R(['a\\,b,c'],escapechar='\\')
R(['a\\'],escapechar='\\')
R(['a\\'],escapechar='\\',strict=True)
R(['"a\\"b"'],escapechar='\\',doublequote=False)
R([' a, b'],skipinitialspace=True)
R([' a, "b"'],skipinitialspace=True)
R(['1,"2",x'],quoting=2)
R(['1,"2",3.5, 4'],quoting=2)
R(['1,,"",x'],quoting=4)
R(['1,,"",2'],quoting=5)
R(['1,,"",x'],quoting=5)
R(['a,b'],quoting=3)
R(['"a",b'],quoting=3)
R(["'a','b''c'"],quotechar="'")
R(['a;b'],delimiter=';')
R([b'a'])
R([1])
R(1)
_csv.reader()
_csv.reader([],1,2)
_csv.reader([],'nope')
R(['a','b'],dialect=D)
R(['\0a'])
(lambda r:(next(r),r.line_num,next(r),r.line_num,r.dialect.delimiter))(_csv.reader(['a','"b','c"']))
1
W([['a','b,c','d"e','f\ng',1,None,1.5,'']])
W([[]]),W([['']]),W([[None]]),W([['','']])
W([['a,b','c"d']],quoting=1)
W([['a',1,'b"',2.5,None]],quoting=2)
W([['a',1,None,'']],quoting=4)
W([['a',1,None,'']],quoting=5)
W([['a,b']],quoting=3)
W([['a,b']],quoting=3,escapechar='\\')
W([['a"b']],quoting=3,escapechar='\\')
W([['a"b']],quoting=3,quotechar=None)
W([['']],quoting=3)
W([[None]],quoting=3)
W([['a"b']],doublequote=False)
W([['a"b']],doublequote=False,escapechar='\\')
W([['a\\b']],escapechar='\\')
W([['a\nb\r']],quoting=3,escapechar='\\')
W([['a b',' a','a ']],delimiter=' ')
W([[' a']],skipinitialspace=True)
W([['',' ']],skipinitialspace=True,delimiter=' ')
W([['a','b']],lineterminator='!'),W([['a!','b']],lineterminator='!')
W([1])
W(['ab'])
W([[It('x')]])
W([[Bad()]])
W([(1,2),{3:4}.keys()])
_csv.writer(1)
_csv.writer()
_csv.writer(BadF()).writerow(['a'])
(lambda f:(_csv.writer(f).writerows([['a'],['b']]),f.o))(F())
_csv.writer(F()).writerows(1)
_csv.writer(F()).writerows([1])
_csv.writer(F()).dialect.quoting
_csv.Error, _csv.Error.__mro__, type(_csv.reader([])), type(_csv.writer(F())), _csv.Dialect
_csv.reader([], delimiter='')
_csv.reader([], None).dialect.delimiter
_csv.reader([], D()).dialect.delimiter
_csv.register_dialect('q', D), _csv.reader(["a;'b;c'"],'q').__next__()
_csv.register_dialect('q2','q',delimiter='|'), _csv.get_dialect('q2').delimiter,_csv.get_dialect('q2').quotechar
W([['é\u1234,\U0001f600']])
W([['"']]),W([['a','"']],quotechar="'"),W([['"a"']],quoting=1,quotechar="'")
_csv.Dialect(_csv.Dialect(delimiter=';')).delimiter
'''.splitlines(): t(f)
