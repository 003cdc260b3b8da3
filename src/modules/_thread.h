// Locks and threads, as other native modules use them.
#pragma once

#include <semaphore.h>

#include "object/thread.h"

namespace krait {

// A binary semaphore. acquire() releases the GIL while it waits.
class OsLock {
  public:
    OsLock() { sem_init(&sem_, 0, 1); }
    ~OsLock() { sem_destroy(&sem_); }
    OsLock(const OsLock&) = delete;
    void reinit() { sem_init(&sem_, 0, 1); }
    // us < 0: for ever; 0: try. True: got it; a failed Result: a signal handler raised.
    Result<bool> acquire(Thread& t, int64_t us);
    bool try_acquire() { return sem_trywait(&sem_) == 0; }
    void release() { sem_post(&sem_); }
    bool locked() {
        int v;
        sem_getvalue(&sem_, &v);
        return v == 0;
    }

  private:
    sem_t sem_;
};

Ref lock_new(Thread& t);  // _thread.lock
void threads_after_fork(Thread& t);
// Drops what the state of a thread that ends holds; `current` runs.
void thread_forget_state(Thread& current, Thread& t);

}  // namespace krait
