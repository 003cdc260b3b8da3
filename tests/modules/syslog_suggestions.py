"""Modules syslog and _suggestions: arguments, messages, masks, audit events."""
import _suggestions as S, syslog, inspect
def t(f):
    try: print('ok', f())
    except BaseException as e: print(type(e), e)
t(lambda:S._generate_suggestions(['abc','abd'],'abx')); t(lambda:S._generate_suggestions([],'abx')); t(lambda:S._generate_suggestions((),'abx')); t(lambda:S._generate_suggestions([1],'abx')); t(lambda:S._generate_suggestions(['a'],1)); t(lambda:S._generate_suggestions()); t(lambda:S._generate_suggestions(['abc','zzz'],'qqqqqq'));t(lambda:S._generate_suggestions(['abc','abx'],'abx'))
t(lambda:S._generate_suggestions([str(i) for i in range(1000)],'1000'))
t(lambda:S._generate_suggestions(['\ud800ab'],'\ud800ac'))
t(lambda:syslog.syslog()); t(lambda:syslog.syslog(1)); t(lambda:syslog.syslog(1,2)); t(lambda:syslog.syslog('a','b')); t(lambda:syslog.syslog(1,'b',3)); t(lambda:syslog.openlog(ident=3)); t(lambda:syslog.openlog('x\0')); t(lambda:syslog.LOG_MASK(3)); t(lambda:syslog.LOG_UPTO(3)); t(lambda:syslog.setlogmask(255)); t(lambda:syslog.LOG_UPTO(-1)); t(lambda:syslog.LOG_UPTO('x'));t(lambda:syslog.LOG_MASK(-1));t(lambda:syslog.LOG_MASK(31));t(lambda:syslog.LOG_MASK(32));t(lambda:syslog.LOG_UPTO(31));t(lambda:syslog.LOG_UPTO(32))
t(lambda:syslog.closelog()); t(lambda: syslog.openlog('a',1,8)); t(lambda: syslog.openlog(None)); t(lambda:syslog.syslog('hello\0')); t(lambda:syslog.syslog('\ud800')); t(lambda:syslog.syslog(x=1)); t(lambda:syslog.openlog('a',1,8,4)); t(lambda:syslog.syslog(1,b'x')); t(lambda:syslog.closelog(1));t(lambda:syslog.setlogmask())
for n in dir(syslog):
    v=getattr(syslog,n)
    if not n.startswith('__'):
        try: print(n, v if isinstance(v,int) else inspect.signature(v))
        except ValueError as e: print(n, e)
import sys
sys.addaudithook(lambda e,a: print(e,a) if e.startswith('syslog') else None)
syslog.syslog('x'); syslog.closelog(); syslog.syslog(5,'y'); syslog.openlog(); syslog.setlogmask(255); syslog.closelog()
