# Where the private _metadata of a syntax error says that the last complete statement began.


def md(src):
    try:
        compile(src, "f", "exec")
    except SyntaxError as e:
        print(e.msg, e._metadata and e._metadata[:2])


P = "if a:\n  pass\n"
PROGRAMS = (
    "try\n  pass\nfinally: pass\n", "try-\n", "if a:\n  pass\nelse < :\n  pass\n", "def f()\n  pass\n", "def f\n  pass\n",
    "async def f\n  pass\n", "def f() -> int\n  pass\n", "def f[T]()\n  pass\n", "@x\ndef f\n  pass\n", "class A\n  pass\n",
    "class A:\n  def f()\n    pass\n", "class A:\n  try\n    pass\n", "def q():\n  def f()\n    pass\n", "while x\n  pass\n",
    "while x:\n  pass\nelse\n  pass\n", "for x in y\n  pass\n", "for x in y:\n  pass\nelse\n  pass\n", "with a\n  pass\n",
    "with a:\n  try\n    pass\n", "try:\n  pass\nfinally\n  pass\n", "try:\n  pass\nexcept\n  pass\n",
    "try:\n  pass\nexcept A:\n  pass\nelse\n  pass\n", "match x:\n  case 1\n    pass\n", "x = (1 2)\n", "a b\n", "print 1\n",
    "lambda x\n", "def f(a b): pass\n", "x = {1:2 3}\n", "def f(\n")
for program in PROGRAMS:
    print(repr(program))
    for before in ("", P, "def g():\n  if a:\n     pass\n"):
        md(before + program)
