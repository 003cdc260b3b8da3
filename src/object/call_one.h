// Calling with one argument, as map(), filter() and key functions do again and again.
#pragma once

#include "object/native.h"
#include "object/protocol.h"

namespace krait {

// As call(); a builtin function of just one argument is called without the ways of the general call.
inline Ref call_one(Thread& t, Value callable, Value arg) {
    if (has_type(callable, &PyCFunction_Type)) {
        auto* f = callable.as<PyCFunctionObject>();
        auto* d = reinterpret_cast<const NativeDef*>(f->m_ml);
        bool plain = (f->m_ml->ml_flags & NativeDef::kNativeDefBit) && d->kind == NativeKind::One;
        if (plain && !(d->flags & kMethStatic)) {
            RecursionGuard guard(t, "");
            if (!guard) return {};
            return reinterpret_cast<Ref (*)(Thread&, Value, Value)>(d->fn)(t, f->m_self, arg);
        }
    }
    return call(t, callable, {arg});
}

}  // namespace krait
