#include "runtime/pending_calls.h"

#include <utility>

namespace krait {

bool PendingCalls::add(PendingCall call) {
    std::lock_guard lock(mutex_);
    if (n_ == most_) return false;
    calls_[(first_ + n_++) % kMost] = call;
    return true;
}

bool PendingCalls::take(PendingCall& to) {
    std::lock_guard lock(mutex_);
    if (n_ == 0) return false;
    to = calls_[first_];
    first_ = (first_ + 1) % kMost;
    n_--;
    return true;
}

bool PendingCalls::empty() {
    std::lock_guard lock(mutex_);
    return n_ == 0;
}

Status PendingCalls::run(Thread& t) {
    if (running_) return Status::ok();
    int left;
    {
        std::lock_guard lock(mutex_);
        left = n_;
    }
    running_ = true;
    bool ok = true;
    for (PendingCall call; ok && left > 0 && take(call); left--) ok = call.fn(call.arg) == 0;
    running_ = false;
    if (!empty()) set_breaker(t, kCallsToDo);
    return ok ? Status::ok() : Status();
}

}  // namespace krait
