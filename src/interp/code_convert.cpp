// Code objects from the compiler's plain data.
#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "interp/internal.h"
#include "object/protocol.h"

namespace krait {
namespace {

Ref constant_value(Thread& t, const Constant* c);

Ref constant_items(Thread& t, const Constant* c) {
    auto items = c->items();
    Ref tuple = TRY(tuple_new(t, static_cast<int64_t>(items.size())));
    for (size_t i = 0; i < items.size(); i++)
        tuple_items(tuple)[i] = TRY(constant_value(t, items[i])).release();
    return tuple;
}

Ref big_int(Thread& t, const BigInt& b) {
    static_assert(std::endian::native == std::endian::little);
    Ref v = TRY(
        int_from_bytes(t, reinterpret_cast<const unsigned char*>(b.limbs), b.count * size_t{8}, true, false));
    return b.negative ? int_neg(t, v) : v.take();
}

Ref constant_value(Thread& t, const Constant* c) {
    RecursionGuard guard(t, " while making a code object");
    if (!guard) return {};
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
            return int_from(t, c->integer);
        case ConstantKind::kBigInt:
            return big_int(t, c->big);
        case ConstantKind::kFloat:
            return float_from(t, c->real);
        case ConstantKind::kComplex:
            return complex_from(t, c->complex.re, c->complex.im);
        case ConstantKind::kStr:
            return str_from_wtf8(t, c->text().data(), c->text().size());
        case ConstantKind::kBytes:
            return bytes_from(t, c->text());
        case ConstantKind::kTuple:
            return constant_items(t, c);
        case ConstantKind::kFrozenSet: {
            Ref items = TRY(constant_items(t, c));
            return frozenset_new(t, items);
        }
        case ConstantKind::kSlice: {
            Ref items = TRY(constant_items(t, c));
            return slice_new(t, tuple_get(items, 0), tuple_get(items, 1), tuple_get(items, 2));
        }
        case ConstantKind::kCode:
            return code_from_plain(t, *c->code);
        case ConstantKind::kInvalid:
            break;
    }
    return bad_internal_call(t, "constant kind");
}

Ref name_tuple(Thread& t, std::span<const std::string_view> names) {
    Ref tuple = TRY(tuple_new(t, static_cast<int64_t>(names.size())));
    for (size_t i = 0; i < names.size(); i++)
        tuple_items(tuple)[i] = TRY(str_from_wtf8(t, names[i].data(), names[i].size())).release();
    return tuple;
}
Ref text(Thread& t, std::string_view s) { return str_from_wtf8(t, s.data(), s.size()); }

}  // namespace

// Half-filled tuples are released on failure: tuple_new leaves empty places, which its dealloc skips.
Ref code_from_plain(Thread& t, const CodeObject& plain) {
    Ref consts = TRY(tuple_new(t, static_cast<int64_t>(plain.consts.size())));
    for (size_t i = 0; i < plain.consts.size(); i++)
        tuple_items(consts)[i] = TRY(constant_value(t, plain.consts[i])).release();
    Ref names = TRY(name_tuple(t, plain.names));
    Ref locals = TRY(name_tuple(t, plain.localsplusnames));
    Ref kinds = TRY(bytes_from(t, plain.localspluskinds));
    Ref filename = TRY(text(t, plain.filename));
    Ref name = TRY(text(t, plain.name));
    Ref qualname = TRY(text(t, plain.qualname));
    Ref linetable = TRY(bytes_from(t, plain.linetable));
    Ref exceptiontable = TRY(bytes_from(t, plain.exceptiontable));
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
                    filename,
                    name,
                    qualname,
                    linetable,
                    exceptiontable};
    return code_new(t, parts, false);
}

Ref constant_to_object(Thread& t, const Constant* c) { return constant_value(t, c); }

}  // namespace krait
