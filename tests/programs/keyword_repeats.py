import random
R=random.Random(3)
for n in (2,3,9,12,40):
    for i in range(30):
        s='f('+', '.join(f'a{R.randrange(n*2)}={j}' if R.random()<.9 else '**k' for j in range(n))+')'
        try: compile(s,'f','exec'); print('ok')
        except SyntaxError as e: print(e.args)
