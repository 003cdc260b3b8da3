def go():
    for obj in ('','a','abcde'):
        for s in (-1,0,1,2,5,6):
            for e in (-1,0,1,2,5,6):
                for mk in (lambda: UnicodeEncodeError('E',obj,s,e,'R'), lambda: UnicodeDecodeError('E',obj.encode(),s,e,'R'), lambda: UnicodeTranslateError(obj,s,e,'R')):
                    x=mk(); print(type(x).__name__[7:10],len(obj),s,e,str(x))
go()
for mk in (lambda: UnicodeEncodeError('E','abc',1,2,'R'), lambda: UnicodeDecodeError('E',b'abc',1,2,'R'), lambda: UnicodeTranslateError('abc',1,2,'R')):
    for a in 'encoding object reason'.split():
        for v in (5,"x",b"y"):
            x=mk()
            try: setattr(x,a,v)
            except Exception as e: print(a,v,repr(e)); continue
            try: print(a,v,str(x))
            except Exception as e: print(a,v,'str',repr(e))
            try: print(x.start,x.end)
            except Exception as e: print(a,v,'se',repr(e))
        x=mk()
        try: delattr(x,a)
        except Exception as e: print(a,'del',repr(e)); continue
        try: print(a,v,str(x))
        except Exception as e: print(a,v,'str',repr(e))
x=ImportError('a',name='b',path='c',name_from='d'); print(x.__dict__, x.name_from)
for cls in (ImportError,NameError,AttributeError,StopIteration,SystemExit,SyntaxError,OSError):
    for args in ((),(1,),(1,2),(1,('f',2,3,4)),):
        x=cls('q') ; 
        try:
            x.__init__(*args); print(cls.__name__,args,[(a,getattr(x,a)) for a in ('msg','name','path','name_from','obj','value','code','filename','lineno','errno','strerror') if hasattr(x,a)],str(x),x.args)
        except Exception as e: print(cls,args,repr(e))
