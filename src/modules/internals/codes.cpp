// Of _testinternalcapi: what code objects say of their variables and names.
#include <vector>

#include "builtins/bytes.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/code.h"
#include "modules/internals/internals.h"
#include "modules/interpreters/arguments.h"
#include "modules/interpreters/stateless.h"
#include "object/protocol.h"

namespace krait::internals {
namespace {

Status need_code(Thread& t, Value v) {
    if (has_type(v, &PyCode_Type)) return Status::ok();
    return raise(t, PyExc_TypeError, "argument must be a code object");
}

Ref returns_only_none(Thread& t, Value, Value v) {
    TRY(need_code(t, v));
    return bool_ref(TRY(xi::returns_only_none(t, as_code(v))));
}

Ref framesize(Thread& t, Value, Value v) {
    TRY(need_code(t, v));
    return Ref::from_int(as_code(v)->co_framesize);
}

Ref localskinds(Thread& t, Value, Value v) {
    TRY(need_code(t, v));
    PyCodeObject* co = as_code(v);
    Ref kinds = TRY(dict_new(t));
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        auto kind = static_cast<unsigned char>(bytes_data(co->co_localspluskinds)[i]);
        TRY(dict_set(t, kinds, tuple_get(co->co_localsplusnames, i), Value::from_int(kind)));
    }
    return kinds;
}

// --- counting ---

struct Counts {
    int posonly = 0, posorkw = 0, kwonly = 0, varargs = 0, varkwargs = 0, args = 0;
    int pure = 0, argcells = 0, othercells = 0, hiddenpure = 0, hiddencells = 0, locals = 0, free = 0;
    int attrs = 0, globals = 0, builtins = 0, unknown_globals = 0, unknown = 0;
};

void count_locals(PyCodeObject* co, Counts& c) {
    for (int i = 0; i < co->co_nlocalsplus; i++) {
        int kind = static_cast<unsigned char>(bytes_data(co->co_localspluskinds)[i]);
        if (kind & kLocalFree) {
            c.free++;
            continue;
        }
        c.locals++;
        bool cell = kind & kLocalCell;
        int how = kind & (kLocalArgPositional | kLocalArgKeyword | kLocalArgVariable);
        if (how) {
            c.args++;
            c.argcells += cell;
            (how == kLocalArgPositional                        ? c.posonly
             : how == (kLocalArgPositional | kLocalArgKeyword) ? c.posorkw
             : how == kLocalArgKeyword                         ? c.kwonly
             : how & kLocalArgPositional                       ? c.varargs
                                                               : c.varkwargs)++;
        } else if (kind & kLocalHidden) {
            (cell ? c.hiddencells : c.hiddenpure)++;
        } else {
            (cell ? c.othercells : c.pure)++;
        }
    }
}

// Names are counted once for each way in which they are used.
Status count_names(Thread& t, PyCodeObject* co, Value globals, Value builtins, Counts& c) {
    std::vector<char> global(static_cast<size_t>(tuple_size(co->co_names))), attribute = global;
    TRY(xi::each_instruction(t, co, [&](Op op, uint32_t arg) -> Status {
        if (op == Op::LOAD_ATTR) attribute[arg >> 1] = 1;
        if (op == Op::LOAD_GLOBAL) global[arg >> 1] = 1;
        return Status::ok();
    }));
    for (size_t i = 0; i < global.size(); i++) {
        Value name = tuple_get(co->co_names, static_cast<int64_t>(i));
        c.attrs += attribute[i];
        if (global[i]) {
            Ref g = globals ? TRY(dict_get(t, globals, name)) : Ref();
            Ref b = !g && builtins ? TRY(dict_get(t, builtins, name)) : Ref();
            (g ? c.globals : b ? c.builtins : c.unknown_globals)++;
        } else if (!attribute[i]) {
            c.unknown++;
        }
    }
    return Status::ok();
}

struct Entry {
    const char* name;
    int value;
};
Ref dict_of(Thread& t, std::initializer_list<Entry> entries) {
    Ref d = TRY(dict_new(t));
    for (const Entry& e : entries) TRY(dict_set_str(t, d, e.name, Value::from_int(e.value)));
    return d;
}

Ref counts_object(Thread& t, const Counts& c) {
    Ref args = TRY(dict_of(t, {{"total", c.args},
                               {"numposonly", c.posonly},
                               {"numposorkw", c.posorkw},
                               {"numkwonly", c.kwonly},
                               {"varargs", c.varargs},
                               {"varkwargs", c.varkwargs}}));
    Ref cells = TRY(dict_of(
        t, {{"total", c.argcells + c.othercells}, {"numargs", c.argcells}, {"numothers", c.othercells}}));
    Ref hidden = TRY(dict_of(
        t,
        {{"total", c.hiddenpure + c.hiddencells}, {"numpure", c.hiddenpure}, {"numcells", c.hiddencells}}));
    Ref locals = TRY(dict_of(t, {{"total", c.locals}}));
    TRY(dict_set_str(t, locals, "args", args));
    TRY(dict_set_str(t, locals, "numpure", Value::from_int(c.pure)));
    TRY(dict_set_str(t, locals, "cells", cells));
    TRY(dict_set_str(t, locals, "hidden", hidden));
    int global = c.globals + c.builtins + c.unknown_globals;
    Ref globals = TRY(dict_of(t, {{"total", global},
                                  {"numglobal", c.globals},
                                  {"numbuiltin", c.builtins},
                                  {"numunknown", c.unknown_globals}}));
    int unbound = global + c.attrs + c.unknown;
    Ref names = TRY(dict_of(t, {{"total", unbound}, {"numattrs", c.attrs}, {"numunknown", c.unknown}}));
    TRY(dict_set_str(t, names, "globals", globals));
    Ref all = TRY(dict_of(t, {{"total", c.locals + c.free + unbound}}));
    TRY(dict_set_str(t, all, "locals", locals));
    TRY(dict_set_str(t, all, "numfree", Value::from_int(c.free)));
    TRY(dict_set_str(t, all, "unbound", names));
    return all;
}

// The code, globals and builtins that a function brings or that the arguments name.
struct Subject {
    PyCodeObject* co = nullptr;
    Value globals, builtins;
};
Result<Subject> subject(Thread& t, const Value* args, size_t nargs, Value kwnames) {
    static constexpr xi::Names names{
        "get_code_var_counts", {"code", "globalnames", "globalsns", "builtinsns"}, 4, 1, 0};
    Value a[4];
    TRY(xi::bind_names(t, names, args, nargs, kwnames, a));
    Subject s;
    if (is_function(a[0])) {
        auto* f = as_function(a[0]);
        s = {as_code(Value(f->func_code)), Value(f->func_globals), Value(f->func_builtins)};
    } else if (has_type(a[0], &PyCode_Type)) {
        s.co = as_code(a[0]);
    } else {
        return raise(t, PyExc_TypeError, "argument must be a code object or a function");
    }
    if (a[2]) s.globals = is_none(a[2]) ? Value() : a[2];
    if (a[3]) s.builtins = is_none(a[3]) ? Value() : a[3];
    for (Value v : {s.globals, s.builtins})
        if (v && !is_dict(v)) return raise(t, PyExc_TypeError, "unsupported namespace %R", v);
    return s;
}

Ref var_counts(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Subject s = TRY(subject(t, args, nargs, kwnames));
    Counts c;
    count_locals(s.co, c);
    TRY(count_names(t, s.co, s.globals, s.builtins, c));
    return counts_object(t, c);
}

Ref verify_stateless_code(Thread& t, Value, const Value* args, size_t nargs, Value kwnames) {
    Subject s = TRY(subject(t, args, nargs, kwnames));
    TRY(xi::verify_code(t, s.co, s.globals, s.builtins, s.globals || s.builtins));
    return none_ref();
}

}  // namespace

const NativeDef kCodeFunctions[] = {
    def<returns_only_none>("code_returns_only_none", "(object, /)", nullptr),
    def<framesize>("get_co_framesize", "(object, /)", nullptr),
    def<localskinds>("get_co_localskinds", "(object, /)", nullptr),
    def<var_counts>("get_code_var_counts", "", nullptr, kMethNoSignature),
    def<verify_stateless_code>("verify_stateless_code", "", nullptr, kMethNoSignature),
    {},
};

}  // namespace krait::internals
