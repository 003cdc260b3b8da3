import datetime as D
for s in ['10:11.+05:00','10:11:+05:00','10.+05:00','10:+05:00','10,Z','10:Z','10:11:12:Z','10:11:12 Z','10 Z','1011 Z','1011.Z','1011:Z','101112.Z','101112:+05','10x+05','10:11+05.','10:11+05:','10:11+0530.','10:11+05:30:','10:11+05:30:15.','10:11+05:30:15.1','10+05x','10:11:12.+','10:11.','10:','10.','10:11:12.1Z','10:11:12.1 Z','10:11:12.1x+05:00','10Z ','10:11:12.1234567Z','10:11:12.1234567x','T','Z','+05','10:11:12-05:30:15.000001','24:00Z','24:00:00.000000+05','10-','10+']:
    try: print(s,repr(D.time.fromisoformat(s)))
    except Exception as e: print(s,type(e).__name__,e)
    try: print(s,repr(D.datetime.fromisoformat('2020-01-01T'+s)))
    except Exception as e: print(s,type(e).__name__,e)
import random
r=random.Random(7)
base=['2020-01-05T10:11:12.123456+05:30','20200105T101112,5Z','2020-W01-1 10:11','2020W011T10','2020-W01T10:11:12.1-00:30:15.5','2020-01-05']
for i in range(800):
    s=r.choice(base); k=r.randrange(3)
    for _ in range(k+1):
        p=r.randrange(len(s)+1); c=r.choice('0123456789-:.,TWZ+ \u00e9\ud800')
        m=r.randrange(3)
        s=s[:p]+c+s[p+(m==0):] if m<2 else s[:p]+s[p+1:]
    for f in (D.datetime.fromisoformat,D.date.fromisoformat,D.time.fromisoformat):
        try: print(ascii(s),repr(f(s)))
        except Exception as e: print(ascii(s),type(e).__name__,ascii(str(e)))
