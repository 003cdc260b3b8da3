#include "modules/dump_stages.h"

#include <cstdio>
#include <vector>

#include "ast/dump.h"
#include "builtins/dict.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "bytecode/decode.h"
#include "compiler/assemble.h"
#include "compiler/codegen.h"
#include "interp/code.h"
#include "interp/interp.h"
#include "lexer/tokenize.h"
#include "modules/compilation.h"
#include "object/protocol.h"
#include "support/stack-guard.h"

namespace krait {
namespace {

struct Request {
    std::vector<std::string> stages;
    std::string function;  // empty: everything

    explicit Request(const std::string& text) {
        size_t colon = text.find(':');
        std::string list = text.substr(0, colon);
        if (colon != text.npos) function = text.substr(colon + 1);
        for (size_t at = 0; at <= list.size();) {
            size_t comma = std::min(list.find(',', at), list.size());
            if (comma > at) stages.push_back(list.substr(at, comma - at));
            at = comma + 1;
        }
    }
    bool has(std::string_view stage) const {
        for (const std::string& s : stages)
            if (s == stage) return true;
        return false;
    }
    // By the qualified name, or by its last part.
    bool wants(std::string_view qualname) const {
        if (function.empty() || qualname == function) return true;
        size_t dot = qualname.rfind('.');
        return dot != qualname.npos && qualname.substr(dot + 1) == function;
    }
};

void print(const std::string& text) { fwrite(text.data(), 1, text.size(), stderr); }
void heading(const char* stage, std::string_view of) {
    print(std::string("=== ") + stage + " of " + std::string(of) + "\n");
}

// Definitions in a tree with the names they are asked for by.
class Definitions {
  public:
    explicit Definitions(const Request& request) : request_(request) {}
    struct Found {
        const ast::PositionedNode* node;
        std::string qualname;
    };
    std::vector<Found> found;

    void walk(const ast::Node* n, const std::string& prefix) {
        if (stack_.exhausted()) return;
        std::string inner = prefix;
        if (const Identifier* name = name_of(n)) {
            std::string qualname = prefix + std::string(name->view());
            if (request_.wants(qualname))
                found.push_back({static_cast<const ast::PositionedNode*>(n), qualname});
            inner = qualname + (n->kind == ast::Kind::ClassDef ? "." : ".<locals>.");
        }
        const char* base = reinterpret_cast<const char*>(n);
        for (const ast::FieldInfo& f : ast::info(n->kind).fields) {
            if (f.form != ast::FieldForm::kNode) continue;
            const char* place = base + f.offset;
            if (f.sequence) {
                for (const ast::Node* child : *reinterpret_cast<const ast::Seq<const ast::Node*>*>(place))
                    if (child) walk(child, inner);
            } else if (auto* child = *reinterpret_cast<const ast::Node* const*>(place)) {
                walk(child, inner);
            }
        }
    }

  private:
    static const Identifier* name_of(const ast::Node* n) {
        if (auto* f = ast::try_as<ast::FunctionDef>(n)) return f->name;
        if (auto* f = ast::try_as<ast::AsyncFunctionDef>(n)) return f->name;
        if (auto* c = ast::try_as<ast::ClassDef>(n)) return c->name;
        return nullptr;
    }
    const Request& request_;
    StackGuard stack_;
};

std::string escaped(std::string_view text) {
    std::string out = "'";
    for (char c : text) {
        if (c == '\n')
            out += "\\n";
        else if (c == '\t')
            out += "\\t";
        else if (c == '\f')
            out += "\\f";
        else
            out += c;
    }
    return out + "'";
}

void dump_tokens(SourceText& source, const std::vector<Definitions::Found>* only) {
    LexerOptions options;
    options.extra_tokens = true;
    TokenizeStream stream(source, options);
    TokenInfo info;
    while (stream.next(info)) {
        bool inside = !only;
        if (only)
            for (auto& f : *only) inside |= info.line >= f.node->lineno && info.line <= f.node->end_lineno;
        if (!inside) continue;
        char line[96];
        snprintf(line, sizeof line, "%lld,%lld-%lld,%lld:", static_cast<long long>(info.line),
                 static_cast<long long>(info.column), static_cast<long long>(info.end_line),
                 static_cast<long long>(info.end_column));
        std::string text = line;
        text.resize(std::max<size_t>(text.size(), 20), ' ');
        text += token_name(info.kind);
        text.resize(std::max<size_t>(text.size(), 35), ' ');
        print(text + " " + escaped(info.text) + "\n");
    }
}

const char* const kBlockNames[] = {"function",   "class",           "module",       "annotations",
                                   "type alias", "type parameters", "type variable"};
const char* const kScopeNames[] = {"unknown", "local", "global (declared)", "global", "free", "cell"};

void dump_symbols(const SymbolBlock* block, const std::string& prefix, int indent, const Request& request,
                  bool inside) {
    std::string qualname = prefix + std::string(block->name->view());
    inside = inside || request.wants(qualname);
    std::string space(static_cast<size_t>(indent) * 2, ' ');
    if (inside) {
        print(space + kBlockNames[static_cast<int>(block->type)] + " " + std::string(block->name->view()) +
              ", line " + std::to_string(block->position.lineno) + (block->nested ? ", nested" : "") +
              (block->generator ? ", generator" : "") + (block->coroutine ? ", coroutine" : "") + "\n");
        static const struct {
            uint32_t flag;
            const char* name;
        } flags[] = {{kDefParam, "parameter"},
                     {kDefLocal, "assigned"},
                     {kUse, "used"},
                     {kDefImport, "imported"},
                     {kDefAnnot, "annotated"},
                     {kDefGlobal, "global statement"},
                     {kDefNonlocal, "nonlocal"},
                     {kDefTypeParam, "type parameter"},
                     {kDefCompIter, "iteration variable"},
                     {kDefFreeClass, "free in class"}};
        for (auto& e : block->symbols) {
            std::string line = space + "  " + std::string(e.name->view());
            line.resize(std::max<size_t>(line.size() + 1, 24), ' ');
            line += kScopeNames[(e.value >> kScopeShift) & kScopeMask];
            for (auto& f : flags)
                if (e.value & f.flag) line += std::string(", ") + f.name;
            print(line + "\n");
        }
    }
    std::string inner = block->type == BlockType::kModule  ? ""
                        : block->type == BlockType::kClass ? qualname + "."
                                                           : qualname + ".<locals>.";
    for (const SymbolBlock* child : block->children)
        dump_symbols(child, inner, inside ? indent + 1 : indent, request, inside);
}

class GraphDump : public UnitSink {
  public:
    GraphDump(Arena& arena, const Request& request) : arena_(arena), request_(request) {}
    const CodeObject* finish(CodeUnit& unit, Diagnostic& failure) override {
        if (request_.wants(unit.qualname)) print(dump_flow_graph(unit, true) + "\n");
        const char* error = nullptr;
        const CodeObject* code = assemble(arena_, unit, "", &error);
        if (!code && error) failure.message = error;
        return code;
    }

  private:
    Arena& arena_;
    const Request& request_;
};

void dump_bytecode(const CodeObject* code, const Request& request) {
    if (request.function.empty()) {
        print(dump_code(code));  // nested ones too
        return;
    }
    if (request.wants(code->qualname)) {
        print(dump_code(code));
        return;
    }
    for (const Constant* c : code->consts)
        if (c->is(ConstantKind::kCode)) dump_bytecode(c->code, request);
}

}  // namespace

void dump_stages(Thread& t, const CompileRequest& r) {
    Request request(r.dump);
    for (const std::string& stage : request.stages) {
        if (stage == "specialized") continue;
        Compilation compilation(t, r);
        compilation.without_warnings();
        ast::ModNode* module = compilation.parse_source();
        std::string_view name = compilation.filename();
        if (stage == "tokens" && !compilation.source().text().empty() &&
            (module || request.function.empty())) {
            heading("tokens", name);
            Definitions definitions(request);
            if (module && !request.function.empty()) definitions.walk(module, "");
            dump_tokens(compilation.source(), request.function.empty() ? nullptr : &definitions.found);
        } else if (module && stage == "ast") {
            if (request.function.empty()) {
                heading("ast", name);
                print(ast::pretty(module) + "\n");
            } else {
                Definitions definitions(request);
                definitions.walk(module, "");
                for (auto& f : definitions.found) {
                    heading("ast", f.qualname);
                    print(ast::pretty(f.node) + "\n");
                }
            }
        } else if (module && stage == "symtable") {
            if (auto table = compilation.symbols_of(module)) {
                heading("symtable", name);
                dump_symbols(table->top(), "", 0, request, false);
            }
        } else if (module && stage == "cfg") {
            heading("cfg", name);
            Arena arena;
            GraphDump sink(arena, request);
            compilation.plain_code(module, &sink);
        } else if (module && stage == "bytecode") {
            if (const CodeObject* code = compilation.plain_code(module, nullptr)) {
                heading("bytecode", name);
                dump_bytecode(code, request);
            }
        } else if (module) {
            print("-X dump: no such stage: " + stage + "\n");
        }
        clear_error(t);
    }
}

void dump_specialized(Thread& t, Value code, const std::string& stages) {
    Request request(stages);
    if (!request.has("specialized") || !has_type(code, &PyCode_Type)) return;
    auto* co = as_code(code);
    std::string_view qualname = str_utf8_or(co->co_qualname, "?");
    if (request.wants(qualname)) {
        heading("specialized", qualname);
        Ref dis = import_attr(t, "dis", "dis");
        Value file = sys_get(t, "stderr");
        if (dis && file) {
            Ref kwargs = dict_new(t);
            if (kwargs && dict_set_str(t, kwargs, "file", file) &&
                dict_set_str(t, kwargs, "adaptive", boolean(true)) &&
                dict_set_str(t, kwargs, "depth", Value::from_int(0))) {
                Ref args = tuple_of(t, {code});
                if (args) (void)call_with(t, dis, args, kwargs);
            }
        }
        clear_error(t);
    }
    Value consts = co->co_consts;
    for (int64_t i = 0; i < tuple_size(consts); i++) dump_specialized(t, tuple_get(consts, i), stages);
}

}  // namespace krait
