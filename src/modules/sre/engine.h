// The matching machine of regular expressions. No Python objects; never recurses: alternatives wait on a heap
// stack, together with a trail of what to undo when they are taken.
#pragma once

#include <cstdint>

namespace krait::sre {

using Code = uint32_t;
inline constexpr Code kMaxRepeat = UINT32_MAX;

enum class SreOp : Code {
#define OP(name) name,
#include "modules/sre/opcodes.def"
    kCount
};
enum class At : Code {
#define AT_CODE(name) name,
#include "modules/sre/opcodes.def"
    kCount
};
enum class Category : Code {
#define CH(name) name,
#include "modules/sre/opcodes.def"
    kCount
};

struct Subject {
    const void* data;  // of `width` bytes a character
    int width;
    int64_t start,
        end;  // the part to match, in characters; the text before start counts for look-behind and boundaries
    int64_t beginning;  // where the subject begins (0, or pos for ^)
};

// A pattern that can be run; prepare() makes it.
struct Program {
    const Code* code = nullptr;
    const Code* sets = nullptr;   // the Latin-1 characters of its sets: see modules/sre/chars.h
    const Code* first = nullptr;  // likewise those a match can begin with; null: any
};

struct MatchState {
    MatchState() = default;
    MatchState(const MatchState&) = delete;
    ~MatchState();
    bool prepare(int64_t n);  // for n marks, none set; false: out of memory
    void reset();

    int64_t* marks = local_;  // two for a group, -1: not set
    int64_t lastindex = -1;
    int64_t from = 0, to = 0;   // of the whole match
    bool must_advance = false;  // the empty match at the start does not count
    bool full = false;          // must end at the end

  private:
    static constexpr int64_t kLocalMarks = 20;
    int64_t n_marks_ = 0;
    int64_t local_[kLocalMarks];
};

enum class Outcome { No, Yes, NoMemory, Interrupted };

// Called now and then; false ends the match with Interrupted.
using Interrupt = bool (*)(void*);

// The state must be prepared.
Outcome match_at(const Program& program, const Subject& s, int64_t position, MatchState& m, Interrupt check,
                 void* arg);
Outcome search(const Program& program, const Subject& s, int64_t position, MatchState& m, Interrupt check,
               void* arg);

bool valid_code(const Code* code, int64_t n, int64_t groups);  // nothing in it can make the machine misbehave
// Of valid code: how many words of tables it needs behind it, and what the machine runs. Changes the code.
int64_t table_words(Code* code, int64_t n);
Program prepare(Code* code, int64_t n, Code* tables);

uint32_t lower_ascii(uint32_t c);
uint32_t lower_locale(uint32_t c);
uint32_t upper_locale(uint32_t c);
uint32_t lower_unicode(uint32_t c);
uint32_t upper_unicode(uint32_t c);

}  // namespace krait::sre
