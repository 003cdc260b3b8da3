// Contexts, as other native modules use them.
#pragma once

#include "object/thread.h"

#pragma GCC visibility push(default)
extern "C" {
extern krait::Type PyContext_Type, PyContextVar_Type,
    PyContextToken_Type;  // made when the module is imported
}
#pragma GCC visibility pop

namespace krait {

// The context that is current in a thread, owned; empty until one is used. It is where extensions that switch
// stacks (greenlet) look for it.
inline Value& thread_context(Thread& t) { return reinterpret_cast<Value&>(t.c.context); }
Ref context_copy_current(Thread& t);  // a copy of the thread's current context
// Makes a context current until context_exit() is given what context_enter() returned, which is the one
// before (possibly empty). Fails when it is no context or is entered already.
Status context_enter(Thread& t, Value context, Ref& previous);
void context_exit(Thread& t, Value context, Ref previous);

Ref any_context_copy(Thread& t, Value context);

Ref contextvar_new(Thread& t, const char* name);  // without a default
// What the current context has for a variable.
Maybe contextvar_get(Thread& t, Value var);
Status contextvar_set(Thread& t, Value var, Value value);
// The same for what may be no variable, which is a TypeError. The value is `fallback` or the variable's
// default when the context has none; changes go by tokens.
Maybe contextvar_value(Thread& t, Value var, Value fallback);
Ref contextvar_exchange(Thread& t, Value var, Value value);
Status contextvar_reset(Thread& t, Value var, Value token);

}  // namespace krait
