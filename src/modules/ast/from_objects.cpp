// Objects of the classes of _ast, or whatever has their attributes, to a tree.
#include <cstring>
#include <string>

#include "builtins/bytes.h"
#include "builtins/int_internal.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "modules/ast/classes.h"
#include "object/protocol.h"

namespace krait {
namespace {

using ast::FieldForm;
using ast::FieldInfo;
using ast::Kind;
using ast_classes::kPositionNames;

class Converter {
  public:
    Converter(Thread& t, Arena& arena, IdentifierTable& identifiers)
        : t_(t), arena_(arena), identifiers_(identifiers) {}

    // Null with `ok` where the object is None; otherwise failure means that an exception is set.
    Result<ast::Node*> node(Value object, ast::Type type) {
        const ast::TypeInfo& info = ast::info(type);
        if (!info.is_sum) return fields(object, static_cast<Kind>(info.first));
        if (is_none(object)) return static_cast<ast::Node*>(nullptr);
        ast::Position position;
        if (info.positioned) TRY(place(object, info.name, position));
        Kind kind = TRY(kind_of(object, info));
        ast::Node* n = TRY(fields(object, kind));
        if (info.positioned) static_cast<ast::PositionedNode*>(n)->set_position(position);
        return n;
    }

    Result<const Constant*> constant(Value v) {
        if (is_none(v)) return &kNoneConstant;
        if (v == ellipsis()) return &kEllipsisConstant;
        if (is_bool(v)) return bool_constant(v == boolean(true));
        if (is_long_exact(v)) return whole(v);
        if (is_double_exact(v)) return float_constant(arena_, float_value(v));
        if (has_type(v, &PyComplex_Type)) {
            auto* c = v.as<PyComplexObject>();
            return complex_constant(arena_, c->real, c->imag);
        }
        if (is_str_exact(v)) {
            Result<std::string_view> text = utf8(v);
            if (!text) return {};
            return str_constant(arena_, text.value());
        }
        if (has_type(v, &PyBytes_Type)) return bytes_constant(arena_, bytes_view(v));
        if (is_tuple_exact(v)) return items(v, false);
        if (has_type(v, &PyFrozenSet_Type)) return items(v, true);
        return invalid_constant(arena_, type_of(v)->tp_name);
    }

  private:
    Raised missing(const char* field, const char* owner) {
        return raise(t_, PyExc_TypeError, "required field \"%s\" missing from %s", field, owner);
    }

    Status place(Value object, const char* owner, ast::Position& p) {
        int32_t* const to[] = {&p.lineno, &p.col_offset, &p.end_lineno, &p.end_col_offset};
        for (int i = 0; i < 4; i++) {
            Ref v = TRY(lookup_attr(t_, object, kPositionNames[i]));
            if (i < 2 && !v) return missing(kPositionNames[i], owner);
            *to[i] = i >= 2 && (!v || is_none(v)) ? *to[i - 2] : TRY(integer(v));
        }
        return Status::ok();
    }

    // Which alternative of a sum the object is.
    Result<Kind> kind_of(Value object, const ast::TypeInfo& info) {
        for (int i = info.first; i < info.first + info.count; i++)
            if (Value(type_of(object)) == ast_classes::kinds[i]) return static_cast<Kind>(i);
        for (int i = info.first; i < info.first + info.count; i++) {
            bool is = TRY(is_instance(t_, object, ast_classes::kinds[i]));
            if (is) return static_cast<Kind>(i);
        }
        return raise(t_, PyExc_TypeError, "expected some sort of %s, but got %R", info.name, object);
    }

    Result<ast::Node*> fields(Value object, Kind kind) {
        const ast::NodeInfo& info = ast::info(kind);
        void* memory = arena_.allocate(info.size);
        std::memset(memory, 0, info.size);
        auto* n = static_cast<ast::Node*>(memory);
        n->kind = kind;
        char* base = static_cast<char*>(memory);
        for (const FieldInfo& f : info.fields) {
            Ref v = TRY(lookup_attr(t_, object, f.name));
            char* to = base + f.offset;
            if (f.sequence) {
                TRY(sequence(v, f, info.name, to));
            } else if (!v && !f.optional) {
                return missing(f.name, info.name);
            } else if (v && !(f.optional && is_none(v))) {
                TRY(one(v, f, to));
            }
        }
        if (info.positioned && !ast::info(info.type).is_sum)
            TRY(place(object, info.name, *static_cast<ast::PositionedNode*>(n)));
        for (const FieldInfo& f : info.fields)
            if (!f.optional && !f.sequence && f.form != FieldForm::kEnum && f.form != FieldForm::kInt &&
                !*reinterpret_cast<void**>(base + f.offset))
                return raise(t_, PyExc_ValueError, "field '%s' is required for %s", f.name, info.name);
        return n;
    }

    template <class T>
    static T& at(char* place) {
        return *reinterpret_cast<T*>(place);
    }

    Status one(Value v, const FieldInfo& f, char* to) {
        switch (f.form) {
            case FieldForm::kNode: {
                RecursionGuard guard(t_, where(ast::info(f.type).name));
                if (!guard) return {};
                at<ast::Node*>(to) = TRY(node(v, f.type));
                return Status::ok();
            }
            case FieldForm::kEnum:
                at<uint8_t>(to) = TRY(enumerator(v, f.type));
                return Status::ok();
            case FieldForm::kIdentifier:
                if (!is_none(v) && !is_str_exact(v))
                    return raise(t_, PyExc_TypeError, "AST identifier must be of type str");
                at<const Identifier*>(to) = TRY(identifier(v));
                return Status::ok();
            case FieldForm::kString:
                if (!is_none(v) && !is_str_exact(v) && !has_type(v, &PyBytes_Type))
                    return raise(t_, PyExc_TypeError, "AST string must be of type str");
                at<const Identifier*>(to) = TRY(identifier(v));
                return Status::ok();
            case FieldForm::kInt:
                at<int32_t>(to) = TRY(integer(v));
                return Status::ok();
            case FieldForm::kConstant:
                at<const Constant*>(to) = TRY(constant(v));
                return Status::ok();
        }
        return Status::ok();
    }

    Status sequence(Value v, const FieldInfo& f, const char* owner, char* to) {
        if (!v) return Status::ok();
        if (!is_list(v))
            return raise(t_, PyExc_TypeError, "%s field \"%s\" must be a list, not a %.200s", owner, f.name,
                         type_of(v)->tp_name);
        int64_t n = list_size(v);
        bool bytes = f.form == FieldForm::kEnum;
        size_t width = bytes ? 1 : sizeof(void*);
        char* items = nullptr;
        if (n) {
            items = static_cast<char*>(arena_.allocate(static_cast<size_t>(n) * width));
            std::memset(items, 0, static_cast<size_t>(n) * width);
        }
        for (int64_t i = 0; i < n; i++) {
            // What is called may change the list.
            if (i >= list_size(v)) return raise(t_, PyExc_IndexError, "list index out of range");
            Ref item = Ref::share(list_get(v, i));
            char* place = items + static_cast<size_t>(i) * width;
            TRY(one(item, f, place));
            if (!bytes && !f.optional && !at<void*>(place)) TRY(no_hole(f));
            if (list_size(v) != n)
                return raise(t_, PyExc_RuntimeError, "%s field \"%s\" changed size during iteration", owner,
                             f.name);
        }
        if (bytes)
            at<ast::Seq<uint8_t>>(to) = {reinterpret_cast<uint8_t*>(items), static_cast<size_t>(n)};
        else
            at<ast::Seq<void*>>(to) = {reinterpret_cast<void**>(items), static_cast<size_t>(n)};
        return Status::ok();
    }

    // The validator speaks of None among statements and expressions; among others nobody would look.
    Status no_hole(const FieldInfo& f) {
        using ast::Type;
        if (f.form == FieldForm::kNode &&
            (f.type == Type::StmtNode || f.type == Type::ExprNode || f.type == Type::TypeIgnoreNode))
            return Status::ok();
        const char* what = f.form == FieldForm::kNode ? ast::info(f.type).name : "identifier";
        return raise(t_, PyExc_ValueError, "None disallowed in %s list", what);
    }

    Result<uint8_t> enumerator(Value v, ast::Type type) {
        const auto& members = ast_classes::members[static_cast<int>(type)];
        for (size_t i = 0; i < members.size(); i++)
            if (Value(type_of(v)) == members[i]) return static_cast<uint8_t>(i);
        for (size_t i = 0; i < members.size(); i++) {
            bool is = TRY(is_instance(t_, v, members[i]));
            if (is) return static_cast<uint8_t>(i);
        }
        return raise(t_, PyExc_TypeError, "expected some sort of %s, but got %R", ast::info(type).name, v);
    }

    Result<int32_t> integer(Value v) {
        if (!is_long(v)) return raise(t_, PyExc_ValueError, "invalid integer value: %R", v);
        return as_int32(t_, v);
    }

    Result<const Identifier*> identifier(Value v) {
        if (is_none(v)) return static_cast<const Identifier*>(nullptr);
        if (!is_str(v)) return identifiers_.intern(bytes_view(v));
        Result<std::string_view> text = utf8(v);
        if (!text) return {};
        return identifiers_.intern(text.value());
    }

    // As UTF-8, lone surrogates in three bytes each; lives while `v` and the buffer do.
    Result<std::string_view> utf8(Value v) {
        if (str_is_ascii(v))
            return std::string_view(static_cast<const char*>(str_data(v)),
                                    static_cast<size_t>(str_length(v)));
        encoded_ = encode_utf8(t_, v, "surrogatepass");
        if (!encoded_) return {};
        return bytes_view(encoded_);
    }

    Result<const Constant*> whole(Value v) {
        int64_t word;
        if (word_of(v, &word)) return int_constant(arena_, word);
        Mpz z(v);
        size_t count = mpz_size(z);
        return int_constant(arena_, z.sign() < 0,
                            {reinterpret_cast<const uint64_t*>(mpz_limbs_read(z)), count});
    }

    Result<const Constant*> items(Value v, bool set) {
        RecursionGuard guard(t_, " during compilation");
        if (!guard) return {};
        Ref list = TRY(to_tuple(t_, v));
        auto n = static_cast<size_t>(tuple_size(list));
        auto made = arena_.make_array<const Constant*>(n);
        for (size_t i = 0; i < n; i++) {
            made[i] = TRY(constant(tuple_get(list, static_cast<int64_t>(i))));
            if (made[i]->is(ConstantKind::kInvalid)) return made[i];
        }
        return set ? frozenset_constant(arena_, made) : tuple_constant(arena_, made);
    }

    const char* where(const char* owner) {
        if (owner != where_owner_) {
            where_owner_ = owner;
            where_ = std::string(" while traversing '") + owner + "' node";
        }
        return where_.c_str();
    }

    Thread& t_;
    Arena& arena_;
    IdentifierTable& identifiers_;
    Ref encoded_;
    const char* where_owner_ = nullptr;
    std::string where_;
};

ast::Kind root_kind(CompileMode mode) {
    switch (mode) {
        case CompileMode::Exec:
            return Kind::Module;
        case CompileMode::Eval:
            return Kind::Expression;
        case CompileMode::Single:
            return Kind::Interactive;
        case CompileMode::FuncType:
            return Kind::FunctionType;
    }
    return Kind::Module;
}

}  // namespace

Status check_ast_root(Thread& t, Value object, CompileMode mode) {
    TRY(ast_classes::ensure(t));
    TRY(audit(t, "compile", {object, none()}));
    Kind kind = root_kind(mode);
    bool fits = TRY(is_instance(t, object, ast_classes::kinds[static_cast<int>(kind)]));
    if (fits) return Status::ok();
    return raise(t, PyExc_TypeError, "expected %s node, got %.400s", ast::info(kind).name,
                 type_of(object)->tp_name);
}

const Constant* constant_from_object(Thread& t, Value object, Arena& arena) {
    IdentifierTable identifiers(arena);
    Result<const Constant*> made = Converter(t, arena, identifiers).constant(object);
    return made ? made.value() : nullptr;
}

ast::ModNode* ast_from_objects(Thread& t, Value object, Arena& arena, IdentifierTable& identifiers) {
    Converter converter(t, arena, identifiers);
    Result<ast::Node*> node = converter.node(object, ast::Type::ModNode);
    if (!node) return nullptr;
    return static_cast<ast::ModNode*>(node.value());
}

}  // namespace krait
