// The driver of % formatting, shared by str and bytes.
#pragma once

#include "builtins/format.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {

// Target has: int64_t size(); uint32_t at(int64_t); Status literal(start, stop); Ref key(start, stop);
// Status directive(const PercentSpec&, Value, int64_t place); bool takes_mapping(Value); kWhat for messages.
template <class Target>
class PercentRun {
  public:
    PercentRun(Thread& t, Target& target, Value args) : t_(t), target_(target), args_(Ref::share(args)) {
        if (is_tuple(args)) {
            count_ = tuple_size(args);
            next_ = 0;
        }
        if (is_mapping(args) && !is_tuple(args) && target.takes_mapping(args)) mapping_ = args;
    }

    Status run() {
        int64_t n = target_.size(), at = 0;
        while (at < n) {
            int64_t start = at;
            while (at < n && target_.at(at) != '%') at++;
            TRY(target_.literal(start, at));
            if (at == n) break;
            at = TRY(directive(at + 1));
        }
        if (next_ < count_ && !mapping_)
            return raise(t_, PyExc_TypeError, "not all arguments converted during %s formatting",
                         Target::kWhat);
        return Status::ok();
    }

  private:
    // What getnextarg of the language does: a tuple's items in turn, or the one value.
    Value next_arg() {
        if (next_ < count_) {
            next_++;
            return count_ < 0 ? args_.get() : tuple_get(args_, next_ - 1);
        }
        (void)static_cast<Status>(raise(t_, PyExc_TypeError, "not enough arguments for format string"));
        return Value();
    }

    Raised incomplete() { return raise(t_, PyExc_ValueError, "incomplete format"); }

    Result<int64_t> key(int64_t at) {
        int64_t n = target_.size();
        if (!mapping_) return raise(t_, PyExc_TypeError, "format requires a mapping");
        int64_t start = at, depth = 1;
        for (; at < n && depth > 0; at++) {
            uint32_t c = target_.at(at);
            depth += c == '(' ? 1 : c == ')' ? -1 : 0;
        }
        if (depth > 0) return raise(t_, PyExc_ValueError, "incomplete format key");
        Ref name = TRY(target_.key(start, at - 1));
        args_ = TRY(get_item(t_, mapping_, name));
        count_ = -1;
        next_ = -2;
        return at;
    }

    // A number or `*`; -1 stays when there is neither. Returns the place behind.
    Result<int64_t> amount(int64_t at, int64_t* out, const char* too_big, bool is_width, PercentSpec& s) {
        int64_t n = target_.size();
        if (at < n && target_.at(at) == '*') {
            Value v = next_arg();
            if (!v) return {};
            if (!is_long(v)) return raise(t_, PyExc_TypeError, "* wants int");
            int64_t value;
            if (is_width) {
                value = TRY(ssize_arg(t_, v));
                if (value == INT64_MIN) return raise(t_, PyExc_OverflowError, "%s", too_big);
                if (value < 0) {
                    s.left = true;
                    value = -value;
                }
            } else {
                value = TRY(as_c_int(v));
                if (value < 0) value = 0;
            }
            *out = value;
            return at + 1;
        }
        int64_t limit = is_width ? INT64_MAX : INT32_MAX;
        for (; at < n; at++) {
            uint32_t c = target_.at(at);
            if (c < '0' || c > '9') break;
            int64_t value = *out < 0 ? 0 : *out;
            if (value > (limit - static_cast<int64_t>(c - '0')) / 10)
                return raise(t_, PyExc_ValueError, "%s", too_big);
            *out = value * 10 + (c - '0');
        }
        return at;
    }

    Result<int64_t> as_c_int(Value v) {
        int64_t value;
        if (!int_to_i64(v, &value) || value < INT32_MIN || value > INT32_MAX)
            return raise(t_, PyExc_OverflowError, "Python int too large to convert to C int");
        return value;
    }

    // The directive behind a % at `at` - 1; where the text goes on.
    Result<int64_t> directive(int64_t at) {
        int64_t n = target_.size();
        PercentSpec s;
        if (at == n) return incomplete();
        if (target_.at(at) == '%') {
            TRY(target_.literal(at, at + 1));
            return at + 1;
        }
        if (target_.at(at) == '(') at = TRY(key(at + 1));
        for (; at < n; at++) {
            uint32_t c = target_.at(at);
            if (c == '-')
                s.left = true;
            else if (c == '+')
                s.plus = true;
            else if (c == ' ')
                s.space = true;
            else if (c == '#')
                s.alternate = true;
            else if (c == '0')
                s.zero = true;
            else
                break;
        }
        at = TRY(amount(at, &s.width, "width too big", true, s));
        if (at < n && target_.at(at) == '.') {
            s.precision = 0;
            at = TRY(amount(at + 1, &s.precision, Target::kPrecisionTooBig, false, s));
        }
        if (at < n && (target_.at(at) == 'h' || target_.at(at) == 'l' || target_.at(at) == 'L')) at++;
        if (at == n) return incomplete();
        s.type = target_.at(at);
        Value v = next_arg();
        if (!v) return {};
        Ref keep = Ref::share(v);
        TRY(target_.directive(s, v, at));
        return at + 1;
    }

    Thread& t_;
    Target& target_;
    Ref args_;  // a tuple (count_ >= 0) or the one value (count_ -1)
    Value mapping_;
    int64_t count_ = -1, next_ = -2;
};

}  // namespace krait
