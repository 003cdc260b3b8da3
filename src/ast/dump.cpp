#include "ast/dump.h"

#include "support/utf8.h"

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

    std::string& out_;
    bool first_ = true;
};

}  // namespace

void dump(const Node* node, std::string& out) { Dumper(out).node(node); }

}  // namespace krait::ast
