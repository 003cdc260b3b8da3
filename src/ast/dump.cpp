#include "ast/dump.h"

#include <vector>

namespace krait::ast {

namespace {

std::string ascii_text(const Identifier* text) {
    krait::Constant constant{ConstantKind::kStr, {0}};
    constant.bytes = {text->text, text->length};
    return krait::ascii_text(&constant);
}

// Elements of a Seq<T> for any T, and single fields, by address.
class Dumper {
  public:
    explicit Dumper(std::string& out) : out_(out) {}

    void node(const Node* node) {
        const NodeInfo& info = ast::info(node->kind);
        out_ += info.name;
        out_ += '(';
        first_ = true;
        auto base = reinterpret_cast<const char*>(node);
        for (const FieldInfo& field : info.fields) this->field(field, base + field.offset);
        if (info.positioned) {
            auto place = static_cast<const PositionedNode*>(node);
            number("lineno", place->lineno);
            number("col_offset", place->col_offset);
            number("end_lineno", place->end_lineno);
            number("end_col_offset", place->end_col_offset);
        }
        out_ += ')';
        first_ = false;
    }

    // One value that is no list.
    void item(const FieldInfo& field, const char* place) {
        switch (field.form) {
            case FieldForm::kNode:
                return node(at<const Node*>(place));
            case FieldForm::kEnum:
                out_ += info(field.type).members[at<uint8_t>(place)];
                out_ += "()";
                return;
            case FieldForm::kIdentifier:
            case FieldForm::kString:
                out_ += ascii_text(at<const Identifier*>(place));
                return;
            case FieldForm::kInt:
                out_ += std::to_string(at<int32_t>(place));
                return;
            case FieldForm::kConstant:
                out_ += krait::ascii_text(at<const krait::Constant*>(place));
                return;
        }
    }

  private:
    template <typename T>
    static const T& at(const char* place) {
        return *reinterpret_cast<const T*>(place);
    }

    void begin(const char* name) {
        if (!first_) out_ += ", ";
        first_ = false;
        out_ += name;
        out_ += '=';
    }

    void number(const char* name, int value) {
        begin(name);
        out_ += std::to_string(value);
    }

    // Fields that hold nothing are left out, as ast.dump does.
    void field(const FieldInfo& field, const char* place) {
        if (field.sequence) {
            list(field, place);
            return;
        }
        switch (field.form) {
            case FieldForm::kInt:
                return number(field.name, at<int32_t>(place));
            case FieldForm::kEnum:
                begin(field.name);
                return item(field, place);
            default:
                if (at<const void*>(place) == nullptr) return;
                begin(field.name);
                return item(field, place);
        }
    }

    void list(const FieldInfo& field, const char* place) {
        bool bytes = field.form == FieldForm::kEnum;
        size_t size = at<Seq<char>>(place).size(), width = bytes ? 1 : sizeof(void*);
        if (size == 0) return;
        begin(field.name);
        out_ += '[';
        const char* items = at<Seq<char>>(place).data();
        for (size_t i = 0; i < size; i++) {
            if (i > 0) out_ += ", ";
            if (!bytes && at<const void*>(items + i * width) == nullptr) {
                out_ += "None";
            } else {
                item(field, items + i * width);
            }
        }
        out_ += ']';
        first_ = false;
    }

    std::string& out_;
    bool first_ = true;
};

}  // namespace

void dump(const Node* node, std::string& out) { Dumper(out).node(node); }

namespace {

// A text and whether it is that of something without parts.
struct Piece {
    std::string text;
    bool simple;
};

class PrettyDumper {
  public:
    Piece node(const Node* node, int level) {
        const NodeInfo& info = ast::info(node->kind);
        auto base = reinterpret_cast<const char*>(node);
        std::vector<std::string> parts;
        bool simple = true;
        for (const FieldInfo& field : info.fields) {
            const char* place = base + field.offset;
            if (absent(field, place)) continue;
            Piece piece = value(field, place, level + 1);
            simple &= piece.simple;
            parts.push_back(std::string(field.name) + "=" + piece.text);
        }
        if (simple && parts.size() <= 3) return {info.name + ("(" + join(parts, ", ") + ")"), parts.empty()};
        return {info.name + ("(" + line(level + 1) + join(parts, "," + line(level + 1)) + ")"), false};
    }

  private:
    static std::string line(int level) { return "\n" + std::string(static_cast<size_t>(2 * level), ' '); }

    static std::string join(const std::vector<std::string>& parts, const std::string& separator) {
        std::string out;
        for (size_t i = 0; i < parts.size(); i++) out += (i ? separator : "") + parts[i];
        return out;
    }

    static bool absent(const FieldInfo& field, const char* place) {
        if (field.sequence) return reinterpret_cast<const Seq<char>*>(place)->empty();
        if (field.form == FieldForm::kInt || field.form == FieldForm::kEnum) return false;
        return *reinterpret_cast<void* const*>(place) == nullptr;
    }

    Piece value(const FieldInfo& field, const char* place, int level) {
        if (!field.sequence) return item(field, place, level);
        auto& items = *reinterpret_cast<const Seq<char>*>(place);
        size_t width = field.form == FieldForm::kEnum ? 1 : sizeof(void*);
        std::vector<std::string> parts;
        for (size_t i = 0; i < items.size(); i++) {
            parts.push_back(item(field, items.data() + i * width, level + 1).text);
        }
        return {"[" + line(level + 1) + join(parts, "," + line(level + 1)) + "]", false};
    }

    Piece item(const FieldInfo& field, const char* place, int level) {
        if (field.form == FieldForm::kNode) {
            auto child = *reinterpret_cast<const Node* const*>(place);
            return child ? node(child, level) : Piece{"None", true};
        }
        std::string text;
        Dumper(text).item(field, place);
        return {text, true};
    }
};

}  // namespace

std::string pretty(const Node* node) { return PrettyDumper().node(node, 0).text; }

}  // namespace krait::ast
