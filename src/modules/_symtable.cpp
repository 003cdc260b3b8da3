// _symtable: the compiler's symbol tables as objects.
#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "modules/builtins.h"
#include "modules/compilation.h"
#include "object/names.h"
#include "object/protocol.h"

namespace krait {
namespace {

struct EntryObject {
    PyObject ob_base;
    Value id, name, symbols, varnames, children;
    int nested, type, lineno;
};
Type entry_type;

void entry_dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* e = reinterpret_cast<EntryObject*>(o);
    for (Value v : {e->id, e->name, e->symbols, e->varnames, e->children}) xdecref(v);
    free_object(t, o);
}
void entry_traverse(PyObject* o, Visitor& v) {
    auto* e = reinterpret_cast<EntryObject*>(o);
    for (Value part : {e->id, e->name, e->symbols, e->varnames, e->children}) v.visit(part);
}
Ref entry_repr(Thread& t, Value self) {
    auto* e = self.as<EntryObject>();
    return str_format(t, "<symtable entry %U(%R), line %d>", e->name, e->id, e->lineno);
}

const MemberDef entry_members[] = {
    member("id", MemberKind::Object, offsetof(EntryObject, id), kReadonly, nullptr),
    member("name", MemberKind::Object, offsetof(EntryObject, name), kReadonly, nullptr),
    member("symbols", MemberKind::Object, offsetof(EntryObject, symbols), kReadonly, nullptr),
    member("varnames", MemberKind::Object, offsetof(EntryObject, varnames), kReadonly, nullptr),
    member("children", MemberKind::Object, offsetof(EntryObject, children), kReadonly, nullptr),
    member("nested", MemberKind::Int, offsetof(EntryObject, nested), kReadonly, nullptr),
    member("type", MemberKind::Int, offsetof(EntryObject, type), kReadonly, nullptr),
    member("lineno", MemberKind::Int, offsetof(EntryObject, lineno), kReadonly, nullptr),
    {},
};

Ref name_of(Thread& t, const Identifier* id) {
    Ref s = str_from_wtf8(t, id->text, id->length);
    return s ? str_intern(t, std::move(s)) : Ref();
}

Ref entry_of(Thread& t, const SymbolBlock* block) {
    RecursionGuard guard(t, " during compilation");
    if (!guard) return {};
    Ref symbols = TRY(dict_new(t)), varnames = TRY(list_new(t)), children = TRY(list_new(t));
    for (auto& e : block->symbols) {
        Ref name = TRY(name_of(t, e.name));
        TRY(dict_set(t, symbols, name, Value::from_int(e.value)));
    }
    for (const Identifier* id : block->varnames) {
        Ref name = TRY(name_of(t, id));
        TRY(list_append(t, varnames, name));
    }
    for (const SymbolBlock* child : block->children) {
        Ref entry = TRY(entry_of(t, child));
        TRY(list_append(t, children, entry));
    }
    Ref name = TRY(name_of(t, block->name)), id = TRY(int_from_u64(t, block->id));
    Ref made = TRY(alloc(t, &entry_type));
    auto* e = made.as<EntryObject>();
    e->id = id.release();
    e->name = name.release();
    e->symbols = symbols.release();
    e->varnames = varnames.release();
    e->children = children.release();
    e->nested = block->nested;
    e->type = static_cast<int>(block->type);
    e->lineno = block->position.lineno;
    return made;
}

Ref symtable_(Thread& t, Value, const Value* args, size_t) {
    CompileRequest r;
    Ref path = TRY(fs_path(t, args[1]));
    Ref filename = is_bytes(path) ? fs_decode(t, bytes_data(path), static_cast<size_t>(bytes_size(path)))
                                  : std::move(path);
    if (!filename) return {};
    if (!is_str(args[2]))
        return raise(t, PyExc_TypeError, "symtable() argument 3 must be str, not %K", args[2]);
    Ref source = TRY(compilable_text(t, args[0], "symtable", "string or bytes object"));
    if (str_equal(args[2], "exec"))
        r.mode = CompileMode::Exec;
    else if (str_equal(args[2], "eval"))
        r.mode = CompileMode::Eval;
    else if (str_equal(args[2], "single"))
        r.mode = CompileMode::Single;
    else
        return raise(t, PyExc_ValueError, "symtable() arg 3 must be 'exec' or 'eval' or 'single'");
    r.source = source;
    r.filename = filename;
    r.flags = inherited_compiler_flags(t);
    TRY(audit_source(t, source, filename));
    Compilation compilation(t, r);
    std::unique_ptr<SymbolTable> table = compilation.symbols();
    return table ? entry_of(t, table->top()) : Ref();
}

const NativeDef functions[] = {
    def<symtable_>("symtable", "(source, filename, startstr, /)",
                   "The symbol tables of a source text, as the compiler makes them."),
    {},
};

Status exec(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "symtable entry",
        .basicsize = sizeof(EntryObject),
        .flags = kTpDefault | kTpHaveGC | kTpDisallowInstantiation,
        .slots = {.dealloc = entry_dealloc, .traverse = entry_traverse, .repr = entry_repr},
        .spec = {.members = entry_members},
    };
    if (!entry_type.tp_dict) {
        init_static_type(entry_type, decl);
        TRY(ready_type(t, &entry_type));
    }
    const struct {
        const char* name;
        int value;
    } constants[] = {
        {"USE", kUse},
        {"DEF_GLOBAL", kDefGlobal},
        {"DEF_NONLOCAL", kDefNonlocal},
        {"DEF_LOCAL", kDefLocal},
        {"DEF_PARAM", kDefParam},
        {"DEF_TYPE_PARAM", kDefTypeParam},
        {"DEF_FREE_CLASS", kDefFreeClass},
        {"DEF_IMPORT", kDefImport},
        {"DEF_BOUND", kDefBound},
        {"DEF_ANNOT", kDefAnnot},
        {"DEF_COMP_ITER", kDefCompIter},
        {"DEF_COMP_CELL", kDefCompCell},
        {"TYPE_FUNCTION", static_cast<int>(BlockType::kFunction)},
        {"TYPE_CLASS", static_cast<int>(BlockType::kClass)},
        {"TYPE_MODULE", static_cast<int>(BlockType::kModule)},
        {"TYPE_ANNOTATION", static_cast<int>(BlockType::kAnnotation)},
        {"TYPE_TYPE_ALIAS", static_cast<int>(BlockType::kTypeAlias)},
        {"TYPE_TYPE_PARAMETERS", static_cast<int>(BlockType::kTypeParameters)},
        {"TYPE_TYPE_VARIABLE", static_cast<int>(BlockType::kTypeVariable)},
        {"LOCAL", static_cast<int>(NameScope::kLocal)},
        {"GLOBAL_EXPLICIT", static_cast<int>(NameScope::kGlobalExplicit)},
        {"GLOBAL_IMPLICIT", static_cast<int>(NameScope::kGlobalImplicit)},
        {"FREE", static_cast<int>(NameScope::kFree)},
        {"CELL", static_cast<int>(NameScope::kCell)},
        {"SCOPE_OFF", kScopeShift},
        {"SCOPE_MASK", kScopeMask},
    };
    for (auto& c : constants) TRY(module_add_int(t, module, c.name, c.value));
    return Status::ok();
}

}  // namespace

extern const ModuleSpec module__symtable = {"_symtable", nullptr, functions, exec};

}  // namespace krait
