import black

src = "def f(a,b = 1,*args,**kw) :\n  x = {  'a':1,'b':[1,2 ,3] }\n  return( x if a else None )\nclass  A( object ):\n    def g(self): pass\n"
print(black.format_str(src, mode=black.Mode()))
try:
    black.format_str("def (", mode=black.Mode())
except black.InvalidInput as e:
    print(type(e).__name__, str(e)[:60])
print(
    black.format_str(
        "foo(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa, bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb, ccccccccccccccccccccc)\n",
        mode=black.Mode(line_length=60),
    )
)
