// The type Unpickler, the window on its memo, and its stack.
#include <cstring>

#include "builtins/str_methods.h"
#include "modules/fields.h"
#include "modules/pickle/pickle.h"

namespace krait::pickle {

namespace {

constexpr const char* kInitSignature =
    "(file, *, fix_imports=True, encoding='ASCII', errors='strict',\n          buffers=())";
constexpr int64_t kFirstMemo = 32;
// As sys.getsizeof of CPython reports it.
constexpr int64_t kUnpicklerSize = 296;
static_assert(sizeof(Unpickler) <= kUnpicklerSize);

Status not_in_use(Thread& t, Unpickler* u) {
    if (u->running) return raise(t, PyExc_RuntimeError, "Unpickler object is already used");
    return Status::ok();
}

template <class F>
void each_value(Unpickler* u, F&& f) {
    for (Value* v : {&u->read, &u->readinto, &u->readline, &u->peek, &u->buffers, &u->persistent_load_attr,
                     &u->persistent_load, &u->encoding, &u->errors})
        f(*v);
}

// Frees an array of values that nobody else can see any more.
void free_memo(Value* memo, int64_t n) {
    for (int64_t i = 0; memo && i < n; i++) xdecref(memo[i]);
    mem_free(memo);
}

void drop_values(Thread& t, Unpickler* u) {
    cut_stack(u, 0);
    each_value(u, [](Value& v) { put_owned(v, Ref()); });
    Value* memo = u->memo;
    int64_t room = u->memo_room;
    u->memo = nullptr;
    u->memo_room = u->memo_size = 0;
    free_memo(memo, room);
    Py_buffer input = u->input;
    u->input = {};
    u->data = nullptr;
    u->limit = u->next = u->prefetched = 0;
    u->framed = false;
    if (input.obj) release_buffer(t, &input);
    mem_free(u->marks);
    u->marks = nullptr;
    u->mark_count = u->mark_room = 0;
    mem_free(u->line);
    u->line = nullptr;
}

void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* u = reinterpret_cast<Unpickler*>(o);
    drop_values(t, u);
    mem_free(u->stack);
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& visitor) {
    auto* u = reinterpret_cast<Unpickler*>(o);
    each_value(u, [&](Value& v) { visitor.visit(v); });
    for (int64_t i = 0; i < u->stack_size; i++) visitor.visit(u->stack[i]);
    for (int64_t i = 0; i < u->memo_room; i++) visitor.visit(u->memo[i]);
    visitor.visit(u->input.obj);
}
void clear(Thread& t, PyObject* o) {
    auto* u = reinterpret_cast<Unpickler*>(o);
    if (!u->running) drop_values(t, u);
}

Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[5];
    Ref keep;
    TRY(bind_args(t, "Unpickler", kInitSignature, args, nargs, kwnames, a, keep));
    bool fix_imports = a[1] ? TRY(is_true(t, a[1])) : true;
    TRY_DISCARD(c_string_arg(t, "Unpickler", "encoding", a[2]));
    TRY_DISCARD(c_string_arg(t, "Unpickler", "errors", a[3]));
    auto* u = as_unpickler(self);
    TRY(not_in_use(t, u));
    InUse in_use(u->running);
    return unpickler_setup(t, u, a[0], Value(), fix_imports, a[2], a[3], a[4]);
}

// An instance may carry a persistent_load of its own, without a dict.
LazyName kPersistentLoad("persistent_load");
Ref getattr(Thread& t, Value self, Value name) {
    if (as_unpickler(self)->persistent_load_attr && is_str(name) && str_equal(name, kPersistentLoad(t)))
        return Ref::share(as_unpickler(self)->persistent_load_attr);
    return generic_get_attr(t, self, name);
}
Status setattr(Thread& t, Value self, Value name, Value value) {
    if (!is_str(name) || !str_equal(name, kPersistentLoad(t))) return generic_set_attr(t, self, name, value);
    put_owned(as_unpickler(self)->persistent_load_attr, Ref::share(value));
    return Status::ok();
}

Ref persistent_load(Thread& t, Value, Value) {
    return raise(t, unpickling_error(),
                 "A load persistent id instruction was encountered, but no persistent_load function was "
                 "specified.");
}
Ref load(Thread& t, Value self) {
    auto* u = as_unpickler(self);
    TRY(not_in_use(t, u));
    if (!u->ready)
        return raise(t, unpickling_error(), "Unpickler.__init__() was not called by %s.__init__()",
                     type_of(self)->tp_name);
    InUse in_use(u->running);
    Ref hook = TRY(get_attr(t, self, kPersistentLoad(t)));
    put_owned(u->persistent_load, std::move(hook));
    Ref v = unpickler_load(t, u);
    SavedError saved(t);
    put_owned(u->persistent_load, Ref());
    return v;
}
Ref find_class_method(Thread& t, Value self, const Value* args, size_t) {
    return find_class(t, as_unpickler(self), args[0], args[1]);
}
Ref size_of(Thread& t, Value self) {
    auto* u = as_unpickler(self);
    int64_t size = type_of(self)->tp_basicsize + (u->memo_room + u->mark_room) * 8;
    if (u->line) size += static_cast<int64_t>(strlen(u->line)) + 1;
    if (u->encoding) size += str_length(u->encoding) + 1;
    if (u->errors) size += str_length(u->errors) + 1;
    return int_from(t, size);
}

// --- the memo as an attribute ---

using MemoProxy = Fields<1>;
Unpickler* behind(Value proxy) { return as_unpickler(proxy.as<MemoProxy>()->f[0]); }

Ref get_memo(Thread& t, Value self, void*) {
    Ref proxy = TRY(alloc(t, g_state.unpickler_memo_type.as<PyTypeObject>()));
    proxy.as<MemoProxy>()->f[0] = Ref::share(self).release();
    return proxy;
}

// A memo under construction.
struct NewMemo {
    Value* items = nullptr;
    int64_t room = 0, size = 0;
    ~NewMemo() { free_memo(items, room); }
    Status make(Thread& t, int64_t n) {
        items = static_cast<Value*>(mem_alloc_zeroed(static_cast<size_t>(n) * sizeof(Value)));
        if (!items) return raise_no_memory(t);
        room = n;
        return Status::ok();
    }
    void swap_into(Unpickler* u) {
        std::swap(items, u->memo);
        std::swap(room, u->memo_room);
        std::swap(size, u->memo_size);
    }
};

Status grow_memo(Thread& t, Value*& items, int64_t& room, int64_t want) {
    if (want > INT64_MAX / 8) return raise_no_memory(t);
    // Zeroed by the system: a corrupt pickle with one large index must not have all up to there written to.
    auto* grown = static_cast<Value*>(mem_alloc_zeroed(static_cast<size_t>(want) * sizeof(Value)));
    if (!grown) return raise_no_memory(t);
    if (items) memcpy(static_cast<void*>(grown), items, static_cast<size_t>(room) * sizeof(Value));
    mem_free(items);
    items = grown;
    room = want;
    return Status::ok();
}

Status fill_from_dict(Thread& t, NewMemo& memo, Value dict) {
    int64_t pos = 0;
    Value key, v;
    TRY(memo.make(t, kFirstMemo));
    while (dict_next(dict, pos, key, v)) {
        if (!is_long(key)) return raise(t, PyExc_TypeError, "memo key must be integers");
        int64_t i = TRY(as_index(t, key, PyExc_OverflowError));
        if (i < 0) return raise(t, PyExc_ValueError, "memo key must be positive integers.");
        if (i >= memo.room) TRY(grow_memo(t, memo.items, memo.room, i > INT64_MAX / 2 ? i : i * 2));
        if (!memo.items[i]) memo.size++;
        put_owned(memo.items[i], Ref::share(v));
    }
    return Status::ok();
}

Status set_memo(Thread& t, Value self, Value value, void*) {
    if (!value) return raise(t, PyExc_TypeError, "attribute deletion is not supported");
    NewMemo memo;
    if (has_type(value, g_state.unpickler_memo_type.as<PyTypeObject>())) {
        Unpickler* from = behind(value);
        TRY(memo.make(t, from->memo_room ? from->memo_room : kFirstMemo));
        for (int64_t i = 0; i < from->memo_room; i++) memo.items[i] = Ref::share(from->memo[i]).release();
        memo.size = from->memo_size;
    } else if (is_dict(value)) {
        TRY(fill_from_dict(t, memo, value));
    } else {
        return raise(t, PyExc_TypeError,
                     "'memo' attribute must be an UnpicklerMemoProxy object or dict, not %.200s",
                     type_of(value)->tp_name);
    }
    memo.swap_into(as_unpickler(self));
    return Status::ok();
}

// Whatever runs while the old values go sees an empty memo.
Ref memo_clear(Thread& t, Value self) {
    NewMemo memo;
    if (!behind(self)->memo) return none_ref();
    TRY(memo.make(t, behind(self)->memo_room));
    memo.swap_into(behind(self));
    return none_ref();
}
Ref memo_copy(Thread& t, Value self) {
    Ref dict = TRY(dict_new(t));
    Unpickler* u = behind(self);
    for (int64_t i = 0; i < u->memo_room; i++)
        if (u->memo[i]) TRY(dict_set(t, dict, Value::from_int(i), u->memo[i]));
    return dict;
}
Ref memo_reduce(Thread& t, Value self) {
    Ref contents = TRY(memo_copy(t, self));
    Ref args = TRY(tuple_of(t, {contents}));
    return tuple_of(t, {Value(&PyDict_Type), args});
}

const NativeDef memo_methods[] = {
    def<memo_clear>("clear", "()", "Forget everything."),
    def<memo_copy>("copy", "()", "The memo as a dict: objects by number."),
    def<memo_reduce>("__reduce__", "()", "For pickle."),
    {},
};
const NativeDef methods[] = {
    def<persistent_load>("persistent_load", "(pid, /)", nullptr, kMethMethod),
    def<load>("load", "()", "Read an object from the file.", kMethMethod),
    def<find_class_method>("find_class", "(module_name, global_name, /)",
                           "The object of this name in this module, which is imported if need "
                           "be.\n\nSubclasses may override it, to say "
                           "which names they allow.",
                           kMethMethod),
    def<size_of>("__sizeof__", "()", "Size in memory, in bytes."),
    {},
};
const GetSetDef attributes[] = {getset("memo", get_memo, set_memo, nullptr), {}};

}  // namespace

Ref unpickler_new(Thread& t) {
    return new_(t, g_state.unpickler_type.as<PyTypeObject>(), nullptr, 0, Value());
}

Status unpickler_setup(Thread& t, Unpickler* u, Value file, Value data, bool fix_imports, Value encoding,
                       Value errors, Value buffers) {
    if (u->ready) drop_values(t, u);
    u->ready = false;
    if (file)
        TRY(set_input_file(t, u, file));
    else
        TRY(set_input_data(t, u, data));
    Ref enc = encoding ? Ref::share(encoding) : TRY(str_intern(t, "ASCII"));
    Ref err = errors ? Ref::share(errors) : TRY(str_intern(t, "strict"));
    put_owned(u->encoding, std::move(enc));
    put_owned(u->errors, std::move(err));
    if (buffers && !is_none(buffers)) {
        Ref it = TRY(iter(t, buffers));
        put_owned(u->buffers, std::move(it));
    }
    if (!u->memo) TRY(grow_memo(t, u->memo, u->memo_room, kFirstMemo));
    u->fix_imports = fix_imports;
    u->proto = 0;
    u->ready = true;
    return Status::ok();
}

Status memo_store(Thread& t, Unpickler* u, int64_t number, Value v) {
    if (number >= u->memo_room)
        TRY(grow_memo(t, u->memo, u->memo_room, number > INT64_MAX / 2 ? number : number * 2));
    if (!u->memo[number]) u->memo_size++;
    put_owned(u->memo[number], Ref::share(v));
    return Status::ok();
}

// --- the stack ---

Raised underflow(Thread& t, Unpickler* u) {
    return raise(t, unpickling_error(),
                 u->mark_count ? "unexpected MARK found" : "unpickling stack underflow");
}

Status push(Thread& t, Unpickler* u, Ref v) {
    if (u->stack_size == u->stack_room) [[unlikely]] {
        int64_t room = u->stack_room ? u->stack_room * 2 : 64;
        auto* grown = static_cast<Value*>(mem_realloc(u->stack, static_cast<size_t>(room) * sizeof(Value)));
        if (!grown) return raise_no_memory(t);
        u->stack = grown;
        u->stack_room = room;
    }
    u->stack[u->stack_size++] = v.release();
    return Status::ok();
}
Ref pop(Thread& t, Unpickler* u) {
    if (u->stack_size <= u->fence) [[unlikely]]
        return underflow(t, u);
    return Ref::steal(u->stack[--u->stack_size]);
}
Result<int64_t> pop_mark(Thread& t, Unpickler* u) {
    if (u->mark_count < 1) return raise(t, unpickling_error(), "could not find MARK");
    int64_t mark = u->marks[--u->mark_count];
    u->fence = u->mark_count ? u->marks[u->mark_count - 1] : 0;
    return mark;
}
void cut_stack(Unpickler* u, int64_t size) {
    while (u->stack_size > size) decref(u->stack[--u->stack_size]);
}
Ref pop_tuple(Thread& t, Unpickler* u, int64_t start) {
    if (start < u->fence || start > u->stack_size) return underflow(t, u);
    Ref tuple = TRY(tuple_from(t, u->stack + start, u->stack_size - start));
    cut_stack(u, start);
    return tuple;
}
Ref pop_list(Thread& t, Unpickler* u, int64_t start) {
    if (start < u->fence || start > u->stack_size) return underflow(t, u);
    Ref list = TRY(list_from(t, u->stack + start, u->stack_size - start));
    cut_stack(u, start);
    return list;
}

Status init_unpickler(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "_pickle.Unpickler",
        .basicsize = kUnpicklerSize,
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = dealloc,
                  .traverse = traverse,
                  .clear = clear,
                  .getattr = getattr,
                  .setattr = setattr,
                  .init = init,
                  .new_ = new_},
        .spec = {.methods = methods,
                 .getset = attributes,
                 .doc =
                     "Reads pickles from a binary file.\n\nThe file needs the methods read(), which takes a "
                     "number, and readline().\n\nfix_imports, encoding and errors are for pickles made by "
                     "Python 2: whether names of modules become those of\nPython 3, and how strings of bytes "
                     "become text; the encoding 'bytes' leaves them bytes.\n\nbuffers is an iterable of what "
                     "the buffer_callback of the pickler kept out of the stream.",
                 .text_signature = kInitSignature}};
    static const TypeDecl memo_decl = {.name = "_pickle.UnpicklerMemoProxy",
                                       .basicsize = sizeof(MemoProxy),
                                       .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
                                       .slots = {.dealloc = MemoProxy::dealloc,
                                                 .traverse = MemoProxy::traverse,
                                                 .clear = MemoProxy::clear,
                                                 .hash = hash_not_implemented},
                                       .spec = {.methods = memo_methods}};
    g_state.unpickler_type = TRY(new_native_heap_type(t, module, decl, {})).release();
    g_state.unpickler_memo_type = TRY(new_native_heap_type(t, module, memo_decl, {})).release();
    return Status::ok();
}

}  // namespace krait::pickle
