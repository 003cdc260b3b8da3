#include "symtable/future.h"

#include "bytecode/code.h"

namespace krait {

void set_syntax_error(Diagnostic& failure, const ast::Position& at, std::string message) {
    failure = Diagnostic{};
    failure.kind = Diagnostic::Kind::kSyntaxError;
    failure.message_only_args = true;
    failure.message = std::move(message);
    failure.line = at.lineno;
    failure.column = at.col_offset + 1;
    failure.end_line = at.end_lineno;
    failure.end_column = at.end_col_offset + 1;
}

namespace {

struct Feature {
    std::string_view name;
    int flag;  // 0: mandatory since long
};

constexpr Feature kFeatures[] = {
    {"nested_scopes", 0},    {"generators", 0},
    {"division", 0},         {"absolute_import", 0},
    {"with_statement", 0},   {"print_function", 0},
    {"unicode_literals", 0}, {"barry_as_FLUFL", kCodeFutureBarryAsBdfl},
    {"generator_stop", 0},   {"annotations", kCodeFutureAnnotations},
};

bool add_features(const ast::ImportFrom* from, FutureFeatures& features, Diagnostic& failure) {
    for (const ast::Alias* alias : from->names) {
        std::string_view name = alias->name->view();
        const Feature* found = nullptr;
        for (const Feature& f : kFeatures) {
            if (f.name == name) found = &f;
        }
        if (found == nullptr) {
            bool braces = name == "braces";
            // The message keeps at most 100 bytes of the name, as CPython's does.
            std::string shown(name.substr(0, 100));
            set_syntax_error(failure, *alias,
                             braces ? "not a chance" : "future feature " + shown + " is not defined");
            return false;
        }
        features.flags |= found->flag;
    }
    return true;
}

bool is_string_statement(const ast::StmtNode* statement) {
    auto* expr = ast::try_as<ast::Expr>(statement);
    if (expr == nullptr) return false;
    auto* constant = ast::try_as<ast::Constant>(expr->value);
    return constant != nullptr && constant->value->is(ConstantKind::kStr);
}

}  // namespace

bool find_future_features(const ast::ModNode* module, FutureFeatures& features, Diagnostic& failure) {
    ast::Seq<ast::StmtNode*> body;
    if (auto* m = ast::try_as<ast::Module>(module)) {
        body = m->body;
    } else if (auto* i = ast::try_as<ast::Interactive>(module)) {
        body = i->body;
    } else {
        return true;
    }
    for (size_t i = 0; i < body.size(); i++) {
        if (i == 0 && is_string_statement(body[0])) continue;
        auto* from = ast::try_as<ast::ImportFrom>(body[i]);
        if (from == nullptr || from->level != 0 || from->module == nullptr ||
            from->module->view() != "__future__") {
            return true;
        }
        if (!add_features(from, features, failure)) return false;
        features.position = *from;
    }
    return true;
}

}  // namespace krait
