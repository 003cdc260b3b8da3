// Specialization (PEP 659): an adaptive instruction whose counter ran out looks at its operands and becomes
// the family member that fits, with what its guard needs in the inline caches. One that fits none waits
// longer before it tries again.
#include "builtins/callable.h"
#include "builtins/dict_table.h"
#include "builtins/iterators.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/dunder.h"
#include "interp/eval.h"
#include "interp/generator.h"
#include "interp/internal.h"
#include "object/instance.h"
#include "object/names.h"
#include "object/operators.h"

namespace krait {
namespace {

void become(uint16_t* ip, Op op) {
    set_opcode(ip, op);
    ip[1] = kCounterCooldown;
}
void give_up(uint16_t* ip) { counter_backoff(&ip[1]); }

// --- BINARY_OP ---

int plain_operator(int op) { return op >= kFirstInplace && op != 26 ? op - kFirstInplace : op; }

bool is_division(int op) { return op == 2 || op == 6 || op == 11; }
bool is_zero(Value v) { return (v.is_int() && v.as_int() == 0) || (v.is_float() && v.as_float() == 0); }

// A member of the family, or one of those that share BINARY_OP_EXTEND.
struct Operator {
    Op op = Op::BINARY_OP;
    Extended extended = {};

    Operator() = default;
    Operator(Op own) : op(own) {}                                            // NOLINT: implicit by design
    Operator(Extended which) : op(Op::BINARY_OP_EXTEND), extended(which) {}  // NOLINT
    explicit operator bool() const { return op != Op::BINARY_OP; }
};
void become_operator(uint16_t* ip, Operator choice) {
    become(ip, choice.op);
    if (choice.op == Op::BINARY_OP_EXTEND) ip[2] = static_cast<uint16_t>(choice.extended);
}

Operator binary_for_ints(BinaryOp op) {
    switch (op) {
        case BinaryOp::NB_ADD:
            return Op::BINARY_OP_ADD_INT;
        case BinaryOp::NB_SUBTRACT:
            return Op::BINARY_OP_SUBTRACT_INT;
        case BinaryOp::NB_MULTIPLY:
            return Op::BINARY_OP_MULTIPLY_INT;
        case BinaryOp::NB_AND:
            return Op::BINARY_OP_AND_INT;
        case BinaryOp::NB_REMAINDER:
            return Op::BINARY_OP_MODULO_INT;
        case BinaryOp::NB_RSHIFT:
            return Op::BINARY_OP_RSHIFT_INT;
        case BinaryOp::NB_FLOOR_DIVIDE:
            return Extended::FLOOR_DIVIDE_INT;
        case BinaryOp::NB_LSHIFT:
            return Extended::LSHIFT_INT;
        case BinaryOp::NB_OR:
            return Extended::OR_INT;
        case BinaryOp::NB_TRUE_DIVIDE:
            return Extended::DIVIDE_INT;
        case BinaryOp::NB_XOR:
            return Extended::XOR_INT;
        default:
            return {};
    }
}
Operator binary_for_floats(BinaryOp op) {
    switch (op) {
        case BinaryOp::NB_ADD:
            return Op::BINARY_OP_ADD_FLOAT;
        case BinaryOp::NB_SUBTRACT:
            return Op::BINARY_OP_SUBTRACT_FLOAT;
        case BinaryOp::NB_MULTIPLY:
            return Op::BINARY_OP_MULTIPLY_FLOAT;
        case BinaryOp::NB_TRUE_DIVIDE:
            return Extended::DIVIDE_FLOAT;
        case BinaryOp::NB_POWER:
            return Extended::POWER_FLOAT;
        default:
            return {};
    }
}
Operator binary_for_mixed(BinaryOp op) {
    switch (op) {
        case BinaryOp::NB_ADD:
            return Extended::ADD_MIXED;
        case BinaryOp::NB_SUBTRACT:
            return Extended::SUBTRACT_MIXED;
        case BinaryOp::NB_MULTIPLY:
            return Extended::MULTIPLY_MIXED;
        case BinaryOp::NB_TRUE_DIVIDE:
            return Extended::DIVIDE_MIXED;
        default:
            return {};
    }
}
Operator binary_for_numbers(BinaryOp op, Value a, Value b) {
    if (a.is_int() && b.is_int()) return binary_for_ints(op);
    return a.is_float() && b.is_float() ? binary_for_floats(op) : binary_for_mixed(op);
}

// A type of ours that no program can change, and whose slots are no C functions.
bool is_native_type(const PyTypeObject* type) {
    return !(type->tp_flags & kTpHeapType) && !(type->krait_bits & kMadeByC);
}
// Notes the type's version for the guard.
bool note_native(PyTypeObject* type, uint16_t* ip) {
    uint32_t version = is_native_type(type) ? type_version(type) : 0;
    if (version) set_cache_u32(&ip[3], version);
    return version;
}
Operator binary_for_objects(Thread& t, int op, Value a, Value b, uint16_t* ip) {
    BinaryOp plain = static_cast<BinaryOp>(plain_operator(op));
    bool numbers = (a.is_int() || is_bool(a)) && (b.is_int() || is_bool(b));
    if (numbers && plain == BinaryOp::NB_ADD) return Extended::ADD_BOOL;
    if (is_str_exact(a)) {
        if (plain == BinaryOp::NB_REMAINDER) return Extended::FORMAT_STR;
        if (plain != BinaryOp::NB_ADD || !is_str_exact(b)) return {};
        uint16_t next = ip[units_of(Op::BINARY_OP)];
        bool back = (next & 255) == static_cast<int>(Op::STORE_FAST) &&
                    t.c.current_frame->localsplus[next >> 8].bits == a.bits;
        return back ? Op::BINARY_OP_INPLACE_ADD_UNICODE : Op::BINARY_OP_ADD_UNICODE;
    }
    if (!a.is_ptr() || !b.is_ptr() || a.heap_type() != b.heap_type()) return {};
    int slot = operator_slot_offset(a.heap_type(), static_cast<BinaryOp>(op));
    if (slot < 0 || !note_native(a.heap_type(), ip)) return {};
    ip[5] = static_cast<uint16_t>(slot);
    return Extended::SAME_NATIVE;
}
Operator binary_for_subscript(Value container, Value key, uint16_t* ip) {
    if (is_dict_exact(container)) return Op::BINARY_OP_SUBSCR_DICT;
    if (is_list_exact(container) && has_type(key, &PySlice_Type)) return Op::BINARY_OP_SUBSCR_LIST_SLICE;
    if (key.is_int()) {
        if (is_list_exact(container)) return Op::BINARY_OP_SUBSCR_LIST_INT;
        if (is_tuple_exact(container)) return Op::BINARY_OP_SUBSCR_TUPLE_INT;
        if (is_str_exact(container)) return Op::BINARY_OP_SUBSCR_STR_INT;
        if (has_type(container, &PyBytes_Type)) return Extended::SUBSCR_BYTES_INT;
    }
    bool native = container.is_ptr() && ext(container.heap_type())->slots.mp_subscript &&
                  note_native(container.heap_type(), ip);
    return native ? Extended::SUBSCR_NATIVE : Operator();
}

// --- attributes ---

bool is_data_descriptor(Value descr) { return ext(type_of(descr))->slots.descr_set != nullptr; }
bool is_simple_code(PyCodeObject* co) {
    return (co->co_flags & (kCodeOptimized | kCodeVarArgs | kCodeVarKeywords)) == kCodeOptimized &&
           co->co_kwonlyargcount == 0;
}

// Is container[key] a call of a plain Python function? Notes the versions that say so.
bool getitem_function(Thread& t, Value container, uint16_t* ip) {
    if (!container.is_ptr()) return false;
    PyTypeObject* type = type_of(container);
    if (!(type->tp_flags & kTpHeapType) || ext(type)->is_c_type) return false;
    Value fn = type_lookup(type, ID(__getitem__));
    if (!fn || !runs_its_code(fn)) return false;
    PyCodeObject* co = as_code(as_function(fn)->func_code);
    uint32_t version = type_version(type), function = function_version(t, as_function(fn));
    if (!version || !function || !is_simple_code(co) || co->co_argcount != 2) return false;
    set_cache_u32(&ip[2], version);
    set_cache_u32(&ip[4], function);
    return true;
}

bool load_module_attr(Thread& t, Value module, uint16_t* ip, Value name) {
    if (type_lookup(&PyModule_Type, name)) return false;
    Value dict = module_dict(module);
    if (!is_dict_exact(dict) || !dict.as<PyDictObject>()->ma_keys->str_only) return false;
    int64_t index = dict_entry_index(dict, name);
    uint32_t version = index >= 0 && index < 0x10000 ? dict_keys_version(t, dict) : 0;
    if (!version) return false;
    set_cache_u32(&ip[2], version);
    ip[4] = static_cast<uint16_t>(index);
    become(ip, Op::LOAD_ATTR_MODULE);
    return true;
}

bool load_class_attr(Value cls, uint16_t* ip, Value name) {
    PyTypeObject *type = cls.as<PyTypeObject>(), *meta = type_of(cls);
    if (ext(meta)->slots.getattr != ext(&PyType_Type)->slots.getattr) return false;
    if (Value in_meta = type_lookup(meta, name); in_meta && is_data_descriptor(in_meta)) return false;
    Value found = type_lookup(type, name);
    // Functions and methods of native types are what they are in their class.
    bool binds = found && ext(type_of(found))->slots.descr_get;
    if (!found || (binds && !is_function(found) && !has_type(found, &PyMethodDescr_Type))) return false;
    uint32_t version = type_version(type), meta_version = type_version(meta);
    if (!version || !meta_version) return false;
    set_cache_u32(&ip[2], version);
    set_cache_u32(&ip[4], meta_version);
    set_cache_value(&ip[6], found);
    become(ip, meta == &PyType_Type ? Op::LOAD_ATTR_CLASS : Op::LOAD_ATTR_CLASS_WITH_METACLASS_CHECK);
    return true;
}

// Offset of the Value that a `__slots__` descriptor (or a native member of kind ObjectEx) stands for; 0: not
// one.
uint16_t slot_offset(PyTypeObject* owner, Value descr, bool for_store) {
    if (!has_type(descr, &PyMemberDescr_Type)) return 0;
    if (!is_subtype(owner, descr.as<PyDescrObject>()->d_type)) return 0;  // borrowed from another class
    const PyMemberDef* d = descr.as<PyMemberDescrObject>()->d_member;
    if (d->type != static_cast<int>(MemberKind::ObjectEx) || d->offset <= 0 || d->offset > 0xffff) return 0;
    if (for_store && (d->flags & kReadonly)) return 0;
    return static_cast<uint16_t>(d->offset);
}

bool load_data_descriptor(Thread& t, PyTypeObject* type, Value descr, uint16_t* ip, bool method) {
    if (uint16_t offset = slot_offset(type, descr, false)) {
        ip[4] = offset;
        become(ip, Op::LOAD_ATTR_SLOT);
        return true;
    }
    if (descr == type_lookup(&PyBaseObject_Type, ID(__class__))) {
        ip[4] = offsetof(PyObject, ob_type);
        become(ip, Op::LOAD_ATTR_SLOT);
        return true;
    }
    // A getter's AttributeError would have to call __getattr__.
    if (method || !has_type(descr, &PyProperty_Type) || ext(type)->generic_but_hook) return false;
    Value getter = property_getter(descr);
    if (!getter || !runs_its_code(getter)) return false;
    PyCodeObject* co = as_code(as_function(getter)->func_code);
    uint32_t version = function_version(t, as_function(getter));
    if (!version || !is_simple_code(co) || co->co_argcount != 1) return false;
    set_cache_u32(&ip[4], version);
    set_cache_value(&ip[6], getter);
    become(ip, Op::LOAD_ATTR_PROPERTY);
    return true;
}

bool load_from_instance(Value owner, PyTypeObject* type, uint16_t* ip, Value name) {
    if (!has_managed_dict(type)) return false;
    TypeExt* x = ext(type);
    if (PyDictObject* dict = managed_dict(owner.ptr())) {
        if (!is_dict_exact(Value(&dict->ob_base)) || !dict->ma_keys->str_only) return false;
        int64_t hint = dict_entry_index(Value(&dict->ob_base), name);
        if (hint < 0 || hint > 0xffff) return false;
        ip[4] = static_cast<uint16_t>(hint);
        become(ip, Op::LOAD_ATTR_WITH_HINT);
        return true;
    }
    int slot = x->shared_keys ? x->shared_keys->find(name) : -1;
    if (slot < 0) return false;
    ip[4] = static_cast<uint16_t>(x->attr_offset + 8 * slot);
    ip[5] = static_cast<uint16_t>(slot);
    become(ip, Op::LOAD_ATTR_INSTANCE_VALUE);
    return true;
}

// A class attribute that instances do not hide: a method to bind, or a plain value.
bool load_from_class(Value owner, PyTypeObject* type, Value descr, uint16_t* ip, Value name, bool method) {
    bool binds = type_of(descr)->tp_flags & kTpMethodDescriptor;
    if (binds ? !method : ext(type_of(descr))->slots.descr_get != nullptr) return false;
    if (has_managed_dict(type)) {
        SharedKeys* keys = ext(type)->shared_keys;
        if (managed_dict(owner.ptr()) || !keys || keys->find(name) >= 0) return false;
        ip[4] = keys->count;
        become(ip, binds ? Op::LOAD_ATTR_METHOD_WITH_VALUES : Op::LOAD_ATTR_NONDESCRIPTOR_WITH_VALUES);
    } else if (type->tp_dictoffset == 0) {
        if (!binds && !owner.is_ptr()) return false;
        become(ip, binds ? Op::LOAD_ATTR_METHOD_NO_DICT : Op::LOAD_ATTR_NONDESCRIPTOR_NO_DICT);
    } else if (binds && type->tp_dictoffset > 0 && type->tp_dictoffset <= 0xffff && owner.is_ptr()) {
        ip[4] = static_cast<uint16_t>(type->tp_dictoffset);
        become(ip, Op::LOAD_ATTR_METHOD_LAZY_DICT);
    } else {
        return false;
    }
    set_cache_value(&ip[6], descr);
    return true;
}

// A class whose __getattribute__ is a plain Python function, without __getattr__.
bool load_by_getattribute(Thread& t, Value owner, uint16_t* ip) {
    Value fn = getattribute_method(owner);
    uint32_t version = fn ? function_version(t, as_function(fn)) : 0;
    if (!version) return false;
    set_cache_u32(&ip[4], version);
    set_cache_value(&ip[6], fn);
    become(ip, Op::LOAD_ATTR_GETATTRIBUTE_OVERRIDDEN);
    return true;
}

bool load_instance_attr(Thread& t, Value owner, uint16_t* ip, Value name, bool method) {
    PyTypeObject* type = type_of(owner);
    TypeExt* x = ext(type);
    uint32_t version = type_version(type);
    if (!version) return false;
    set_cache_u32(&ip[2], version);
    if (!x->generic_but_hook && (!x->generic_getattr || x->has_getattr_hook))
        return !method && load_by_getattribute(t, owner, ip);
    Value descr = type_lookup(type, name);
    if (descr && is_data_descriptor(descr))
        return owner.is_ptr() && load_data_descriptor(t, type, descr, ip, method);
    if (owner.is_ptr() && load_from_instance(owner, type, ip, name)) return true;
    return descr && load_from_class(owner, type, descr, ip, name, method);
}

}  // namespace

void specialize_binary_op(Thread& t, Value a, Value b, uint16_t* ip, int op) {
    int plain = plain_operator(op);
    if (is_division(plain) && is_zero(b)) return give_up(ip);
    Operator choice;
    if (op == static_cast<int>(BinaryOp::NB_SUBSCR)) {
        choice = binary_for_subscript(a, b, ip);
        if (!choice && getitem_function(t, a, ip)) choice = Op::BINARY_OP_SUBSCR_GETITEM;
    } else if (a.is_immediate() && b.is_immediate()) {
        choice = binary_for_numbers(static_cast<BinaryOp>(plain), a, b);
    } else {
        choice = binary_for_objects(t, op, a, b, ip);
    }
    if (!choice) return give_up(ip);
    become_operator(ip, choice);
}

void specialize_compare_op(Thread&, Value a, Value b, uint16_t* ip, int oparg) {
    int op = oparg >> 5;
    if (a.is_int() && b.is_int()) return become(ip, Op::COMPARE_OP_INT);
    if (a.is_float() && b.is_float()) return become(ip, Op::COMPARE_OP_FLOAT);
    if ((op == kEq || op == kNe) && is_str_exact(a) && is_str_exact(b)) return become(ip, Op::COMPARE_OP_STR);
    give_up(ip);
}

void specialize_load_attr(Thread& t, Value owner, uint16_t* ip, Value name, bool method) {
    bool done = has_type(owner, &PyModule_Type) ? load_module_attr(t, owner, ip, name)
                : is_type(owner)                ? load_class_attr(owner, ip, name)
                                                : load_instance_attr(t, owner, ip, name, method);
    if (!done) give_up(ip);
}

void specialize_store_attr(Thread& t, Value owner, uint16_t* ip, Value name) {
    if (!owner.is_ptr()) return give_up(ip);
    PyTypeObject* type = type_of(owner);
    TypeExt* x = ext(type);
    uint32_t version = x->generic_setattr ? type_version(type) : 0;
    if (!version) return give_up(ip);
    set_cache_u32(&ip[2], version);
    Value descr = type_lookup(type, name);
    if (descr && is_data_descriptor(descr)) {
        uint16_t offset = slot_offset(type, descr, true);
        if (!offset) return give_up(ip);
        ip[4] = offset;
        return become(ip, Op::STORE_ATTR_SLOT);
    }
    if (!has_managed_dict(type) || managed_dict(owner.ptr())) return give_up(ip);
    int slot = instance_slot_for_store(t, owner.ptr(), name);
    int64_t words = slot < 0 ? -1 : (x->attr_offset + 8 * slot) / 8;
    if (slot < 0 || words >= 1024) return give_up(ip);
    ip[4] = static_cast<uint16_t>(slot << 10 | words);
    become(ip, Op::STORE_ATTR_INSTANCE_VALUE);
}

void specialize_load_global(Thread& t, Value globals, Value builtins, uint16_t* ip, Value name) {
    auto usable = [](Value d) { return is_dict_exact(d) && d.as<PyDictObject>()->ma_keys->str_only; };
    if (!usable(globals)) return give_up(ip);
    int64_t index = dict_entry_index(globals, name);
    uint32_t version = dict_keys_version(t, globals);
    if (index >= 0) {
        if (!version || version > 0xffff || index > 0xffff) return give_up(ip);
        ip[2] = static_cast<uint16_t>(index);
        ip[3] = static_cast<uint16_t>(version);
        return become(ip, Op::LOAD_GLOBAL_MODULE);
    }
    if (!usable(builtins)) return give_up(ip);
    index = dict_entry_index(builtins, name);
    uint32_t builtins_version = index < 0 ? 0 : dict_keys_version(t, builtins);
    if (!version || version > 0xffff || !builtins_version || builtins_version > 0xffff || index > 0xffff)
        return give_up(ip);
    ip[2] = static_cast<uint16_t>(index);
    ip[3] = static_cast<uint16_t>(version);
    ip[4] = static_cast<uint16_t>(builtins_version);
    become(ip, Op::LOAD_GLOBAL_BUILTIN);
}

namespace {

bool call_function(Thread& t, Value fn, uint16_t* ip, int64_t nargs, Op exact) {
    PyCodeObject* co = as_code(as_function(fn)->func_code);
    uint32_t version = function_version(t, as_function(fn));
    if (!version || !is_simple_code(co) || co->co_argcount != nargs) return false;
    set_cache_u32(&ip[2], version);
    become(ip, exact);
    return true;
}

bool call_class(Thread& t, Value cls, uint16_t* ip, int64_t nargs) {
    auto* type = cls.as<PyTypeObject>();
    if (nargs == 1) {
        Op op = type == &PyType_Type      ? Op::CALL_TYPE_1
                : type == &PyUnicode_Type ? Op::CALL_STR_1
                : type == &PyTuple_Type   ? Op::CALL_TUPLE_1
                                          : Op::CALL;
        if (op != Op::CALL) {
            become(ip, op);
            return true;
        }
    }
    if (type_of(cls) != &PyType_Type) return false;
    if (calls_as_builtin(type, nargs)) {
        become(ip, Op::CALL_BUILTIN_CLASS);
        return true;
    }
    if (!(type->tp_flags & kTpHeapType) || (type->tp_flags & kTpIsAbstract)) return false;
    TypeExt* x = ext(type);
    if (x->is_c_type || x->slots.new_ != ext(&PyBaseObject_Type)->slots.new_) return false;
    Value init = type_lookup(type, ID(__init__));
    if (!init || !runs_its_code(init)) return false;
    PyCodeObject* co = as_code(as_function(init)->func_code);
    uint32_t version = type_version(type);
    if (!version || !enters_as_init(co, nargs) || !function_version(t, as_function(init))) return false;
    x->interp_cache = init.ptr();
    set_cache_u32(&ip[2], version);
    become(ip, Op::CALL_ALLOC_AND_ENTER_INIT);
    return true;
}

// Functions of C: the flags choose, as in CPython. The handlers share one way to call them.
bool call_c(const PyMethodDef& d, uint16_t* ip, int64_t nargs, bool has_self, bool method) {
    enum { kKeywords = 2, kNoargs = 4, kO = 8, kFastcall = 0x80, kCallMask = 0x28f };
    int64_t total = nargs + has_self;
    switch (d.ml_flags & kCallMask) {
        case kNoargs:
            if (!method || total != 1) return false;
            become(ip, Op::CALL_METHOD_DESCRIPTOR_NOARGS);
            return true;
        case kO:
            if (method ? total != 2 : nargs != 1 || has_self) return false;
            become(ip, method ? Op::CALL_METHOD_DESCRIPTOR_O : Op::CALL_BUILTIN_O);
            return true;
        case kFastcall:
            if (method && !total) return false;
            become(ip, method ? Op::CALL_METHOD_DESCRIPTOR_FAST : Op::CALL_BUILTIN_FAST);
            return true;
        case kFastcall | kKeywords:
            if (method && !total) return false;
            become(ip, method ? Op::CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS
                              : Op::CALL_BUILTIN_FAST_WITH_KEYWORDS);
            return true;
        default:
            return false;
    }
}

bool call_native(Thread& t, Value callable, uint16_t* ip, int64_t nargs, bool has_self) {
    if (has_type(callable, &PyCFunction_Type)) {
        const PyMethodDef* d = callable.as<PyCFunctionObject>()->m_ml;
        if (!(d->ml_flags & NativeDef::kNativeDefBit)) return call_c(*d, ip, nargs, has_self, false);
        if (nargs == 1 && !has_self && callable == cache_value_of_len(t)) {
            become(ip, Op::CALL_LEN);
            return true;
        }
        if (nargs == 2 && !has_self && callable == isinstance_function(t)) {
            become(ip, Op::CALL_ISINSTANCE);
            return true;
        }
        NativeKind kind = reinterpret_cast<const NativeDef*>(d)->kind;
        if (kind == NativeKind::One && nargs == 1 && !has_self)
            become(ip, Op::CALL_BUILTIN_O);
        else
            become(ip, kind == NativeKind::Raw || kind == NativeKind::Bound
                           ? Op::CALL_BUILTIN_FAST_WITH_KEYWORDS
                           : Op::CALL_BUILTIN_FAST);
        return true;
    }
    if (!has_type(callable, &PyMethodDescr_Type)) return false;
    const PyMethodDef* d = callable.as<PyMethodDescrObject>()->d_method;
    if (!(d->ml_flags & NativeDef::kNativeDefBit)) return call_c(*d, ip, nargs, has_self, true);
    NativeKind kind = reinterpret_cast<const NativeDef*>(d)->kind;
    bool pop_follows = (ip[units_of(Op::CALL)] & 255) == static_cast<int>(Op::POP_TOP);
    if (callable == list_append_descr(t) && has_self && nargs == 1 && pop_follows) {
        become(ip, Op::CALL_LIST_APPEND);
        return true;
    }
    if (kind == NativeKind::One && nargs + has_self == 2) {
        become(ip, Op::CALL_METHOD_DESCRIPTOR_O);
        return true;
    }
    if (kind == NativeKind::NoArgs && nargs + has_self == 1) {
        become(ip, Op::CALL_METHOD_DESCRIPTOR_NOARGS);
        return true;
    }
    if (nargs + has_self < 1) return false;
    become(ip, kind == NativeKind::Raw || kind == NativeKind::Bound
                   ? Op::CALL_METHOD_DESCRIPTOR_FAST_WITH_KEYWORDS
                   : Op::CALL_METHOD_DESCRIPTOR_FAST);
    return true;
}

}  // namespace

void specialize_call(Thread& t, Value callable, uint16_t* ip, int64_t nargs, bool has_self) {
    bool done = false;
    Op general = Op::CALL_NON_PY_GENERAL;
    if (runs_its_code(callable)) {
        done = call_function(t, callable, ip, nargs + has_self, Op::CALL_PY_EXACT_ARGS);
        general = Op::CALL_PY_GENERAL;
    } else if (has_type(callable, &PyMethod_Type) && !has_self) {
        Value fn = callable.as<PyMethodObject>()->im_func;
        done = runs_its_code(fn) && call_function(t, fn, ip, nargs + 1, Op::CALL_BOUND_METHOD_EXACT_ARGS);
        general = runs_its_code(fn) ? Op::CALL_BOUND_METHOD_GENERAL : Op::CALL_NON_PY_GENERAL;
    } else if (is_type(callable) && !has_self) {
        done = call_class(t, callable, ip, nargs);
    } else {
        done = call_native(t, callable, ip, nargs, has_self);
    }
    if (!done) become(ip, general);
}

namespace {
// Is there an instruction that takes pairs apart? One that was not looked at yet is specialized for it.
bool two_are_unpacked(uint16_t* ip) {
    if (*ip == (static_cast<int>(Op::UNPACK_SEQUENCE) | 2 << 8)) become(ip, Op::UNPACK_SEQUENCE_TWO_TUPLE);
    return (*ip & 255) == static_cast<int>(Op::UNPACK_SEQUENCE_TWO_TUPLE);
}
}  // namespace

void specialize_for_iter(Thread&, Value it, uint16_t* ip) {
    if (has_type(it, &list_iterator_type)) return become(ip, Op::FOR_ITER_LIST);
    if (has_type(it, &tuple_iterator_type)) return become(ip, Op::FOR_ITER_TUPLE);
    if (has_type(it, &range_iterator_type)) return become(ip, Op::FOR_ITER_RANGE);
    if (is_generator(it)) return become(ip, Op::FOR_ITER_GEN);
    if (two_are_unpacked(ip + units_of(Op::FOR_ITER)) && pair_next_of(it))
        return become(ip, Op::FOR_ITER_PAIR);
    if (it.is_ptr() && !(it.heap_type()->tp_flags & kTpHeapType) &&
        !(it.heap_type()->krait_bits & kMadeByC) && ext(it.heap_type())->slots.iternext)
        return become(ip, Op::FOR_ITER_NATIVE);
    give_up(ip);
}

void specialize_send(Thread&, Value receiver, uint16_t* ip) {
    if (is_generator(receiver) || is_coroutine(receiver)) return become(ip, Op::SEND_GEN);
    give_up(ip);
}

void specialize_load_super(Thread&, uint16_t* ip, Value global_super, Value cls, bool method) {
    if (global_super != Value(&PySuper_Type) || !is_type(cls)) return give_up(ip);
    become(ip, method ? Op::LOAD_SUPER_ATTR_METHOD : Op::LOAD_SUPER_ATTR_ATTR);
}

void specialize_unpack(Thread&, Value seq, uint16_t* ip, int64_t n) {
    if (is_tuple_exact(seq) && tuple_size(seq) == n)
        return become(ip, n == 2 ? Op::UNPACK_SEQUENCE_TWO_TUPLE : Op::UNPACK_SEQUENCE_TUPLE);
    if (is_list_exact(seq) && list_size(seq) == n) return become(ip, Op::UNPACK_SEQUENCE_LIST);
    give_up(ip);
}

void specialize_to_bool(Thread&, Value v, uint16_t* ip) {
    if (v == boolean(true) || v == boolean(false)) return become(ip, Op::TO_BOOL_BOOL);
    if (v.is_int()) return become(ip, Op::TO_BOOL_INT);
    if (is_none(v)) return become(ip, Op::TO_BOOL_NONE);
    if (is_list_exact(v)) return become(ip, Op::TO_BOOL_LIST);
    if (is_str_exact(v)) return become(ip, Op::TO_BOOL_STR);
    if (!v.is_ptr()) return give_up(ip);
    const Slots& s = ext(type_of(v))->slots;
    uint32_t version = !s.nb_bool && !s.mp_length && !s.sq_length ? type_version(type_of(v)) : 0;
    if (!version) return give_up(ip);
    set_cache_u32(&ip[2], version);
    become(ip, Op::TO_BOOL_ALWAYS_TRUE);
}

void specialize_contains(Thread&, Value container, uint16_t* ip) {
    if (is_dict_exact(container)) return become(ip, Op::CONTAINS_OP_DICT);
    if (has_type(container, &PySet_Type) || has_type(container, &PyFrozenSet_Type))
        return become(ip, Op::CONTAINS_OP_SET);
    give_up(ip);
}

void specialize_store_subscr(Thread&, Value container, Value key, uint16_t* ip) {
    if (is_list_exact(container) && key.is_int()) return become(ip, Op::STORE_SUBSCR_LIST_INT);
    if (is_dict_exact(container)) return become(ip, Op::STORE_SUBSCR_DICT);
    give_up(ip);
}

}  // namespace krait
