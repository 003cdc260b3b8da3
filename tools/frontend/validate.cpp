#include "ast/validate.h"

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "frontend.h"
#include "parser/parser.h"

namespace krait::frontend {

namespace {

using namespace ast;

// Builds a tree from its dump, which is a Python expression and so read by the parser.
class TreeReader {
  public:
    explicit TreeReader(Arena& arena) : arena_(arena) {}

    Node* node(ExprNode* text) {
        auto call = as<Call>(text);
        std::string_view name = as<Name>(call->func)->id->view();
        size_t kind = 0;
        while (kind < kKindCount && name != kNodeInfo[kind].name) kind++;
        if (kind == kKindCount) return nullptr;
        const NodeInfo& info = kNodeInfo[kind];
        auto bytes = static_cast<char*>(arena_.allocate(info.size, 16));
        std::memset(bytes, 0, info.size);
        auto made = reinterpret_cast<Node*>(bytes);
        made->kind = static_cast<Kind>(kind);
        for (Keyword* keyword : call->keywords) {
            if (info.positioned && attribute(static_cast<PositionedNode*>(made), keyword)) continue;
            for (const FieldInfo& field : info.fields) {
                if (keyword->arg->view() == field.name) set(field, bytes + field.offset, keyword->value);
            }
        }
        return made;
    }

  private:
    bool attribute(PositionedNode* node, Keyword* keyword) {
        static constexpr int32_t Position::* kMembers[] = {&Position::lineno, &Position::col_offset,
                                                           &Position::end_lineno, &Position::end_col_offset};
        static constexpr const char* kNames[] = {"lineno", "col_offset", "end_lineno", "end_col_offset"};
        for (int i = 0; i < 4; i++) {
            if (keyword->arg->view() != kNames[i]) continue;
            node->*kMembers[i] = number(keyword->value);
            return true;
        }
        return false;
    }

    static int32_t number(ExprNode* text) {
        if (auto minus = try_as<UnaryOp>(text)) return -number(minus->operand);
        return static_cast<int32_t>(as<ast::Constant>(text)->value->integer);
    }

    const krait::Constant* constant(ExprNode* text) {
        if (auto value = try_as<ast::Constant>(text)) return value->value;
        if (auto name = try_as<Name>(text)) {
            if (name->id->view() == "Ellipsis") return &kEllipsisConstant;
            return float_constant(arena_, 1e300);  // inf, nan
        }
        if (auto tuple = try_as<Tuple>(text)) {
            std::vector<const krait::Constant*> items;
            for (ExprNode* item : tuple->elts) items.push_back(constant(item));
            return tuple_constant(arena_, items);
        }
        if (auto minus = try_as<UnaryOp>(text)) {  // the sign makes no difference, the type does
            return constant(minus->operand);
        }
        return complex_constant(arena_, 0, 1);  // (1+2j)
    }

    void set(const FieldInfo& field, char* place, ExprNode* text) {
        if (!field.sequence) return item(field, place, text);
        auto list = as<List>(text);
        size_t width = field.form == FieldForm::kEnum ? 1 : sizeof(void*);
        auto bytes = static_cast<char*>(arena_.allocate(list->elts.size() * width + 1, 16));
        std::memset(bytes, 0, list->elts.size() * width);
        for (size_t i = 0; i < list->elts.size(); i++) item(field, bytes + i * width, list->elts[i]);
        *reinterpret_cast<Seq<char>*>(place) = Seq<char>(bytes, list->elts.size());
    }

    void item(const FieldInfo& field, char* place, ExprNode* text) {
        auto value = try_as<ast::Constant>(text);
        bool none = value && value->value->is_none();
        switch (field.form) {
            case FieldForm::kNode:
                *reinterpret_cast<Node**>(place) = none ? nullptr : node(text);
                return;
            case FieldForm::kEnum: {
                std::string_view name = as<Name>(as<Call>(text)->func)->id->view();
                auto members = info(field.type).members;
                for (size_t i = 0; i < members.size(); i++) {
                    if (name == members[i]) *reinterpret_cast<uint8_t*>(place) = static_cast<uint8_t>(i);
                }
                return;
            }
            case FieldForm::kIdentifier:
            case FieldForm::kString:
                *reinterpret_cast<const Identifier**>(place) =
                    none ? nullptr : names_.intern(value->value->text());
                return;
            case FieldForm::kInt:
                *reinterpret_cast<int32_t*>(place) = none ? 0 : number(text);
                return;
            case FieldForm::kConstant:
                *reinterpret_cast<const krait::Constant**>(place) = constant(text);
                return;
        }
    }

    Arena& arena_;
    IdentifierTable names_{arena_};
};

std::string verdict(std::string_view dump) {
    SourceText source;
    Diagnostic failure;
    SourceOptions source_options;
    source_options.add_newline = false;
    ParseOptions options;
    options.mode = ParseMode::kEval;
    Arena arena;
    IdentifierTable identifiers(arena);
    if (!source.load(dump, source_options, failure)) return "unreadable";
    ParseResult text = parse(arena, identifiers, source, options);
    if (text.module == nullptr) return "unreadable";
    auto tree = static_cast<ModNode*>(TreeReader(arena).node(as<Expression>(text.module)->body));
    Fault fault = validate(tree);
    static constexpr const char* kKinds[] = {"ok", "ValueError ", "TypeError ", "RecursionError "};
    return kKinds[static_cast<size_t>(fault.kind)] + fault.message;
}

}  // namespace

// The file holds dumps of trees, one a line. Prints what the validator says of each.
int command_validate(int argc, char** argv) {
    std::string text;
    if (argc != 2 || !read_file(argv[1], text)) return 2;
    for (size_t at = 0; at < text.size();) {
        size_t end = text.find('\n', at);
        if (end == text.npos) end = text.size();
        std::printf("%s\n", verdict(std::string_view(text).substr(at, end - at)).c_str());
        at = end + 1;
    }
    return 0;
}

}  // namespace krait::frontend
