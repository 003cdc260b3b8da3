// Code objects: making, comparing, the derived tuples.
#include "interp/code.h"

#include <array>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "gc/gc.h"
#include "interp/fusion.h"
#include "interp/internal.h"
#include "interp/monitoring.h"
#include "object/names.h"
#include "object/protocol.h"
#include "object/watchers.h"
#include "runtime/config.h"

namespace krait {
namespace {

bool is_name_text(Value s) {
    if (!str_is_ascii(s)) return false;
    auto* p = static_cast<const unsigned char*>(str_data(s));
    for (int64_t i = 0, n = str_length(s); i < n; i++) {
        unsigned char c = p[i];
        if (!(c == '_' || (c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z'))) return false;
    }
    return true;
}

Status intern_field(Thread& t, Value& field) {
    Ref interned = TRY(str_intern(t, Ref::share(field)));
    Value old = field;
    field = interned.release();
    xdecref(old);
    return Status::ok();
}

Status intern_names(Thread& t, Value tuple) {
    for (int64_t i = 0; i < tuple_size(tuple); i++) {
        Value& item = tuple_items(tuple)[i];
        if (!is_str_exact(item)) return raise(t, PyExc_SystemError, "non-string found in code slot");
        if (!str_is_interned(item)) TRY(intern_field(t, item));
    }
    return Status::ok();
}

// Constants that look like names are interned, in nested tuples and frozensets too.
Status intern_constants(Thread& t, Value tuple);

Status intern_frozenset(Thread& t, Value& field) {
    Ref items = TRY(to_tuple(t, field));
    bool any = false;
    for (int64_t i = 0; i < tuple_size(items); i++) {
        Value v = tuple_get(items, i);
        any |= is_tuple_exact(v) || (is_str_exact(v) && !str_is_interned(v));
    }
    if (!any) return Status::ok();
    TRY(intern_constants(t, items));
    Ref made = TRY(frozenset_new(t, items));
    Value old = field;
    field = made.release();
    decref(old);
    return Status::ok();
}

Status intern_constants(Thread& t, Value tuple) {
    RecursionGuard guard(t, " while making a code object");
    if (!guard) return {};
    for (int64_t i = 0; i < tuple_size(tuple); i++) {
        Value& item = tuple_items(tuple)[i];
        if (is_str_exact(item)) {
            if (!str_is_interned(item) && is_name_text(item)) TRY(intern_field(t, item));
        } else if (is_tuple_exact(item)) {
            TRY(intern_constants(t, item));
        } else if (has_type(item, &PyFrozenSet_Type)) {
            TRY(intern_frozenset(t, item));
        }
    }
    return Status::ok();
}

int first_traceable(PyCodeObject* co) {
    int64_t n = co->ob_base.ob_size, i = 0;
    for (; i < n; i += 1 + op_info(static_cast<uint8_t>(co->co_code_adaptive[i])).caches)
        if (op_info(static_cast<uint8_t>(co->co_code_adaptive[i])).base == Op::RESUME) break;
    return static_cast<int>(i < n ? i : n);
}

Status check_parts(Thread& t, const CodeParts& c) {
    bool good = c.posonlyargcount >= 0 && c.argcount >= c.posonlyargcount && c.kwonlyargcount >= 0 &&
                c.stacksize >= 0 && c.flags >= 0 && is_tuple(c.consts) && is_tuple(c.names) &&
                is_tuple(c.localsplusnames) && is_bytes(c.localspluskinds) &&
                tuple_size(c.localsplusnames) == bytes_size(c.localspluskinds) && is_str(c.name) &&
                is_str(c.qualname) && is_str(c.filename) && is_bytes(c.linetable) &&
                is_bytes(c.exceptiontable);
    if (!good) return bad_internal_call(t, "code object");
    if (c.code.size() % 2 != 0) return raise(t, PyExc_ValueError, "code: co_code is malformed");
    if (static_cast<int64_t>(c.stacksize) + tuple_size(c.localsplusnames) > INT32_MAX - 64)
        return raise(t, PyExc_OverflowError, "code: co_stacksize is too large");
    return Status::ok();
}

void count_locals(PyCodeObject* co) {
    const char* kinds = bytes_data(co->co_localspluskinds);
    int64_t n = bytes_size(co->co_localspluskinds);
    co->co_nlocalsplus = static_cast<int>(n);
    for (int64_t i = 0; i < n; i++) {
        auto k = static_cast<unsigned char>(kinds[i]);
        if (k & kLocalPlain) co->co_nlocals++;
        if (k & kLocalCell) co->co_ncellvars++;
        if (k & kLocalFree) co->co_nfreevars++;
    }
}

int64_t total_args(int argcount, int kwonly, int flags) {
    return int64_t{argcount} + kwonly + ((flags & kCodeVarArgs) != 0) + ((flags & kCodeVarKeywords) != 0);
}
// The name of a wrong argument's type as the oracle's converters print it.
const char* type_name_or_none(Value v) { return is_none(v) ? "None" : type_of(v)->tp_name; }

}  // namespace

// Start values of the counters in the inline caches; what may be fused gets its waiting form.
// What prepare_caches() makes of an instruction as the compiler emits it.
struct Preparation {
    uint8_t caches;
    uint8_t fusing;  // the form that waits for what it could be fused with; 0: none
    uint16_t first_cache;
};

constexpr auto kPreparations = [] {
    std::array<Preparation, kOpCount> all{};
    for (unsigned i = 0; i < kOpCount; i++) {
        const OpInfo& info = op_info(static_cast<uint8_t>(i));
        bool branch = info.base == Op::POP_JUMP_IF_FALSE || info.base == Op::POP_JUMP_IF_TRUE ||
                      info.base == Op::POP_JUMP_IF_NONE || info.base == Op::POP_JUMP_IF_NOT_NONE;
        all[i] = {info.caches, static_cast<uint8_t>(info.caches ? Op::CACHE : fusing_form(info.base)),
                  static_cast<uint16_t>(branch ? 0x5555 : kAdaptiveWarmup)};
    }
    return all;
}();

void prepare_caches(PyCodeObject* co) {
    uint16_t* p = co->co_code_adaptive;
    for (int64_t i = 0, n = co->ob_base.ob_size; i < n; i++) {
        const Preparation& prepare = kPreparations[static_cast<uint8_t>(p[i])];
        if (prepare.caches) {
            if (i + prepare.caches < n) p[i + 1] = prepare.first_cache;
            i += prepare.caches;
        } else if (prepare.fusing && i + 1 < n) {
            auto op = op_info(static_cast<uint8_t>(p[i])).base;
            if (kFusions.possible(op, op_info(static_cast<uint8_t>(p[i + 1])).base))
                p[i] = static_cast<uint16_t>((p[i] & 0xff00) | prepare.fusing);
        }
    }
}

Ref code_new(Thread& t, const CodeParts& c, bool trusted) {
    TRY(check_parts(t, c));
    int64_t plain = 0;
    const char* kinds = bytes_data(c.localspluskinds);
    for (int64_t i = 0; i < bytes_size(c.localspluskinds); i++) plain += (kinds[i] & kLocalPlain) != 0;
    int64_t args = total_args(c.argcount, c.kwonlyargcount, c.flags);
    if (args > plain) return raise(t, PyExc_ValueError, "code: co_varnames is too small");
    Ref linetable = g_runtime.config && g_runtime.config->no_debug_ranges
                        ? TRY(code_lines_only(t, c.linetable))
                        : Ref::share(c.linetable);
    auto units = static_cast<int64_t>(c.code.size() / 2);
    Ref made = TRY(alloc(t, &PyCode_Type, units + kCodePadding));
    PyCodeObject* co = as_code(made);
    co->ob_base.ob_size = units;
    auto keep = [](Value& field, Value v) {
        incref(v);
        field = v;
    };
    keep(co->co_consts, c.consts);
    keep(co->co_names, c.names);
    keep(co->co_exceptiontable, c.exceptiontable);
    keep(co->co_localsplusnames, c.localsplusnames);
    keep(co->co_localspluskinds, c.localspluskinds);
    keep(co->co_filename, c.filename);
    keep(co->co_name, c.name);
    keep(co->co_qualname, c.qualname);
    keep(co->co_linetable, linetable);
    co->co_flags = c.flags;
    co->co_argcount = c.argcount;
    co->co_posonlyargcount = c.posonlyargcount;
    co->co_kwonlyargcount = c.kwonlyargcount;
    co->co_stacksize = c.stacksize;
    co->co_firstlineno = c.firstlineno;
    memcpy(co->co_code_adaptive, c.code.data(), c.code.size());
    count_locals(co);
    co->co_framesize =
        static_cast<int>((frame_slots(co) + offsetof(Frame, localsplus) / 8 + 1) & ~int64_t{1});
    co->co_version = t.interp->next_func_version ? t.interp->next_func_version++ : 0;
    TRY(intern_names(t, co->co_names));
    TRY(intern_names(t, co->co_localsplusnames));
    TRY(intern_constants(t, co->co_consts));
    TRY(intern_field(t, co->co_name));
    TRY(intern_field(t, co->co_qualname));
    co->_co_firsttraceable = first_traceable(co);
    mark_unchecked(co, trusted);
    if (watches_codes(t)) [[unlikely]]
        tell_code_watchers(t, made, CodeEvent::Create);
    return made;
}

Ref code_new_empty(Thread& t, const char* filename, const char* name, int firstlineno) {
    Ref file = TRY(str_from(t, filename));
    Ref name_str = TRY(str_from(t, name));
    Ref empty = TRY(bytes_from(t, "", 0));
    // Loads the class AssertionError and raises it: what an empty code object does when it is run.
    static const unsigned char code[] = {static_cast<unsigned char>(Op::RESUME),
                                         0,
                                         static_cast<unsigned char>(Op::LOAD_COMMON_CONSTANT),
                                         0,
                                         static_cast<unsigned char>(Op::RAISE_VARARGS),
                                         1};
    // One long-form-free entry: three units on the first line, no columns.
    static const unsigned char lines[] = {0x80 | 13 << 3 | 2, 0};
    Ref linetable = TRY(bytes_from(t, lines, sizeof lines));
    CodeParts parts{.stacksize = 1,
                    .flags = kCodeOptimized | kCodeNewLocals,
                    .firstlineno = firstlineno,
                    .code = {reinterpret_cast<const char*>(code), sizeof code},
                    .consts = empty_tuple(),
                    .names = empty_tuple(),
                    .localsplusnames = empty_tuple(),
                    .localspluskinds = empty,
                    .filename = file,
                    .name = name_str,
                    .qualname = name_str,
                    .linetable = linetable,
                    .exceptiontable = empty};
    return code_new(t, parts, true);
}

namespace {

CodeCache* cache_of(Thread& t, PyCodeObject* co) {
    if (!co->_co_cached) {
        co->_co_cached = mem_alloc_zeroed(sizeof(CodeCache));
        if (!co->_co_cached) raise_no_memory(t);
    }
    return static_cast<CodeCache*>(co->_co_cached);
}

void code_dealloc(Thread& t, PyObject* o) {
    auto* co = reinterpret_cast<PyCodeObject*>(o);
    if (watches_codes(t)) [[unlikely]] {
        if (survives_telling(t, o, [&] { tell_code_watchers(t, Value(o), CodeEvent::Destroy); })) return;
    }
    if (co->co_weakreflist) weakrefs_clear(t, o);
    for (Value* v :
         {&co->co_consts, &co->co_names, &co->co_exceptiontable, &co->co_localsplusnames,
          &co->co_localspluskinds, &co->co_filename, &co->co_name, &co->co_qualname, &co->co_linetable})
        xdecref(*v);
    if (auto* c = static_cast<CodeCache*>(co->_co_cached)) {
        for (Value v : {c->code, c->varnames, c->cellvars, c->freevars}) xdecref(v);
        mem_free(c);
    }
    if (auto* extra = static_cast<CodeExtra*>(co->co_extra)) {
        co->co_extra = nullptr;
        extra->release(t, extra);
    }
    free_code_monitoring(t, co);
    free_object(t, o);
}

Ref code_repr(Thread& t, Value self) {
    PyCodeObject* co = as_code(self);
    int line = co->co_firstlineno ? co->co_firstlineno : -1;
    return str_format(t, "<code object %U at %p, file \"%U\", line %d>", co->co_name, co, co->co_filename,
                      line);
}

// Equal the way constants are merged: same type, same bits for numbers, all the way down.
Result<bool> same_const(Thread& t, Value a, Value b) {
    if (a == b) return true;
    if (type_of(a) != type_of(b)) return false;
    RecursionGuard guard(t, " in comparison");
    if (!guard) return {};
    if (is_tuple_exact(a)) {
        if (tuple_size(a) != tuple_size(b)) return false;
        for (int64_t i = 0; i < tuple_size(a); i++) {
            bool same = TRY(same_const(t, tuple_get(a, i), tuple_get(b, i)));
            if (!same) return false;
        }
        return true;
    }
    double x, y;
    if (is_exact_double(a, &x) && is_exact_double(b, &y)) return memcmp(&x, &y, 8) == 0;
    if (has_type(a, &PyComplex_Type))
        return memcmp(&a.as<PyComplexObject>()->real, &b.as<PyComplexObject>()->real, 16) == 0;
    if (has_type(a, &PySlice_Type)) {
        auto *s = a.as<PySliceObject>(), *r = b.as<PySliceObject>();
        bool same = TRY(same_const(t, s->start, r->start)) && TRY(same_const(t, s->stop, r->stop)) &&
                    TRY(same_const(t, s->step, r->step));
        return same;
    }
    if (has_type(a, &PyFrozenSet_Type)) {
        if (set_size(a) != set_size(b)) return false;
        int64_t pos = 0;
        Value x_key;
        while (set_next(a, pos, x_key)) {
            int64_t at = 0;
            Value y_key;
            bool found = false;
            while (!found && set_next(b, at, y_key)) found = TRY(same_const(t, x_key, y_key));
            if (!found) return false;
        }
        return true;
    }
    return equal(t, a, b);
}

Result<bool> codes_equal(Thread& t, PyCodeObject* a, PyCodeObject* b) {
    if (a == b) return true;
    if (a->ob_base.ob_size != b->ob_base.ob_size || a->co_argcount != b->co_argcount ||
        a->co_posonlyargcount != b->co_posonlyargcount || a->co_kwonlyargcount != b->co_kwonlyargcount ||
        a->co_flags != b->co_flags || a->co_firstlineno != b->co_firstlineno)
        return false;
    if (!str_equal(a->co_name, b->co_name)) return false;
    for (int64_t i = 0, n = a->ob_base.ob_size; i < n; i++) {
        uint8_t op = code_base_opcode(a, static_cast<int>(i));
        if (op != code_base_opcode(b, static_cast<int>(i))) return false;
        if (a->co_code_adaptive[i] >> 8 != b->co_code_adaptive[i] >> 8) return false;
        i += op_info(op).caches;
    }
    if (bytes_view(a->co_linetable) != bytes_view(b->co_linetable) ||
        bytes_view(a->co_exceptiontable) != bytes_view(b->co_exceptiontable))
        return false;
    bool same = TRY(same_const(t, a->co_consts, b->co_consts)) &&
                TRY(same_const(t, a->co_names, b->co_names)) &&
                TRY(same_const(t, a->co_localsplusnames, b->co_localsplusnames));
    return same;
}

Ref code_compare(Thread& t, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !has_type(a, &PyCode_Type) || !has_type(b, &PyCode_Type))
        return not_implemented_ref();
    bool same = TRY(codes_equal(t, as_code(a), as_code(b)));
    return bool_ref(same == (op == kEq));
}

Result<int64_t> code_hash(Thread& t, Value self) {
    PyCodeObject* co = as_code(self);
    uint64_t h = 0x9E3779B97F4A7C15;
    auto mix = [&](uint64_t v) { h = (h ^ v) * 0xff51afd7ed558ccd, h ^= h >> 32; };
    mix(static_cast<uint64_t>(str_hash(co->co_name)));
    for (Value names : {co->co_names, co->co_localsplusnames})
        for (int64_t i = 0; i < tuple_size(names); i++)
            mix(static_cast<uint64_t>(str_hash(tuple_get(names, i))));
    for (int v :
         {co->co_argcount, co->co_posonlyargcount, co->co_kwonlyargcount, co->co_flags, co->co_firstlineno})
        mix(static_cast<uint64_t>(v));
    for (int64_t i = 0, n = co->ob_base.ob_size; i < n; i++) {
        uint8_t op = code_base_opcode(co, static_cast<int>(i));
        mix(static_cast<uint64_t>(op | (co->co_code_adaptive[i] & 0xff00)));
        i += op_info(op).caches;
    }
    auto result = static_cast<int64_t>(h);
    return result == -1 ? -2 : result;
}

// --- attributes ---
Ref names_of_kind(Thread& t, PyCodeObject* co, int kind, int count, Value CodeCache::* where) {
    CodeCache* cache = cache_of(t, co);
    if (!cache) return {};
    if (!(cache->*where)) {
        Ref names = TRY(tuple_new(t, count));
        int64_t at = 0;
        const char* kinds = bytes_data(co->co_localspluskinds);
        for (int64_t i = 0; i < co->co_nlocalsplus; i++)
            if (kinds[i] & kind)
                tuple_items(names)[at++] = Ref::share(tuple_get(co->co_localsplusnames, i)).release();
        cache->*where = names.release();
    }
    return Ref::share(cache->*where);
}
Ref get_varnames(Thread& t, Value self, void*) {
    return names_of_kind(t, as_code(self), kLocalPlain, as_code(self)->co_nlocals, &CodeCache::varnames);
}
Ref get_cellvars(Thread& t, Value self, void*) {
    return names_of_kind(t, as_code(self), kLocalCell, as_code(self)->co_ncellvars, &CodeCache::cellvars);
}
Ref get_freevars(Thread& t, Value self, void*) {
    return names_of_kind(t, as_code(self), kLocalFree, as_code(self)->co_nfreevars, &CodeCache::freevars);
}
Ref get_code(Thread& t, Value self, void*) { return code_bytes(t, as_code(self)); }
Ref get_adaptive(Thread& t, Value self, void*) {
    PyCodeObject* co = as_code(self);
    Ref code = TRY(bytes_from(t, co->co_code_adaptive, 2 * co->ob_base.ob_size));
    auto* out = reinterpret_cast<uint8_t*>(bytes_data(code));
    if (code_is_unchecked(co) && bytes_size(code)) out[0] = unchecked_first_opcode(co);
    for (int64_t i = 0; i < co->ob_base.ob_size; i++) {
        const OpInfo& info = op_info(out[2 * i]);
        Op shown = info.shown;
        if (shown == Op::BINARY_OP_EXTEND && out[2 * i] == static_cast<uint8_t>(shown))
            shown = kExtendedShown[co->co_code_adaptive[i + 2]];
        out[2 * i] = static_cast<uint8_t>(shown);
        i += info.caches;
    }
    return code;
}
Ref get_lnotab(Thread& t, Value self, void*) {
    TRY(warn(t, PyExc_DeprecationWarning, 1, "co_lnotab is deprecated, use co_lines instead."));
    BytesBuilder out(t);
    CodeLines reader(as_code(self));
    LocationEntry e;
    int line = as_code(self)->co_firstlineno, code_at = 0, at = 0;
    while (reader.next(e)) {
        at = e.start * 2;
        if (e.pos.line == -1 || e.pos.line == line) continue;
        int bytes = at - code_at, lines = e.pos.line - line;
        for (; bytes > 255; bytes -= 255) TRY(out.append("\xff\0", 2));
        while (lines < -128 || lines > 127) {
            int step = lines < 0 ? -128 : 127;
            TRY(out.put(static_cast<char>(bytes)));
            TRY(out.put(static_cast<char>(step)));
            bytes = 0;
            lines -= step;
        }
        TRY(out.put(static_cast<char>(bytes)));
        TRY(out.put(static_cast<char>(lines)));
        line = e.pos.line;
        code_at = at;
    }
    return out.finish();
}

Ref code_sizeof(Thread& t, Value self) {
    return Ref::from_int((PyCode_Type.tp_basicsize + 2 * as_code(self)->ob_base.ob_size + 7) & ~int64_t{7});
}
Ref code_co_lines(Thread& t, Value self) { return code_lines_iter(t, self); }
Ref code_co_positions(Thread& t, Value self) { return code_positions_iter(t, self); }
Ref code_co_branches(Thread& t, Value self) { return code_branches_iter(t, self); }

Ref varname_from_oparg(Thread& t, Value self, const Value* params) {
    int i = TRY(as_int32(t, params[0]));
    Value names = as_code(self)->co_localsplusnames;
    if (i < 0 || i >= tuple_size(names)) return raise(t, PyExc_IndexError, "tuple index out of range");
    return Ref::share(tuple_get(names, i));
}

// The constructor's and replace()'s view of a code object: cells and free variables apart from locals.
struct ClassicParts {
    int argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize, flags, firstlineno;
    Value code, consts, names, varnames, filename, name, qualname, linetable, exceptiontable, freevars,
        cellvars;
};
Ref code_from_classic(Thread& t, const ClassicParts& c) {
    int64_t nlocals = tuple_size(c.varnames);
    if (total_args(c.argcount, c.kwonlyargcount, c.flags) > nlocals)
        return raise(t, PyExc_ValueError, "code: co_varnames is too small");
    if (c.nlocals != nlocals) return raise(t, PyExc_ValueError, "code: co_nlocals != len(co_varnames)");
    int64_t cells = tuple_size(c.cellvars), frees = tuple_size(c.freevars);
    Ref names = TRY(tuple_new(t, nlocals + cells + frees));
    Ref kinds = TRY(bytes_new(t, nlocals + cells + frees));
    char* k = bytes_data(kinds);
    int64_t n = 0;
    auto put = [&](Value name, int kind) {
        tuple_items(names)[n] = Ref::share(name).release();
        k[n++] = static_cast<char>(kind);
    };
    for (int64_t i = 0; i < nlocals; i++) put(tuple_get(c.varnames, i), kLocalPlain);
    for (int64_t i = 0; i < cells; i++) {
        Value name = tuple_get(c.cellvars, i);
        bool merged = false;
        // A cell that is an argument too shares its place.
        for (int64_t j = 0; j < nlocals && !merged; j++) {
            Value local = tuple_get(c.varnames, j);
            if (is_str(local) && is_str(name) && str_equal(local, name)) {
                k[j] = static_cast<char>(k[j] | kLocalCell);
                merged = true;
            }
        }
        if (!merged) put(name, kLocalCell);
    }
    for (int64_t i = 0; i < frees; i++) put(tuple_get(c.freevars, i), kLocalFree);
    Ref names_cut = TRY(tuple_slice(t, names, 0, n));
    Ref kinds_cut = TRY(bytes_from(t, k, static_cast<size_t>(n)));
    CodeParts parts{c.argcount, c.posonlyargcount, c.kwonlyargcount,   c.stacksize,
                    c.flags,    c.firstlineno,     bytes_view(c.code), c.consts,
                    c.names,    names_cut,         kinds_cut,          c.filename,
                    c.name,     c.qualname,        c.linetable,        c.exceptiontable};
    return code_new(t, parts, false);
}

// A tuple of exact strings; str subclasses are replaced.
Ref checked_names(Thread& t, Value tuple) {
    Ref out = TRY(tuple_new(t, tuple_size(tuple)));
    for (int64_t i = 0; i < tuple_size(tuple); i++) {
        Value name = tuple_get(tuple, i);
        if (!is_str(name))
            return raise(t, PyExc_TypeError, "name tuples must contain only strings, not '%T'", name);
        Ref exact = is_str_exact(name) ? Ref::share(name) : str_substring(t, name, 0, str_length(name));
        if (!exact) return {};
        tuple_items(out)[i] = exact.release();
    }
    return out;
}

Ref code_tp_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    TRY(no_kwargs(t, "code", kwnames));
    if (nargs < 16) return raise(t, PyExc_TypeError, "code expected at least 16 arguments, got %zu", nargs);
    if (nargs > 18) return raise(t, PyExc_TypeError, "code expected at most 18 arguments, got %zu", nargs);
    static const struct {
        int index;
        char kind;
    } shape[] = {{0, 'i'},  {1, 'i'},  {2, 'i'},  {3, 'i'},  {4, 'i'},  {5, 'i'},
                 {6, 'b'},  {7, 't'},  {8, 't'},  {9, 't'},  {10, 's'}, {11, 's'},
                 {12, 's'}, {13, 'i'}, {14, 'b'}, {15, 'b'}, {16, 't'}, {17, 't'}};
    int ints[18] = {};
    for (auto [i, kind] : shape) {
        if (static_cast<size_t>(i) >= nargs) break;
        Value v = args[i];
        const char* wanted = nullptr;
        if (kind == 'i') {
            Result<int> r = as_int32(t, v);
            if (!r) return {};
            ints[i] = r.value();
        } else if (kind == 'b' && !is_bytes(v)) {
            wanted = "bytes";
        } else if (kind == 't' && !is_tuple(v)) {
            wanted = "tuple";
        } else if (kind == 's' && !is_str(v)) {
            wanted = "str";
        }
        if (wanted)
            return raise(t, PyExc_TypeError, "code() argument %d must be %s, not %s", i + 1, wanted,
                         type_name_or_none(v));
    }
    TRY(audit(t, "code.__new__",
              {args[6], args[10], args[11], args[0], args[1], args[2], args[3], args[4], args[5]}));
    static const char* const names[] = {"argcount", "posonlyargcount", "kwonlyargcount", "nlocals"};
    for (int i = 0; i < 4; i++)
        if (ints[i] < 0) return raise(t, PyExc_ValueError, "code: %s must not be negative", names[i]);
    Ref co_names = TRY(checked_names(t, args[8]));
    Ref varnames = TRY(checked_names(t, args[9]));
    Ref freevars = TRY(checked_names(t, nargs > 16 ? args[16] : empty_tuple()));
    Ref cellvars = TRY(checked_names(t, nargs > 17 ? args[17] : empty_tuple()));
    ClassicParts c{ints[0],  ints[1],  ints[2],  ints[3],  ints[4],  ints[5],  ints[13], args[6],  args[7],
                   co_names, varnames, args[10], args[11], args[12], args[14], args[15], freevars, cellvars};
    return code_from_classic(t, c);
}

// Says what is wrong with the keywords of replace().
Ref refuse_replace_keyword(Thread& t, const Value* values, Value kwnames) {
    Value out[18];
    Ref keep;
    TRY(bind_args(
        t, "replace",
        "(*, co_argcount=0, co_posonlyargcount=0, co_kwonlyargcount=0, co_nlocals=0, co_stacksize=0, "
        "co_flags=0, co_firstlineno=0, co_code=0, co_consts=0, co_names=0, co_varnames=0, "
        "co_freevars=0, co_cellvars=0, co_filename=0, co_name=0, co_qualname=0, co_linetable=0, "
        "co_exceptiontable=0)",
        values, 0, kwnames, out, keep));
    return {};
}

Ref code_replace(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (nargs) return raise(t, PyExc_TypeError, "replace() takes no positional arguments");
    PyCodeObject* co = as_code(self);
    Ref code = TRY(code_bytes(t, co)), varnames = TRY(get_varnames(t, self, nullptr)),
        cellvars = TRY(get_cellvars(t, self, nullptr)), freevars = TRY(get_freevars(t, self, nullptr));
    ClassicParts c{co->co_argcount,
                   co->co_posonlyargcount,
                   co->co_kwonlyargcount,
                   co->co_nlocals,
                   co->co_stacksize,
                   co->co_flags,
                   co->co_firstlineno,
                   code,
                   co->co_consts,
                   co->co_names,
                   varnames,
                   co->co_filename,
                   co->co_name,
                   co->co_qualname,
                   co->co_linetable,
                   co->co_exceptiontable,
                   freevars,
                   cellvars};
    struct Field {
        const char* name;
        int* number;
        Value* value;
        char kind;
    } fields[] = {{"co_argcount", &c.argcount, nullptr, 'i'},
                  {"co_posonlyargcount", &c.posonlyargcount, nullptr, 'i'},
                  {"co_kwonlyargcount", &c.kwonlyargcount, nullptr, 'i'},
                  {"co_nlocals", &c.nlocals, nullptr, 'i'},
                  {"co_stacksize", &c.stacksize, nullptr, 'i'},
                  {"co_flags", &c.flags, nullptr, 'i'},
                  {"co_firstlineno", &c.firstlineno, nullptr, 'i'},
                  {"co_code", nullptr, &c.code, 'b'},
                  {"co_consts", nullptr, &c.consts, 't'},
                  {"co_names", nullptr, &c.names, 't'},
                  {"co_varnames", nullptr, &c.varnames, 't'},
                  {"co_freevars", nullptr, &c.freevars, 't'},
                  {"co_cellvars", nullptr, &c.cellvars, 't'},
                  {"co_filename", nullptr, &c.filename, 's'},
                  {"co_name", nullptr, &c.name, 's'},
                  {"co_qualname", nullptr, &c.qualname, 's'},
                  {"co_linetable", nullptr, &c.linetable, 'b'},
                  {"co_exceptiontable", nullptr, &c.exceptiontable, 'b'}};
    int64_t nkw = kwnames ? tuple_size(kwnames) : 0;
    bool nlocals_given = false;
    for (int64_t i = 0; i < nkw; i++) {
        Value name = tuple_get(kwnames, i), v = args[i];
        Field* field = nullptr;
        for (Field& candidate : fields)
            if (str_equal(name, candidate.name)) field = &candidate;
        if (!field) return refuse_replace_keyword(t, args, kwnames);
        if (field->kind == 'i') {
            *field->number = TRY(as_int32(t, v));
            nlocals_given |= field->number == &c.nlocals;
            continue;
        }
        bool good = field->kind == 'b' ? is_bytes(v) : field->kind == 't' ? is_tuple(v) : is_str(v);
        if (!good)
            return raise(t, PyExc_TypeError, "replace() argument '%s' must be %s, not %s", field->name,
                         field->kind == 'b'   ? "bytes"
                         : field->kind == 't' ? "tuple"
                                              : "str",
                         type_name_or_none(v));
        *field->value = v;
    }
    for (Field& field : fields)
        if (field.kind == 'i' && *field.number < 0)
            return raise(t, PyExc_ValueError, "%s must be a positive integer", field.name);
    if (!nlocals_given && c.varnames != varnames.get()) c.nlocals = co->co_nlocals;
    TRY(audit(t, "code.__new__", {c.code, c.filename, c.name}));
    return code_from_classic(t, c);
}

const NativeDef code_methods[] = {
    def<code_sizeof>("__sizeof__", "()", nullptr),
    def<code_co_lines>("co_lines", "()", nullptr),
    def<code_co_branches>("co_branches", "()", nullptr),
    def<code_co_positions>("co_positions", "()", nullptr),
    def<code_replace>("replace", "(**changes)", "A copy of the code object with the given fields changed."),
    def<code_replace>("__replace__", "(**changes)", "The same as replace()."),
    def<varname_from_oparg>("_varname_from_oparg", "(oparg)",
                            "Name of the local variable that an instruction's argument stands for.\n\nFor "
                            "internal use: it may change or go away."),
    {},
};
const GetSetDef code_getset[] = {
    getset("co_lnotab", get_lnotab, nullptr, nullptr),
    getset("_co_code_adaptive", get_adaptive, nullptr, nullptr),
    getset("co_code", get_code, nullptr, nullptr),
    getset("co_varnames", get_varnames, nullptr, nullptr),
    getset("co_cellvars", get_cellvars, nullptr, nullptr),
    getset("co_freevars", get_freevars, nullptr, nullptr),
    {},
};
#define INT_FIELD(name) member(#name, MemberKind::Int, offsetof(PyCodeObject, name), kReadonly, nullptr)
#define OBJECT_FIELD(name) member(#name, MemberKind::Object, offsetof(PyCodeObject, name), kReadonly, nullptr)
const MemberDef code_members[] = {
    INT_FIELD(co_argcount),    INT_FIELD(co_posonlyargcount), INT_FIELD(co_kwonlyargcount),
    INT_FIELD(co_stacksize),   INT_FIELD(co_flags),           OBJECT_FIELD(co_names),
    OBJECT_FIELD(co_filename), OBJECT_FIELD(co_name),         OBJECT_FIELD(co_qualname),
    INT_FIELD(co_firstlineno), OBJECT_FIELD(co_linetable),    OBJECT_FIELD(co_exceptiontable),
    INT_FIELD(co_nlocals),     OBJECT_FIELD(co_consts),       {},
};
#undef INT_FIELD
#undef OBJECT_FIELD

}  // namespace

Ref code_bytes(Thread& t, PyCodeObject* co) {
    CodeCache* cache = cache_of(t, co);
    if (!cache) return {};
    if (!cache->code) {
        int64_t n = co->ob_base.ob_size;
        Ref bytes = TRY(bytes_new(t, 2 * n));
        char* out = bytes_data(bytes);
        memset(out, 0, static_cast<size_t>(2 * n));
        for (int64_t i = 0; i < n; i++) {
            uint8_t op = code_base_opcode(co, static_cast<int>(i));
            out[2 * i] = static_cast<char>(op);
            out[2 * i + 1] = static_cast<char>(co->co_code_adaptive[i] >> 8);
            i += op_info(op).caches;
        }
        cache->code = bytes.release();
    }
    return Ref::share(cache->code);
}

Status init_interp_code(Thread& t) {
    static const TypeDecl decl = {
        .name = "code",
        .basicsize = offsetof(PyCodeObject, co_code_adaptive),
        .itemsize = 2,
        .slots = {.dealloc = code_dealloc,
                  .repr = code_repr,
                  .hash = code_hash,
                  .richcompare = code_compare,
                  .new_ = code_tp_new},
        .spec = {.methods = code_methods,
                 .getset = code_getset,
                 .members = code_members,
                 .doc = "Makes a code object.  It takes everything apart; wrong parts are not found out.",
                 .text_signature =
                     "(argcount, posonlyargcount, kwonlyargcount, nlocals, stacksize,\n     flags, "
                     "codestring, constants, names, varnames, filename, name,\n     qualname, firstlineno, "
                     "linetable, exceptiontable, freevars=(),\n     cellvars=(), /)"},
        .weaklistoffset = offsetof(PyCodeObject, co_weakreflist),
    };
    init_static_type(PyCode_Type, decl);
    TRY(ready_type(t, &PyCode_Type));
    return init_code_iterators(t);
}

}  // namespace krait

krait::Type PyCode_Type;
