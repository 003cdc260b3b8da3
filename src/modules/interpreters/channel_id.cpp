// The class ChannelID, and how channels and their ends are sent.
#include "modules/interpreters/channel_id.h"

#include "builtins/callable.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "object/protocol.h"

namespace krait::xi {
namespace {

PER_INTERPRETER_REFS PyTypeObject* g_id_type;
PER_INTERPRETER_REFS Value g_send_type, g_recv_type;
PER_INTERPRETER_REFS Value g_errors[5];

constexpr struct {
    const char* name;
    ChannelError error;
} kErrors[] = {{"ChannelError", ChannelError::None},
               {"ChannelNotFoundError", ChannelError::NotFound},
               {"ChannelClosedError", ChannelError::Closed},
               {"ChannelEmptyError", ChannelError::Empty},
               {"ChannelNotEmptyError", ChannelError::NotEmpty}};

ChannelId* as_id(Value v) { return v.as<ChannelId>(); }
bool is_id(Value v) { return g_id_type && is_instance_exact_or_sub(v, g_id_type); }

void id_dealloc(Thread& t, PyObject* o) {
    auto* c = reinterpret_cast<ChannelId*>(o);
    int64_t id = c->id;
    bool counted = c->counted;
    free_object(t, o);
    SavedError saved(t);
    if (counted) channel_forget_object(t, id);
}
Ref id_repr(Thread& t, Value self) {
    ChannelId* c = as_id(self);
    Ref name = TRY(get_attr(t, Value(type_of(self)), "__name__"));
    const char* end = c->end == kSendEnd ? ", send=True" : c->end == kRecvEnd ? ", recv=True" : "";
    return str_format(t, "%U(%lld%s)", name.get(), static_cast<long long>(c->id), end);
}
Ref id_str(Thread& t, Value self) { return str_format(t, "%lld", static_cast<long long>(as_id(self)->id)); }
Ref id_int(Thread& t, Value self) { return int_from(t, as_id(self)->id); }
Result<int64_t> id_hash(Thread& t, Value self) {
    Ref n = TRY(int_from(t, as_id(self)->id));
    return hash(t, n);
}
Ref id_compare(Thread& t, Value self, Value other, CompareOp op) {
    if ((op != kEq && op != kNe) || !is_id(self)) return not_implemented_ref();
    ChannelId* c = as_id(self);
    if (is_id(other)) {
        bool same = c->end == as_id(other)->end && c->id == as_id(other)->id;
        return bool_ref(same == (op == kEq));
    }
    const Slots& s = ext(type_of(other))->slots;
    if (!s.nb_index && !s.nb_int && !s.nb_float && !is_instance_exact_or_sub(other, &PyComplex_Type))
        return not_implemented_ref();
    Ref n = TRY(int_from(t, c->id));
    return compare(t, n, other, op);
}

Ref id_end(Thread& t, Value self, void*) {
    int end = as_id(self)->end;
    return str_intern(t, end == kSendEnd ? "send" : end == kRecvEnd ? "recv" : "both");
}
template <int End>
Ref id_one_end(Thread& t, Value self, void*) {
    return channel_id_new(t, as_id(self)->id, End, true, as_id(self)->resolve);
}
const GetSetDef id_getset[] = {
    getset("end", id_end, nullptr, "Which end: 'send', 'recv' or 'both'."),
    getset("send", id_one_end<kSendEnd>, nullptr, "The end to which one sends."),
    getset("recv", id_one_end<kRecvEnd>, nullptr, "The end from which one receives."),
    {}};

// --- on their way ---

Status load_python_part(Thread& t, Value& type) {
    if (type) return Status::ok();
    for (const char* name : {"concurrent.interpreters._channels", "test.support.channels"}) {
        Ref module = import_module(t, name);
        if (module && type) return Status::ok();
        if (!module && !clear_if(t, PyExc_ImportError)) return {};
    }
    return raise(t, PyExc_RuntimeError, "the classes of channel ends are not registered");
}
Ref end_object(Thread& t, Value id) {
    Value& type = as_id(id)->end == kSendEnd ? g_send_type : g_recv_type;
    TRY(load_python_part(t, type));
    Ref cls = Ref::share(type);
    return call(t, cls, {id});
}

Ref make_id(Thread& t, const Data& d) {
    TRY_DISCARD(import_module(t, "_interpchannels"));
    int end = static_cast<int>(d.kind) - 1;
    Ref id = TRY(channel_id_new(t, d.number, end, false, false));
    if (end == kBothEnds || !d.real) return id;
    Ref object = end_object(t, id);
    if (object) return object;
    clear_error(t);
    return id;
}
Ref make_end(Thread& t, const Data& d) {
    TRY_DISCARD(import_module(t, "_interpchannels"));
    Ref id = TRY(channel_id_new(t, d.number, static_cast<int>(d.kind) - 1, false, false));
    return end_object(t, id);
}
// What is on its way keeps the channel, as an object does.
void release_id(Thread& t, Data& d) {
    if (d.imag) channel_forget_object(t, d.number);
}
Data* get_id(Thread& t, Value v) {
    Data* d = data_new(t, make_id);
    if (!d) return nullptr;
    d->number = as_id(v)->id;
    d->kind = static_cast<unsigned>(as_id(v)->end + 1);
    d->real = as_id(v)->resolve;
    d->release = release_id;
    if (ChannelEntry* e = channel_entry(d->number)) {
        e->objects++;
        d->imag = 1;
    }
    return d;
}
Data* get_end(Thread& t, Value v) {
    Ref id = get_attr(t, v, "_id");
    if (!id) return nullptr;
    if (!is_id(id)) {
        raise(t, PyExc_TypeError, "'_id' attribute must be an _interpchannels.ChannelID object, not %.100s",
              type_of(id)->tp_name);
        return nullptr;
    }
    Data* d = get_id(t, id);
    if (d) d->make = make_end;
    return d;
}

}  // namespace

Ref channel_id_new(Thread& t, int64_t id, int end, bool force, bool resolve) {
    Ref o = TRY(alloc(t, g_id_type));
    ChannelId* c = as_id(o);
    c->id = id;
    c->end = end;
    c->resolve = resolve;
    ChannelEntry* e = channel_entry(id);
    if (!e && !force) return channel_error(t, ChannelError::NotFound, id);
    c->counted = e;
    if (e) e->objects++;
    return o;
}

Result<int64_t> channel_id_of(Thread& t, Value v, int* end) {
    if (end) *end = kBothEnds;
    if (is_id(v)) {
        if (end) *end = as_id(v)->end;
        return as_id(v)->id;
    }
    if (!is_index(v))
        return raise(t, PyExc_TypeError, "channel ID must be an int, got %.100s", type_of(v)->tp_name);
    Ref n = TRY(index(t, v));
    int64_t id;
    if (!int_to_i64(n, &id)) return raise(t, PyExc_OverflowError, "int too big to convert");
    if (id < 0) return raise(t, PyExc_ValueError, "channel ID must be a non-negative int, got %R", v);
    return id;
}

Raised channel_error(Thread& t, ChannelError error, int64_t id) {
    if (error == ChannelError::Raised) return {};
    const char* text = error == ChannelError::NotFound        ? "not found"
                       : error == ChannelError::Closed        ? "is closed"
                       : error == ChannelError::ClosedWaiting ? "has closed"
                       : error == ChannelError::InterpClosed  ? "is already closed"
                       : error == ChannelError::Empty         ? "is empty"
                                                      : "may not be closed if not empty (try force=True)";
    if (error == ChannelError::ClosedWaiting || error == ChannelError::InterpClosed)
        error = ChannelError::Closed;
    int at = 0;
    while (kErrors[at].error != error) at++;
    return raise(t, g_errors[at].as<PyTypeObject>(), "channel %lld %s", static_cast<long long>(id), text);
}

Status add_channel_errors(Thread& t, Value module) {
    for (int i = 0; i < 5; i++) {
        TRY(make_error_class(t, kErrors[i].name, "_interpchannels", nullptr,
                             i ? g_errors[0] : Value(PyExc_RuntimeError), g_errors[i]));
        TRY(module_add(t, module, kErrors[i].name, Ref::share(g_errors[i])));
    }
    return Status::ok();
}

Status register_channel_ends(Thread& t, Value send, Value recv) {
    for (auto [place, type] : {std::pair{&g_send_type, send}, {&g_recv_type, recv}}) {
        if (*place) unregister_class(*place);
        TRY(register_class(t, type, get_end));
        Value old = *place;
        *place = Ref::share(type).release();
        xdecref(old);
    }
    return Status::ok();
}

Status add_channel_id(Thread& t, Value module) {
    static const TypeDecl decl{
        .name = "_interpchannels.ChannelID",
        .basicsize = sizeof(ChannelId),
        .flags = kTpDefault | kTpBaseType | kTpDisallowInstantiation | kTpImmutableType,
        .slots = {.dealloc = id_dealloc,
                  .repr = id_repr,
                  .str = id_str,
                  .hash = id_hash,
                  .richcompare = id_compare,
                  .nb_int = id_int,
                  .nb_index = id_int},
        .spec = {.getset = id_getset, .doc = "Stands for a channel, and may be used as its number."}};
    if (!g_id_type) {
        g_id_type = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
        TRY(register_class(t, Value(g_id_type), get_id));
    }
    return module_add(t, module, "ChannelID", Ref::share(Value(g_id_type)));
}

}  // namespace krait::xi
