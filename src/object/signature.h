// A parsed text signature: what binding arguments needs to know.
#pragma once

#include "object/thread.h"

namespace krait {

struct Signature {
    int n = 0;             // parameters, without * and **; positional ones first
    int n_posonly = 0;     // positional only
    int n_positional = 0;  // positional only + positional or keyword
    int n_required = 0;    // leading positional parameters without a default
    int required_kwonly = 0;
    int varargs = -1, varkw = -1;  // place in the output, or -1
    int n_out = 0;                 // places in the output
    bool plain = false;            // no * and **, and no parameter that has to come by keyword
    Value* names = nullptr;        // interned
    bool* required = nullptr;
    int place(int i) const { return i + (varargs >= 0 && i >= n_positional); }
    bool positional_only() const { return n_posonly == n && varkw < 0; }
};
// Parses "(a, b=1, /, *, c)"; cached by the address of the text. Null with MemoryError.
const Signature* parse_signature(Thread& t, const char* text);

}  // namespace krait
