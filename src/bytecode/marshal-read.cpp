#include <algorithm>
#include <bit>
#include <vector>

#include "bytecode/marshal.h"

namespace krait {

namespace {

constexpr int kMaxDepth = 2000;
constexpr const char* kEnd = "EOF read where object expected";
constexpr const char* kShort = "marshal data too short";

class Reader {
  public:
    Reader(Arena& arena, std::string_view data) : arena_(arena), data_(data) {}
    const Constant* object(int depth);
    const char* error() const { return error_; }
    const Constant* fail(const char* message) {
        if (error_ == nullptr) error_ = message;
        return nullptr;
    }

  private:
    bool failed() const { return error_ != nullptr; }
    std::string_view take(size_t size) {
        if (size > data_.size() - at_) {
            fail(kShort);
            return {};
        }
        at_ += size;
        return data_.substr(at_ - size, size);
    }
    uint64_t number(size_t bytes) {
        std::string_view raw = take(bytes);
        uint64_t value = 0;
        for (size_t i = raw.size(); i-- > 0;) value = value << 8 | static_cast<unsigned char>(raw[i]);
        return value;
    }
    int32_t i32() { return static_cast<int32_t>(number(4)); }
    double real() { return std::bit_cast<double>(number(8)); }
    // A size of something of which each item takes a byte at least.
    size_t size(const char* message) {
        int32_t value = i32();
        if (value < 0) fail(message);
        if (!failed() && static_cast<size_t>(value) > data_.size() - at_) fail(kEnd);
        return failed() ? 0 : static_cast<size_t>(value);
    }
    const Constant* text(size_t size) {
        std::string_view raw = take(size);
        return failed() ? nullptr : str_constant(arena_, raw);
    }
    const Constant* long_int();
    const Constant* items(ConstantKind kind, size_t count, int depth);
    const Constant* code(int depth);
    const Constant* body(unsigned char type, int depth);
    const Constant* expect(ConstantKind kind, int depth) {
        const Constant* got = object(depth);
        if (got != nullptr && !got->is(kind)) return fail("bad marshal data (wrong type in a code object)");
        return got;
    }
    std::string_view expect_text(ConstantKind kind, int depth) {
        const Constant* got = expect(kind, depth);
        return got != nullptr ? got->text() : std::string_view();
    }
    std::span<const std::string_view> expect_names(int depth);

    Arena& arena_;
    std::string_view data_;
    size_t at_ = 0;
    std::vector<const Constant*> refs_;  // null while the object is being read
    const char* error_ = nullptr;
};

const Constant* Reader::long_int() {
    int32_t count = i32();
    if (failed()) return nullptr;
    if (count == INT32_MIN) return fail("bad marshal data (long size out of range)");
    uint32_t digits = static_cast<uint32_t>(count < 0 ? -count : count);
    if (size_t(digits) * 2 > data_.size() - at_) return fail(kShort);
    std::vector<uint64_t> limbs((uint64_t(digits) * 15 + 63) / 64, 0);
    uint64_t digit = 1;
    for (uint32_t i = 0; i < digits; i++) {
        digit = number(2);
        if (digit > 0x7FFF) return fail("bad marshal data (digit out of range in long)");
        size_t bit = size_t(i) * 15, at = bit / 64, shift = bit % 64;
        limbs[at] |= digit << shift;
        if (shift > 49 && at + 1 < limbs.size()) limbs[at + 1] |= digit >> (64 - shift);
    }
    if (digit == 0) return fail("bad marshal data (unnormalized long data)");
    return int_constant(arena_, count < 0, limbs);
}

const Constant* Reader::items(ConstantKind kind, size_t count, int depth) {
    std::vector<const Constant*> list;
    list.reserve(count);
    for (size_t i = 0; i < count && !failed(); i++) list.push_back(object(depth));
    if (failed()) return nullptr;
    if (kind == ConstantKind::kTuple) return tuple_constant(arena_, list);
    if (kind == ConstantKind::kSlice) return slice_constant(arena_, list[0], list[1], list[2]);
    return frozenset_constant(arena_, list);
}

std::span<const std::string_view> Reader::expect_names(int depth) {
    const Constant* tuple = expect(ConstantKind::kTuple, depth);
    std::vector<std::string_view> names;
    if (tuple == nullptr) return {};
    for (const Constant* item : tuple->items()) {
        if (!item->is(ConstantKind::kStr)) {
            fail("bad marshal data (wrong type in a code object)");
            return {};
        }
        names.push_back(item->text());
    }
    return arena_.copy(std::span<const std::string_view>(names));
}

const Constant* Reader::code(int depth) {
    CodeObject* code = arena_.make<CodeObject>();
    code->argcount = i32();
    code->posonlyargcount = i32();
    code->kwonlyargcount = i32();
    code->stacksize = i32();
    code->flags = i32();
    if (failed()) return nullptr;
    code->code = expect_text(ConstantKind::kBytes, depth);
    const Constant* consts = failed() ? nullptr : expect(ConstantKind::kTuple, depth);
    if (consts == nullptr) return nullptr;
    code->consts = consts->items();
    code->names = expect_names(depth);
    if (!failed()) code->localsplusnames = expect_names(depth);
    if (!failed()) code->localspluskinds = expect_text(ConstantKind::kBytes, depth);
    if (!failed()) code->filename = expect_text(ConstantKind::kStr, depth);
    if (!failed()) code->name = expect_text(ConstantKind::kStr, depth);
    if (!failed()) code->qualname = expect_text(ConstantKind::kStr, depth);
    if (!failed()) code->firstlineno = i32();
    if (!failed()) code->linetable = expect_text(ConstantKind::kBytes, depth);
    if (!failed()) code->exceptiontable = expect_text(ConstantKind::kBytes, depth);
    return failed() ? nullptr : code_constant(arena_, code);
}

const Constant* Reader::body(unsigned char type, int depth) {
    switch (type) {
        case 'N':
            return &kNoneConstant;
        case 'T':
            return &kTrueConstant;
        case 'F':
            return &kFalseConstant;
        case '.':
            return &kEllipsisConstant;
        case 'i': {
            int32_t value = i32();
            return failed() ? nullptr : int_constant(arena_, value);
        }
        case 'l':
            return long_int();
        case 'g': {
            double value = real();
            return failed() ? nullptr : float_constant(arena_, value);
        }
        case 'y': {
            double re = real(), im = real();
            return failed() ? nullptr : complex_constant(arena_, re, im);
        }
        case 's': {
            std::string_view raw = take(size("bad marshal data (bytes object size out of range)"));
            return failed() ? nullptr : bytes_constant(arena_, raw);
        }
        case 'z':
        case 'Z':
            return text(number(1));
        case 'a':
        case 'A':
        case 'u':
        case 't':
            return text(size("bad marshal data (string size out of range)"));
        case ')':
            return items(ConstantKind::kTuple, number(1), depth + 1);
        case '(':
            return items(ConstantKind::kTuple, size("bad marshal data (tuple size out of range)"), depth + 1);
        case '>':
            return items(ConstantKind::kFrozenSet, size("bad marshal data (set size out of range)"),
                         depth + 1);
        case ':':
            return items(ConstantKind::kSlice, 3, depth + 1);
        case 'c':
            return code(depth + 1);
        default:
            return fail("bad marshal data (unknown type code)");
    }
}

const Constant* Reader::object(int depth) {
    if (failed()) return nullptr;
    if (depth > kMaxDepth) return fail("recursion limit exceeded");
    if (at_ == data_.size()) return fail(kEnd);
    auto type = static_cast<unsigned char>(data_[at_++]);
    if (type == 'r') {
        uint32_t i = static_cast<uint32_t>(i32());
        if (failed()) return nullptr;
        if (i >= refs_.size() || refs_[i] == nullptr) return fail("bad marshal data (invalid reference)");
        return refs_[i];
    }
    size_t ref = refs_.size();
    bool has_ref = (type & 0x80) != 0;
    if (has_ref) refs_.push_back(nullptr);
    const Constant* made = body(type & 0x7F, depth);
    if (has_ref) refs_[ref] = made;
    return made;
}

}  // namespace

const CodeObject* unmarshal_code(Arena& arena, std::string_view data, const char** error) {
    Reader reader(arena, data);
    const Constant* made = reader.object(0);
    if (made != nullptr && !made->is(ConstantKind::kCode)) made = reader.fail("not a code object");
    *error = reader.error();
    return made != nullptr ? made->code : nullptr;
}

}  // namespace krait
