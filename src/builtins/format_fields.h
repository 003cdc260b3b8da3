// Replacement fields of str.format: shared with the module _string.
#pragma once

#include "builtins/str.h"
#include "object/errors.h"

namespace krait {

// Reads a format string piece by piece.
struct FieldReader {
    Value text;
    int64_t at, end;
    // One piece: literal text, then possibly a field. Places are indices into text.
    struct Piece {
        int64_t literal_start = 0, literal_stop = 0;
        bool has_field = false, spec_nested = false;
        int64_t name_start = 0, name_stop = 0;
        int64_t spec_start = 0, spec_stop = 0;
        uint32_t conversion = 0;
    };
    // False at the end of the text.
    Result<bool> next(Thread& t, Piece& out);

  private:
    Status field(Thread& t, Piece& out);
};

// A decimal number that fills [start, stop): its value, -1 when it is something else. ValueError when it is
// too big.
Result<int64_t> field_index(Thread& t, Value text, int64_t start, int64_t stop);

// Walks the ".attr" and "[key]" parts behind the first name.
struct NameReader {
    Value text;
    int64_t at, end;
    bool next_failed = false;
    struct Part {
        bool is_attribute = false;
        int64_t index = -1;  // of [123]
        int64_t start = 0, stop = 0;
    };
    Result<bool> next(Thread& t, Part& out);
};
// Where the first name of [start, stop) ends.
int64_t first_name_end(Value text, int64_t start, int64_t stop);

}  // namespace krait
