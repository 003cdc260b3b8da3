#include "modules/interpreters/channels.h"

#include <map>

#include "modules/interpreters/arguments.h"
#include "object/protocol.h"

namespace krait::xi {

ChannelUsers::User* ChannelUsers::find(int64_t interp) {
    for (User& u : all)
        if (u.interp == interp) return &u;
    return nullptr;
}
bool ChannelUsers::any_open() const {
    for (const User& u : all)
        if (u.open) return true;
    return false;
}
bool ChannelUsers::add(int64_t interp) {
    if (User* u = find(interp)) return u->open;
    all.push_back({interp, true});
    return true;
}
void ChannelUsers::release(int64_t interp) {
    if (User* u = find(interp))
        u->open = false;
    else
        all.push_back({interp, false});
}

namespace {

// Of the process, like the numbers; guarded by the GIL.
std::map<int64_t, ChannelEntry>& channels() {
    static auto* all = new std::map<int64_t, ChannelEntry>;
    return *all;
}
int64_t g_next_channel = 0;

// Whoever waits is told that nothing was received. Releasing data may run code: the items are nobody's by
// then.
void drop_items(Thread& t, std::deque<ChannelItem> items) {
    for (ChannelItem& item : items) {
        if (item.waiting) item.waiting->release(false);
        free_data(t, item.data);
    }
}
void drop_channel(Thread& t, std::unique_ptr<Channel> channel) {
    if (channel) drop_items(t, std::move(channel->items));
}

// One that was to be closed when it is empty.
void finish_closing(Thread& t, int64_t id) {
    ChannelEntry* e = channel_entry(id);
    if (e && e->channel && e->channel->closing && e->channel->items.empty())
        drop_channel(t, std::move(e->channel));
}

// The interpreter ends.
void forget_interpreter(Thread& t) {
    std::deque<ChannelItem> gone;
    int64_t id = t.interp->id;
    for (auto& [number, entry] : channels()) {
        Channel* c = entry.channel.get();
        if (!c) continue;
        for (auto it = c->items.begin(); it != c->items.end();) {
            if (it->interp != id || !it->data) {
                ++it;
            } else if (it->unbound == kUnboundRemove) {
                gone.push_back(std::move(*it));
                it = c->items.erase(it);
            } else {
                gone.push_back({id, it->data, nullptr, it->unbound});
                it->data = nullptr;
                ++it;
            }
        }
        for (ChannelUsers* users : {&c->senders, &c->receivers})
            if (auto* u = users->find(id)) u->open = false;
        if (c->open) c->open = c->has_open_ends();
    }
    drop_items(t, std::move(gone));
}
AT_INTERPRETER_END(forget_interpreter)

}  // namespace

int64_t channel_create(int unbound, int fallback) {
    int64_t id = g_next_channel++;
    ChannelEntry& e = channels()[id];
    e.channel = std::make_unique<Channel>();
    e.channel->unbound = unbound;
    e.channel->fallback = fallback;
    return id;
}

ChannelEntry* channel_entry(int64_t id) {
    auto found = channels().find(id);
    return found == channels().end() ? nullptr : &found->second;
}

void channel_each(void (*fn)(void*, int64_t, ChannelEntry&), void* arg) {
    for (auto it = channels().rbegin(); it != channels().rend(); ++it) fn(arg, it->first, it->second);
}

Channel* channel_find(int64_t id, ChannelError* error) {
    ChannelEntry* e = channel_entry(id);
    *error = !e                                 ? ChannelError::NotFound
             : !e->channel || !e->channel->open ? ChannelError::Closed
                                                : ChannelError::None;
    return *error == ChannelError::None ? e->channel.get() : nullptr;
}

void channel_remove(Thread& t, int64_t id) {
    auto found = channels().find(id);
    if (found == channels().end()) return;
    std::unique_ptr<Channel> channel = std::move(found->second.channel);
    channels().erase(found);
    drop_channel(t, std::move(channel));
}

void channel_forget_object(Thread& t, int64_t id) {
    ChannelEntry* e = channel_entry(id);
    if (e && --e->objects == 0) channel_remove(t, id);
}

ChannelError channel_close(Thread& t, int64_t id, int end, bool force) {
    ChannelEntry* e = channel_entry(id);
    if (!e) return ChannelError::NotFound;
    Channel* c = e->channel.get();
    if (!c || !c->open || (!force && end == kSendEnd && c->closing)) return ChannelError::Closed;
    if (!force && !c->items.empty()) {
        if (end != kSendEnd) return ChannelError::NotEmpty;
        c->closing = true;
        return ChannelError::None;
    }
    drop_channel(t, std::move(e->channel));
    return ChannelError::None;
}

ChannelError channel_release(Thread& t, int64_t id, int end) {
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return error;
    if (end >= 0) c->senders.release(t.interp->id);
    if (end <= 0) c->receivers.release(t.interp->id);
    c->open = c->has_open_ends();
    return ChannelError::None;
}

ChannelError channel_send(Thread& t, int64_t id, Value v, int unbound, int fallback,
                          std::shared_ptr<Waiting> waiting) {
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return error;
    if (c->closing) return ChannelError::Closed;
    Data* data = get_data(t, v, static_cast<Fallback>(fallback));
    if (!data) return ChannelError::Raised;
    c = channel_find(id, &error);  // pickling may have run anything
    if (c && c->closing) error = ChannelError::Closed;
    if (c && error == ChannelError::None && !c->senders.add(t.interp->id)) error = ChannelError::InterpClosed;
    if (error != ChannelError::None) {
        free_data(t, data);
        return error;
    }
    c->items.push_back({t.interp->id, data, std::move(waiting), unbound});
    return ChannelError::None;
}

// What was sent is taken back.
static void unsend(Thread& t, int64_t id, const Waiting* waiting) {
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return;
    for (auto it = c->items.begin(); it != c->items.end(); ++it) {
        if (it->waiting.get() != waiting) continue;
        Data* data = it->data;
        c->items.erase(it);
        SavedError saved(t);
        free_data(t, data);
        return finish_closing(t, id);
    }
}

ChannelError channel_send_wait(Thread& t, int64_t id, Value v, int unbound, int fallback, int64_t us) {
    auto waiting = std::make_shared<Waiting>();
    waiting->lock.try_acquire();
    ChannelError error = channel_send(t, id, v, unbound, fallback, waiting);
    if (error != ChannelError::None) return error;
    Result<bool> got = waiting->lock.acquire(t, us);
    if (got && got.value()) return waiting->received ? ChannelError::None : ChannelError::ClosedWaiting;
    unsend(t, id, waiting.get());
    if (waiting->received) {
        clear_error(t);
        return ChannelError::None;
    }
    if (got) raise(t, PyExc_TimeoutError, "timed out");
    return ChannelError::Raised;
}

ChannelError channel_recv(Thread& t, int64_t id, Ref& result, int& unbound) {
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return error;
    if (!c->receivers.add(t.interp->id)) return ChannelError::InterpClosed;
    if (c->items.empty()) {
        finish_closing(t, id);
        return ChannelError::Empty;
    }
    ChannelItem item = std::move(c->items.front());
    c->items.pop_front();
    finish_closing(t, id);
    unbound = item.unbound;
    if (!item.data) {
        if (item.waiting) item.waiting->release(true);
        return ChannelError::None;
    }
    result = new_object(t, *item.data);
    free_data(t, item.data);
    if (item.waiting) item.waiting->release(static_cast<bool>(result));
    return result ? ChannelError::None : ChannelError::Raised;
}

}  // namespace krait::xi
