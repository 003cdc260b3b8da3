// The module _ast: one class for each node kind and enumerator, made from the node table; conversion both
// ways.
#include "modules/ast/ast.h"

#include <cstring>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/int_internal.h"
#include "builtins/list.h"
#include "builtins/set.h"
#include "builtins/slice.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "interp/code.h"
#include "modules/ast/classes.h"
#include "modules/ast/methods.h"
#include "object/internal.h"
#include "object/keywords.h"
#include "object/names.h"
#include "object/per_interpreter.h"
#include "object/protocol.h"
#include "runtime/hooks.h"

namespace krait {

namespace ast_classes {
PER_INTERPRETER_REFS PyTypeObject* base;
PER_INTERPRETER_REFS Value kinds[ast::kKindCount], types[ast::kTypeCount];
PER_INTERPRETER std::vector<Value> members[ast::kTypeCount], member_objects[ast::kTypeCount];
}  // namespace ast_classes

namespace {

using ast::FieldForm;
using ast::FieldInfo;
using ast::Kind;
using ast::kKindCount;
using ast::kTypeCount;

using ast_classes::kPositionNames;
constexpr auto& ast_type = ast_classes::base;
constexpr auto& g_kinds = ast_classes::kinds;
constexpr auto& g_types = ast_classes::types;
constexpr auto& g_members = ast_classes::members;
constexpr auto& g_member_objects = ast_classes::member_objects;

void drop_members(Thread&) {
    for (auto* lists : {g_members, g_member_objects})
        for (int i = 0; i < kTypeCount; i++) {
            for (Value v : std::exchange(lists[i], {})) decref(v);
        }
}
AT_INTERPRETER_END(drop_members)

struct AstObject {
    PyObject ob_base;
    Value dict;
};

// --- AST objects ---

void ast_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    xdecref(reinterpret_cast<AstObject*>(o)->dict);
    free_object(t, o);
}
void ast_traverse(PyObject* o, Visitor& v) { v.visit(reinterpret_cast<AstObject*>(o)->dict); }
void ast_clear(Thread&, PyObject* o) {
    Value d = reinterpret_cast<AstObject*>(o)->dict;
    reinterpret_cast<AstObject*>(o)->dict = Value();
    xdecref(d);
}
Ref ast_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) {
    Ref r = TRY(alloc(t, type));
    r.as<AstObject>()->dict = TRY(dict_new(t)).release();
    return r;
}

// Gives a field for which the constructor got nothing what it then is: [], Load(); false: nothing, which is
// deprecated.
Result<bool> set_default(Thread& t, Value self, Value name, Value field_type) {
    if (is_type(field_type)) {
        if (field_type == g_types[static_cast<int>(ast::Type::ExprContext)]) {
            TRY(set_attr(t, self, name, g_member_objects[static_cast<int>(ast::Type::ExprContext)][0]));
            return true;
        }
        return false;
    }
    if (has_type(field_type, &Py_GenericAliasType)) {
        Ref list = TRY(list_new(t));
        TRY(set_attr(t, self, name, list));
        return true;
    }
    return has_type(field_type, &_PyUnion_Type);  // X | None: the class has the default
}

Status ast_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Ref fields = TRY(get_attr(t, Value(type_of(self)), "_fields"));
    Ref names = TRY(to_tuple(t, fields));
    int64_t n = tuple_size(names);
    if (static_cast<int64_t>(nargs) > n)
        return raise(t, PyExc_TypeError, "%.400s constructor takes at most %zd positional argument%s",
                     short_type_name(type_of(self)), n, n == 1 ? "" : "s");
    Ref missing = TRY(set_new(t, names));
    for (size_t i = 0; i < nargs; i++) {
        Value name = tuple_get(names, static_cast<int64_t>(i));
        TRY(set_attr(t, self, name, args[i]));
        TRY(set_discard(t, missing, name));
    }
    int64_t k = kwnames ? tuple_size(kwnames) : 0;
    for (int64_t i = 0; i < k; i++) {
        Value name = tuple_get(kwnames, i);
        bool is_field = TRY(contains(t, names, name));
        if (is_field) {
            bool open = TRY(set_discard(t, missing, name));
            if (!open)
                return raise(t, PyExc_TypeError, "%.400s got multiple values for argument %R",
                             type_of(self)->tp_name, name);
        } else {
            Ref attributes = TRY(get_attr(t, Value(type_of(self)), "_attributes"));
            bool known = TRY(contains(t, attributes, name));
            if (!known)
                TRY(warn(t, PyExc_DeprecationWarning, 1,
                         "%.400s.__init__ got an unexpected keyword argument %R. Support for arbitrary "
                         "keyword arguments is "
                         "deprecated and will be removed in Python 3.15.",
                         type_of(self)->tp_name, name));
        }
        TRY(set_attr(t, self, name, args[nargs + i]));
    }
    if (set_size(missing) == 0) return Status::ok();
    Ref types = TRY(lookup_attr(t, Value(type_of(self)), "_field_types"));
    if (!types || !is_dict(types)) return Status::ok();
    for (int64_t i = 0; i < n; i++) {
        Value name = tuple_get(names, i);
        bool open = TRY(set_contains(t, missing, name));
        if (!open) continue;
        Ref field_type = TRY(dict_get(t, types, name));
        if (!field_type) {
            TRY(warn(
                t, PyExc_DeprecationWarning, 1,
                "Field %R is missing from %.400s._field_types. This will become an error in Python 3.15.",
                name, type_of(self)->tp_name));
            continue;
        }
        bool done = TRY(set_default(t, self, name, field_type));
        if (!done)
            TRY(warn(t, PyExc_DeprecationWarning, 1,
                     "%.400s.__init__ missing 1 required positional argument: %R. This will become an error "
                     "in Python 3.15.",
                     type_of(self)->tp_name, name));
    }
    return Status::ok();
}

Ref ast_reduce(Thread& t, Value self) {
    Value dict = self.as<AstObject>()->dict;
    if (dict) return tuple_of(t, {Value(type_of(self)), empty_tuple(), dict});
    return tuple_of(t, {Value(type_of(self)), empty_tuple()});
}
Ref get_dict(Thread& t, Value self, void*) {
    Value& d = self.as<AstObject>()->dict;
    if (!d) d = TRY(dict_new(t)).release();
    return Ref::share(d);
}
Ref ast_replace_method(Thread& t, Value self, const Value* p) { return ast_replace(t, self, p[0]); }
const NativeDef ast_methods[] = {
    def<ast_reduce>("__reduce__", "()", nullptr),
    def<ast_replace_method>("__replace__", "(**fields)", "A copy of the node with some fields changed.",
                            kMethAnyKeywords),
    {},
};
const GetSetDef ast_getset[] = {getset("__dict__", get_dict, nullptr, nullptr), {}};

// --- making the classes ---

Ref names_tuple(Thread& t, const char* const* names, int64_t n) {
    Ref r = TRY(tuple_new(t, n));
    for (int64_t i = 0; i < n; i++) tuple_items(r)[i] = TRY(str_intern(t, names[i])).release();
    return r;
}

// The grammar of classes, which is their docstring: Name(identifier id, expr_context ctx).
std::string grammar_of(const ast::NodeInfo& info) {
    std::string text = info.name;
    for (const FieldInfo& f : info.fields) {
        text += &f == info.fields.data() ? "(" : ", ";
        text += f.form == FieldForm::kNode || f.form == FieldForm::kEnum ? ast::info(f.type).name
                : f.form == FieldForm::kIdentifier                       ? "identifier"
                : f.form == FieldForm::kString                           ? "string"
                : f.form == FieldForm::kInt                              ? "int"
                                                                         : "constant";
        if (f.optional) text += '?';
        if (f.sequence) text += '*';
        text += ' ';
        text += f.name;
    }
    if (!info.fields.empty()) text += ')';
    return text;
}
std::string grammar_of(const ast::TypeInfo& info) {
    std::string text = info.name;
    text += " = ";
    if (info.is_enum) {
        for (const char* const& member : info.members) {
            if (&member != info.members.data()) text += " | ";
            text += member;
        }
        return text;
    }
    std::string separator = "\n" + std::string(strlen(info.name) + 1, ' ') + "| ";
    for (int i = info.first; i < info.first + info.count; i++) {
        if (i > info.first) text += separator;
        text += grammar_of(ast::kNodeInfo[i]);
    }
    return text;
}

Ref make_class(Thread& t, const char* name, Value base, Value fields, bool positioned, bool set_attributes,
               const std::string& grammar) {
    Ref ns = TRY(dict_new(t));
    Ref doc = TRY(str_from(t, grammar));
    TRY(dict_set(t, ns, ID(__doc__), doc));
    Ref module = TRY(str_intern(t, "ast"));
    TRY(dict_set(t, ns, ID(__module__), module));
    if (fields) {
        TRY(dict_set_str(t, ns, "_fields", fields));
        TRY(dict_set(t, ns, ID(__match_args__), fields));
    }
    if (set_attributes) {
        Ref attributes = TRY(names_tuple(t, kPositionNames, positioned ? 4 : 0));
        TRY(dict_set_str(t, ns, "_attributes", attributes));
    }
    Ref text = TRY(str_intern(t, name)), bases = TRY(tuple_of(t, {base}));
    return new_class(t, text, bases, ns);
}

// The Python type of a field for _field_types: expr, list[stmt], str | None ...
Ref field_type(Thread& t, const FieldInfo& f) {
    Ref one;
    switch (f.form) {
        case FieldForm::kNode:
        case FieldForm::kEnum: {
            Value type = g_types[static_cast<int>(f.type)];
            one = Ref::share(type);
            break;
        }
        case FieldForm::kIdentifier:
        case FieldForm::kString:
            one = Ref::share(Value(&PyUnicode_Type));
            break;
        case FieldForm::kInt:
            one = Ref::share(Value(&PyLong_Type));
            break;
        default:
            one = Ref::share(Value(&PyBaseObject_Type));
            break;
    }
    if (f.sequence) {
        Ref args = TRY(tuple_of(t, {one}));
        return generic_alias_new(t, Value(&PyList_Type), args);
    }
    if (f.optional) return union_new(t, one, none());
    return one;
}

Status set_field_types(Thread& t, Value cls, Value types) {
    TRY(set_attr(t, cls, "_field_types", types));
    return set_attr(t, cls, "__annotations__", types);
}

Status publish_classes(Thread& t, Value module) {
    auto publish = [&](const char* name, Value cls) {
        return dict_set_str(t, module_dict(module), name, cls);
    };
    TRY(publish("AST", Value(ast_type)));
    for (int i = 0; i < kTypeCount; i++) {
        if (g_types[i]) TRY(publish(ast::kTypeInfo[i].name, g_types[i]));
        for (size_t m = 0; m < g_members[i].size(); m++)
            TRY(publish(ast::kTypeInfo[i].members[m], g_members[i][m]));
    }
    for (int i = 0; i < kKindCount; i++) TRY(publish(ast::kNodeInfo[i].name, g_kinds[i]));
    return Status::ok();
}

Status make_classes(Thread& t) {
    Ref no_fields = Ref::share(empty_tuple());
    for (int i = 0; i < kTypeCount; i++) {
        const ast::TypeInfo& info = ast::kTypeInfo[i];
        if (!info.name || !*info.name || (!info.is_enum && !info.is_sum)) continue;
        Ref cls = TRY(
            make_class(t, info.name, Value(ast_type), no_fields, info.positioned, true, grammar_of(info)));
        g_types[i] = cls.release();
        for (const char* member : info.members) {
            Ref m = TRY(make_class(t, member, g_types[i], no_fields, false, false, member));
            Ref types = TRY(dict_new(t));
            TRY(set_field_types(t, m, types));
            Ref object = TRY(call(t, m));
            g_members[i].push_back(m.release());
            g_member_objects[i].push_back(object.release());
        }
    }
    for (int i = 0; i < kKindCount; i++) {
        const ast::NodeInfo& info = ast::kNodeInfo[i];
        auto type = static_cast<int>(info.type);
        bool own = !g_types[type];  // a product: the node kind is the type
        std::vector<const char*> names;
        for (const FieldInfo& f : info.fields) names.push_back(f.name);
        Ref fields = TRY(names_tuple(t, names.data(), static_cast<int64_t>(names.size())));
        Ref cls = TRY(make_class(t, info.name, own ? Value(ast_type) : g_types[type], fields, info.positioned,
                                 own, grammar_of(info)));
        if (own) g_types[type] = Ref::share(cls).release();
        g_kinds[i] = cls.release();
    }
    for (int i = 0; i < kKindCount; i++) {
        Ref types = TRY(dict_new(t));
        for (const FieldInfo& f : ast::kNodeInfo[i].fields) {
            Ref ft = TRY(field_type(t, f));
            TRY(dict_set_str(t, types, f.name, ft));
            if (f.optional && !f.sequence) TRY(set_attr(t, g_kinds[i], f.name, none()));
        }
        TRY(set_field_types(t, g_kinds[i], types));
    }
    for (int i = 0; i < kTypeCount; i++) {
        std::string_view name = ast::kTypeInfo[i].name ? ast::kTypeInfo[i].name : "";
        // Patterns and type parameters always have an end.
        if (!g_types[i] || !ast::kTypeInfo[i].positioned || name == "pattern" || name == "type_param")
            continue;
        for (const char* name : {"end_lineno", "end_col_offset"}) TRY(set_attr(t, g_types[i], name, none()));
    }
    return Status::ok();
}

// --- tree to objects ---

Ref node_object(Thread& t, const ast::Node* node);

template <class T>
const T& at(const char* place) {
    return *reinterpret_cast<const T*>(place);
}

Ref one_object(Thread& t, const FieldInfo& f, const char* place) {
    switch (f.form) {
        case FieldForm::kNode: {
            auto* n = at<const ast::Node*>(place);
            return n ? node_object(t, n) : none_ref();
        }
        case FieldForm::kEnum:
            return Ref::share(g_member_objects[static_cast<int>(f.type)][at<uint8_t>(place)]);
        case FieldForm::kIdentifier:
        case FieldForm::kString: {
            auto* id = at<const Identifier*>(place);
            if (!id) return none_ref();
            Ref s = TRY(str_from_wtf8(t, id->text, id->length));
            return f.form == FieldForm::kIdentifier ? str_intern(t, std::move(s)) : std::move(s);
        }
        case FieldForm::kInt:
            return int_from(t, at<int32_t>(place));
        default: {
            auto* c = at<const Constant*>(place);
            return c ? constant_to_object(t, c) : none_ref();
        }
    }
}

Ref field_object(Thread& t, const FieldInfo& f, const char* place) {
    if (!f.sequence) return one_object(t, f, place);
    Ref list = TRY(list_new(t));
    if (f.form == FieldForm::kEnum) {
        auto& s = at<ast::Seq<uint8_t>>(place);
        for (uint8_t& e : s) {
            Ref v = TRY(one_object(t, f, reinterpret_cast<const char*>(&e)));
            TRY(list_append(t, list, v));
        }
        return list;
    }
    auto& s = at<ast::Seq<const void*>>(place);
    for (const void*& e : s) {
        Ref v = TRY(one_object(t, f, reinterpret_cast<const char*>(&e)));
        TRY(list_append(t, list, v));
    }
    return list;
}

Ref node_object(Thread& t, const ast::Node* node) {
    RecursionGuard guard(t, "during  ast construction");
    if (!guard) return {};
    const ast::NodeInfo& info = ast::info(node->kind);
    Ref o = TRY(ast_new(t, g_kinds[static_cast<int>(node->kind)].as<PyTypeObject>(), nullptr, 0, Value()));
    Value dict = o.as<AstObject>()->dict;
    const char* base = reinterpret_cast<const char*>(node);
    for (const FieldInfo& f : info.fields) {
        Ref v = TRY(field_object(t, f, base + f.offset));
        TRY(dict_set_str(t, dict, f.name, v));
    }
    if (info.positioned) {
        auto* p = static_cast<const ast::PositionedNode*>(node);
        const int32_t values[] = {p->lineno, p->col_offset, p->end_lineno, p->end_col_offset};
        for (int i = 0; i < 4; i++) TRY(dict_set_str(t, dict, kPositionNames[i], Value::from_int(values[i])));
    }
    return o;
}

const NativeDef functions[] = {{}};

Status make_base(Thread& t) {
    static const TypeDecl decl = {
        .name = "ast.AST",
        .basicsize = sizeof(AstObject),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC,
        .slots = {.dealloc = ast_dealloc,
                  .traverse = ast_traverse,
                  .clear = ast_clear,
                  .repr = ast_repr,
                  .getattr = generic_get_attr,
                  .setattr = generic_set_attr,
                  .init = ast_init,
                  .new_ = ast_new},
        .spec = {.methods = ast_methods, .getset = ast_getset},
        .dictoffset = offsetof(AstObject, dict),
    };
    Ref type = TRY(new_native_heap_type(t, Value(), decl, {}));
    for (const char* name : {"_fields", "_attributes", "__match_args__"})
        TRY(set_attr(t, type, name, empty_tuple()));
    ast_type = type.release().as<PyTypeObject>();
    ast_type->krait_bits |= kTypeAnyKeywords;
    return Status::ok();
}

Status exec(Thread& t, Value module) {
    TRY(ast_classes::ensure(t));
    TRY(publish_classes(t, module));
    TRY(module_add_int(t, module, "PyCF_ALLOW_TOP_LEVEL_AWAIT", kAllowTopLevelAwait));
    TRY(module_add_int(t, module, "PyCF_ONLY_AST", kOnlyAst));
    TRY(module_add_int(t, module, "PyCF_OPTIMIZED_AST", kOptimizedAst));
    return module_add_int(t, module, "PyCF_TYPE_COMMENTS", kTypeComments);
}

}  // namespace

Ref ast_to_objects(Thread& t, const ast::Node* node) {
    TRY(ast_classes::ensure(t));
    return node_object(t, node);
}

Status ast_classes::ensure(Thread& t) {
    if (!base) TRY(make_base(t));
    return kinds[0] ? Status::ok() : make_classes(t);
}

bool is_ast_object(Thread&, Value v) { return ast_type && v.is_ptr() && is_subtype(v.heap_type(), ast_type); }

extern const ModuleSpec module__ast = {"_ast", nullptr, functions, exec};

}  // namespace krait
