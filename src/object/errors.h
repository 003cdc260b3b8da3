// Raising, inspecting and clearing exceptions. The current exception is Thread::c.current_exception.
#pragma once

#include "object/thread.h"

// Every builtin exception type, as pointers named as in the C API.
#pragma GCC visibility push(default)
extern "C" {
#define EXC(name) extern PyTypeObject* PyExc_##name;
#include "object/exceptions.def"
}
#pragma GCC visibility pop

namespace krait {

// What the raise functions return: converts to the failure of any return type.
struct Raised {
    operator Ref() const { return Ref(); }        // NOLINT
    operator Status() const { return Status(); }  // NOLINT
    operator Maybe() const { return Maybe(); }    // NOLINT
    operator Value() const { return Value(); }    // NOLINT
    template <class T>
    operator Result<T>() const {  // NOLINT
        return Result<T>();
    }
    operator SendResult() const { return SendResult::Error; }  // NOLINT
};

// Sets an exception `type(message)`. Directives of PyErr_Format: %s %d %i %u %ld %lu %lld %llu %zd %zu %x %c
// %p %%, with width and precision (%.200s); and, each taking a Value: %S str(), %R repr(), %A ascii(), %U a
// str, %T the name of its type (%#T qualified; %K: as argument errors name it, None for None), %N the name of
// the type given (%#N qualified). Chains the handled exception as __context__.
Raised raise(Thread& t, PyTypeObject* type, const char* format, ...);
Raised raise_none(Thread& t, PyTypeObject* type);              // type()
Raised raise_value(Thread& t, PyTypeObject* type, Value arg);  // type(arg); a tuple arg is the argument list
Raised raise_object(Thread& t, Value exc);                     // an instance or a class, as `raise exc`
Raised raise_errno(Thread& t, int err, Value filename = {},
                   Value filename2 = {});  // OSError subclass by errno
Raised raise_no_memory(Thread& t);
Raised raise_type_error_operands(Thread& t, const char* op, Value a,
                                 Value b);               // unsupported operand type(s) for op: 'A' and 'B'
Raised bad_internal_call(Thread& t, const char* where);  // SystemError
Raised raise_key_error(Thread& t, Value key);            // KeyError(key), tuple-safe
Raised raise_stop_iteration(Thread& t, Value value);     // StopIteration(value), tuple/exception-safe
// As PyErr_Format, from a cause: raises the new one with the pending exception as __cause__ and __context__.
Raised raise_from_cause(Thread& t, PyTypeObject* type, const char* format, ...);

// Builds a str from the same directives as raise().
Ref str_format(Thread& t, const char* format, ...);
Ref str_vformat(Thread& t, const char* format, __builtin_va_list args);
Ref str_vformat_for_c(Thread& t, const char* format, __builtin_va_list args);  // %T and %N are full names

inline bool occurred(Thread& t) { return t.has_exception(); }
bool error_matches(Thread& t, Value type_or_tuple);  // the current exception; false when there is none
inline bool error_is(Thread& t, PyTypeObject* type) { return error_matches(t, Value(type)); }
bool exception_matches(Thread& t, Value exc_or_type, Value type_or_tuple);  // does not run user code
void clear_error(Thread& t);
Ref fetch_error(Thread& t);              // takes the current exception away; empty when none
void restore_error(Thread& t, Ref exc);  // makes it current again (replacing); empty clears
Value handled_exception(Thread& t);      // sys.exception(): borrowed, None when none
// True and cleared if the current exception is a `type`.
bool clear_if(Thread& t, PyTypeObject* type);
// sys.unraisablehook for the current exception, which is cleared: `message` may be null; obj may be empty.
void write_unraisable(Thread& t, const char* message, Value obj);
// The same with the message "Exception ignored <what> <repr of obj>", which is how callbacks are reported.
void write_unraisable_in(Thread& t, const char* what, Value obj);

// warnings.warn: fails when a filter turns it into an exception.
Status warn(Thread& t, PyTypeObject* category, int stacklevel, const char* format, ...);

// Keeps the current exception aside over a piece of clean-up that may run code.
class SavedError {
  public:
    explicit SavedError(Thread& t) : t_(t), exc_(fetch_error(t)) {}
    ~SavedError() {
        if (exc_) restore_error(t_, std::move(exc_));
    }
    SavedError(const SavedError&) = delete;

  private:
    Thread& t_;
    Ref exc_;
};

}  // namespace krait
