import os

import psutil

p = psutil.Process()
print(p.pid == os.getpid(), p.ppid() == os.getppid(), p.name() != "", p.num_threads() >= 1, p.memory_info().rss > 1 << 20)
print(type(psutil.virtual_memory()).__name__, psutil.cpu_count() == os.cpu_count(), len(psutil.cpu_times()._fields) > 5, psutil.disk_usage("/").total > 0)
print(p.cwd() == os.getcwd(), p.is_running(), p.status() in ("running", "sleeping"), len(p.open_files()), p.uids().real == os.getuid())
try:
    psutil.Process(2**22 + 5)
except psutil.NoSuchProcess as e:
    print(type(e).__name__)
print(p.nice() == os.nice(0), sorted(p.as_dict(["pid", "name"])), psutil.pid_exists(1), psutil.boot_time() > 0)
with p.oneshot():
    print(p.cpu_times().user >= 0, p.create_time() > 0)
