// Channels: queues with two ends, to which interpreters bind themselves by using them.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "modules/_thread.h"
#include "modules/interpreters/cross.h"

namespace krait::xi {

enum ChannelEnd : int { kRecvEnd = -1, kBothEnds = 0, kSendEnd = 1 };
enum class ChannelError { None, NotFound, Closed, ClosedWaiting, InterpClosed, Empty, NotEmpty, Raised };

// A sender that waits until somebody has received what it sent.
struct Waiting {
    OsLock lock;  // held until then
    bool released = false, received = false;

    void release(bool got) {
        if (released) return;
        released = true;
        received = got;
        lock.release();
    }
};
struct ChannelItem {
    int64_t interp;
    Data* data;  // null: its interpreter has ended
    std::shared_ptr<Waiting> waiting;
    int unbound;
};
// The interpreters that used one end.
struct ChannelUsers {
    struct User {
        int64_t interp;
        bool open;
    };
    std::vector<User> all;

    User* find(int64_t interp);
    bool any_open() const;
    bool add(int64_t interp);      // false: it has closed its end
    void release(int64_t interp);  // whether it had used it or not
};
struct Channel {
    std::deque<ChannelItem> items;
    ChannelUsers senders, receivers;
    int unbound = 3, fallback = 1;
    bool open = true;
    bool closing = false;  // nothing is sent any more; closed when it is empty

    bool has_open_ends() const {
        return senders.any_open() || receivers.any_open() || (senders.all.empty() && receivers.all.empty());
    }
};
// A number with its channel, and how many ChannelID objects stand for it.
struct ChannelEntry {
    std::unique_ptr<Channel> channel;  // null: closed
    int64_t objects = 0;
};

int64_t channel_create(int unbound, int fallback);
ChannelEntry* channel_entry(int64_t id);                                     // null: none
void channel_each(void (*fn)(void*, int64_t id, ChannelEntry&), void* arg);  // youngest first
Channel* channel_find(int64_t id, ChannelError* error);                      // an open one
void channel_remove(Thread& t, int64_t id);
void channel_forget_object(Thread& t, int64_t id);
ChannelError channel_close(Thread& t, int64_t id, int end, bool force);
ChannelError channel_release(Thread& t, int64_t id, int end);  // for this interpreter
ChannelError channel_send(Thread& t, int64_t id, Value v, int unbound, int fallback,
                          std::shared_ptr<Waiting> waiting);
// Waits until it has been received; us < 0: for ever.
ChannelError channel_send_wait(Thread& t, int64_t id, Value v, int unbound, int fallback, int64_t us);
// Empty result without an error: the sender is gone, `unbound` says what to do.
ChannelError channel_recv(Thread& t, int64_t id, Ref& result, int& unbound);

}  // namespace krait::xi
