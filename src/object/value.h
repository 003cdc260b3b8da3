// Value: one 64-bit word that is an int, a float or a pointer to a heap object; Ref: an owned Value.
//
//     ...xxx1   int, 63-bit two's complement (value << 1 | 1)
//     ...xx10   float ("flonum"): the double's bits plus 1 << 60, rotated left by three
//     ...x000   pointer to a heap object, at least 8-byte aligned; 0 is "no value"
//     ...x100   only in interpreter stack slots: a borrowed pointer (see interp/slot.h)
//
// Boxed is always legal, the immediate is the optimization: a heap int of one word means the same as an
// immediate. `Value` is borrowed and trivially copyable. `Ref` owns one count. An empty Ref returned from a
// function means: an exception is set on the current thread (unless the function's comment gives empty
// another meaning).
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "object/header.h"

namespace krait {

struct Value {
    uint64_t bits = 0;

    static constexpr int64_t kIntMax = (int64_t{1} << 62) - 1;
    static constexpr int64_t kIntMin = -(int64_t{1} << 62);

    constexpr Value() = default;
    constexpr explicit Value(uint64_t raw) : bits(raw) {}
    Value(PyObject* o) : bits(reinterpret_cast<uint64_t>(o)) {}            // NOLINT: implicit by design
    Value(const PyTypeObject* o) : bits(reinterpret_cast<uint64_t>(o)) {}  // NOLINT

    constexpr explicit operator bool() const { return bits != 0; }
    // Same word. `is` of the language is `is_same` in object/protocol.h, which also sees boxed numbers.
    friend constexpr bool operator==(Value a, Value b) { return a.bits == b.bits; }

    constexpr bool is_int() const { return bits & 1; }
    constexpr bool is_float() const { return (bits & 3) == 2; }
    constexpr bool is_immediate() const { return (bits & 3) != 0; }
    constexpr bool is_ptr() const { return (bits & 7) == 0; }

    constexpr int64_t as_int() const { return static_cast<int64_t>(bits) >> 1; }
    static constexpr bool int_fits(int64_t v) { return v >= kIntMin && v <= kIntMax; }
    static constexpr Value from_int(int64_t v) { return Value((static_cast<uint64_t>(v) << 1) | 1); }

    // The addition turns the common exponents, those with top bits 011 and 100, into 10x: rotated, the two
    // ones that are the same are the tag. 0.0 has the word of the one double that is given up for it.
    static constexpr uint64_t kFlonumBias = uint64_t{1} << 60, kFlonumZero = 2;
    constexpr double as_float() const {
        if (bits == kFlonumZero) [[unlikely]]
            return 0.0;
        return std::bit_cast<double>(std::rotr(bits, 3) - kFlonumBias);
    }
    // The immediate form of a float, if there is one: all of magnitudes from about 1e-77 to 1e77, and +0.0.
    static constexpr bool make_float(double d, Value* out) {
        auto u = std::bit_cast<uint64_t>(d);
        *out = Value(std::rotl(u + kFlonumBias, 3));
        if (out->is_float() && out->bits != kFlonumZero) [[likely]]
            return true;
        *out = Value(kFlonumZero);
        return u == 0;
    }
    // Likewise, or an empty Value.
    static constexpr Value try_float(double d) {
        Value word;
        return make_float(d, &word) ? word : Value();
    }
    static constexpr bool float_fits(double d) { return static_cast<bool>(try_float(d)); }
    static constexpr Value from_float(double d) { return try_float(d); }  // precondition: float_fits(d)

    // Precondition for these: is_ptr() and not empty.
    PyObject* ptr() const { return reinterpret_cast<PyObject*>(bits); }
    PyTypeObject* heap_type() const { return ptr()->ob_type; }
    template <class T>
    T* as() const {
        return reinterpret_cast<T*>(bits);
    }
};

inline void incref(Value v) {
    if (v.is_ptr()) incref(v.ptr());
}
inline void decref(Value v) {
    if (v.is_ptr()) decref(v.ptr());
}
// Two branches: what compilers make of both conditions at once is longer.
inline void xincref(Value v) {
    if (!v.is_ptr()) return;
    asm volatile("");
    if (v) incref(v.ptr());
}
inline void xdecref(Value v) {
    if (!v.is_ptr()) return;
    asm volatile("");
    if (v) decref(v.ptr());
}

class [[nodiscard]] [[clang::trivial_abi]] Ref {
  public:
    Ref() = default;
    Ref(Ref&& o) noexcept : v_(o.v_) { o.v_ = Value(); }
    Ref& operator=(Ref&& o) noexcept {
        Value old = v_;
        v_ = o.v_;
        o.v_ = Value();
        if (old != Value()) xdecref(old);
        return *this;
    }
    Ref(const Ref&) = delete;
    Ref& operator=(const Ref&) = delete;
    ~Ref() { xdecref(v_); }

    static Ref steal(Value v) { return Ref(v); }  // takes over the caller's count
    static Ref share(Value v) {                   // counts once more; v may be empty
        xincref(v);
        return Ref(v);
    }
    static Ref from_int(int64_t v) { return Ref(Value::from_int(v)); }  // precondition: Value::int_fits(v)

    Ref share() const { return share(v_); }
    Value get() const { return v_; }
    operator Value() const { return v_; }  // NOLINT: a Ref is usable as a borrowed Value while it lives
    explicit operator bool() const { return v_.bits != 0; }
    friend bool operator==(const Ref& a, const Ref& b) { return a.v_ == b.v_; }
    friend bool operator==(const Ref& a, Value b) { return a.v_ == b; }
    [[nodiscard]] Value release() {
        Value v = v_;
        v_ = Value();
        return v;
    }
    void reset() { *this = Ref(); }
    template <class T>
    T* as() const {
        return v_.as<T>();
    }
    Ref&& take() { return static_cast<Ref&&>(*this); }  // what TRY yields

  private:
    explicit Ref(Value v) : v_(v) {}
    Value v_;
};

// Success or "an exception is set". The default is failure, so that `return {}` fails in every kind of
// function.
class [[nodiscard]] Status {
  public:
    constexpr Status() = default;
    static constexpr Status ok() { return Status(true); }
    static constexpr Status fail() { return Status(); }
    constexpr explicit operator bool() const { return ok_; }
    constexpr bool take() { return true; }

  private:
    constexpr explicit Status(bool ok) : ok_(ok) {}
    bool ok_ = false;
};

// A plain T or "an exception is set".
template <class T>
class [[nodiscard]] Result {
  public:
    constexpr Result() = default;
    constexpr Result(T v) : value_(v), ok_(true) {}  // NOLINT: implicit by design
    constexpr explicit operator bool() const { return ok_; }
    constexpr T take() { return value_; }
    constexpr T value() const { return value_; }

  private:
    T value_{};
    bool ok_ = false;
};

// A value, nothing, or an exception: what look-ups that may miss return. TRY yields a Ref that is empty for
// "absent".
class [[nodiscard]] [[clang::trivial_abi]] Maybe {
  public:
    Maybe() = default;                                                      // failure
    Maybe(Ref r) : value_(std::move(r)), ok_(static_cast<bool>(value_)) {}  // NOLINT: an empty Ref is failure
    static Maybe absent() {
        Maybe m;
        m.ok_ = true;
        return m;
    }
    static Maybe found(Ref r) { return Maybe(std::move(r)); }
    explicit operator bool() const { return ok_; }  // true: no exception
    bool has_value() const { return static_cast<bool>(value_); }
    Ref&& take() { return static_cast<Ref&&>(value_); }

  private:
    Ref value_;
    bool ok_ = false;
};

// Unwraps, or returns the enclosing function's failure. `auto`-friendly: Ref x = TRY(f(t));
#define TRY(expr)                      \
    ({                                 \
        auto try_result_ = (expr);     \
        if (!try_result_) [[unlikely]] \
            return {};                 \
        try_result_.take();            \
    })

// TRY for a result nobody needs.
#define TRY_DISCARD(expr)              \
    do {                               \
        auto try_result_ = (expr);     \
        if (!try_result_) [[unlikely]] \
            return {};                 \
    } while (0)

}  // namespace krait
