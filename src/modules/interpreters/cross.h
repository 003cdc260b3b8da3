// Values on their way from one interpreter to another: as data that belongs to neither. What cannot be sent
// raises NotShareableError.
#pragma once

#include <string>

#include "object/errors.h"
#include "object/per_interpreter.h"
#include "object/thread.h"

namespace krait::xi {

// What else may be tried: pickle, and marshal for functions that use nothing but builtins.
enum class Fallback : int { DataOnly = 0, Full = 1 };

struct Data {
    int64_t interp = 0;  // where it comes from
    Ref (*make)(Thread&, const Data&) = nullptr;
    void (*release)(Thread&, Data&) = nullptr;  // null: nothing but memory
    int64_t number = 0;
    double real = 0, imag = 0;
    char* bytes = nullptr;  // owned, `size` of them
    size_t size = 0;
    unsigned kind = 0;       // of a str
    Data** items = nullptr;  // owned, `size` of them
    void* pointer = nullptr;
    std::string main_file;  // of the program that pickled it
};

Data* get_data(Thread& t, Value v, Fallback fallback);  // null: an exception is set
Data* get_pickled(Thread& t, Value v);
Data* get_marshalled(Thread& t, Value v);
Data* get_function(Thread& t, Value function);  // one without state
Data* get_code(Thread& t, Value code);
// The code of a script: source, a function or code without arguments. With `pure`, it uses no globals.
Data* get_script(Thread& t, Value script, bool pure);
Ref new_object(Thread& t, const Data& data);
void free_data(Thread& t, Data* data);  // null is fine
bool is_shareable(Thread& t, Value v);
Data* data_new(Thread& t, Ref (*make)(Thread&, const Data&));  // null with MemoryError

// Instances of exactly `type`, a class of this interpreter, are sent by `get` from now on. Where `replaces`
// is registered, it is no more.
Status register_class(Thread& t, Value type, Data* (*get)(Thread&, Value));
void unregister_class(Value type);

// --- exceptions ---
PyTypeObject* interpreter_error(Thread& t);            // concurrent.interpreters.InterpreterError
PyTypeObject* interpreter_not_found_error(Thread& t);  // and what derives from it
extern PyTypeObject *const kInterpreterError,
    *const kInterpreterNotFoundError;          // the same, perhaps not ready yet
PyTypeObject* not_shareable_error(Thread& t);  // of this interpreter; null: an exception is set
// NotShareableError(message) with `cause`, which may be empty.
Raised raise_not_shareable(Thread& t, const char* message, Value cause);
// When NotShareableError is set only because of another exception, that one takes its place; `message` gets
// the former's text. False: something else is set.
bool unwrap_not_shareable(Thread& t, std::string* message);
// An exception class in a module, made once for each interpreter.
Status make_error_class(Thread& t, const char* name, const char* module, const char* doc, Value base,
                        Value& place);

// A snapshot of an exception.
struct ExcInfo {
    bool set = false, has_type = false, has_msg = false, has_display = false;
    std::string name, qualname, module, msg, display;
};
// Of an exception, or of an object that has the attributes of a snapshot. Null, or what went wrong, with an
// exception set.
const char* excinfo_from(Thread& t, Value exc, ExcInfo& out);
Ref excinfo_object(Thread& t, const ExcInfo& info);  // types.SimpleNamespace
Ref excinfo_format(Thread& t, const ExcInfo& info);  // one line, or None
// Raises `type` with what the snapshot shows.
void excinfo_raise(Thread& t, const ExcInfo& info, PyTypeObject* type);

}  // namespace krait::xi
