# SimpleQueue, SemLock, shared memory and syslog: their checks and messages.
import _multiprocessing
import _posixshmem
import _queue
import os
import re
import syslog


def t(s):
    try: r=repr(eval(s))
    except BaseException as e: r=f'{type(e).__name__} {e.args}'
    print(s,'->',re.sub('0x[0-9a-f]+','0x',r))
NAME = f"/krait-test-{os.getpid()}-b"
q=_queue.SimpleQueue()
for s in ['_queue.SimpleQueue(1)','q.get(block=False)','q.get(timeout=-1)','q.get(timeout=0.01)','q.get(True,"a")','q.get(1,2,3)','q.get_nowait(1)','q.put()','q.put(1,2,3,4)','q.put(1,block=False)','q.get(True,1e300)','q.get(True, float("nan"))','q.get()','q.qsize()','q','_queue.SimpleQueue[int]','q.get(False,-5)','q.put(x=1)',
 '_posixshmem.shm_open("/nope",0)','_posixshmem.shm_open(b"/nope",0)','_posixshmem.shm_unlink("/nope")','_posixshmem.shm_unlink(3)','_posixshmem.shm_open("/n\\0",0)','_posixshmem.shm_open("/nope")',
 '_multiprocessing.SemLock()','_multiprocessing.SemLock(5,1,1,"/x",True)','_multiprocessing.SemLock(1,-1,1,"/x",True)','_multiprocessing.flags','_multiprocessing.SemLock.SEM_VALUE_MAX','_multiprocessing.sem_unlink("/nope")','_multiprocessing.sem_unlink(1)','_multiprocessing.SemLock(1,1,1,1,True)','_multiprocessing.SemLock._rebuild(1,1,1,"/nope")',
 'syslog.syslog()','syslog.syslog(1)','syslog.syslog(1,2)','syslog.syslog("a",2)','syslog.syslog(1,"a",3)','syslog.openlog(1)','syslog.LOG_MASK("a")','syslog.LOG_UPTO(3)','syslog.setlogmask()','syslog.setlogmask(-1)','syslog.LOG_MASK(100)','syslog.syslog(0,"a",x=1)','syslog.closelog()']: t(s)
S=_multiprocessing.SemLock(0,1,1,f"/krait-test-{os.getpid()}",True)
for k in ['S.acquire()','S.acquire(False)','S.acquire()','S._count()','S._is_mine()','S._get_value()','S._is_zero()','S.release()','S.release()','S.release()','S.__enter__()','S.__exit__(1,2,3,4)','S.__exit__()','S.acquire(1,2,3)','S.handle>0','S.kind','S.maxvalue','S','S.acquire(True,-1)','S.acquire(True,"a")','S._after_fork()','S._count()','S._get_value()','S.release()']: t(k)
S=_multiprocessing.SemLock(1,1,1,NAME,False)
for k in ['S.release()','S.acquire()','S.acquire(False)','S.acquire(timeout=0.01)','S.release()','S._is_mine()','S.release()','S._count()']: t(k)
_multiprocessing.sem_unlink(NAME)
