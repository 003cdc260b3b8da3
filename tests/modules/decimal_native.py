"""_decimal: values, contexts, signals, and the messages of what goes wrong."""

import _decimal
from _decimal import *

c = getcontext()
sd = c.flags


def show(source):
    try:
        print(source, "->", repr(eval(source)))
    except Exception as e:
        print(source, "!!", type(e).__name__, e.args)


print([k.__name__ for k in type(sd).__mro__], type(sd).__module__, sd)
for source in r"""
Decimal(1).__sizeof__()
Decimal('1'*200).__sizeof__()
BasicContext
DefaultContext
ExtendedContext
Decimal(object())
Decimal([1,2])
Decimal((2,(1,),1))
Decimal((0,(1,11),1))
Decimal((0,1,1))
Decimal((0,(1,),'x'))
Decimal((0,(1,),1.0))
Decimal((0,(1,),10**30))
Decimal((0,(1,2),'F'))
Decimal((1,(1,2),'n'))
Decimal((1,(),2))
Decimal('abc')
Decimal(1,2)
Decimal(1,2,3)
Decimal(x=1)
Decimal.from_float('1')
Decimal.from_number('1')
Decimal.from_number(1.5)
Decimal.from_number(True)
c.prec.__class__
setattr(c,'prec',0)
setattr(c,'prec','a')
setattr(c,'prec',10**30)
setattr(c,'Emin',1)
setattr(c,'Emax',-1)
setattr(c,'rounding',1)
setattr(c,'rounding','x')
setattr(c,'clamp',2)
setattr(c,'capitals',2)
setattr(c,'capitals','x')
setattr(c,'foo',2)
delattr(c,'prec')
delattr(c,'traps')
delattr(c,'foo')
setattr(c,'traps',1)
setattr(c,'flags',{})
setattr(c,'flags',{1:2})
setattr(c,'flags',{1:2,2:2,3:2,4:4,5:5,6:6,7:7,8:8,9:9})
c.flags[1]
c.flags['x']
sd.__setitem__(1,2)
sd.__delitem__(Inexact)
sd == {}
sd == sd.copy()
sd.copy()
sd < 1
sd == 1
sd != c.traps
len(sd)
list(sd)
type(sd)()
len(type(sd)())
repr(type(sd)())
hash(sd)
c == c.copy()
setcontext(1)
localcontext(1)
localcontext(prec='a')
localcontext(foo=1)
localcontext(prec=0)
Context(prec=0)
Context(1,2,3,4,5,6,7,8,9)
Context(foo=1)
Context(flags=1)
Context(flags=[1])
Context(flags=[Inexact],traps=[Overflow,Inexact])
Context(flags=(Inexact,))
Context(traps={})
Context(prec=5, clamp=None)
IEEEContext(32)
IEEEContext(33)
IEEEContext('a')
IEEEContext(512)
IEEEContext(1024)
c.create_decimal('1_000')
c.create_decimal(' 1')
c.create_decimal(object())
c.create_decimal()
c.create_decimal_from_float('1')
c.canonical(1)
c.add(1,'a')
c.add(1.0,2)
c.add(1)
c.power(2)
c.power(2,3,b=4)
c.power(a=2,b=3,modulo=5)
c.power(2,3,modulo='s')
Decimal(1)+1.0
Decimal(1)+'s'
Decimal(1).compare(1.0)
Decimal(1).quantize('a')
Decimal(1).quantize(Decimal('0.1'),'x')
Decimal(1).quantize(Decimal('0.1'),1)
Decimal(1).quantize(Decimal('0.1'),context=1)
Decimal(1).sqrt(1)
Decimal(1).sqrt(context=c,x=2)
int(Decimal('nan'))
int(Decimal('inf'))
float(Decimal('snan'))
float(Decimal('-nan'))
complex(Decimal(3))
hash(Decimal('snan'))
round(Decimal('1.5'),'a')
round(Decimal('1.55'),1)
round(Decimal('1.55'),10**40)
round(Decimal('1.55'),1,2)
Decimal('inf').__round__()
Decimal(1)/0
Decimal(0)/0
Decimal(1)//0
Decimal(1)%0
Decimal('inf')//1
Decimal('snan')+1
Decimal('1e999999999999')*10
Decimal('inf').as_integer_ratio()
Decimal('nan').as_integer_ratio()
format(Decimal('1.5'),'x')
format(Decimal('1.5'),'z.0f')
format(Decimal('1.5'),'10.3q')
Decimal(1).__format__(1)
format(Decimal(1),'1000000000000000000000')
Decimal(1)==1+0j
Decimal(1)==1.0
c.flags
Decimal(1)<1j
Decimal(1)<1.5
Decimal(1)<'a'
Decimal('nan')<1
Decimal(1).__reduce__()
c.__reduce__()
Decimal(1).__deepcopy__()
Decimal(1).__round__.__doc__
Decimal(1).adjusted()
Decimal('inf').adjusted()
Decimal(1).real
Decimal(1).fma(1)
Decimal(1).fma(2,'a')
Decimal(1).logical_and(2)
pow(Decimal(2),3,5)
pow(2,Decimal(3),5)
pow(2,3,Decimal(5))
pow(Decimal(2),3,'a')
divmod(Decimal(7),2)
divmod(1.0,Decimal(7))
c.divmod(7,2)
c.Etiny()
c.radix()
c._apply(1)
c._apply('a')
c.is_zero(0.0)
c.copy_decimal(1)
c.number_class(1)
c.to_sci_string(1)
c.is_canonical(1)
c.same_quantum(1,2)
c.copy_sign(1,-2)
c.__copy__()
DivisionByZero.__mro__
getcontext(1)
setcontext()
Decimal.__new__(int)
Decimal.__new__()
type(Decimal.__dict__['real'].__doc__)
Decimal(b'1')
Decimal(Decimal(2)) 
DecimalTuple(1,2,3)
sd=={}
Context(traps=[ConversionSyntax])
Context(traps=[ConversionSyntax]).traps
Context(flags=[1]*3)
Decimal(1).__format__('',{})
Decimal(1).__format__('',1)
Decimal(1).__format__('n',{'decimal_point':1})
Decimal(1).__format__('','',1)
Decimal(1).__format__()
Decimal(1).__format__(spec='')
c.__delattr__('foo')
Decimal(1).to_integral_value('ROUND_UP',c,1)
Decimal(1).to_integral_value(foo=1)
c.power(1,2,3,4)
Decimal(1).compare()
Decimal(1).compare(1,c,3)
c.create_decimal(1,2)
c.create_decimal(num=2)
c.add(x=1,y=2)
c.sqrt()
c.sqrt(1,2)
Decimal.from_float()
localcontext(1,2)
localcontext(c, prec=3, foo=4)
localcontext(ctx=c, ctx2=4)
c.__getattribute__('flags') is c.flags
c.fma(1,2)
Decimal(1).radix(1)
Decimal(1).same_quantum(2,context=3)
Decimal(5).is_normal(1)
Decimal(5).number_class(context=1)
Decimal.real.__get__(Decimal(1))
Decimal.from_float(True)
getcontext().copy(1)
_decimal.ContextManager
Decimal(True)
Decimal(2)**-1
Decimal(2)**Decimal('0.5')
2**Decimal(3)
-Decimal(0)
+Decimal('-0')
abs(Decimal('-1.0'))
Decimal('1.5').__complex__()
Decimal('Infinity').__complex__()
Decimal('0E+3').__hash__(), hash(Decimal('0.5')), hash(0.5), hash(Decimal('-1')), hash(Decimal('1e100')), hash(10**100), hash(Decimal('1e-100'))
str(Decimal('1E+3')), Decimal('1E+3').to_eng_string(), Decimal('1e4').to_eng_string()
Context.__init__.__doc__ is None
type(localcontext()).__enter__.__text_signature__, type(localcontext()).__exit__.__text_signature__
Decimal(1).__round__.__text_signature__,Decimal(1).__format__.__text_signature__
c.clear_flags()
Decimal.__ne__
Decimal(3).__rpow__(2,None)
Decimal(3).__pow__(2,4)
Decimal('1e400').__float__()
""".strip().splitlines():
    show(source)
