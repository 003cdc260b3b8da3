#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

#include "ast/identifier.h"
#include "bytecode/constant.h"
#include "support/arena.h"
#include "support/panic.h"

// What the generated nodes (gen/ast/nodes.h) are made of. Nodes live in an arena, are plain structs with
// public fields, and are told apart by `kind`.
namespace krait::ast {

enum class Kind : uint8_t;

// Lines count from 1, columns are byte offsets into the UTF-8 line, from 0; the end is exclusive.
struct Position {
    int32_t lineno = 0;
    int32_t col_offset = 0;
    int32_t end_lineno = 0;
    int32_t end_col_offset = 0;

    bool operator==(const Position&) const = default;
};

// An immutable-size array in an arena, half the size of a std::span.
template <typename T>
class Seq {
  public:
    Seq() = default;
    Seq(T* data, size_t size) : data_(data), size_(static_cast<uint32_t>(size)) {}
    Seq(std::span<T> items) : Seq(items.data(), items.size()) {}

    uint32_t size() const { return size_; }
    bool empty() const { return size_ == 0; }
    T* data() const { return data_; }
    T* begin() const { return data_; }
    T* end() const { return data_ + size_; }
    T& operator[](size_t i) const {
        KRAIT_ASSERT(i < size_);
        return data_[i];
    }
    T& front() const { return (*this)[0]; }
    T& back() const { return (*this)[size_ - 1]; }

  private:
    T* data_ = nullptr;
    uint32_t size_ = 0;
};

struct Node {
    Kind kind;

    explicit Node(Kind k) : kind(k) {}
};

// A node that knows its place in the source; the fields are read as `node->lineno`.
struct PositionedNode : Node, Position {
    PositionedNode(Kind k, const Position& p) : Node(k), Position(p) {}
    const Position& position() const { return *this; }
    void set_position(const Position& p) { static_cast<Position&>(*this) = p; }
};

// `is<Name>(node)`: the node (not null) is of this kind.
template <typename T>
bool is(const Node* node) {
    return node->kind == T::kKind;
}

// The node as what it is known to be.
template <typename T>
T* as(Node* node) {
    KRAIT_ASSERT(node->kind == T::kKind);
    return static_cast<T*>(node);
}
template <typename T>
const T* as(const Node* node) {
    KRAIT_ASSERT(node->kind == T::kKind);
    return static_cast<const T*>(node);
}

// The node if it is of this kind (and not null), else null.
template <typename T>
T* try_as(Node* node) {
    return node != nullptr && node->kind == T::kKind ? static_cast<T*>(node) : nullptr;
}
template <typename T>
const T* try_as(const Node* node) {
    return node != nullptr && node->kind == T::kKind ? static_cast<const T*>(node) : nullptr;
}

// A description of the nodes for code that treats them all alike (dumper, validator, conversion to objects).
enum class Type : uint8_t;

enum class FieldForm : uint8_t {
    kNode,        // T*, T a struct of this table
    kEnum,        // one byte, an enumerator
    kIdentifier,  // const Identifier*
    kString,      // const Identifier* as well
    kInt,         // int32_t
    kConstant,    // const krait::Constant*
};

struct FieldInfo {
    const char* name;
    FieldForm form;
    Type type;  // for kNode and kEnum; else Type::kNone
    bool optional;
    bool sequence;  // Seq<...> of the form; with `optional` its elements may be null
    uint16_t offset;
};

struct NodeInfo {
    const char* name;
    Type type;        // the sum the node belongs to, or itself
    bool positioned;  // derives from PositionedNode
    uint16_t size;    // of the struct
    std::span<const FieldInfo> fields;
};

struct TypeInfo {
    const char* name;  // in Python: "expr"
    bool is_enum;
    bool is_sum;  // has several node kinds, or could have (excepthandler, type_ignore)
    bool positioned;
    uint8_t first;  // of its kinds or enumerators (enumerators count from 0)
    uint8_t count;
    std::span<const char* const> members;  // of an enum: the Python class names
};

}  // namespace krait::ast
