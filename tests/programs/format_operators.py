# % formatting and str.format, each line compared with the oracle.


def t(f):
    try:
        print(f, '->', ascii(eval(f)))
    except BaseException as e:
        print(f, '->', type(e).__name__, ascii(str(e)))
class I:
    def __index__(s): return 5
class F:
    def __int__(s): return 7
    def __float__(s): return 2.5
class M(dict): pass
class L:
    def __getitem__(s,k): return k*2
for f in r'''format(1.5,'.3,n')
'%c' % 'ab'
'%c' % 1.5
'%c' % -1
'%c' % 0x110000
'%c' % 2**80
'%c' % (2**80)
'%c' % I()
'%c' % b'a'
'%d' % 'x'
'%i' % 'x'
'%u' % 'x'
'%o' % 1.5
'%x' % 1.5
'%X' % 'x'
'%d' % 1.9
'%d' % F()
'%d' % I()
'%x' % I()
'%x' % F()
'%f' % 'x'
'%f' % F()
'%f' % I()
'%e' % (10**400)
'%z' % 1
'%\x01' % 1
'%é' % 1
'%' % 1
'%5' % 1
'%(a' % {}
'%(a)' % {}
'%(a)s' % 5
'%(a)s' % (5,)
'%(a)s' % 'x'
'%(a)s' % [1]
'%(a)s' % L()
'%(a(b)c)s' % L()
'%(a)s' % {'b':1}
'%(a)s %(b)d' % {'a':1,'b':2}
'%s %s' % 1
'%s' % (1,2)
'%s' % ()
'' % 1
'' % ()
'' % {}
'' % []
'' % 'x'
'' % (1,)
'x' % L()
'%%' % ()
'%5%|%-5%|' % ()
'%*d' % (5,1), '%-*d|' % (5,1), '%*d|' % (-5,1), '%.*f' % (2,1.5), '%.*f' % (-2,1.5)
'%*d' % ('a',1)
'%.*d' % ('a',1)
'%*d' % (2**70,1)
'%99999999999999999999d' % 1
'%.99999999999999999999d' % 1
'%.2147483648d' % 1
'%.2147483648f' % 1.5
'%05d|%-05d|%+d|% d|%+ d|%05d' % (1,1,1,1,1,-1)
'%#x|%#X|%#o|%#010x|%#-10x|%#10x' % (255,255,8,255,255,255)
'%.5d|%.5x|%#.5x|%08.5d|%+.3d|%.0d|%.d' % (1,255,255,1,1,0,0)
'%5.1f|%-8.2e|%+g|%010.3f|%#.0f|%F|%E|%G' % (1.25,1.5,1.5,-1.5,1.0,float('inf'),1.5,1e-10)
'%.3s|%5s|%-5s|%05s|%5.1s|' % ('abcdef','a','a','a','abc')
'%r %a %s' % ('é','é','é')
'%10r|%.3r' % ('a','abcdef')
'%ld %hd %Ld %lld' % (1,2,3,4)
'%ld %hd' % (1,2)
'%c%c' % (97,'é')
'%5c|%-5c|%05c' % ('a','b','c')
'%s' % None, '%s' % [1,2], '%s' % (None,)
'%d' % True, '%s' % True, '%x' % True, '%d' % (2**100), '%x' % (-2**100), '%o' % -8, '%#o' % -8
'%d' % float('nan')
'%d' % float('inf')
'%i' % 1e300
'%f' % float('nan'), '%05f' % float('nan'), '%+f' % float('inf'), '%010f' % float('-inf')
'%s%%%s' % (1,2)
'%(x)s%%' % {'x':1}
'%(x)*d' % {'x':1}
'%(x)s %s' % {'x':1}
'%s %(x)s' % ({'x':1},)
'%r' % (1,2)
'%.0f %.0e' % (0.5,1.5)
'% x|%+x|% o' % (1,1,-1)
'%s' % b'a'
'%d' % (10**5000)
'%x' % (10**30)
'%5%' % 1
'%+s' % 'a'
'%#s|%0s' % ('a','b')
'%-+5d|' % 5
'%(%)s' % {'%':1}
'%()s' % {'':1}
'{}'.format()
'{0}{}'.format(1)
'{}{0}'.format(1)
'{1}'.format(1)
'{a}'.format()
'{'.format()
'}'.format()
'{0'.format(1)
'{0!'.format(1)
'{0!}'.format(1)
'{0!x}'.format(1)
'{0!rr}'.format(1)
'{0!r:>5}|{0!s}|{0!a}'.format('é')
'{0.}'.format(1)
'{0.a}'.format(1)
'{0[}'.format(1)
'{0[]}'.format(1)
'{0[a]}'.format({'a':1})
'{0[1]}'.format([1,2])
'{0[-1]}'.format([1,2])
'{0[1]x}'.format([1,2])
'{0.real.imag}'.format(1)
'{a.b[c]}'.format(a=1)
'{:{}}'.format(5,6)
'{:{}{}}'.format(5,'>',6)
'{:{:{}}}'.format(5,6,7)
'{0:{1:{2}}}'.format(5,6,7)
'{{}}'.format(), '{{{0}}}'.format(1), 'a{{b}}c'.format()
'{a}{b}'.format(a=1,b=2)
'{0:}'.format(1)
'{0!r:}'.format(1)
'{ 0}'.format(1)
'{0 }'.format(1)
'{99999999999999999999}'.format(1)
'{0[99999999999999999999]}'.format([1])
'{0[99999999999999999999]}'.format({'99999999999999999999':1})
'{a}'.format_map({'a':1}), '{a}'.format_map(M(a=2))
'{}'.format_map({'a':1})
'{0}'.format_map({'a':1})
'{a}'.format_map(5)
'{a}'.format_map({})
'{:d}'.format('x')
'{!r}'.format('x')
'{0:{a}}'.format(1,a='5')
'{:}}'.format(1)
'{:{}}}'.format(1,2)
'{}}'.format(1)
'{0!r'.format(1)
'{0:'.format(1)
'{0:{'.format(1)
'{0!r:{'.format(1)
'{[}'.format(1)
'{!}'.format(1)
'{!:}'.format(1)
'{a b}'.format(**{'a b':1})
'{0.__class__.__name__}'.format(1)
'{0]}'.format(1)
'{:{{}}}'.format(1)
'{-1}'.format(1)
'{a[0]}{a[1]}'.format(a='xy')
'{x.y}'.format(x=1)
'{1}{}'.format(1,2)
'{{'.format(), '}}'.format()
'{a!r:^{w}}'.format(a='q',w=9)
'{0[a][b]}'.format({'a':{'b':3}})
'{0.a.b]}'.format(1)
str.format()
'{}'.format(object=1)
'{:x<{n}}'.format(1,n=3)
list(__import__('_string').formatter_parser('a{b!r:c{d}}e{{f}}{}{0:}{!s}'))
list(__import__('_string').formatter_parser('a{b'))
__import__('_string').formatter_parser(1)
list(__import__('_string').formatter_field_name_split('a.b[c][1].d')[1])
__import__('_string').formatter_field_name_split('0')[0], __import__('_string').formatter_field_name_split('')[0]
__import__('_string').formatter_field_name_split(1)
list(__import__('_string').formatter_field_name_split('a..b')[1])
list(__import__('_string').formatter_field_name_split('a[b')[1])
type(__import__('_string').formatter_parser('a')), type(__import__('_string').formatter_field_name_split('a')[1])
'''.splitlines(): t(f)
