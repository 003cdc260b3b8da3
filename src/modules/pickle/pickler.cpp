// The type Pickler and the window on its memo.
#include "builtins/bytes.h"
#include "builtins/str_methods.h"
#include "modules/fields.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {

constexpr const char* kInitSignature = "(file, protocol=None, fix_imports=True, buffer_callback=None)";
// As sys.getsizeof of CPython reports it.
constexpr int64_t kPicklerSize = 152;
static_assert(sizeof(Pickler) <= kPicklerSize);

Status not_in_use(Thread& t, Pickler* p) {
    if (p->running) return raise(t, PyExc_RuntimeError, "Pickler object is already used");
    return Status::ok();
}

template <class F>
void each_value(Pickler* p, F&& f) {
    for (Value* v : {&p->write, &p->dispatch_table, &p->buffer_callback, &p->persistent_id_attr,
                     &p->persistent_id, &p->reducer_override, &p->fast_memo, &p->buffer})
        f(*v);
}
void drop_values(Pickler* p) {
    each_value(p, [](Value& v) { put_owned(v, Ref()); });
    MemoTable* memo = p->memo;
    p->memo = nullptr;
    MemoTable::destroy(memo);
}

void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    drop_values(reinterpret_cast<Pickler*>(o));
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& visitor) {
    auto* p = reinterpret_cast<Pickler*>(o);
    each_value(p, [&](Value& v) { visitor.visit(v); });
    if (!p->memo) return;
    for (size_t i = 0; i < p->memo->capacity(); i++)
        if (Value key = p->memo->at(i).key) visitor.visit(key);
}
void clear(Thread&, PyObject* o) {
    auto* p = reinterpret_cast<Pickler*>(o);
    if (!p->running) drop_values(p);
}

Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref self = TRY(alloc(t, type));
    as_pickler(self)->frame_start = -1;
    return self;
}
Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[4];
    Ref keep;
    TRY(bind_args(t, "Pickler", kInitSignature, args, nargs, kwnames, a, keep));
    bool fix_imports = a[2] ? TRY(is_true(t, a[2])) : true;
    auto* p = as_pickler(self);
    TRY(not_in_use(t, p));
    InUse in_use(p->running);
    TRY(pickler_setup(t, p, a[1], fix_imports, a[0], a[3]));
    Ref table = TRY(lookup_attr(t, self, "dispatch_table"));
    put_owned(p->dispatch_table, std::move(table));
    return Status::ok();
}

// An instance may carry a persistent_id of its own, without a dict.
LazyName kPersistentId("persistent_id");
Ref getattr(Thread& t, Value self, Value name) {
    if (as_pickler(self)->persistent_id_attr && is_str(name) && str_equal(name, kPersistentId(t)))
        return Ref::share(as_pickler(self)->persistent_id_attr);
    return generic_get_attr(t, self, name);
}
Status setattr(Thread& t, Value self, Value name, Value value) {
    if (!is_str(name) || !str_equal(name, kPersistentId(t))) return generic_set_attr(t, self, name, value);
    put_owned(as_pickler(self)->persistent_id_attr, Ref::share(value));
    return Status::ok();
}

Ref persistent_id(Thread&, Value, Value) { return none_ref(); }
Ref dump(Thread& t, Value self, Value obj) {
    auto* p = as_pickler(self);
    TRY(not_in_use(t, p));
    if (!p->ready)
        return raise(t, pickling_error(), "Pickler.__init__() was not called by %s.__init__()",
                     type_of(self)->tp_name);
    InUse in_use(p->running);
    TRY(start_output(t, p));
    TRY(pickler_dump(t, p, obj));
    TRY(flush_output(t, p));
    return none_ref();
}
Ref clear_memo(Thread&, Value self) {
    if (MemoTable* memo = as_pickler(self)->memo) memo->clear();
    return none_ref();
}
Ref size_of(Thread& t, Value self) {
    auto* p = as_pickler(self);
    int64_t size = type_of(self)->tp_basicsize;
    if (p->memo) size += p->memo->memory();
    if (p->buffer) size += PyBytes_Type.tp_basicsize + bytes_size(p->buffer);
    return int_from(t, size);
}

// --- the memo as an attribute ---

using MemoProxy = Fields<1>;
Pickler* behind(Value proxy) { return as_pickler(proxy.as<MemoProxy>()->f[0]); }

Ref get_memo(Thread& t, Value self, void*) {
    Ref proxy = TRY(alloc(t, g_state.pickler_memo_type.as<PyTypeObject>()));
    proxy.as<MemoProxy>()->f[0] = Ref::share(self).release();
    return proxy;
}

MemoTable* memo_from_dict(Thread& t, Value dict) {
    MemoTable* table = MemoTable::create(t);
    int64_t pos = 0;
    Value key, pair;
    while (table && dict_next(dict, pos, key, pair)) {
        Status ok;
        if (!is_tuple(pair) || tuple_size(pair) != 2) {
            raise(t, PyExc_TypeError, "'memo' values must be 2-item tuples");
        } else {
            Result<int64_t> number = as_index(t, tuple_get(pair, 0), PyExc_OverflowError);
            // Numbers have no address to be known by; none is ever memoized.
            if (number)
                ok = tuple_get(pair, 1).is_immediate() ? Status::ok()
                                                       : table->set(t, tuple_get(pair, 1), number.value());
        }
        if (ok) continue;
        MemoTable::destroy(table);
        return nullptr;
    }
    return table;
}

Status set_memo(Thread& t, Value self, Value value, void*) {
    if (!value) return raise(t, PyExc_TypeError, "attribute deletion is not supported");
    MemoTable* table;
    if (has_type(value, g_state.pickler_memo_type.as<PyTypeObject>())) {
        MemoTable* from = behind(value)->memo;
        table = from ? MemoTable::copy(t, *from) : MemoTable::create(t);
    } else if (is_dict(value)) {
        table = memo_from_dict(t, value);
    } else {
        return raise(t, PyExc_TypeError,
                     "'memo' attribute must be a PicklerMemoProxy object or dict, not %.200s",
                     type_of(value)->tp_name);
    }
    if (!table) return {};
    MemoTable* old = as_pickler(self)->memo;
    as_pickler(self)->memo = table;
    MemoTable::destroy(old);
    return Status::ok();
}

Ref memo_clear(Thread&, Value self) {
    if (MemoTable* memo = behind(self)->memo) memo->clear();
    return none_ref();
}
Ref memo_copy(Thread& t, Value self) {
    Ref dict = TRY(dict_new(t));
    MemoTable* memo = behind(self)->memo;
    for (size_t i = 0; memo && i < memo->capacity(); i++) {
        MemoTable::Entry e = memo->at(i);
        if (!e.key) continue;
        Ref key = TRY(int_from_u64(t, e.key.bits)), number = TRY(int_from(t, e.number));
        Ref pair = TRY(tuple_of(t, {number, e.key}));
        TRY(dict_set(t, dict, key, pair));
    }
    return dict;
}
Ref memo_reduce(Thread& t, Value self) {
    Ref contents = TRY(memo_copy(t, self));
    Ref args = TRY(tuple_of(t, {contents}));
    return tuple_of(t, {Value(&PyDict_Type), args});
}

const NativeDef memo_methods[] = {
    def<memo_clear>("clear", "()", "Forget everything."),
    def<memo_copy>("copy", "()", "The memo as a dict: pairs of number and object by id."),
    def<memo_reduce>("__reduce__", "()", "For pickle."),
    {},
};

const NativeDef methods[] = {
    def<persistent_id>("persistent_id", "(obj, /)", nullptr),
    def<dump>("dump", "(obj, /)", "Write the pickle of an object to the file.", kMethMethod),
    def<clear_memo>(
        "clear_memo", "()",
        "Forget which objects were written already.\n\nAs long as it remembers them, objects that come "
        "again are written as references."),
    def<size_of>("__sizeof__", "()", "Size in memory, in bytes."),
    {},
};
const MemberDef members[] = {
    member("bin", MemberKind::Int, offsetof(Pickler, bin), 0, nullptr),
    member("fast", MemberKind::Int, offsetof(Pickler, fast), 0, nullptr),
    member("dispatch_table", MemberKind::ObjectEx, offsetof(Pickler, dispatch_table), 0, nullptr),
    {},
};
const GetSetDef attributes[] = {getset("memo", get_memo, set_memo, nullptr), {}};

}  // namespace

Status pickler_setup(Thread& t, Pickler* p, Value protocol, bool fix_imports, Value file,
                     Value buffer_callback) {
    if (p->ready) drop_values(p);
    p->ready = false;
    p->proto = kDefaultProtocol;
    if (protocol && !is_none(protocol)) {
        p->proto = TRY(as_int32(t, protocol));
        if (p->proto < 0) p->proto = kHighestProtocol;
        if (p->proto > kHighestProtocol)
            return raise(t, PyExc_ValueError, "pickle protocol must be <= %d", kHighestProtocol);
    }
    p->bin = p->proto > 0;
    p->fix_imports = fix_imports && p->proto < 3;
    if (file) {
        Ref write = TRY(lookup_attr(t, file, ID(write)));
        if (!write) return raise(t, PyExc_TypeError, "file must have a 'write' attribute");
        put_owned(p->write, std::move(write));
    }
    if (buffer_callback && !is_none(buffer_callback)) {
        if (p->proto < 5) return raise(t, PyExc_ValueError, "buffer_callback needs protocol >= 5");
        put_owned(p->buffer_callback, Ref::share(buffer_callback));
    }
    if (!p->memo && !(p->memo = MemoTable::create(t))) return {};
    p->fast = 0;
    p->framing = false;
    TRY(start_output(t, p));
    p->ready = true;
    return Status::ok();
}

Ref pickler_new(Thread& t) { return new_(t, g_state.pickler_type.as<PyTypeObject>(), nullptr, 0, Value()); }

namespace {

// The hooks of subclasses are looked up once for each dump: held longer they would be cycles.
Status find_hooks(Thread& t, Pickler* p) {
    Value self(&p->ob_base);
    if (self.heap_type() == g_state.pickler_type.as<PyTypeObject>() && !p->persistent_id_attr) {
        put_owned(p->persistent_id, Ref());
        put_owned(p->reducer_override, Ref());
        return Status::ok();
    }
    Ref hook = TRY(get_attr(t, self, kPersistentId(t)));
    if (has_type(hook, &PyCFunction_Type) && hook.as<PyCFunctionObject>()->m_ml == &methods[0].c &&
        hook.as<PyCFunctionObject>()->m_self == self)
        hook.reset();  // the one that does nothing
    put_owned(p->persistent_id, std::move(hook));
    static LazyName reducer_override("reducer_override");
    hook = TRY(lookup_attr(t, self, reducer_override(t)));
    put_owned(p->reducer_override, std::move(hook));
    return Status::ok();
}

Status dump_all(Thread& t, Pickler* p, Value v) {
    TRY(find_hooks(t, p));
    p->fast_nesting = 0;
    if (p->proto >= 2) {
        char header[2] = {static_cast<char>(kProto), static_cast<char>(p->proto)};
        TRY(put(t, p, header, 2));
        p->framing = p->proto >= 4;
    }
    TRY(save(t, p, v));
    TRY(put_op(t, p, kStop));
    return commit_frame(t, p);
}

}  // namespace

Status pickler_dump(Thread& t, Pickler* p, Value v) {
    Status done = dump_all(t, p, v);
    p->framing = false;
    SavedError saved(t);
    put_owned(p->persistent_id, Ref());
    put_owned(p->reducer_override, Ref());
    put_owned(p->fast_memo, Ref());
    return done;
}

Status init_pickler(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "_pickle.Pickler",
        .basicsize = kPicklerSize,
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = dealloc,
                  .traverse = traverse,
                  .clear = clear,
                  .getattr = getattr,
                  .setattr = setattr,
                  .init = init,
                  .new_ = new_},
        .spec = {
            .methods = methods,
            .getset = attributes,
            .members = members,
            .doc =
                "Writes pickles to a binary file.\n\nThe protocol is a number from 0 to 5, 5 by default; a "
                "negative one means the highest. A higher one\nneeds a newer Python to read it.\n\nThe file "
                "needs a method write() that takes bytes.\n\nWith fix_imports and a protocol below 3, names "
                "of modules become those of Python 2.\n\nbuffer_callback is called with buffers; where it "
                "returns a false value, the buffer stays out of the\nstream. It needs protocol 5.",
            .text_signature = kInitSignature}};
    static const TypeDecl memo_decl = {.name = "_pickle.PicklerMemoProxy",
                                       .basicsize = sizeof(MemoProxy),
                                       .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                       .slots = {.dealloc = MemoProxy::dealloc,
                                                 .traverse = MemoProxy::traverse,
                                                 .clear = MemoProxy::clear,
                                                 .hash = hash_not_implemented},
                                       .spec = {.methods = memo_methods}};
    g_state.pickler_type = TRY(new_native_heap_type(t, module, decl, {})).release();
    g_state.pickler_memo_type = TRY(new_native_heap_type(t, module, memo_decl, {})).release();
    return Status::ok();
}

}  // namespace krait::pickle
