#include "modules/remote/objects.h"

#include <algorithm>
#include <string_view>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/list.h"
#include "builtins/str.h"
#include "interp/generator.h"

namespace krait::remote {
namespace {

constexpr int kMostFrames = 1024, kLongestName = 1024, kLongestTable = 4096;
constexpr uint8_t kCalledByNative = 1;  // kEntry of interp/eval.h
// Pointers in frames have tags in their lowest bits.
uint64_t untagged(uint64_t pointer) { return pointer & ~uint64_t{7}; }

}  // namespace

Status Block::read(Thread& t, const Process& p, uint64_t address, uint64_t size, Block& out) {
    return p.read(t, address, out.bytes_, std::min(size, uint64_t{sizeof out.bytes_}));
}

Ref Objects::text(uint64_t address, int64_t longest) {
    const DebugOffsets& o = p_.offsets();
    Block head;
    TRY(Block::read(t_, p_, address, o.str_ascii_size, head));
    auto state = head.at<uint32_t>(o.str_state);
    auto length = head.at<int64_t>(o.str_length);
    unsigned kind = state >> 2 & 7;
    bool compact = state & 32, ascii = state & 64;
    if (length < 0 || !compact || (kind != 1 && kind != 2 && kind != 4))
        return raise(t_, PyExc_RuntimeError, "Invalid text in the remote process");
    length = std::min(length, longest);
    // Behind the head of those that are not ASCII: the length and address of their UTF-8.
    uint64_t data = address + o.str_ascii_size + (ascii ? 0 : 16);
    std::string bytes(static_cast<size_t>(length) * kind, 0);
    TRY(p_.read(t_, data, bytes.data(), bytes.size()));
    return str_from_kind(t_, kind, bytes.data(), length);
}

// None where the table is too long to be read, or has none.
Ref Objects::line(const Block& code, uint64_t code_address, uint64_t instr) {
    const DebugOffsets& o = p_.offsets();
    auto table = code.at<uint64_t>(o.code_linetable);
    auto size = TRY(p_.get<int64_t>(t_, table + o.bytes_length));
    if (size < 0 || size > kLongestTable) return none_ref();
    std::string bytes(static_cast<size_t>(size), 0);
    TRY(p_.read(t_, table + o.bytes_data, bytes.data(), bytes.size()));
    Ref copy = TRY(bytes_from(t_, bytes));
    auto unit = static_cast<int64_t>(instr - code_address - o.code_adaptive) / 2;
    int line =
        line_in_table(copy, code.at<int>(o.code_firstlineno), static_cast<int>(std::max<int64_t>(unit, 0)));
    return line < 0 ? none_ref() : Ref::from_int(line);
}

Ref Objects::frame_info(uint64_t code, uint64_t instr) {
    const DebugOffsets& o = p_.offsets();
    Block co;
    TRY(Block::read(t_, p_, code, o.code_adaptive, co));
    Ref filename = TRY(text(co.at<uint64_t>(o.code_filename), kLongestName));
    Ref number = TRY(line(co, code, instr));
    Ref name = TRY(text(co.at<uint64_t>(o.code_qualname), kLongestName));
    Value values[] = {filename.release(), number.release(), name.release()};
    return structseq_new(t_, frame_info_, values);
}

Status Objects::append(Value list, uint64_t frame, uint64_t& previous, bool& entered) {
    const DebugOffsets& o = p_.offsets();
    Block f;
    TRY(Block::read(t_, p_, frame, o.frame_size, f));
    previous = f.at<uint64_t>(o.frame_previous);
    uint64_t code = untagged(f.at<uint64_t>(o.frame_executable));
    // CPython's have a frame of the interpreter below what native code calls, ours are marked.
    entered = f.at<uint8_t>(o.frame_owner) >= kOwnedByInterpreter;
    if (entered || !code) return Status::ok();
    if (p_.tasks()) entered = f.at<uint8_t>(offsetof(Frame, is_entry)) == kCalledByNative;
    return list_append_owned(t_, list, frame_info(code, f.at<uint64_t>(o.frame_instr)));
}

Ref Objects::stack(uint64_t frame, uint64_t last, const char* too_many) {
    Ref list = TRY(list_new(t_));
    for (int n = 0; frame; n++) {
        if (n >= kMostFrames) return raise(t_, PyExc_RuntimeError, "%s", too_many);
        uint64_t previous;
        bool entered;
        TRY(append(list, frame, previous, entered));
        if (last ? frame == last : entered) break;
        frame = previous;
    }
    return list;
}

Result<std::string> Objects::builtin_type(uint64_t object) {
    const DebugOffsets& o = p_.offsets();
    Block type;
    TRY(Block::read(t_, p_, TRY(p_.get<uint64_t>(t_, object + o.object_type)), o.type_size, type));
    char name[32] = {};
    if (type.at<uint64_t>(o.type_flags) & kTpHeapType) return std::string();
    TRY(p_.read(t_, type.at<uint64_t>(o.type_name), name, sizeof name - 1));
    return std::string(name);
}

Result<uint64_t> Objects::generator(uint64_t object) {
    std::string type = TRY(builtin_type(object));
    if (type == "async_generator_asend" || type == "async_generator_athrow")
        return p_.get<uint64_t>(t_, object + p_.offsets().object_size);
    bool runs = type == "coroutine" || type == "generator" || type == "async_generator";
    return runs ? object : uint64_t{0};
}

Result<uint64_t> Objects::frame_of(uint64_t coro) {
    uint64_t gen = TRY(generator(coro));
    return gen ? gen + p_.offsets().generator_frame : uint64_t{0};
}

Result<uint64_t> Objects::awaited(uint64_t frame) {
    auto top = TRY(p_.get<uint64_t>(t_, frame + p_.offsets().frame_stackpointer));
    auto value = TRY(p_.get<uint64_t>(t_, top - 8));
    return untagged(value);
}

Ref Objects::coroutine_stack(uint64_t coro) {
    const DebugOffsets& o = p_.offsets();
    Ref list = TRY(list_new(t_));
    for (int n = 0; coro; n++) {
        if (n >= kMostFrames) return raise(t_, PyExc_RuntimeError, "Too many coroutine frames");
        uint64_t gen = TRY(generator(coro)), previous;
        bool entered;
        if (!gen) break;
        auto state = TRY(p_.get<int8_t>(t_, gen + o.generator_frame_state));
        if (state > kGenExecuting) break;
        TRY(append(list, gen + o.generator_frame, previous, entered));
        if (state != kGenSuspendedYieldFrom) break;
        coro = TRY(awaited(gen + o.generator_frame));
    }
    auto* l = list.as<PyListObject>();
    std::reverse(l->ob_item, l->ob_item + l->ob_base.ob_size);
    return list;
}

}  // namespace krait::remote
