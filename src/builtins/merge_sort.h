#pragma once

// A stable merge sort over natural runs that gallops where one side wins (Peters, listsort.txt), merging by
// powersort's rule (Munro and Wild, "Nearly-Optimal Mergesorts", 2018). It asks what CPython 3.14's asks, in
// the same order: a comparison that contradicts itself, as NaN does, or that fails, shows it.

#include <algorithm>
#include <cstdint>
#include <cstring>

#include "gc/gc.h"
#include "object/errors.h"

namespace krait {

// L: less(a, b) is 1, 0, or -1 with an exception set; less.t is the thread. T: what is moved.
template <class L, class T>
class MergeSort {
  public:
    MergeSort(L& less, T* items, int64_t n)
        : less_(less), items_(items), n_(n), minimum_run_(minimum_run(n)) {}
    MergeSort(const MergeSort&) = delete;
    ~MergeSort() { mem_free(buffer_); }

    Status sort() {
        for (int64_t start = 0; start < n_;) {
            int64_t left = n_ - start, length = count_run(items_ + start, left);
            if (length < 0) return {};
            int64_t wanted = std::min(minimum_run_, left);
            if (length < wanted) {
                TRY(insertion_sort(items_ + start, wanted, length));
                length = wanted;
            }
            TRY(push(start, length));
            start += length;
        }
        while (depth_ > 1) {
            bool below = depth_ > 2 && runs_[depth_ - 3].length < runs_[depth_ - 1].length;
            TRY(merge_at(depth_ - (below ? 3 : 2)));
        }
        return Status::ok();
    }

  private:
    struct Run {
        int64_t start, length;
        int power;
    };

    // How long runs are made at least: n / 2**k, rounded up, below 64, so that the runs merge evenly.
    static int64_t minimum_run(int64_t n) {
        int64_t odd = 0;
        for (; n >= 64; n >>= 1) odd |= n & 1;
        return n + odd;
    }

    // How many of the n items at `a` are a run, in order once this is done. -1: error.
    int64_t count_run(T* a, int64_t n) {
        int64_t end = 1;
        for (; end < n; end++) {
            int less = less_(a[end], a[end - 1]);
            if (less < 0) return -1;
            if (less) break;
        }
        if (end == n) return n;
        if (end > 1) {
            int rises = less_(a[0], a[end - 1]);
            if (rises) return rises < 0 ? -1 : end;
        }
        end = count_falling(a, end, n);
        if (end < 0) return -1;
        std::reverse(a, a + end);
        for (; end < n; end++) {
            int less = less_(a[end], a[end - 1]);
            if (less < 0) return -1;
            if (less) break;
        }
        return end;
    }

    // The end of the run that falls from `end`, after equal items only. Stretches of equal ones are turned
    // round, so that they are in order again when all is.
    int64_t count_falling(T* a, int64_t end, int64_t n) {
        int64_t equal = end > 1 ? end : 0;  // items in the last stretch
        auto turn_stretch = [&] {
            std::reverse(a + end - equal, a + end);
            equal = 0;
        };
        turn_stretch();
        for (end++; end < n; end++) {
            int less = less_(a[end], a[end - 1]);
            if (less < 0) return -1;
            if (less) {
                turn_stretch();
                continue;
            }
            int more = less_(a[end - 1], a[end]);
            if (more < 0) return -1;
            if (more) break;
            equal = equal ? equal + 1 : 2;
        }
        turn_stretch();
        return end;
    }

    // Sorts n items, of which the first `sorted` are in order.
    Status insertion_sort(T* a, int64_t n, int64_t sorted) {
        for (; sorted < n; sorted++) {
            T pivot = a[sorted];
            int64_t lo = 0, hi = sorted;
            while (lo < hi) {
                int64_t middle = (lo + hi) >> 1;
                int less = less_(pivot, a[middle]);
                if (less < 0) return {};
                if (less)
                    hi = middle;
                else
                    lo = middle + 1;
            }
            memmove(a + lo + 1, a + lo, static_cast<size_t>(sorted - lo) * sizeof(T));
            a[lo] = pivot;
        }
        return Status::ok();
    }

    // The first bit in which the run midpoints, as fractions of n, differ.
    int power_between(int64_t s1, int64_t n1, int64_t n2) const {
        __uint128_t a = static_cast<__uint128_t>(2 * s1 + n1), b = a + n1 + n2;
        int power = 0;
        uint64_t n = n_;
        for (;;) {
            power++;
            if (a >= n) {
                a -= n;
                b -= n;
            } else if (b >= n) {
                return power;
            }
            a <<= 1;
            b <<= 1;
        }
    }

    Status push(int64_t start, int64_t length) {
        if (depth_ > 0) {
            Run& top = runs_[depth_ - 1];
            int power = power_between(top.start, top.length, length);
            while (depth_ > 1 && runs_[depth_ - 2].power > power) TRY(merge_at(depth_ - 2));
            runs_[depth_ - 1].power = power;
        }
        runs_[depth_++] = Run{start, length, 0};
        return Status::ok();
    }

    // Merges runs i and i + 1.
    Status merge_at(int i) {
        Run left = runs_[i], right = runs_[i + 1];
        runs_[i].length += right.length;
        if (i + 3 == depth_) runs_[i + 1] = runs_[i + 2];
        depth_--;
        return merge(items_ + left.start, left.length, items_ + right.start, right.length);
    }

    // Where `item` goes among n sorted items: behind its equals or before them. Gallops from the end that is
    // named. -1: error.
    enum Side { kBefore, kBehind };
    enum End { kFromStart, kFromEnd };
    template <Side side, End from>
    int64_t position(const T& item, const T* in, int64_t n) {
        auto passes = [&](int64_t i) {  // is in[i] before the wanted place?
            if constexpr (side == kBefore) return less_(in[i], item);
            int less = less_(item, in[i]);
            return less < 0 ? -1 : !less;
        };
        int64_t lo, hi, last = 0, step = 1;
        int passed = passes(from == kFromStart ? 0 : n - 1);
        if (passed < 0) return -1;
        if constexpr (from == kFromStart) {
            if (!passed) return 0;
            for (; step < n && (passed = passes(step)) > 0; step = 2 * step + 1) last = step;
            lo = last + 1;
            hi = std::min(step, n);
        } else {
            if (passed) return n;
            for (; step < n && (passed = passes(n - 1 - step)) == 0; step = 2 * step + 1) last = step;
            lo = n - std::min(step, n);
            hi = n - 1 - last;
        }
        if (passed < 0) return -1;
        while (lo < hi) {
            int64_t middle = lo + ((hi - lo) >> 1);
            passed = passes(middle);
            if (passed < 0) return -1;
            if (passed)
                lo = middle + 1;
            else
                hi = middle;
        }
        return lo;
    }

    Status need_buffer(int64_t n) {
        if (n <= buffer_size_) return Status::ok();
        mem_free(buffer_);
        buffer_size_ = 0;
        buffer_ = static_cast<T*>(mem_alloc(static_cast<size_t>(n) * sizeof(T)));
        if (!buffer_) return raise_no_memory(less_.t);
        buffer_size_ = n;
        return Status::ok();
    }

    // Two sides while they are merged: the one from the buffer is copied, the one that has stayed is moved.
    // Whatever fails, all items are in the array afterwards.
    struct Sides {
        T *left, *right, *out;  // where each goes on
        int64_t n_left, n_right;
    };

    // Merges the neighbours a and b.
    Status merge(T* a, int64_t na, T* b, int64_t nb) {
        int64_t in_place = position<kBehind, kFromStart>(*b, a, na);
        if (in_place < 0) return {};
        a += in_place;
        na -= in_place;
        if (na == 0) return Status::ok();
        nb = position<kBefore, kFromEnd>(a[na - 1], b, nb);
        if (nb <= 0) return nb < 0 ? Status() : Status::ok();
        TRY(need_buffer(std::min(na, nb)));
        return na <= nb ? merge_low(a, na, b, nb) : merge_high(a, na, b, nb);
    }

    static void copy(T* to, const T* from, int64_t n) {
        memcpy(to, from, static_cast<size_t>(n) * sizeof(T));
    }
    static void move(T* to, const T* from, int64_t n) {
        memmove(to, from, static_cast<size_t>(n) * sizeof(T));
    }

    // From the start on; the left side is in the buffer.
    Status merge_low(T* a, int64_t na, T* b, int64_t nb) {
        copy(buffer_, a, na);
        Sides s{buffer_, b, a, na, nb};
        take_right(s, 1);  // as merge() found
        bool ok = true;
        while (ok && s.n_left > 1 && s.n_right > 0) ok = low_in_turn(s) && low_galloping(s);
        if (ok && s.n_left == 1) {  // it comes last, as merge() found
            move(s.out, s.right, s.n_right);
            s.out[s.n_right] = *s.left;
        } else {
            copy(s.out, s.left, s.n_left);
        }
        return ok ? Status::ok() : Status();
    }
    static void take_left(Sides& s, int64_t n) {
        copy(s.out, s.left, n);
        s.out += n, s.left += n, s.n_left -= n;
    }
    static void take_right(Sides& s, int64_t n) {
        move(s.out, s.right, n);
        s.out += n, s.right += n, s.n_right -= n;
    }
    // One by one, until a side has won often enough in a row, or is at its end. False: error.
    bool low_in_turn(Sides& s) {
        T *left = s.left, *right = s.right, *out = s.out;
        T *last_left = left + s.n_left - 1, *end_right = right + s.n_right;
        int64_t won = 0;  // by the right side in a row; by the left one: negative
        int less = 0;
        do {
            less = less_(*right, *left);
            if (less < 0) break;
            if (less) {
                *out++ = *right++;
                won = won > 0 ? won + 1 : 1;
            } else {
                *out++ = *left++;
                won = won < 0 ? won - 1 : -1;
            }
        } while (left < last_left && right < end_right && won < gallop_ && -won < gallop_);
        s = {left, right, out, last_left + 1 - left, end_right - right};
        return less >= 0;
    }
    // By stretches, as long as they are long.
    bool low_galloping(Sides& s) {
        if (s.n_left <= 1 || s.n_right == 0) return true;
        int64_t from_left, from_right;
        gallop_++;
        do {
            gallop_ -= gallop_ > 1;
            from_left = position<kBehind, kFromStart>(*s.right, s.left, s.n_left);
            if (from_left < 0) return false;
            take_left(s, from_left);
            if (s.n_left <= 1) return true;
            take_right(s, 1);
            if (s.n_right == 0) return true;
            from_right = position<kBefore, kFromStart>(*s.left, s.right, s.n_right);
            if (from_right < 0) return false;
            take_right(s, from_right);
            if (s.n_right == 0) return true;
            take_left(s, 1);
            if (s.n_left == 1) return true;
        } while (from_left >= kGallop || from_right >= kGallop);
        gallop_++;
        return true;
    }

    // From the end on; the right side is in the buffer, and all three pointers are behind what comes next.
    Status merge_high(T* a, int64_t na, T* b, int64_t nb) {
        copy(buffer_, b, nb);
        Sides s{a + na, buffer_ + nb, b + nb, na, nb};
        take_left_end(s, 1);
        bool ok = true;
        while (ok && s.n_left > 0 && s.n_right > 1) ok = high_in_turn(s) && high_galloping(s);
        if (ok && s.n_right == 1) {
            take_left_end(s, s.n_left);
            s.out[-1] = *buffer_;
        } else {
            copy(s.out - s.n_right, buffer_, s.n_right);
        }
        return ok ? Status::ok() : Status();
    }
    static void take_left_end(Sides& s, int64_t n) {
        s.out -= n, s.left -= n, s.n_left -= n;
        move(s.out, s.left, n);
    }
    static void take_right_end(Sides& s, int64_t n) {
        s.out -= n, s.right -= n, s.n_right -= n;
        copy(s.out, s.right, n);
    }
    bool high_in_turn(Sides& s) {
        T *left = s.left, *right = s.right, *out = s.out;
        T *begin_left = left - s.n_left, *first_right = right - s.n_right + 1;
        int64_t won = 0;  // by the left side in a row; by the right one: negative
        int less = 0;
        do {
            less = less_(right[-1], left[-1]);
            if (less < 0) break;
            if (less) {
                *--out = *--left;
                won = won > 0 ? won + 1 : 1;
            } else {
                *--out = *--right;
                won = won < 0 ? won - 1 : -1;
            }
        } while (left > begin_left && right > first_right && won < gallop_ && -won < gallop_);
        s = {left, right, out, left - begin_left, right - first_right + 1};
        return less >= 0;
    }
    bool high_galloping(Sides& s) {
        if (s.n_left == 0 || s.n_right <= 1) return true;
        int64_t from_left, from_right;
        gallop_++;
        do {
            gallop_ -= gallop_ > 1;
            from_left = position<kBehind, kFromEnd>(s.right[-1], s.left - s.n_left, s.n_left);
            if (from_left < 0) return false;
            from_left = s.n_left - from_left;
            take_left_end(s, from_left);
            if (s.n_left == 0) return true;
            take_right_end(s, 1);
            if (s.n_right == 1) return true;
            from_right = position<kBefore, kFromEnd>(s.left[-1], buffer_, s.n_right);
            if (from_right < 0) return false;
            from_right = s.n_right - from_right;
            take_right_end(s, from_right);
            if (s.n_right <= 1) return true;
            take_left_end(s, 1);
            if (s.n_left == 0) return true;
        } while (from_left >= kGallop || from_right >= kGallop);
        gallop_++;
        return true;
    }

    static constexpr int64_t kGallop = 7;

    L& less_;
    T* items_;
    int64_t n_;
    const int64_t minimum_run_;
    T* buffer_ = nullptr;
    int64_t buffer_size_ = 0;
    int64_t gallop_ =
        kGallop;  // so many in a row from one side, and the merge gallops; it learns from the data
    Run runs_[96];
    int depth_ = 0;
};

}  // namespace krait
