// format(): the specification mini-language and what the __format__ methods of the builtin types do with it.
#pragma once

#include "builtins/str.h"
#include "object/errors.h"

namespace krait {

// value.__format__(spec) for int (also bool), float, complex and str; spec is a str.
Ref format_int(Thread& t, Value v, Value spec);
Ref format_float(Thread& t, Value v, Value spec);
Ref format_complex(Thread& t, Value v, Value spec);
Ref format_str(Thread& t, Value v, Value spec);
// As a method: checks that spec is a str.
Ref int_dunder_format(Thread& t, Value self, Value spec);
Ref float_dunder_format(Thread& t, Value self, Value spec);
Ref complex_dunder_format(Thread& t, Value self, Value spec);

// A specification taken apart: [[fill]align][sign][z][#][0][width][grouping][.precision[grouping]][type]
struct FormatSpec {
    uint32_t fill = ' ';
    char align = 0;  // < > = ^, or the type's default
    bool alternate = false, no_negative_zero = false;
    char sign = 0;                             // + - space, 0: not given
    int64_t width = -1;                        // -1: not given
    char grouping = 0, fraction_grouping = 0;  // , or _
    int64_t precision = -1;
    uint32_t type = 0;
    bool fill_given = false, align_given = false;
};
// Fails with ValueError; `v` is named in messages.
Status parse_format_spec(Thread& t, Value spec, Value v, char default_type, char default_align,
                         FormatSpec& out);
Raised raise_unknown_format(Thread& t, uint32_t type, Value v);

// One directive of % formatting.
struct PercentSpec {
    bool left = false, plus = false, space = false, alternate = false, zero = false;
    int64_t width = -1, precision = -1;
    uint32_t type = 0;
};
// The directives d i u o x X e E f F g G: an ASCII str, padded.
Ref percent_number(Thread& t, const PercentSpec& s, Value v);
bool is_percent_number(uint32_t type);

}  // namespace krait
