#include <algorithm>
#include <bit>
#include <cstring>
#include <memory>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "bytecode/marshal.h"

// CPython writes an object as a reference when it has met it before, and announces that it may do so
// (kFlagRef) when the object has more than one holder or lives forever. Holders are counted here as CPython's
// compiler leaves them: equal constants, name tuples and tables of one compilation are one object, names are
// interned.
namespace krait {

namespace {

constexpr int kMaxDepth = 2000;
constexpr uint8_t kFlagRef = 0x80;

struct Node {
    const Constant* constant;
    bool interned = false;
    bool immortal = false;
    uint32_t holders = 0;
    int32_t ref = -1;  // index of the reference, once written
    // Of code: consts, names, localsplusnames, filename, name, qualname, linetable, exceptiontable; else the
    // items.
    std::vector<Node*> parts;
};

bool is_name_text(std::string_view text) {
    return std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    });
}

bool is_ascii(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

// Of a string of one character below U+0100 there is only one, made at start-up.
bool is_latin1_character(std::string_view text) {
    if (text.size() == 1) return true;
    return text.size() == 2 && (text[0] == '\xC2' || text[0] == '\xC3');
}

// Whether a string constant is interned for its text alone.
bool is_interned_text(std::string_view text) { return is_name_text(text) || is_latin1_character(text); }

class Writer {
  public:
    std::string run(const CodeObject* code) {
        collect_qualnames(code);
        Node* root = node(code_constant(arena_, code), 0);
        root->holders = 2;  // whoever asks for the dump has one
        write(root);
        return failed_ ? std::string() : std::move(out_);
    }

  private:
    struct Hash {
        size_t operator()(const Constant* c) const { return hash_constant(c); }
    };
    struct Same {
        bool operator()(const Constant* a, const Constant* b) const { return same_constant(a, b); }
    };

    // ---- which objects there are ----

    Node* node(const Constant* constant, int depth);
    Node* make_node(const Constant* constant);
    Node* slice_part(const Constant* constant, int depth);
    void collect_qualnames(const CodeObject* code);
    Node* name(std::string_view text);
    Node* name_tuple(std::span<const std::string_view> names);
    Node* local_names(const CodeObject* code);
    void add_parts(Node* of, int depth);
    Node* node_of_empty_bytes() { return node(bytes_constant(arena_, ""), 0); }

    // ---- bytes ----

    void byte(uint8_t value) { out_ += static_cast<char>(value); }
    void number(uint64_t value, int bytes) {
        for (int i = 0; i < bytes; i++) byte(static_cast<uint8_t>(value >> 8 * i));
    }
    void i32(int64_t value) { number(static_cast<uint64_t>(value), 4); }
    void real(double value) { number(std::bit_cast<uint64_t>(value), 8); }
    void bytes(uint8_t type, std::string_view data) {
        byte(type);
        i32(static_cast<int64_t>(data.size()));
        out_ += data;
    }
    void write(Node* node, bool shared = false);
    void write_int(const Constant* c, uint8_t flag);
    void write_str(const Node* node, uint8_t flag);
    void write_set(Node* node, uint8_t flag);
    void write_code(Node* node, uint8_t flag);

    Arena arena_;
    std::string out_;
    std::unordered_set<std::string_view> qualnames_;
    std::vector<std::unique_ptr<Node>> nodes_;
    std::unordered_map<const Constant*, Node*, Hash, Same> known_;
    std::unordered_map<const Constant*, Node*, Hash, Same>
        odd_names_;  // names that would not be interned as constants
    int32_t refs_ = 0;
    bool failed_ = false;
};

Node* Writer::make_node(const Constant* constant) {
    Node* made = nodes_.emplace_back(std::make_unique<Node>()).get();
    made->constant = constant;
    return made;
}

void Writer::collect_qualnames(const CodeObject* code) {
    bool is_class = std::ranges::find(code->names, "__qualname__") != code->names.end();
    for (const Constant* constant : code->consts) {
        bool own = is_class && constant->is(ConstantKind::kStr) && constant->text() == code->qualname;
        if (own && !is_interned_text(code->qualname)) qualnames_.insert(code->qualname);
        if (constant->is(ConstantKind::kCode)) collect_qualnames(constant->code);
    }
}

Node* Writer::node(const Constant* constant, int depth) {
    if (depth > kMaxDepth) failed_ = true;
    // A class stores its qualified name in __qualname__: the same object.
    if (constant->is(ConstantKind::kStr) && qualnames_.contains(constant->text()))
        return name(constant->text());
    auto [at, is_new] = known_.try_emplace(constant, nullptr);
    if (!is_new) return at->second;
    Node* made = at->second = make_node(constant);
    switch (constant->kind) {
        case ConstantKind::kStr:
            made->interned = is_interned_text(constant->text());
            break;
        case ConstantKind::kBytes:
            made->immortal = constant->bytes.size <= 1;
            break;
        case ConstantKind::kInt:
            made->immortal = constant->integer >= -5 && constant->integer <= 256;
            break;
        case ConstantKind::kTuple:
            made->immortal = constant->sequence.size == 0;
            [[fallthrough]];
        default:
            if (!failed_) add_parts(made, depth + 1);
            break;
    }
    return made;
}

// Names are interned, string constants only when they look like names: else the two are different objects.
Node* Writer::name(std::string_view text) {
    const Constant* constant = str_constant(arena_, text);
    if (is_interned_text(text)) return node(constant, 0);
    auto [at, is_new] = odd_names_.try_emplace(constant, nullptr);
    if (is_new) {
        at->second = make_node(constant);
        at->second->interned = true;
    }
    return at->second;
}

Node* Writer::name_tuple(std::span<const std::string_view> names) {
    std::vector<const Constant*> items;
    bool odd = false;
    for (std::string_view text : names) {
        items.push_back(str_constant(arena_, text));
        odd |= !is_interned_text(text);
    }
    const Constant* tuple = tuple_constant(arena_, items);
    if (!odd) return node(tuple, 0);
    auto [at, is_new] = odd_names_.try_emplace(tuple, nullptr);
    if (is_new) {
        at->second = make_node(tuple);
        for (std::string_view text : names) at->second->parts.push_back(name(text));
        for (Node* part : at->second->parts) part->holders++;
    }
    return at->second;
}

// Of an annotation scope CPython replaces the name of the parameter afterwards, in a tuple of its own.
Node* Writer::local_names(const CodeObject* code) {
    if (code->name != "__annotate__" || code->localsplusnames.empty() ||
        code->localsplusnames[0] != "format") {
        return name_tuple(code->localsplusnames);
    }
    Node* made = make_node(&kNoneConstant);
    std::vector<const Constant*> items;
    for (std::string_view text : code->localsplusnames) {
        items.push_back(str_constant(arena_, text));
        made->parts.push_back(name(text));
        made->parts.back()->holders++;
    }
    made->constant = tuple_constant(arena_, items);
    return made;
}

// What a slice holds is neither merged with equal constants nor interned.
Node* Writer::slice_part(const Constant* constant, int depth) {
    if (depth > kMaxDepth) failed_ = true;
    bool single = (constant->is(ConstantKind::kStr) &&
                   (constant->bytes.size == 0 || is_latin1_character(constant->text()))) ||
                  (constant->is(ConstantKind::kBytes) && constant->bytes.size <= 1) ||
                  (constant->is(ConstantKind::kInt) && constant->integer >= -5 && constant->integer <= 256);
    if (single) return node(constant, depth);
    Node* made = make_node(constant);
    if (!failed_) add_parts(made, depth + 1);
    return made;
}

void Writer::add_parts(Node* of, int depth) {
    const Constant* constant = of->constant;
    std::vector<Node*> parts;
    if (constant->is(ConstantKind::kCode)) {
        const CodeObject* code = constant->code;
        auto data = [&](std::string_view text) { return node(bytes_constant(arena_, text), depth); };
        parts = {node(tuple_constant(arena_, code->consts), depth),
                 name_tuple(code->names),
                 local_names(code),
                 name(code->filename),
                 name(code->name),
                 name(code->qualname),
                 data(code->linetable),
                 data(code->exceptiontable)};
    } else if (constant->is(ConstantKind::kSlice)) {
        for (const Constant* item : constant->items()) parts.push_back(slice_part(item, depth));
    } else if (constant->is(ConstantKind::kTuple) || constant->is(ConstantKind::kFrozenSet)) {
        for (const Constant* item : constant->items()) parts.push_back(node(item, depth));
    }
    for (Node* part : parts) part->holders++;
    of->parts = std::move(parts);
}

void Writer::write_int(const Constant* c, uint8_t flag) {
    if (c->is(ConstantKind::kInt) && c->integer == static_cast<int32_t>(c->integer)) {
        byte('i' | flag);
        return i32(c->integer);
    }
    // 15-bit digits, least significant first; the sign is that of their number.
    bool negative = c->is(ConstantKind::kInt) ? c->integer < 0 : c->big.negative;
    uint64_t small =
        c->is(ConstantKind::kInt) ? (negative ? 0 - uint64_t(c->integer) : uint64_t(c->integer)) : 0;
    std::span<const uint64_t> limbs =
        c->is(ConstantKind::kInt) ? std::span<const uint64_t>(&small, 1) : c->big.magnitude();
    std::vector<uint16_t> digits;
    for (size_t bit = 0; bit < limbs.size() * 64; bit += 15) {
        size_t at = bit / 64, shift = bit % 64;
        uint64_t digit = limbs[at] >> shift;
        if (shift > 49 && at + 1 < limbs.size()) digit |= limbs[at + 1] << (64 - shift);
        digits.push_back(digit & 0x7FFF);
    }
    while (digits.back() == 0) digits.pop_back();
    byte('l' | flag);
    int64_t count = static_cast<int64_t>(digits.size());
    i32(negative ? -count : count);
    for (uint16_t digit : digits) number(digit, 2);
}

void Writer::write_str(const Node* node, uint8_t flag) {
    std::string_view text = node->constant->text();
    if (!is_ascii(text)) return bytes((node->interned ? 't' : 'u') | flag, text);
    if (text.size() >= 256) return bytes((node->interned ? 'A' : 'a') | flag, text);
    byte((node->interned ? 'Z' : 'z') | flag);
    byte(static_cast<uint8_t>(text.size()));
    out_ += text;
}

// Elements in the order of their dumps, so that hashing does not show.
void Writer::write_set(Node* node, uint8_t flag) {
    std::vector<std::pair<std::string, Node*>> sorted;
    for (Node* part : node->parts) {
        Writer alone;
        Node* copy = alone.node(part->constant, 0);
        alone.write(copy, true);
        sorted.emplace_back(std::move(alone.out_), part);
    }
    std::ranges::sort(sorted, [](const auto& a, const auto& b) { return a.first < b.first; });
    byte('>' | flag);
    i32(static_cast<int64_t>(sorted.size()));
    for (auto& [dump, part] : sorted) write(part, true);
}

void Writer::write_code(Node* node, uint8_t flag) {
    const CodeObject* code = node->constant->code;
    byte('c' | flag);
    i32(code->argcount);
    i32(code->posonlyargcount);
    i32(code->kwonlyargcount);
    i32(code->stacksize);
    i32(code->flags);
    bytes('s' | kFlagRef, code->code);  // an object of its own, which the code object keeps
    refs_++;
    for (int i = 0; i < 3; i++) write(node->parts[i]);
    if (code->localspluskinds.empty()) {
        write(node_of_empty_bytes());
    } else {
        bytes('s', code->localspluskinds);  // never shared
    }
    for (int i = 3; i < 6; i++) write(node->parts[i]);
    i32(code->firstlineno);
    for (int i = 6; i < 8; i++) write(node->parts[i]);
}

void Writer::write(Node* node, bool shared) {
    const Constant* c = node->constant;
    switch (c->kind) {
        case ConstantKind::kNone:
            return byte('N');
        case ConstantKind::kTrue:
            return byte('T');
        case ConstantKind::kFalse:
            return byte('F');
        case ConstantKind::kEllipsis:
            return byte('.');
        default:
            break;
    }
    uint8_t flag = 0;
    if (shared || node->interned || node->immortal || node->holders > 1) {
        if (node->ref >= 0) {
            byte('r');
            return i32(node->ref);
        }
        node->ref = refs_++;
        flag = kFlagRef;
    }
    switch (c->kind) {
        case ConstantKind::kInt:
        case ConstantKind::kBigInt:
            return write_int(c, flag);
        case ConstantKind::kFloat:
            byte('g' | flag);
            return real(c->real);
        case ConstantKind::kComplex:
            byte('y' | flag);
            real(c->complex.re);
            return real(c->complex.im);
        case ConstantKind::kStr:
            return write_str(node, flag);
        case ConstantKind::kBytes:
            return bytes('s' | flag, c->text());
        case ConstantKind::kTuple:
            if (node->parts.size() < 256) {
                byte(')' | flag);
                byte(static_cast<uint8_t>(node->parts.size()));
            } else {
                byte('(' | flag);
                i32(static_cast<int64_t>(node->parts.size()));
            }
            break;
        case ConstantKind::kSlice:
            byte(':' | flag);
            break;
        case ConstantKind::kFrozenSet:
            return write_set(node, flag);
        default:
            return write_code(node, flag);
    }
    for (Node* part : node->parts) write(part);
}

}  // namespace

std::string marshal_code(const CodeObject* code) { return Writer().run(code); }

namespace {
std::string header(uint32_t flags, uint32_t first, uint32_t second) {
    std::string out;
    for (uint32_t word : {kPycMagic | uint32_t('\r') << 16 | uint32_t('\n') << 24, flags, first, second}) {
        for (int i = 0; i < 4; i++) out += static_cast<char>(word >> 8 * i);
    }
    return out;
}
}  // namespace

std::string pyc_header(uint32_t mtime, uint32_t source_size) { return header(0, mtime, source_size); }
std::string unchecked_pyc_header() { return header(1, 0, 0); }

}  // namespace krait
