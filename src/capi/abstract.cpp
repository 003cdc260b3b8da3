// abstract.h: numbers, sequences, mappings, iterators.
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/dict_views.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "capi/fast.h"
#include "capi/slots.h"
#include "gc/gc.h"
#include "object/internal.h"
#include "object/names.h"
#include "support/aside.h"

using namespace krait;

CAPI int PyDict_GetItemRef(PyObject*, PyObject*, PyObject**);
CAPI void PyErr_SetNone(PyObject* type);

namespace {
using P = PyObject*;
P binary(P a, P b, BinaryOp op) { return a && b ? out(binary_op(here(), a, b, op)) : out(null_argument()); }
// nb_index of a type that C made: C gets its result as it is.
P (*c_index_function(const PyTypeObject* type))(P) {
    if (!(type->krait_bits & kSlotsOfC) || !type->tp_as_number) return nullptr;
    return reinterpret_cast<P (*)(P)>(type->tp_as_number->nb_index);
}
}  // namespace

// --- numbers ---

#define BINARY(name, op) \
    CAPI PyObject* PyNumber_##name(PyObject* a, PyObject* b) { return binary(a, b, BinaryOp::op); }
// The same for numbers by a shortcut.
#define ARITHMETIC(name, op, symbol, overflows)                             \
    CAPI PyObject* PyNumber_##name(PyObject* a, PyObject* b) {              \
        if (!a || !b) return out(null_argument());                          \
        int64_t i, j;                                                       \
        if (compact_int(a, &i) && compact_int(b, &j)) {                     \
            if (!overflows(i, j, &i)) return box_int(i);                    \
        } else if (double x, y; exact_float(a, &x) && exact_float(b, &y)) { \
            return box_double(x symbol y);                                  \
        }                                                                   \
        return binary(a, b, BinaryOp::op);                                  \
    }
ARITHMETIC(Add, NB_ADD, +, __builtin_add_overflow)
ARITHMETIC(Subtract, NB_SUBTRACT, -, __builtin_sub_overflow)
ARITHMETIC(Multiply, NB_MULTIPLY, *, __builtin_mul_overflow)
BINARY(MatrixMultiply, NB_MATRIX_MULTIPLY)
BINARY(FloorDivide, NB_FLOOR_DIVIDE)
BINARY(TrueDivide, NB_TRUE_DIVIDE)
BINARY(Remainder, NB_REMAINDER)
BINARY(Lshift, NB_LSHIFT)
BINARY(Rshift, NB_RSHIFT)
BINARY(And, NB_AND)
BINARY(Xor, NB_XOR)
BINARY(Or, NB_OR)
BINARY(InPlaceAdd, NB_INPLACE_ADD)
BINARY(InPlaceSubtract, NB_INPLACE_SUBTRACT)
BINARY(InPlaceMultiply, NB_INPLACE_MULTIPLY)
BINARY(InPlaceMatrixMultiply, NB_INPLACE_MATRIX_MULTIPLY)
BINARY(InPlaceFloorDivide, NB_INPLACE_FLOOR_DIVIDE)
BINARY(InPlaceTrueDivide, NB_INPLACE_TRUE_DIVIDE)
BINARY(InPlaceRemainder, NB_INPLACE_REMAINDER)
BINARY(InPlaceLshift, NB_INPLACE_LSHIFT)
BINARY(InPlaceRshift, NB_INPLACE_RSHIFT)
BINARY(InPlaceAnd, NB_INPLACE_AND)
BINARY(InPlaceXor, NB_INPLACE_XOR)
BINARY(InPlaceOr, NB_INPLACE_OR)
CAPI PyObject* PyNumber_Divmod(PyObject* a, PyObject* b) { return out(krait::divmod(here(), a, b)); }
CAPI PyObject* PyNumber_Power(PyObject* a, PyObject* b, PyObject* mod) {
    return out(power(here(), a, b, mod));
}
CAPI PyObject* PyNumber_InPlacePower(PyObject* a, PyObject* b, PyObject* mod) {
    if (!mod || mod == &_Py_NoneStruct) return binary(a, b, BinaryOp::NB_INPLACE_POWER);
    Thread& t = here();
    if (TernaryFn fn = ext(a->ob_type)->slots.nb_inplace_power) {
        Ref r = fn(t, a, b, mod);
        if (!r || r.get() != not_implemented()) return out(std::move(r));
    }
    return out(power(t, a, b, mod));
}
CAPI PyObject* PyNumber_Negative(PyObject* o) { return o ? out(negative(here(), o)) : out(null_argument()); }
CAPI PyObject* PyNumber_Positive(PyObject* o) { return o ? out(positive(here(), o)) : out(null_argument()); }
CAPI PyObject* PyNumber_Invert(PyObject* o) { return o ? out(invert(here(), o)) : out(null_argument()); }
CAPI PyObject* PyNumber_Absolute(PyObject* o) { return o ? out(absolute(here(), o)) : out(null_argument()); }
CAPI PyObject* PyNumber_Index(PyObject* o) {
    if (!o) return out(null_argument());
    if (has_type(o, &PyLong_Type)) return new_ref(o);
    if (auto index_of_c = c_index_function(o->ob_type)) {
        PyObject* r = index_of_c(o);
        if (!r || has_type(r, &PyLong_Type)) return r;
        decref(r);  // what is no exact int is asked for again, with the checks
    }
    Thread& t = here();
    Ref r = krait::index(t, o);
    if (r && r.get().is_ptr() && !has_type(r, &PyLong_Type)) {
        // An exact int, whatever __index__ gave.
        Ref exact = int_add(t, r, Value::from_int(0));
        return out(std::move(exact));
    }
    return out(std::move(r));
}
CAPI PyObject* _PyNumber_Index(PyObject* o) {
    return o ? out(krait::index(here(), o)) : out(null_argument());
}
CAPI PyObject* PyNumber_Long(PyObject* o) { return o ? out(to_int(here(), o)) : out(null_argument()); }
CAPI PyObject* PyNumber_Float(PyObject* o) { return o ? out(to_float(here(), o)) : out(null_argument()); }
CAPI Py_ssize_t PyNumber_AsSsize_t(PyObject* o, PyObject* exc) {
    Thread& t = here();
    if (!o) return fail(null_argument());
    if (!exc) return out(as_index(t, o, nullptr));
    if (is_type(exc) && as_type(exc)->tp_flags & kTpBaseExcSubclass)
        return out(as_index(t, o, reinterpret_cast<PyTypeObject*>(exc)));
    // What is no exception can only say that it is none, when the number is too large.
    Ref n = krait::index(t, o);
    if (!n) return -1;
    Result<int64_t> fits = as_index(t, n, PyExc_OverflowError);
    if (fits) return fits.value();
    clear_error(t);
    PyErr_SetNone(exc);
    return -1;
}
CAPI PyObject* PyNumber_ToBase(PyObject* o, int base) {
    Thread& t = here();
    if (base != 2 && base != 8 && base != 10 && base != 16)
        return out(raise(t, PyExc_SystemError, "PyNumber_ToBase: base must be 2, 8, 10 or 16"));
    if (!o) return out(null_argument());
    Ref n = krait::index(t, o);
    if (!n) return nullptr;
    Ref digits = int_to_str(t, n, base);
    if (!digits || base == 10) return out(std::move(digits));
    const char* prefix = base == 2 ? "0b" : base == 8 ? "0o" : "0x";
    if (int_sign(n) >= 0) return out(str_format(t, "%s%U", prefix, digits.get()));
    Ref rest = str_substring(t, digits, 1, str_length(digits));
    return rest ? out(str_format(t, "-%s%U", prefix, rest.get())) : nullptr;
}
CAPI int PyNumber_Check(PyObject* o) {
    if (!o) return 0;
    const Slots& s = ext(o->ob_type)->slots;
    return s.nb_index || s.nb_int || s.nb_float || is_subtype(o->ob_type, &PyComplex_Type);
}
CAPI int PyIndex_Check(PyObject* o) { return ext(o->ob_type)->slots.nb_index != nullptr; }

// --- anything with items ---

CAPI Py_ssize_t PyObject_Size(PyObject* o) {
    if (!o) return fail(null_argument());
    if (o->ob_type == &PyList_Type || o->ob_type == &PyTuple_Type)
        return reinterpret_cast<PyVarObject*>(o)->ob_size;
    if (o->ob_type == &PyDict_Type) return dict_size(o);
    if (o->ob_type == &PyUnicode_Type) return str_length(o);
    return out(length(here(), o));
}
CAPI Py_ssize_t PyObject_Length(PyObject* o) { return PyObject_Size(o); }
CAPI Py_ssize_t PyObject_LengthHint(PyObject* o, Py_ssize_t fallback) {
    return out(length_hint(here(), o, fallback));
}
CAPI PyObject* PyObject_GetItem(PyObject* o, PyObject* key) {
    if (o && key && o->ob_type == &PyDict_Type) {
        if (Value* place = dict_place_for_c(o, key)) return to_c_new(*place);
        P r;
        int found = PyDict_GetItemRef(o, key, &r);
        return found ? r : out(raise_key_error(here(), key));
    }
    return o && key ? out(get_item(here(), o, Value(key))) : out(null_argument());
}
CAPI int PyObject_SetItem(PyObject* o, PyObject* key, PyObject* v) {
    if (!o || !key || !v) return fail(null_argument());
    return out(set_item(here(), o, key, v));
}
CAPI int PyObject_DelItem(PyObject* o, PyObject* key) {
    if (o && key) return out(set_item(here(), o, key, Value()));
    return fail(null_argument());
}
CAPI int PyObject_DelItemString(PyObject* o, const char* key) {
    if (!o || !key) return fail(null_argument());
    Ref k = text_from_c(here(), key);
    return k ? out(set_item(here(), o, k, Value())) : -1;
}

// --- sequences ---

namespace {
Raised no_sequence(const char* format, P o) {
    return raise(here(), PyExc_TypeError, format, o->ob_type->tp_name);
}
// Index counted from the end, for slots that take plain ones.
bool from_end(P o, Py_ssize_t& i) {
    LengthFn len = ext(o->ob_type)->slots.sq_length;
    if (i >= 0 || !len) return true;
    auto n = len(here(), o);
    if (!n) return false;
    i += n.value();
    return true;
}
Ref make_slice(Thread& t, Py_ssize_t i, Py_ssize_t j) {
    Ref a = int_from(t, i), b = int_from(t, j);
    if (!a || !b) return {};
    return call(t, Value(&PySlice_Type), {a, b});
}
}  // namespace

CAPI int PySequence_Check(PyObject* o) {
    if (!o || is_dict(o)) return 0;
    return ext(o->ob_type)->slots.sq_item != nullptr;
}
CAPI Py_ssize_t PySequence_Size(PyObject* o) {
    if (!o) return fail(null_argument());
    const Slots& s = ext(o->ob_type)->slots;
    if (s.sq_length) return out(s.sq_length(here(), o));
    if (s.mp_length) return fail(no_sequence("%.200s is not a sequence", o));
    return fail(no_sequence("object of type '%.200s' has no len()", o));
}
CAPI Py_ssize_t PySequence_Length(PyObject* o) { return PySequence_Size(o); }
CAPI PyObject* PySequence_Concat(PyObject* a, PyObject* b) {
    if (!(a && b)) return out(null_argument());
    Thread& t = here();
    if (BinaryFn fn = ext(a->ob_type)->slots.sq_concat) return out(fn(t, a, b));
    if (PySequence_Check(a) && PySequence_Check(b)) return binary(a, b, BinaryOp::NB_ADD);
    return out(no_sequence("'%.200s' object can't be concatenated", a));
}
CAPI PyObject* PySequence_Repeat(PyObject* o, Py_ssize_t n) {
    if (!o) return out(null_argument());
    Thread& t = here();
    if (IndexFn fn = ext(o->ob_type)->slots.sq_repeat) return out(fn(t, o, n));
    if (PySequence_Check(o)) {
        Ref count = int_from(t, n);
        return count ? out(binary_op(t, o, count, BinaryOp::NB_MULTIPLY)) : nullptr;
    }
    return out(no_sequence("'%.200s' object can't be repeated", o));
}
CAPI PyObject* PySequence_InPlaceConcat(PyObject* a, PyObject* b) {
    if (!(a && b)) return out(null_argument());
    Thread& t = here();
    if (BinaryFn fn = ext(a->ob_type)->slots.sq_inplace_concat) return out(fn(t, a, b));
    if (BinaryFn fn = ext(a->ob_type)->slots.sq_concat) return out(fn(t, a, b));
    if (PySequence_Check(a) && PySequence_Check(b)) return binary(a, b, BinaryOp::NB_INPLACE_ADD);
    return out(no_sequence("'%.200s' object can't be concatenated", a));
}
CAPI PyObject* PySequence_InPlaceRepeat(PyObject* o, Py_ssize_t n) {
    if (!o) return out(null_argument());
    if (IndexFn fn = ext(o->ob_type)->slots.sq_inplace_repeat) return out(fn(here(), o, n));
    return PySequence_Repeat(o, n);
}
CAPI PyObject* PySequence_GetItem(PyObject* o, Py_ssize_t i) {
    if (!o) return out(null_argument());
    const Slots& s = ext(o->ob_type)->slots;
    if (s.sq_item) return from_end(o, i) ? out(s.sq_item(here(), o, i)) : nullptr;
    if (s.mp_subscript) return out(no_sequence("%.200s is not a sequence", o));
    return out(no_sequence("'%.200s' object does not support indexing", o));
}
CAPI int PySequence_SetItem(PyObject* o, Py_ssize_t i, PyObject* v) {
    if (!o) return fail(null_argument());
    const Slots& s = ext(o->ob_type)->slots;
    if (s.sq_ass_item) return from_end(o, i) ? out(s.sq_ass_item(here(), o, i, v)) : -1;
    if (s.mp_ass_subscript) return fail(no_sequence("%.200s is not a sequence", o));
    return fail(no_sequence("'%.200s' object does not support item assignment", o));
}
CAPI int PySequence_DelItem(PyObject* o, Py_ssize_t i) {
    if (!o) return fail(null_argument());
    const Slots& s = ext(o->ob_type)->slots;
    if (s.sq_ass_item) return from_end(o, i) ? out(s.sq_ass_item(here(), o, i, Value())) : -1;
    if (s.mp_ass_subscript) return fail(no_sequence("%.200s is not a sequence", o));
    return fail(no_sequence("'%.200s' object doesn't support item deletion", o));
}
CAPI PyObject* PySequence_GetSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j) {
    if (!o) return out(null_argument());
    Thread& t = here();
    if (!ext(o->ob_type)->slots.mp_subscript) return out(no_sequence("'%.200s' object is unsliceable", o));
    Ref slice = make_slice(t, i, j);
    return slice ? out(get_item(t, o, slice)) : nullptr;
}
CAPI int PySequence_SetSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j, PyObject* v) {
    if (!o) return fail(null_argument());
    Thread& t = here();
    if (!ext(o->ob_type)->slots.mp_ass_subscript)
        return fail(no_sequence("'%.200s' object doesn't support slice assignment", o));
    Ref slice = make_slice(t, i, j);
    return slice ? out(set_item(t, o, slice, v)) : -1;
}
CAPI int PySequence_DelSlice(PyObject* o, Py_ssize_t i, Py_ssize_t j) {
    if (!o) return fail(null_argument());
    Thread& t = here();
    if (!ext(o->ob_type)->slots.mp_ass_subscript)
        return fail(no_sequence("'%.200s' object doesn't support slice deletion", o));
    Ref slice = make_slice(t, i, j);
    return slice ? out(set_item(t, o, slice, Value())) : -1;
}
CAPI PyObject* PySequence_Tuple(PyObject* o) { return o ? out(to_tuple(here(), o)) : out(null_argument()); }
CAPI PyObject* PySequence_List(PyObject* o) { return o ? out(to_list(here(), o)) : out(null_argument()); }
CAPI PyObject* PySequence_Fast(PyObject* o, const char* message) {
    return o ? out(sequence_fast(here(), o, message)) : out(null_argument());
}
CAPI int PySequence_Contains(PyObject* o, PyObject* item) {
    if (o && item) return out(contains(here(), o, item));
    if (o && is_list(o) && list_size(o) == 0) return 0;
    return fail(null_argument());
}
CAPI int PySequence_In(PyObject* o, PyObject* item) { return PySequence_Contains(o, item); }
namespace {
// By iteration: how often (-1 for the first place only).
Py_ssize_t search(P o, P item, bool first) {
    Thread& t = here();
    if (!o || !item) return fail(null_argument());
    Ref it = krait::iter(t, o);
    if (!it) {
        if (error_is(t, PyExc_TypeError))
            raise(t, PyExc_TypeError, "argument of type '%.200s' is not a container or iterable",
                  o->ob_type->tp_name);
        return -1;
    }
    Py_ssize_t n = 0;
    for (Py_ssize_t i = 0;; i++) {
        Ref x = iter_next(t, it);
        if (!x) break;
        auto same = equal(t, x, item);
        if (!same) return -1;
        if (same.value()) {
            if (first) return i;
            n++;
        }
    }
    if (t.has_exception()) return -1;
    if (first) return fail(raise(t, PyExc_ValueError, "sequence.index(x): x not in sequence"));
    return n;
}
}  // namespace
CAPI Py_ssize_t PySequence_Count(PyObject* o, PyObject* item) { return search(o, item, false); }
CAPI Py_ssize_t PySequence_Index(PyObject* o, PyObject* item) { return search(o, item, true); }

// --- mappings ---

CAPI int PyMapping_Check(PyObject* o) { return o && ext(o->ob_type)->slots.mp_subscript != nullptr; }
CAPI Py_ssize_t PyMapping_Size(PyObject* o) {
    if (!o) return fail(null_argument());
    const Slots& s = ext(o->ob_type)->slots;
    if (s.mp_length) return out(s.mp_length(here(), o));
    if (s.sq_length) return fail(no_sequence("%.200s is not a mapping", o));
    return fail(no_sequence("object of type '%.200s' has no len()", o));
}
CAPI Py_ssize_t PyMapping_Length(PyObject* o) { return PyMapping_Size(o); }
namespace krait {
Raised null_argument() {
    Thread& t = here();
    if (!t.has_exception()) raise(t, PyExc_SystemError, "null argument to internal routine");
    return {};
}
Ref text_from_c(Thread& t, const char* s) { return s ? str_from(t, s) : Ref(null_argument()); }
}  // namespace krait
CAPI PyObject* PyMapping_GetItemString(PyObject* o, const char* key) {
    Ref k = text_from_c(here(), key);
    return k ? PyObject_GetItem(o, k.get().ptr()) : nullptr;
}
CAPI int PyMapping_SetItemString(PyObject* o, const char* key, PyObject* v) {
    Ref k = text_from_c(here(), key);
    return k ? PyObject_SetItem(o, k.get().ptr(), v) : -1;
}
CAPI int PyMapping_GetOptionalItem(PyObject* o, PyObject* key, PyObject** result) {
    Thread& t = here();
    *result = nullptr;
    if (!o || !key) return fail(null_argument());
    if (is_dict_exact(Value(o))) {
        Maybe m = dict_get(t, o, key);
        return m ? give(m.take(), result) : -1;
    }
    if (Ref r = get_item(t, o, Value(key))) return give(std::move(r), result);
    return clear_if(t, PyExc_KeyError) ? 0 : -1;
}
CAPI int PyMapping_GetOptionalItemString(PyObject* o, const char* key, PyObject** result) {
    *result = nullptr;
    Ref k = text_from_c(here(), key);
    return k ? PyMapping_GetOptionalItem(o, k.get().ptr(), result) : -1;
}
CAPI int PyMapping_HasKeyWithError(PyObject* o, PyObject* key) {
    PyObject* v;
    int r = PyMapping_GetOptionalItem(o, key, &v);
    if (v) decref(v);
    return r;
}
CAPI int PyMapping_HasKeyStringWithError(PyObject* o, const char* key) {
    PyObject* v;
    int r = PyMapping_GetOptionalItemString(o, key, &v);
    if (v) decref(v);
    return r;
}
CAPI int PyMapping_HasKey(PyObject* o, PyObject* key) {
    int r = PyMapping_HasKeyWithError(o, key);
    if (r < 0)
        write_unraisable(here(),
                         "Exception ignored in PyMapping_HasKey(); consider using "
                         "PyMapping_HasKeyWithError(), PyMapping_GetOptionalItem() or "
                         "PyObject_GetItem()",
                         Value());
    return r > 0;
}
CAPI int PyMapping_HasKeyString(PyObject* o, const char* key) {
    int r = PyMapping_HasKeyStringWithError(o, key);
    if (r < 0)
        write_unraisable(here(),
                         "Exception ignored in PyMapping_HasKeyString(); consider using "
                         "PyMapping_HasKeyStringWithError(), PyMapping_GetOptionalItemString() "
                         "or PyMapping_GetItemString()",
                         Value());
    return r > 0;
}
namespace {
// keys(), values() and items() as a list.
P listed(P o, const char* method) {
    Thread& t = here();
    if (!o) return out(null_argument());
    Ref r = call_method(t, o, method);
    if (!r) return nullptr;
    if (is_list_exact(r)) return out(std::move(r));
    Ref it = krait::iter(t, r);
    if (!it) {
        if (error_is(t, PyExc_TypeError))
            raise(t, PyExc_TypeError, "%.200s.%s() returned a non-iterable (type %.200s)",
                  o->ob_type->tp_name, method, type_of(r)->tp_name);
        return nullptr;
    }
    return out(to_list(t, it));
}
}  // namespace
CAPI PyObject* PyMapping_Keys(PyObject* o) {
    return o && is_dict_exact(Value(o)) ? out(dict_keys_list(here(), o)) : listed(o, "keys");
}
CAPI PyObject* PyMapping_Values(PyObject* o) {
    return o && is_dict_exact(Value(o)) ? out(dict_values_list(here(), o)) : listed(o, "values");
}
CAPI PyObject* PyMapping_Items(PyObject* o) {
    return o && is_dict_exact(Value(o)) ? out(dict_items_list(here(), o)) : listed(o, "items");
}

// --- iterators ---

CAPI PyObject* PyObject_GetIter(PyObject* o) { return out(krait::iter(here(), o)); }
CAPI PyObject* PyObject_GetAIter(PyObject* o) { return out(async_iter(here(), o)); }
CAPI int PyIter_Check(PyObject* o) { return is_iterator(o); }
CAPI int PyAIter_Check(PyObject* o) { return ext(o->ob_type)->slots.am_anext != nullptr; }
namespace {
// An iterator of C gave nothing.
[[gnu::noinline]] P ended() {
    if (Thread& t = here(); t.has_exception()) clear_if(t, PyExc_StopIteration);
    return nullptr;
}
[[gnu::noinline]] P next_of_ours(P it) {
    PyTypeObject* type = it->ob_type;
    if (type == &list_iterator_type) {
        auto* i = reinterpret_cast<IndexIterObject*>(it);
        if (i->seq && i->index < list_size(i->seq)) return to_c_new(list_get(i->seq, i->index++));
    } else if (type == dict_key_iterator_type) {
        if (auto* i = reinterpret_cast<DictIterObject*>(it); i->dict)
            if (Ref r = dict_iter_next_plain(i)) return to_c(std::move(r));
    }
    return out(iter_next(here(), it));
}
}  // namespace
CAPI PyObject* PyIter_Next(PyObject* it) {
    PyTypeObject* type = it->ob_type;
    if (!(type->krait_bits & kMadeByC) || !type->tp_iternext) return called(next_of_ours(it));
    P r = reinterpret_cast<P (*)(P)>(type->tp_iternext)(it);
    return r ? r : called(ended());
}
CAPI int PyIter_NextItem(PyObject* it, PyObject** item) {
    Thread& t = here();
    *item = nullptr;
    if (!is_iterator(it)) return fail(raise(t, PyExc_TypeError, "expected an iterator, got '%T'", Value(it)));
    *item = out(iter_next(t, it));
    return *item ? 1 : t.has_exception() ? -1 : 0;
}
CAPI int PyIter_Send(PyObject* it, PyObject* arg, PyObject** result) {
    Thread& t = here();
    *result = nullptr;
    if (SendFn fn = ext(it->ob_type)->slots.am_send) {
        Ref r;
        SendResult how = fn(t, it, arg, r);
        if (give(std::move(r), result) < 0) return -1;
        return how == SendResult::Error ? -1 : how == SendResult::Return ? 0 : 1;
    }
    Ref r = arg == &_Py_NoneStruct && is_iterator(it) ? ext(it->ob_type)->slots.iternext(t, it)
                                                      : call_method(t, it, "send", {Value(arg)});
    if (r) return give(std::move(r), result);
    if (!t.has_exception()) {
        *result = new_none();
        return 0;
    }
    if (!error_is(t, PyExc_StopIteration)) return -1;
    Ref exc = fetch_error(t);
    Value v = exc.as<PyStopIterationObject>()->value;
    *result = v ? to_c_new(v) : new_none();
    return 0;
}
CAPI PyObject* PySeqIter_New(PyObject* seq) { return out(seq_iter_new(here(), seq)); }
CAPI PyObject* PyCallIter_New(PyObject* f, PyObject* sentinel) {
    return out(call_iter_new(here(), f, sentinel));
}
