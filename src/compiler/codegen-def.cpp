#include <algorithm>
#include <cstdio>

#include "compiler/codegen.h"
#include "support/utf8.h"
#include "symtable/docstring.h"

namespace krait {

using namespace ast;

// The statements of a module or class.
bool CodeGenerator::body(Location at, Seq<StmtNode*> statements) {
    const SymbolBlock* block = unit().block;
    if (block->type == BlockType::kModule && block->has_conditional_annotations) {
        op(at, Op::BUILD_SET, 0);
        store(at, id("__conditional_annotations__"));
    }
    if (future_annotations() && block->annotations_used) op(at, Op::SETUP_ANNOTATIONS);
    if (statements.empty()) return true;
    size_t first = 0;
    if (!(interactive_ && units_.size() <= 1)) {
        if (auto* docstring = docstring_of(statements)) {
            first = 1;
            const krait::Constant* text = docstring_constant(docstring);
            if (text == nullptr) return false;
            load_const(location_of(docstring), text);
            store(kNoLocation, id("__doc__"));
        }
    }
    for (size_t i = first; i < statements.size(); i++) {
        if (!visit(statements[i])) return false;
    }
    return future_annotations() || process_deferred_annotations(at);
}

namespace {

// Tabs become spaces up to the next multiple of 8; columns count characters.
std::string expand_tabs(std::string_view text) {
    std::string expanded;
    size_t column = 0;
    for (char c : text) {
        if (c == '\t') {
            size_t n = 8 - column % 8;
            expanded.append(n, ' ');
            column += n;
            continue;
        }
        expanded += c;
        if (c == '\n' || c == '\r') {
            column = 0;
        } else if (!utf8::is_continuation(static_cast<unsigned char>(c))) {
            column++;
        }
    }
    return expanded;
}

// Strips the indentation that all lines but the first share.
std::string without_indentation(std::string_view s) {
    auto line_end = [&](size_t from) {
        size_t end = s.find('\n', from);
        return end == s.npos ? s.size() : end + 1;
    };
    size_t margin = std::string::npos;
    for (size_t at = line_end(0); at < s.size(); at = line_end(at)) {
        size_t indent = 0;
        while (at + indent < s.size() && s[at + indent] == ' ') indent++;
        if (at + indent < s.size() && s[at + indent] != '\n') margin = std::min(margin, indent);
    }
    if (margin == std::string::npos) margin = 0;
    size_t begin = 0;
    while (begin < s.size() && s[begin] == ' ') begin++;
    if (begin == 0 && margin == 0) return std::string(s);
    size_t first_end = line_end(begin);
    std::string result(s.substr(begin, first_end - begin));
    for (size_t at = first_end; at < s.size();) {
        size_t end = line_end(at);
        size_t skip = 0;
        while (skip < margin && at + skip < s.size() && s[at + skip] == ' ') skip++;
        result += s.substr(at + skip, end - at - skip);
        at = end;
    }
    return result;
}

}  // namespace

std::string clean_docstring(std::string_view text) { return without_indentation(expand_tabs(text)); }

// Null: it holds lone surrogates, which CPython cannot clean up.
const krait::Constant* CodeGenerator::docstring_constant(const ast::Constant* docstring) {
    std::string text = expand_tabs(docstring->value->text());
    if (!utf8::valid(text)) {
        fail_surrogates(text);
        return nullptr;
    }
    return str_constant(arena_, without_indentation(text));
}

// UnicodeEncodeError: `text` is the object, the columns are its start and end.
void CodeGenerator::fail_surrogates(std::string_view text) {
    auto is_surrogate = [](char32_t c) { return c >= 0xD800 && c <= 0xDFFF; };
    int64_t start = 0;
    const char *at = text.data(), *limit = at + text.size();
    char32_t first = utf8::next(at);
    for (; !is_surrogate(first); first = utf8::next(at)) start++;
    int64_t end = start + 1;
    while (at < limit && is_surrogate(utf8::next(at))) end++;
    failure_ = Diagnostic{};
    failure_.kind = Diagnostic::Kind::kUnicodeError;
    failure_.has_location = false;
    failure_.text = text;
    failure_.column = start;
    failure_.end_column = end;
    char character[16];
    std::snprintf(character, sizeof character, "\\u%04x", static_cast<unsigned>(first));
    std::string place = end - start == 1
                            ? std::string(" '") + character + "' in position " + std::to_string(start)
                            : "s in position " + std::to_string(start) + "-" + std::to_string(end - 1);
    failure_.message = "'utf-8' codec can't encode character" + place + ": surrogates not allowed";
}

// ---- decorators and defaults ----

bool CodeGenerator::visit_decorators(Seq<ExprNode*> decorators) { return visit_all(decorators); }

void CodeGenerator::apply_decorators(Seq<ExprNode*> decorators) {
    for (size_t i = decorators.size(); i-- > 0;) op(location_of(decorators[i]), Op::CALL, 0);
}

bool CodeGenerator::default_arguments(Location at, const Arguments* args, int& flags) {
    if (!args->defaults.empty()) {
        flags |= kFunctionDEFAULTS;
        if (!visit_all(args->defaults)) return false;
        op(at, Op::BUILD_TUPLE, static_cast<int>(args->defaults.size()));
    }
    int count = 0;
    for (size_t i = 0; i < args->kwonlyargs.size(); i++) {
        if (args->kw_defaults[i] == nullptr) continue;
        load_name_const(at, mangled(args->kwonlyargs[i]->arg));
        if (!visit(args->kw_defaults[i])) return false;
        count++;
    }
    if (count > 0) {
        flags |= kFunctionKWDEFAULTS;
        op(at, Op::BUILD_MAP, count);
    }
    return true;
}

// ---- functions ----

bool CodeGenerator::visit_function(const StmtNode* node, bool is_async) {
    return is_async ? visit_function_def(as<AsyncFunctionDef>(node), true)
                    : visit_function_def(as<FunctionDef>(node), false);
}

template <typename T>
bool CodeGenerator::visit_function_def(const T* node, bool is_async) {
    Location at = location_of(node);
    if (!visit_decorators(node->decorator_list)) return false;
    int firstlineno = node->decorator_list.empty() ? node->lineno : node->decorator_list[0]->lineno;
    int flags = 0;
    if (!default_arguments(at, node->args, flags)) return false;
    bool generic = !node->type_params.empty();
    int handed_in = 0;  // defaults, made outside
    if (generic) {
        handed_in = ((flags & kFunctionDEFAULTS) != 0) + ((flags & kFunctionKWDEFAULTS) != 0);
        if (handed_in == 2) op(at, Op::SWAP, 2);
        std::string name = "<generic parameters of " + std::string(node->name->view()) + ">";
        if (!enter_scope(id(name), ScopeKind::kTypeParams, symbols_.block_of(node, Slot::kTypeParams),
                         firstlineno, nullptr, {handed_in}) ||
            !type_params(node->type_params)) {
            return false;
        }
        for (int i = 0; i < handed_in; i++) op(at, Op::LOAD_FAST, i);
    }
    if (!function_annotations(at, node->args, node->returns, flags) ||
        !function_body(node, is_async, flags, firstlineno)) {
        return false;
    }
    if (generic) {
        op(at, Op::SWAP, 2);
        op(at, Op::CALL_INTRINSIC_2, static_cast<int>(Intrinsic2::INTRINSIC_SET_FUNCTION_TYPE_PARAMS));
        Closure closure = finish_scope(false);
        if (!closure) return false;
        make_closure(at, closure, 0);
        if (handed_in > 0) {
            op(at, Op::SWAP, handed_in + 1);
            op(at, Op::CALL, handed_in - 1);
        } else {
            op(at, Op::PUSH_NULL);
            op(at, Op::CALL, 0);
        }
    }
    apply_decorators(node->decorator_list);
    store(at, node->name);
    return true;
}

template <typename T>
bool CodeGenerator::function_body(const T* node, bool is_async, int flags, int firstlineno) {
    ArgumentCounts counts{static_cast<int>(node->args->args.size()),
                          static_cast<int>(node->args->posonlyargs.size()),
                          static_cast<int>(node->args->kwonlyargs.size())};
    SymbolBlock* block = symbols_.block_of(node);
    if (!enter_scope(node->name, is_async ? ScopeKind::kAsyncFunction : ScopeKind::kFunction, block,
                     firstlineno, nullptr, counts)) {
        return false;
    }
    size_t first = 0;
    if (auto* docstring = docstring_of(node->body)) {
        first = 1;
        const krait::Constant* text = docstring_constant(docstring);
        if (text == nullptr) return false;
        unit().code.consts.add(text);
    }
    bool wrap = block->coroutine || block->generator;
    Label start = new_label();
    use(start);
    if (wrap && !push_block(FrameBlockKind::kStopIteration, kNoLocation, start)) return false;
    for (size_t i = first; i < node->body.size(); i++) {
        if (!visit(node->body[i])) return false;
    }
    if (wrap) {
        wrap_in_stopiteration_handler();
        pop_block();
    }
    Closure closure = finish_scope(true);
    if (!closure) return false;
    make_closure(location_of(node), closure, flags);
    return true;
}

bool CodeGenerator::visit_lambda(const Lambda* node) {
    Location at = location_of(node);
    int flags = 0;
    if (!default_arguments(at, node->args, flags)) return false;
    ArgumentCounts counts{static_cast<int>(node->args->args.size()),
                          static_cast<int>(node->args->posonlyargs.size()),
                          static_cast<int>(node->args->kwonlyargs.size())};
    SymbolBlock* block = symbols_.block_of(node);
    if (!enter_scope(id("<lambda>"), ScopeKind::kLambda, block, node->lineno, nullptr, counts)) return false;
    if (!visit(node->body)) return false;
    if (!block->generator) op(location_of(node->body), Op::RETURN_VALUE);
    Closure closure = finish_scope(!block->generator);
    if (!closure) return false;
    make_closure(at, closure, flags);
    return true;
}

// ---- classes ----

bool CodeGenerator::visit_class(const ClassDef* node) {
    Location at = location_of(node);
    if (!visit_decorators(node->decorator_list)) return false;
    int firstlineno = node->decorator_list.empty() ? node->lineno : node->decorator_list[0]->lineno;
    bool generic = !node->type_params.empty();
    const Identifier* params = id(".type_params");
    if (generic) {
        std::string name = "<generic parameters of " + std::string(node->name->view()) + ">";
        if (!enter_scope(id(name), ScopeKind::kTypeParams, symbols_.block_of(node, Slot::kTypeParams),
                         firstlineno, node->name) ||
            !type_params(node->type_params)) {
            return false;
        }
        store(at, params);
    }
    Closure closure;
    if (!class_body(node, firstlineno, closure)) return false;
    op(at, Op::LOAD_BUILD_CLASS);
    op(at, Op::PUSH_NULL);
    make_closure(at, closure, 0);
    load_name_const(at, node->name);
    if (generic) {
        const Identifier* base = id(".generic_base");
        load(at, params);
        op(at, Op::CALL_INTRINSIC_1, static_cast<int>(Intrinsic1::INTRINSIC_SUBSCRIPT_GENERIC));
        store(at, base);
        if (!call_arguments(at, 2, node->bases, base, node->keywords)) return false;
        Closure outer = finish_scope(false);
        if (!outer) return false;
        make_closure(at, outer, 0);
        op(at, Op::PUSH_NULL);
        op(at, Op::CALL, 0);
    } else if (!call_arguments(at, 2, node->bases, nullptr, node->keywords)) {
        return false;
    }
    apply_decorators(node->decorator_list);
    store(at, node->name);
    return true;
}

bool CodeGenerator::class_body(const ClassDef* node, int firstlineno, Closure& closure) {
    SymbolBlock* block = symbols_.block_of(node);
    if (!enter_scope(node->name, ScopeKind::kClass, block, firstlineno, node->name)) return false;
    Location at{firstlineno, firstlineno, 0, 0};
    load(at, id("__name__"));
    store(at, id("__module__"));
    load_str(at, unit().qualname);
    store(at, id("__qualname__"));
    load_int(at, firstlineno);
    store(at, id("__firstlineno__"));
    if (!node->type_params.empty()) {
        load(at, id(".type_params"));
        store(at, id("__type_params__"));
    }
    const Identifier* classdict = id("__classdict__");
    if (block->needs_classdict) {
        op(at, Op::LOAD_LOCALS);
        op(at, Op::STORE_DEREF, cell_index(classdict));
    }
    if (block->has_conditional_annotations) {
        op(at, Op::BUILD_SET, 0);
        op(at, Op::STORE_DEREF, cell_index(id("__conditional_annotations__")));
    }
    if (!body(at, node->body)) return false;
    load_const(kNoLocation, static_attributes());
    store(kNoLocation, id("__static_attributes__"));
    if (block->needs_classdict) {
        op(kNoLocation, Op::LOAD_CLOSURE, cell_index(classdict));
        store(kNoLocation, id("__classdictcell__"));
    }
    if (block->needs_class_closure) {
        op(kNoLocation, Op::LOAD_CLOSURE, cell_index(id("__class__")));
        op(kNoLocation, Op::COPY, 1);
        store(kNoLocation, id("__classcell__"));
    } else {
        load_none(kNoLocation);
    }
    op(kNoLocation, Op::RETURN_VALUE);
    closure = finish_scope(true);
    return static_cast<bool>(closure);
}

// Notes X of `self.X = ...` for __static_attributes__ of the innermost class around.
void CodeGenerator::note_static_attribute(const Attribute* node) {
    auto* self = try_as<Name>(node->value);
    if (node->ctx != ExprContext::Store || self == nullptr || self->ctx != ExprContext::Load ||
        self->id->view() != "self") {
        return;
    }
    for (size_t i = units_.size() - 1; i-- > 0;) {
        if (units_[i]->kind != ScopeKind::kClass) continue;
        units_[i]->static_attributes.add(node->attr);
        return;
    }
}

const krait::Constant* CodeGenerator::static_attributes() {
    std::vector<std::string_view> names;
    unit().static_attributes.each([&](const Identifier* name) { names.push_back(name->view()); });
    std::sort(names.begin(), names.end());
    std::vector<const krait::Constant*> items;
    for (std::string_view name : names) items.push_back(str_constant(arena_, name));
    return tuple_constant(arena_, items);
}

}  // namespace krait
