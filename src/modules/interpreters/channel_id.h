#pragma once

#include "modules/interpreters/channels.h"

namespace krait::xi {

// The number of a channel, or of one end of it, as an object that keeps the channel alive.
struct ChannelId {
    PyObject ob_base;
    int64_t id;
    int end;
    bool resolve, counted;
};
Status add_channel_id(Thread& t, Value module);
// `force`: also when there is no such channel.
Ref channel_id_new(Thread& t, int64_t id, int end, bool force, bool resolve);
// From a ChannelID or an int.
Result<int64_t> channel_id_of(Thread& t, Value v, int* end = nullptr);
Raised channel_error(Thread& t, ChannelError error, int64_t id);
Status add_channel_errors(Thread& t, Value module);
Status register_channel_ends(Thread& t, Value send, Value recv);  // the classes of the library

}  // namespace krait::xi
