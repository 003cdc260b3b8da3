#include "runtime/fallback_stream.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {
namespace {

struct StreamObject {
    PyObject ob_base;
    int fd;
    int used;
    char buffer[8192];
};
Type stream_type;

Status drain(Thread& t, StreamObject* s) {
    const char* p = s->buffer;
    while (s->used > 0) {
        ssize_t n = ::write(s->fd, p, static_cast<size_t>(s->used));
        if (n < 0) {
            if (errno == EINTR) continue;
            s->used = 0;
            return raise_errno(t, errno);
        }
        p += n;
        s->used -= static_cast<int>(n);
    }
    return Status::ok();
}

Ref stream_write(Thread& t, Value self, Value text) {
    auto* s = self.as<StreamObject>();
    if (!is_str(text)) return raise(t, PyExc_TypeError, "write() argument must be str, not %K", text);
    Ref bytes = TRY(encode_utf8(t, text, "backslashreplace"));
    std::string_view rest = bytes_view(bytes);
    bool line = rest.find('\n') != std::string_view::npos;
    while (!rest.empty()) {
        size_t room = sizeof s->buffer - static_cast<size_t>(s->used);
        size_t n = rest.size() < room ? rest.size() : room;
        memcpy(s->buffer + s->used, rest.data(), n);
        s->used += static_cast<int>(n);
        rest.remove_prefix(n);
        if (s->used == sizeof s->buffer) TRY(drain(t, s));
    }
    if (s->fd == 2 || (line && isatty(s->fd))) TRY(drain(t, s));
    return Ref::from_int(str_length(text));
}
Ref stream_flush(Thread& t, Value self) {
    TRY(drain(t, self.as<StreamObject>()));
    return none_ref();
}
Ref stream_fileno(Thread& t, Value self) { return Ref::from_int(self.as<StreamObject>()->fd); }
Ref stream_isatty(Thread& t, Value self) { return bool_ref(isatty(self.as<StreamObject>()->fd)); }

void stream_dealloc(Thread& t, PyObject* o) {
    if (!drain(t, reinterpret_cast<StreamObject*>(o))) clear_error(t);
    free_object(t, o);
}

const NativeDef stream_methods[] = {
    def<stream_write>("write", "(text, /)", nullptr),
    def<stream_flush>("flush", "()", nullptr),
    def<stream_fileno>("fileno", "()", nullptr),
    def<stream_isatty>("isatty", "()", nullptr),
    {},
};

}  // namespace

Ref fallback_stream_new(Thread& t, int fd) {
    static const TypeDecl decl = {
        .name = "_krait.Stream",
        .basicsize = sizeof(StreamObject),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = stream_dealloc},
        .spec = {.methods = stream_methods},
    };
    if (!(stream_type.tp_flags & kTpReady)) {
        init_static_type(stream_type, decl);
        TRY(ready_type(t, &stream_type));
    }
    PyObject* o = alloc_raw(t, &stream_type, sizeof(StreamObject));
    if (!o) return {};
    auto* s = reinterpret_cast<StreamObject*>(o);
    s->fd = fd;
    s->used = 0;
    return Ref::steal(Value(o));
}

}  // namespace krait
