"""For the tools whose cases have a process each: what may loop for ever or end the process does so there."""

import os
import signal


def in_child(seconds, case):
    """The status of a process that runs case(); that of a signal if it took too long."""
    child = os.fork()
    if child:
        return os.waitpid(child, 0)[1]
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(seconds)
    try:
        case()
    finally:
        os._exit(0)


def run_cases(cases, seconds, case):
    """case(number) for each in a process of its own; prints which died. Whether some did."""
    crashed = endless = 0
    for number in range(cases):
        status = in_child(seconds, lambda: case(number))
        endless += status == signal.SIGALRM
        if status not in (0, signal.SIGALRM):
            crashed += 1
            print(f"case {number}: status {status}", flush=True)
    if endless:
        print(f"{endless} of {cases} did not end", flush=True)
    print("end" if not crashed else f"{crashed} crashes")
    return crashed > 0
