// The module marshal.
#include "runtime/marshal.h"

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/marshal_internal.h"

namespace krait {
namespace {

Result<bool> code_allowed(Thread& t, Value v) { return v ? is_true(t, v) : Result<bool>(true); }

Ref marshal_dump(Thread& t, Value, const Value* p) {
    int version = p[2] ? TRY(as_int32(t, p[2])) : kMarshalVersion;
    bool allow_code = TRY(code_allowed(t, p[3]));
    TRY(audit(t, "marshal.dumps", {p[0], Value::from_int(version)}));
    Ref data = TRY(marshal_dumps(t, p[0], version, allow_code));
    return call_method(t, p[1], ID(write), {data});
}
Ref marshal_dumps_fn(Thread& t, Value, const Value* p) {
    int version = p[1] ? TRY(as_int32(t, p[1])) : kMarshalVersion;
    bool allow_code = TRY(code_allowed(t, p[2]));
    TRY(audit(t, "marshal.dumps", {p[0], Value::from_int(version)}));
    return marshal_dumps(t, p[0], version, allow_code);
}
Ref marshal_load(Thread& t, Value, const Value* p) {
    bool allow_code = TRY(code_allowed(t, p[1]));
    // Whether it reads bytes at all shows with nothing asked for.
    Ref probe = TRY(call_method(t, p[0], ID(read), {Value::from_int(0)}));
    if (!is_bytes(probe))
        return raise(t, PyExc_TypeError, "file.read() returned not bytes but %T", probe.get());
    TRY(audit(t, "marshal.load"));
    MarshalSource source(p[0]);
    return marshal_read(t, source, allow_code);
}
Ref marshal_loads_fn(Thread& t, Value, const Value* p) {
    bool allow_code = TRY(code_allowed(t, p[1]));
    Buffer b;
    TRY(b.acquire(t, p[0]));
    if (t.interp->audit_hooks) {
        Ref copy = TRY(bytes_from(t, b.data(), static_cast<size_t>(b.size())));
        TRY(audit(t, "marshal.loads", {copy}));
    }
    return marshal_loads(t, {b.data(), static_cast<size_t>(b.size())}, allow_code);
}

const NativeDef functions[] = {
    def<marshal_dump>(
        "dump", "(value, file, version=version, /, *, allow_code=True)",
        "Writes the value to a file opened for writing bytes.\n\nValueError when it, or anything "
        "in it, is of a type that marshal does not know."),
    def<marshal_load>(
        "load", "(file, /, *, allow_code=True)",
        "Reads one value from a file opened for reading bytes.\n\nEOFError, ValueError or TypeError "
        "when there is none that is valid."),
    def<marshal_dumps_fn>("dumps", "(value, version=version, /, *, allow_code=True)",
                          "The bytes that dump() would write."),
    def<marshal_loads_fn>("loads", "(bytes, /, *, allow_code=True)",
                          "The value in the bytes. What follows it is ignored."),
    {},
};

Status exec(Thread& t, Value module) { return module_add_int(t, module, "version", kMarshalVersion); }

}  // namespace

extern const ModuleSpec module_marshal;
const ModuleSpec module_marshal = {
    "marshal",
    "Values of Python as bytes, in a form that may change from version to version. "
    "Made for .pyc files; do not read\nwhat you do not trust.",
    functions, exec};

}  // namespace krait
