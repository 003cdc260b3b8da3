// Objects of the module _sre.
#pragma once

#include "modules/sre/engine.h"
#include "object/protocol.h"

namespace krait {

struct PatternObject {
    PyObject ob_base;
    Value pattern, groupindex, indexgroup;  // source, dict name → number, tuple number → name
    int64_t groups;
    int flags;
    int is_bytes;  // 1: bytes, 0: str, -1: no source
    int64_t code_size;
    sre::Code* code;  // owned, the tables of `program` behind it
    sre::Program program;
};
struct MatchObject {
    PyObject ob_base;
    Value string, regs, pattern;
    int64_t pos, endpos, lastindex, groups;
    int64_t marks[];  // two for a group, the whole match first
};
extern Type pattern_type, match_type, scanner_type, template_type;

// The text being matched, held while it is used.
struct MatchInput {
    Buffer buffer;
    sre::Subject subject;
    Value string;
    int64_t pos, endpos, length;
    bool is_text;
};
Status open_input(Thread& t, PatternObject* p, Value string, int64_t pos, int64_t endpos, MatchInput& in);
Ref input_slice(Thread& t, const MatchInput& in, int64_t from, int64_t to);
// One attempt. A match, None, or an exception.
Ref new_match(Thread& t, Value pattern, const MatchInput& in, const sre::MatchState& m);
Status run_engine(Thread& t, PatternObject* p, const MatchInput& in, int64_t at, bool searching,
                  sre::MatchState& m, bool* found);
Ref match_group(Thread& t, MatchObject* m, int64_t group, Value fallback);
Ref expand_template(Thread& t, Value tmpl, MatchObject* m);  // str or bytes
Ref compiled_template(Thread& t, Value pattern, Value repl);
Status init_match_type(Thread& t, Value module);

}  // namespace krait
