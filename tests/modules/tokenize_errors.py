import tokenize,io,_tokenize
for src in ["def k(x):\n    x += 2\n  x += 5\n","if 1:\n  x\n if 2:\n   y","if 1:\n\tx\n        y\n","if 1:\n        x\n\ty\n","(\n","'''a","'a","x = 0777","$","a\\b","1__0","0b2","f'{'","f'{a!","f'{a","f'a\n","   x\n y\n","if 1:\n"+" "*8+"x\n"+" "*4+"é\n", "x)\n", "(]", "é = '\n", "é \\ x", "\x00", "a\n"*3+"\u20ac", "0_", "1e",  '"\\N{', "if 1:\n"*101]:
    for extra in (True,False):
        try:
            for t in _tokenize.TokenizerIter(io.StringIO(src).readline, extra_tokens=extra): pass
            print(ascii(src[:20]),extra,'ok')
        except SyntaxError as e: print(ascii(src[:20]),extra,type(e).__name__,ascii(e.args),e.msg,e.filename,e.lineno,e.offset,ascii(e.text),e.end_lineno,e.end_offset)
        except Exception as e: print(ascii(src[:20]),extra,repr(e))
    try: list(tokenize.generate_tokens(io.StringIO(src).readline))
    except Exception as e: print(ascii(src[:20]),type(e).__name__,ascii(e.args), getattr(e,'end_lineno',0))
