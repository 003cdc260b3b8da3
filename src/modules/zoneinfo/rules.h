// The rules of a time zone: the transitions of a TZif file and the POSIX rule for the time after them.
// Arithmetic on seconds only, no objects.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace krait::zoneinfo {

// The day and time of year at which an offset begins: POSIX Mm.w.d, Jn or n, with /time.
struct YearlyDate {
    enum class Kind { MonthWeekDay, Julian, ZeroBased } kind = Kind::ZeroBased;
    int month = 0, week = 0, day = 0;  // `day` alone for the other kinds
    int seconds = 2 * 3600;            // after midnight; may be negative or beyond the day
    int64_t in_year(int year) const;   // local seconds since 1970-01-01
};

struct PosixRule {
    std::string std_name, dst_name;
    int std_offset = 0, dst_offset = 0;
    bool has_dst = false;
    YearlyDate start, end;

    struct Answer {
        bool is_dst, fold;
    };
    bool is_dst_local(int64_t local, int year, int fold) const;
    Answer at_utc(int64_t utc, int year) const;
};
// Null, or what is wrong with the text, to be followed by the text itself.
const char* parse_posix_rule(const char* text, PosixRule* out);

struct LocalTime {  // one kind of local time in the file
    int64_t offset = 0, dst_offset = 0;
    bool is_dst = false;
};
struct Transitions {
    std::vector<int64_t> utc, local[2];  // ascending; the local ones by fold
    std::vector<int> kind;               // which LocalTime begins
    // Fills local[], and the dst_offset of the kinds, which the file does not say.
    void derive(std::vector<LocalTime>& kinds);
};
// The number of entries that are <= value.
int64_t count_up_to(const std::vector<int64_t>& sorted, int64_t value);

}  // namespace krait::zoneinfo
