// The module _interpchannels.
#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/memoryview.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "modules/interpreters/arguments.h"
#include "modules/interpreters/channel_id.h"
#include "object/protocol.h"
#include "runtime/interpreters.h"

namespace krait::xi {
namespace {

PER_INTERPRETER_REFS PyTypeObject* g_info_type;

// None when all went well.
Ref finish(Thread& t, ChannelError error, int64_t id) {
    return error == ChannelError::None ? none_ref() : Ref(channel_error(t, error, id));
}

// The only argument: a channel's number.
Result<int64_t> only_id(Thread& t, const char* function, const Value* args, size_t nargs, Value kwnames) {
    Names names{function, {"cid"}, 1, 1, 0};
    Value a[1];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    return channel_id_of(t, a[0]);
}

Ref m_create(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"create", {"unboundop", "fallback"}, 2, 0, 0};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int unbound = TRY(unbound_op(t, a[0], kUnboundReplace)), fallback = TRY(fallback_number(t, a[1], 1));
    return channel_id_new(t, channel_create(unbound, fallback), kBothEnds, false, false);
}
Ref m_destroy(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id = TRY(only_id(t, "channel_destroy", args, nargs, kwnames));
    if (!channel_entry(id)) return channel_error(t, ChannelError::NotFound, id);
    channel_remove(t, id);
    return none_ref();
}
Ref m_list_all(Thread& t, Value) {
    struct Row {
        int64_t id;
        int unbound, fallback;
    };
    std::vector<Row> rows;
    channel_each(
        [](void* to, int64_t id, ChannelEntry& e) {
            if (e.channel)
                static_cast<std::vector<Row>*>(to)->push_back({id, e.channel->unbound, e.channel->fallback});
        },
        &rows);
    Ref list = TRY(list_new(t));
    for (const Row& r : rows) {
        Ref id = TRY(channel_id_new(t, r.id, kBothEnds, true, false));
        Ref item = TRY(tuple_of(t, {id, Value::from_int(r.unbound), Value::from_int(r.fallback)}));
        TRY(list_append(t, list, item));
    }
    return list;
}
Ref m_list_interpreters(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"channel_list_interpreters", {"cid", "send"}, 2, 1, 1};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int64_t id = TRY(channel_id_of(t, a[0]));
    if (!a[1])
        return raise(t, PyExc_TypeError,
                     "channel_list_interpreters() missing required argument 'send' (pos 2)");
    bool send = TRY(flag(t, a[1]));
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return channel_error(t, error, id);
    if (send && c->closing) return channel_error(t, ChannelError::Closed, id);
    Ref list = TRY(list_new(t));
    for (Interpreter* in = g_runtime.interpreters; in; in = in->next) {
        auto* user = (send ? c->senders : c->receivers).find(in->id);
        if (user && user->open) TRY(list_insert(t, list, 0, Value::from_int(in->id)));
    }
    return list;
}

// Microseconds; -1: for ever.
Result<int64_t> parse_timeout(Thread& t, Value v, bool blocking) {
    if (!v || is_none(v)) return blocking ? -1 : 0;
    if (!blocking) return raise(t, PyExc_ValueError, "can't specify a timeout for a non-blocking call");
    double seconds = TRY(as_double(t, v));
    if (seconds != seconds) return raise(t, PyExc_ValueError, "Invalid value NaN (not a number)");
    if (seconds < 0) return raise(t, PyExc_ValueError, "timeout value must be a non-negative number");
    if (seconds > 9223372036.0) return raise(t, PyExc_OverflowError, "timeout value is too large");
    return static_cast<int64_t>(seconds * 1e6);
}
Ref send(Thread& t, const char* function, bool buffer, const Value* args, size_t nargs, Value kwnames) {
    Names names{function, {"cid", "obj", "unboundop", "fallback", "blocking", "timeout"}, 6, 1, 2};
    Value a[6];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int64_t id = TRY(channel_id_of(t, a[0]));
    if (!a[1]) return raise(t, PyExc_TypeError, "%s() missing required argument 'obj' (pos 2)", function);
    bool blocking = a[4] ? TRY(is_true(t, a[4])) : true;
    int64_t us = TRY(parse_timeout(t, a[5], blocking));
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return channel_error(t, error, id);
    int unbound = TRY(unbound_op(t, a[2], c->unbound)), fallback = TRY(fallback_number(t, a[3], c->fallback));
    Ref v = buffer ? memoryview_new(t, a[1]) : Ref::share(a[1]);
    if (!v) return {};
    error = blocking ? channel_send_wait(t, id, v, unbound, fallback, us)
                     : channel_send(t, id, v, unbound, fallback, nullptr);
    return finish(t, error, id);
}
Ref m_send(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    return send(t, "channel_send", false, args, nargs, kwnames);
}
Ref m_send_buffer(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    return send(t, "channel_send_buffer", true, args, nargs, kwnames);
}
Ref m_recv(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"channel_recv", {"cid", "default"}, 2, 1, 0};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int64_t id = TRY(channel_id_of(t, a[0]));
    Ref v;
    int unbound = 0;
    ChannelError error = channel_recv(t, id, v, unbound);
    if (error == ChannelError::Empty && a[1]) return tuple_of(t, {a[1], none()});
    if (error != ChannelError::None) return channel_error(t, error, id);
    if (!v) return tuple_of(t, {none(), Value::from_int(unbound)});
    return tuple_of(t, {v, none()});
}

// cid, *, send, recv, force
Status ends(Thread& t, const char* function, const Value* args, size_t nargs, Value kwnames, int64_t* id,
            bool* s, bool* r, bool* force) {
    Names names{function, {"cid", "send", "recv", "force"}, 4, 1, 3};
    Value a[4];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    *id = TRY(channel_id_of(t, a[0]));
    *s = TRY(flag(t, a[1]));
    *r = TRY(flag(t, a[2]));
    *force = TRY(flag(t, a[3]));
    return Status::ok();
}
Ref m_close(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    bool s, r, force;
    TRY(ends(t, "channel_close", args, nargs, kwnames, &id, &s, &r, &force));
    return finish(t, channel_close(t, id, s - r, force), id);
}
Ref m_release(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id;
    bool s, r, force;
    TRY(ends(t, "channel_release", args, nargs, kwnames, &id, &s, &r, &force));
    if (!s && !r) s = r = true;
    return finish(t, channel_release(t, id, s - r), id);
}
Ref m_get_count(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id = TRY(only_id(t, "get_count", args, nargs, kwnames));
    ChannelError error;
    Channel* c = channel_find(id, &error);
    return c ? int_from(t, static_cast<int64_t>(c->items.size())) : Ref(channel_error(t, error, id));
}
Ref m_get_defaults(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id = TRY(only_id(t, "get_channel_defaults", args, nargs, kwnames));
    ChannelError error;
    Channel* c = channel_find(id, &error);
    if (!c) return channel_error(t, error, id);
    return tuple_of(t, {Value::from_int(c->unbound), Value::from_int(c->fallback)});
}

// --- the state of a channel ---

struct Counts {
    int64_t send = 0, send_released = 0, recv = 0, recv_released = 0, both = 0, both_released = 0,
            both_send_released = 0, both_recv_released = 0;
};
Counts count_users(Channel& c) {
    Counts n;
    for (auto& s : c.senders.all) (s.open ? n.send : n.send_released)++;
    for (auto& r : c.receivers.all) {
        auto* s = c.senders.find(r.interp);
        if (!s) {
            (r.open ? n.recv : n.recv_released)++;
            continue;
        }
        (s->open ? n.send : n.send_released)--;
        (r.open    ? s->open ? n.both : n.both_recv_released
         : s->open ? n.both_send_released
                   : n.both_released)++;
    }
    return n;
}

const StructSeqField info_fields[] = {
    {"open", "Both ends are open."},
    {"closing", "Nothing can be sent any more."},
    {"closed", "Both ends are closed."},
    {"count", "How much has not been received."},
    {"num_interp_send", "Interpreters that only send."},
    {"num_interp_send_released", "Those that have closed that end."},
    {"num_interp_recv", "Interpreters that only receive."},
    {"num_interp_recv_released", "Those that have closed that end."},
    {"num_interp_both", "Interpreters that do both."},
    {"num_interp_both_released", "Those that have closed both ends."},
    {"num_interp_both_send_released", "Those that have closed the end to send to."},
    {"num_interp_both_recv_released", "Those that have closed the end to receive from."},
    {"send_associated", "This interpreter sends."},
    {"send_released", "This interpreter sends no more."},
    {"recv_associated", "This interpreter receives."},
    {"recv_released", "This interpreter receives no more."}};
const StructSeqDesc info_desc{"_interpchannels.ChannelInfo", "The state of a channel.", info_fields, 16, 8};

Ref m_get_info(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    int64_t id = TRY(only_id(t, "_get_info", args, nargs, kwnames));
    ChannelEntry* e = channel_entry(id);
    if (!e) return channel_error(t, ChannelError::NotFound, id);
    Channel* c = e->channel && e->channel->open ? e->channel.get() : nullptr;
    Counts n = c ? count_users(*c) : Counts{};
    auto* s = c ? c->senders.find(t.interp->id) : nullptr;
    auto* r = c ? c->receivers.find(t.interp->id) : nullptr;
    Value values[] = {boolean(c && !c->closing),
                      boolean(c && c->closing),
                      boolean(!c),
                      Value::from_int(c ? static_cast<int64_t>(c->items.size()) : 0),
                      Value::from_int(n.send),
                      Value::from_int(n.send_released),
                      Value::from_int(n.recv),
                      Value::from_int(n.recv_released),
                      Value::from_int(n.both),
                      Value::from_int(n.both_released),
                      Value::from_int(n.both_send_released),
                      Value::from_int(n.both_recv_released),
                      boolean(s && s->open),
                      boolean(s && !s->open),
                      boolean(r && r->open),
                      boolean(r && !r->open)};
    return structseq_new(t, g_info_type, values);
}

Ref m_channel_id(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"ChannelID.__new__", {"id", "send", "recv", "force", "_resolve"}, 5, 1, 4};
    Value a[5];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    int end;
    int64_t id = TRY(channel_id_of(t, a[0], &end));
    int s = a[1] ? TRY(is_true(t, a[1])) : -1, r = a[2] ? TRY(is_true(t, a[2])) : -1;
    bool force = TRY(flag(t, a[3])), resolve = TRY(flag(t, a[4]));
    if (s == 0 && r == 0) return raise(t, PyExc_ValueError, "'send' and 'recv' cannot both be False");
    if (s == 1)
        end = r == 1 ? kBothEnds : kSendEnd;
    else if (r == 1)
        end = kRecvEnd;
    return channel_id_new(t, id, end, force, resolve);
}
Ref m_register(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    static constexpr Names names{"_register_end_types", {"send", "recv"}, 2, 2, 0};
    Value a[2];
    TRY(bind_names(t, names, args, nargs, kwnames, a));
    if (!is_type(a[0])) return raise(t, PyExc_TypeError, "expected a type for 'send'");
    if (!is_type(a[1])) return raise(t, PyExc_TypeError, "expected a type for 'recv'");
    TRY(register_channel_ends(t, a[0], a[1]));
    return none_ref();
}

constexpr uint8_t kPlain = kMethNoSignature;
const NativeDef functions[] = {
    def<m_create>("create", "", "channel_create(unboundop) -> cid\n\nMake a channel.", kPlain),
    def<m_destroy>("destroy", "",
                   "channel_destroy(cid)\n\nEnd the channel: its number stands for nothing any more.",
                   kPlain),
    def<m_list_all>("list_all", "()",
                    "channel_list_all() -> [cid]\n\nAll open channels with their defaults."),
    def<m_list_interpreters>(
        "list_interpreters", "",
        "channel_list_interpreters(cid, *, send) -> [id]\n\nThe interpreters that use that end.", kPlain),
    def<m_send>("send", "",
                "channel_send(cid, obj, *, blocking=True, timeout=None)\n\nSend an object, and wait until "
                "somebody has received it.",
                kPlain),
    def<m_send_buffer>("send_buffer", "",
                       "channel_send_buffer(cid, obj, *, blocking=True, timeout=None)\n\nsend() for the "
                       "memory of an object.",
                       kPlain),
    def<m_recv>("recv", "",
                "channel_recv(cid, [default]) -> (obj, unboundop)\n\nReceive what was sent first: the object "
                "and None, or None and what to do where\nthe sender has ended. With nothing there: the "
                "default, or ChannelEmptyError.",
                kPlain),
    def<m_close>("close", "",
                 "channel_close(cid, *, send=None, recv=None, force=False)\n\nClose the channel for all. If "
                 "something is in it, that fails with\nChannelNotEmptyError unless it is forced; with send "
                 "only, nothing can be sent any\nmore, and it is closed when it is empty.",
                 kPlain),
    def<m_get_count>("get_count", "", "get_count(cid)\n\nHow much has not been received.", kPlain),
    def<m_get_info>("get_info", "", "get_info(cid)\n\nThe state of the channel.", kPlain),
    def<m_get_defaults>("get_channel_defaults", "",
                        "get_channel_defaults(cid)\n\nThe two defaults of create().", kPlain),
    def<m_release>("release", "",
                   "channel_release(cid, *, send=None, recv=None, force=True)\n\nClose ends of the channel, "
                   "or both, for this interpreter.",
                   kPlain),
    def<m_channel_id>("_channel_id", "", nullptr, kPlain),
    def<m_register>("_register_end_types", "", nullptr, kPlain),
    {}};

Status exec(Thread& t, Value module) {
    TRY(add_channel_errors(t, module));
    if (!g_info_type) g_info_type = TRY(structseq_type_new(t, info_desc)).release().as<PyTypeObject>();
    TRY(module_add(t, module, "ChannelInfo", Ref::share(Value(g_info_type))));
    return add_channel_id(t, module);
}

}  // namespace
}  // namespace krait::xi

namespace krait {
extern const ModuleSpec module__interpchannels;
const ModuleSpec module__interpchannels{.name = "_interpchannels",
                                        .doc = "Channels between interpreters.",
                                        .functions = xi::functions,
                                        .exec = xi::exec};
}  // namespace krait
