// OSError, with its choice of subclass by errno, and the UnicodeError family.
#include <cerrno>
#include <cstdio>

#include "builtins/bytes.h"
#include "builtins/exceptions.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/convert.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

PyOSErrorObject* as_os(Value v) { return v.as<PyOSErrorObject>(); }

struct ErrnoClass {
    int number;
    PyTypeObject** type;
};
const ErrnoClass errno_classes[] = {
    {EAGAIN, &PyExc_BlockingIOError},
    {EALREADY, &PyExc_BlockingIOError},
    {EINPROGRESS, &PyExc_BlockingIOError},
    {EWOULDBLOCK, &PyExc_BlockingIOError},
    {EPIPE, &PyExc_BrokenPipeError},
    {ESHUTDOWN, &PyExc_BrokenPipeError},
    {ECHILD, &PyExc_ChildProcessError},
    {ECONNABORTED, &PyExc_ConnectionAbortedError},
    {ECONNREFUSED, &PyExc_ConnectionRefusedError},
    {ECONNRESET, &PyExc_ConnectionResetError},
    {EEXIST, &PyExc_FileExistsError},
    {ENOENT, &PyExc_FileNotFoundError},
    {EISDIR, &PyExc_IsADirectoryError},
    {ENOTDIR, &PyExc_NotADirectoryError},
    {EINTR, &PyExc_InterruptedError},
    {EACCES, &PyExc_PermissionError},
    {EPERM, &PyExc_PermissionError},
    {ESRCH, &PyExc_ProcessLookupError},
    {ETIMEDOUT, &PyExc_TimeoutError},
};

PyTypeObject* class_for_errno(Value number) {
    int64_t n;
    if (!is_long(number) || !int_to_i64(number, &n)) return nullptr;
    for (const ErrnoClass& c : errno_classes)
        if (c.number == n) return *c.type;
    return nullptr;
}

// A subclass that overrides __init__ but not __new__ gets its fields from OSError.__init__; otherwise __new__
// sets them.
bool init_sets_fields(PyTypeObject* type) {
    const Slots& own = ext(type)->slots;
    const Slots& base = ext(PyExc_OSError)->slots;
    return own.init != base.init && own.new_ == base.new_;
}

// (errno, strerror[, filename[, winerror[, filename2]]]); any other count leaves the fields unset.
Status set_os_fields(Thread& t, Value self, const Value* args, size_t nargs) {
    auto* e = as_os(self);
    Ref kept;
    if (nargs >= 2 && nargs <= 5) {
        Value filename = nargs > 2 ? args[2] : Value();
        if (filename && !is_none(filename)) {
            int64_t written;
            if (type_of(self) == PyExc_BlockingIOError && is_long(filename) &&
                int_to_i64(filename, &written)) {
                e->written = written;
            } else {
                set_field(e->filename, filename);
                if (nargs > 4 && !is_none(args[4])) set_field(e->filename2, args[4]);
                // The file names are not part of args.
                kept = TRY(tuple_from(t, args, 2));
            }
        }
        set_field(e->myerrno, args[0]);
        set_field(e->strerror, args[1]);
    }
    if (!kept) kept = TRY(tuple_from(t, args, static_cast<int64_t>(nargs)));
    set_field(e->base.args, kept);
    return Status::ok();
}

Ref os_error_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    bool from_init = init_sets_fields(type);
    if (!from_init) {
        if (kwnames && tuple_size(kwnames) && ext(type)->slots.init == ext(PyExc_OSError)->slots.init)
            return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", type->tp_name);
        if (type == PyExc_OSError && nargs >= 2 && nargs <= 5) {
            if (PyTypeObject* better = class_for_errno(args[0])) type = better;
        }
    }
    Ref self = TRY(alloc(t, type));
    as_os(self)->written = -1;
    if (from_init)
        as_os(self)->base.args = empty_tuple();
    else
        TRY(set_os_fields(t, self, args, nargs));
    return self;
}

Status os_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    PyTypeObject* type = type_of(self);
    if (!init_sets_fields(type)) return Status::ok();
    if (kwnames && tuple_size(kwnames))
        return raise(t, PyExc_TypeError, "%s() takes no keyword arguments", type->tp_name);
    return set_os_fields(t, self, args, nargs);
}

Ref os_error_str(Thread& t, Value self) {
    auto* e = as_os(self);
    auto shown = [](Value v) { return v ? v : none(); };
    if (e->filename) {
        if (e->filename2)
            return str_format(t, "[Errno %S] %S: %R -> %R", shown(e->myerrno), shown(e->strerror),
                              e->filename, e->filename2);
        return str_format(t, "[Errno %S] %S: %R", shown(e->myerrno), shown(e->strerror), e->filename);
    }
    if (e->myerrno && e->strerror) return str_format(t, "[Errno %S] %S", e->myerrno, e->strerror);
    return base_exception_str(t, self);
}

Ref os_error_reduce(Thread& t, Value self) {
    auto* e = as_os(self);
    Value args = e->base.args;
    Ref full = Ref::share(args);
    if (tuple_size(args) == 2 && e->filename) {
        Value a = tuple_get(args, 0), b = tuple_get(args, 1);
        full = e->filename2 ? tuple_of(t, {a, b, e->filename, none(), e->filename2})
                            : tuple_of(t, {a, b, e->filename});
        if (!full) return {};
    }
    if (e->base.dict) return tuple_of(t, {Value(type_of(self)), full, e->base.dict});
    return tuple_of(t, {Value(type_of(self)), full});
}

void os_error_clear(Thread& t, PyObject* o) {
    auto* e = reinterpret_cast<PyOSErrorObject*>(o);
    for (Value* f : {&e->myerrno, &e->strerror, &e->filename, &e->filename2}) set_field(*f, Value());
    base_exception_clear(t, o);
}
void os_error_traverse(PyObject* o, Visitor& v) {
    auto* e = reinterpret_cast<PyOSErrorObject*>(o);
    for (Value f : {e->myerrno, e->strerror, e->filename, e->filename2}) v.visit(f);
    base_exception_traverse(o, v);
}
void os_error_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    os_error_clear(t, o);
    free_object(t, o);
}

Ref get_written(Thread& t, Value self, void*) {
    if (as_os(self)->written < 0) return raise(t, PyExc_AttributeError, "characters_written");
    return int_from(t, as_os(self)->written);
}
Status set_written(Thread& t, Value self, Value v, void*) {
    if (!v) {
        if (as_os(self)->written < 0) return raise(t, PyExc_AttributeError, "characters_written");
        as_os(self)->written = -1;
        return Status::ok();
    }
    int64_t n = TRY(as_index(t, v, PyExc_ValueError));
    as_os(self)->written = n;
    return Status::ok();
}

const NativeDef os_error_methods[] = {def<os_error_reduce>("__reduce__", "()", nullptr), {}};
const MemberDef os_error_members[] = {
    member("errno", MemberKind::Object, offsetof(PyOSErrorObject, myerrno), 0, "Number of the error."),
    member("strerror", MemberKind::Object, offsetof(PyOSErrorObject, strerror), 0, "Its text."),
    member("filename", MemberKind::Object, offsetof(PyOSErrorObject, filename), 0, "The file it is about."),
    member("filename2", MemberKind::Object, offsetof(PyOSErrorObject, filename2), 0,
           "The second file it is about."),
    {},
};
const GetSetDef os_error_getset[] = {getset("characters_written", get_written, set_written, nullptr), {}};

// --- UnicodeError family ---

PyUnicodeErrorObject* as_unicode(Value v) { return v.as<PyUnicodeErrorObject>(); }

void unicode_clear(Thread& t, PyObject* o) {
    auto* e = reinterpret_cast<PyUnicodeErrorObject*>(o);
    for (Value* f : {&e->encoding, &e->object, &e->reason}) set_field(*f, Value());
    base_exception_clear(t, o);
}
void unicode_traverse(PyObject* o, Visitor& v) {
    auto* e = reinterpret_cast<PyUnicodeErrorObject*>(o);
    for (Value f : {e->encoding, e->object, e->reason}) v.visit(f);
    base_exception_traverse(o, v);
}
void unicode_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    unicode_clear(t, o);
    free_object(t, o);
}

Status need_str(Thread& t, Value v, int position) {
    if (is_str(v)) return Status::ok();
    return raise(t, PyExc_TypeError, "argument %d must be str, not %K", position, v);
}

// The fields from args: [encoding,] object, start, end, reason. `object` has been checked.
Status set_unicode_fields(Thread& t, Value self, Value encoding, Value object, Value start, Value end,
                          Value reason, int reason_position) {
    int64_t s = TRY(as_ssize(t, start));
    int64_t e = TRY(as_ssize(t, end));
    TRY(need_str(t, reason, reason_position));
    auto* u = as_unicode(self);
    set_field(u->encoding, encoding);
    set_field(u->object, object);
    u->start = s;
    u->end = e;
    set_field(u->reason, reason);
    return Status::ok();
}

Status encode_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    if (nargs != 5) return raise(t, PyExc_TypeError, "function takes exactly 5 arguments (%zu given)", nargs);
    TRY(need_str(t, args[0], 1));
    TRY(need_str(t, args[1], 2));
    return set_unicode_fields(t, self, args[0], args[1], args[2], args[3], args[4], 5);
}

Status decode_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    if (nargs != 5) return raise(t, PyExc_TypeError, "function takes exactly 5 arguments (%zu given)", nargs);
    TRY(need_str(t, args[0], 1));
    Ref object = Ref::share(args[1]);
    if (!is_bytes(object)) {
        Buffer view;
        TRY(view.acquire(t, args[1]));
        object = TRY(bytes_from(t, view.data(), view.size()));
    }
    return set_unicode_fields(t, self, args[0], object, args[2], args[3], args[4], 5);
}

Status translate_error_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    TRY(base_exception_init(t, self, args, nargs, kwnames));
    if (nargs != 4) return raise(t, PyExc_TypeError, "function takes exactly 4 arguments (%zu given)", nargs);
    TRY(need_str(t, args[0], 1));
    return set_unicode_fields(t, self, Value(), args[0], args[1], args[2], args[3], 4);
}

void describe_char(char (&out)[16], uint32_t c) {
    snprintf(out, sizeof out, c <= 0xff ? "\\x%02x" : c <= 0xffff ? "\\u%04x" : "\\U%08x", c);
}

// What the str of such an error is made of. The parts are made first: their __str__ may run code that changes
// the fields, and the object is looked at afterwards.
struct UnicodeErrorParts {
    Ref reason, encoding, object;
    int64_t start = 0, last = 0;
    bool one = false;  // a single character or byte, which the message shows
};
Status unicode_error_parts(Thread& t, Value self, bool text, UnicodeErrorParts& p) {
    auto* e = as_unicode(self);
    auto part = [&](Value v) { return v ? str(t, v) : str_from(t, "<NULL>"); };
    p.reason = TRY(part(e->reason));
    p.encoding = TRY(part(e->encoding));
    if (!e->object) return raise(t, PyExc_TypeError, "UnicodeError 'object' attribute is not set");
    if (text ? !is_str(e->object) : !is_bytes(e->object))
        return raise(t, PyExc_TypeError, "UnicodeError 'object' attribute must be a %s",
                     text ? "string" : "bytes");
    p.object = Ref::share(e->object);
    int64_t n = text ? str_length(p.object) : bytes_size(p.object);
    p.start = e->start;
    p.last = e->end - 1;
    p.one = p.start >= 0 && p.start < n && e->end > 0 && e->end <= n && p.last == p.start;
    return Status::ok();
}

Ref encode_error_str(Thread& t, Value self) {
    if (!as_unicode(self)->object) return Ref::share(empty_str());
    UnicodeErrorParts p;
    TRY(unicode_error_parts(t, self, true, p));
    if (p.one) {
        char text[16];
        describe_char(text, str_char(p.object, p.start));
        return str_format(t, "'%U' codec can't encode character '%s' in position %zd: %U", p.encoding.get(),
                          text, p.start, p.reason.get());
    }
    return str_format(t, "'%U' codec can't encode characters in position %zd-%zd: %U", p.encoding.get(),
                      p.start, p.last, p.reason.get());
}

Ref decode_error_str(Thread& t, Value self) {
    if (!as_unicode(self)->object) return Ref::share(empty_str());
    UnicodeErrorParts p;
    TRY(unicode_error_parts(t, self, false, p));
    if (p.one) {
        unsigned byte = static_cast<unsigned char>(bytes_data(p.object)[p.start]);
        return str_format(t, "'%U' codec can't decode byte 0x%02x in position %zd: %U", p.encoding.get(),
                          byte, p.start, p.reason.get());
    }
    return str_format(t, "'%U' codec can't decode bytes in position %zd-%zd: %U", p.encoding.get(), p.start,
                      p.last, p.reason.get());
}

Ref translate_error_str(Thread& t, Value self) {
    if (!as_unicode(self)->object) return Ref::share(empty_str());
    UnicodeErrorParts p;
    TRY(unicode_error_parts(t, self, true, p));
    if (p.one) {
        char text[16];
        describe_char(text, str_char(p.object, p.start));
        return str_format(t, "can't translate character '%s' in position %zd: %U", text, p.start,
                          p.reason.get());
    }
    return str_format(t, "can't translate characters in position %zd-%zd: %U", p.start, p.last,
                      p.reason.get());
}

const MemberDef unicode_members[] = {
    member("encoding", MemberKind::Object, offsetof(PyUnicodeErrorObject, encoding), 0,
           "Name of the encoding."),
    member("object", MemberKind::Object, offsetof(PyUnicodeErrorObject, object), 0,
           "What was being converted."),
    member("start", MemberKind::Ssize, offsetof(PyUnicodeErrorObject, start), 0,
           "Where the bad part starts."),
    member("end", MemberKind::Ssize, offsetof(PyUnicodeErrorObject, end), 0, "Where it ends."),
    member("reason", MemberKind::Object, offsetof(PyUnicodeErrorObject, reason), 0, "Why it is bad."),
    {},
};

}  // namespace

int os_error_errno(Value exc) {
    int64_t n = 0;
    if (is_exception(exc) && is_subtype(type_of(exc), PyExc_OSError) && as_os(exc)->myerrno &&
        is_long(as_os(exc)->myerrno))
        int_to_i64(as_os(exc)->myerrno, &n);
    return static_cast<int>(n);
}

Ref unicode_error_object(Thread& t, Value exc, bool text) {
    Value object = as_unicode(exc)->object;
    if (!object) return raise(t, PyExc_TypeError, "object attribute not set");
    if (text ? !is_str(object) : !is_bytes(object))
        return raise(t, PyExc_TypeError,
                     text ? "object attribute must be unicode" : "object attribute must be bytes");
    return Ref::share(object);
}

ExceptionExtras os_error_extras() {
    ExceptionExtras x;
    x.slots = {.dealloc = os_error_dealloc,
               .traverse = os_error_traverse,
               .clear = os_error_clear,
               .str = os_error_str,
               .init = os_error_init,
               .new_ = os_error_new};
    x.spec = {.methods = os_error_methods, .getset = os_error_getset, .members = os_error_members};
    return x;
}

ExceptionExtras unicode_error_extras(PyTypeObject* which) {
    ExceptionExtras x;
    x.slots = {.dealloc = unicode_dealloc,
               .traverse = unicode_traverse,
               .clear = unicode_clear,
               .new_ = base_exception_new};
    x.spec = {.members = unicode_members};
    if (which == PyExc_UnicodeEncodeError) {
        x.slots.init = encode_error_init;
        x.slots.str = encode_error_str;
    } else if (which == PyExc_UnicodeDecodeError) {
        x.slots.init = decode_error_init;
        x.slots.str = decode_error_str;
    } else {
        x.slots.init = translate_error_init;
        x.slots.str = translate_error_str;
    }
    return x;
}

}  // namespace krait
