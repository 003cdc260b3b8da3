"""Programs that want more memory than the limit allows: MemoryError, or a result, and nothing else."""
import subprocess
import sys

CASES = r"""
len(unicodedata.normalize('NFD', '\xe9' * (S // 8)))
unicodedata.is_normalized('NFC', 'e\u0301' * (S // 8))
re.match('(a|b)*?c', 'ab' * (S // 8))
math.isqrt(1 << (S * 3)).bit_length()
len(hex(1 << (S * 3)))
len('%x' % (1 << (S * 3)))
len(format(1 << (S * 3), '_x'))
format(255, '-#0%d_g' % (S * 2))
int('f' * (S // 2), 16).bit_length()
((1 << (S * 3)) * (1 << (S * 3) - 5)).bit_length()
len(marshal.dumps(1 << (S * 3)))
fractions.Fraction(1 << (S * 2), 3).numerator.bit_length()
len(eval('[' + '1,' * (S // 200) + '1]'))
compile('x' * (S // 4), '', 'eval').co_names[0][:2]
compile('"' + 'x' * (S // 4) + '"', '', 'eval').co_consts[0][:2]
compile('a=1\n' * (S // 400), '', 'exec').co_name
len(random.Random(1).randbytes(S // 2))
random.getrandbits(S * 3).bit_length()
len(locale.strxfrm('a' * (S // 6)))
"""
PROGRAM = """
import fractions, locale, marshal, math, random, re, resource, sys, unicodedata
S = 24 << 20
case = sys.argv[1]
resource.setrlimit(resource.RLIMIT_DATA, (S, S))
try:
    eval(case)
except MemoryError:
    pass
"""
for case in CASES.strip().splitlines():
    p = subprocess.run([sys.executable, "-c", PROGRAM, case], capture_output=True, text=True)
    print(case, "fine" if p.returncode == 0 else f"{p.returncode}: {p.stderr[-200:]}")
