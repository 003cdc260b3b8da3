// Code objects from the compiler's plain data. Equal constants of one compilation become one object, as in
// CPython: programs see it with `is`, marshal writes each once.
#include <unordered_map>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/internal.h"
#include "object/protocol.h"
#include "support/panic.h"

namespace krait {
namespace {

class Converter {
  public:
    explicit Converter(Thread& t) : t_(t) {}
    Converter(const Converter&) = delete;
    ~Converter() {
        for (auto& entry : made_) decref(entry.second);
    }

    Ref constant(const Constant* c);
    Ref code(const CodeObject& plain);

  private:
    struct Hash {
        size_t operator()(const Constant* c) const { return hash_constant(c); }
    };
    struct Same {
        bool operator()(const Constant* a, const Constant* b) const { return same_constant(a, b); }
    };

    Ref fresh(const Constant* c);
    Ref items(const Constant* c);
    Ref big_int(const BigInt& b);
    Ref names(std::span<const std::string_view> names);
    Ref bytes(std::string_view data) {
        return built([&] { return bytes_constant(arena_, data); });
    }
    // The object of a constant that is made in the arena.
    template <class Make>
    Ref built(Make make) {
        const Constant* c = nullptr;
        if (!with_memory([&] { c = make(); })) return raise_no_memory(t_);
        return constant(c);
    }
    Ref text(std::string_view s) { return str_from_wtf8(t_, s.data(), s.size()); }
    static bool holds_code(std::span<const Constant* const> items) {
        for (const Constant* c : items)
            if (c->is(ConstantKind::kCode)) return true;
        return false;
    }

    Thread& t_;
    Arena arena_;
    std::unordered_map<const Constant*, Value, Hash, Same> made_;  // values owned
    Ref filename_;
};

Ref Converter::items(const Constant* c) {
    auto list = c->items();
    Ref tuple = TRY(tuple_new(t_, static_cast<int64_t>(list.size())));
    for (size_t i = 0; i < list.size(); i++) tuple_items(tuple)[i] = TRY(constant(list[i])).release();
    return tuple;
}

Ref Converter::big_int(const BigInt& b) {
    static_assert(std::endian::native == std::endian::little);
    Ref v = TRY(int_from_bytes(t_, reinterpret_cast<const unsigned char*>(b.limbs), b.count * size_t{8}, true,
                               false));
    return b.negative ? int_neg(t_, v) : v.take();
}

Ref Converter::constant(const Constant* c) {
    switch (c->kind) {
        case ConstantKind::kNone:
            return none_ref();
        case ConstantKind::kFalse:
            return bool_ref(false);
        case ConstantKind::kTrue:
            return bool_ref(true);
        case ConstantKind::kEllipsis:
            return Ref::steal(ellipsis());
        case ConstantKind::kInt:
            return int_from(t_, c->integer);
        case ConstantKind::kCode:
            return code(*c->code);
        default:
            break;
    }
    auto found = made_.find(c);
    if (found != made_.end()) return Ref::share(found->second);
    Ref v = TRY(fresh(c));
    made_.emplace(c, v.share().release());
    return v;
}

Ref Converter::fresh(const Constant* c) {
    RecursionGuard guard(t_, " while making a code object");
    if (!guard) return {};
    switch (c->kind) {
        case ConstantKind::kBigInt:
            return big_int(c->big);
        case ConstantKind::kFloat:
            return float_from(t_, c->real);
        case ConstantKind::kComplex:
            return complex_from(t_, c->complex.re, c->complex.im);
        case ConstantKind::kStr:
            return text(c->text());
        case ConstantKind::kBytes:
            return bytes_from(t_, c->text());
        case ConstantKind::kTuple:
            return items(c);
        case ConstantKind::kFrozenSet: {
            Ref list = TRY(items(c));
            return frozenset_new(t_, list);
        }
        case ConstantKind::kSlice: {
            Ref list = TRY(items(c));
            return slice_new(t_, tuple_get(list, 0), tuple_get(list, 1), tuple_get(list, 2));
        }
        default:
            return bad_internal_call(t_, "constant kind");
    }
}

Ref Converter::names(std::span<const std::string_view> names) {
    return built([&] {
        auto list = arena_.make_array<const Constant*>(names.size());
        for (size_t i = 0; i < names.size(); i++) list[i] = str_constant(arena_, names[i]);
        return tuple_constant(arena_, list);
    });
}

// Half-filled tuples are released on failure: tuple_new leaves empty places, which its dealloc skips.
Ref Converter::code(const CodeObject& plain) {
    RecursionGuard guard(t_, " while making a code object");
    if (!guard) return {};
    const Constant* all = nullptr;
    if (!with_memory([&] { all = tuple_constant(arena_, plain.consts); })) return raise_no_memory(t_);
    Ref consts = TRY(holds_code(plain.consts) ? items(all) : constant(all));
    Ref names = TRY(this->names(plain.names));
    Ref locals = TRY(this->names(plain.localsplusnames));
    Ref kinds = TRY(bytes_from(t_, plain.localspluskinds));
    if (!filename_) filename_ = TRY(str_intern(t_, TRY(text(plain.filename))));
    Ref name = TRY(text(plain.name));
    Ref qualname = TRY(text(plain.qualname));
    Ref linetable = TRY(bytes(plain.linetable));
    Ref exceptiontable = TRY(bytes(plain.exceptiontable));
    CodeParts parts{plain.argcount,
                    plain.posonlyargcount,
                    plain.kwonlyargcount,
                    plain.stacksize,
                    plain.flags,
                    plain.firstlineno,
                    plain.code,
                    consts,
                    names,
                    locals,
                    kinds,
                    filename_,
                    name,
                    qualname,
                    linetable,
                    exceptiontable};
    return code_new(t_, parts, true);
}

}  // namespace

Ref code_from_plain(Thread& t, const CodeObject& plain) { return Converter(t).code(plain); }

Ref constant_to_object(Thread& t, const Constant* c) { return Converter(t).constant(c); }

}  // namespace krait
