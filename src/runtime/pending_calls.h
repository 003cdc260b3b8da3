// Calls that wait for a thread to come by: those of one interpreter, which any thread of it makes, and those
// of the program, which are the main thread's (runtime/gil.cpp).
#pragma once

#include <mutex>
#include <new>

#include "object/thread.h"

namespace krait {

struct PendingCall {
    int (*fn)(void*);
    void* arg;
};

class PendingCalls {
  public:
    static constexpr int kMost = 300;
    explicit PendingCalls(int most = kMost) : most_(most) {}
    // Needs no GIL. False: there is no room.
    bool add(PendingCall call);
    // Makes those that wait, as many as there are now: calls that add calls must not keep the thread for
    // ever. One that fails leaves the rest for another time. Does nothing while it runs already.
    Status run(Thread& t);
    bool empty();
    void after_fork() { new (&mutex_) std::mutex; }

  private:
    bool take(PendingCall& to);

    std::mutex mutex_;
    const int most_;
    int first_ = 0, n_ = 0;
    bool running_ = false;  // the GIL's
    PendingCall calls_[kMost];
};

}  // namespace krait
