// The module _random: the Mersenne Twister of Matsumoto and Nishimura, MT19937.
#include <sys/random.h>

#include <cerrno>
#include <cstring>
#include <ctime>

#include "builtins/int_internal.h"
#include "builtins/number.h"
#include "builtins/tuple.h"
#include "gc/gc.h"
#include "object/protocol.h"

namespace krait {

namespace {

constexpr int kWords = 624, kMiddle = 397;

struct RandomObject {
    PyObject ob_base;
    int at;
    uint32_t state[kWords];
};
RandomObject* as_random(Value v) { return v.as<RandomObject>(); }
Type random_type;

void refill(RandomObject* r) {
    uint32_t* s = r->state;
    auto mix = [](uint32_t high, uint32_t low) {
        uint32_t y = (high & 0x80000000u) | (low & 0x7fffffffu);
        return (y >> 1) ^ ((0 - (y & 1)) & 0x9908b0dfu);
    };
    int i = 0;
    for (; i < kWords - kMiddle; i++) s[i] = s[i + kMiddle] ^ mix(s[i], s[i + 1]);
    for (; i < kWords - 1; i++) s[i] = s[i + kMiddle - kWords] ^ mix(s[i], s[i + 1]);
    s[kWords - 1] = s[kMiddle - 1] ^ mix(s[kWords - 1], s[0]);
    r->at = 0;
}

inline uint32_t next_word(RandomObject* r) {
    if (r->at >= kWords) refill(r);
    uint32_t y = r->state[r->at++];
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

void seed_word(RandomObject* r, uint32_t seed) {
    r->state[0] = seed;
    for (uint32_t i = 1; i < kWords; i++)
        r->state[i] = 1812433253u * (r->state[i - 1] ^ (r->state[i - 1] >> 30)) + i;
    r->at = kWords;
}

void seed_array(RandomObject* r, const uint32_t* key, size_t n) {
    uint32_t* s = r->state;
    seed_word(r, 19650218u);
    size_t i = 1, j = 0;
    for (size_t k = n > kWords ? n : kWords; k; k--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1664525u)) + key[j] + static_cast<uint32_t>(j);
        if (++i >= kWords) {
            s[0] = s[kWords - 1];
            i = 1;
        }
        if (++j >= n) j = 0;
    }
    for (size_t k = kWords - 1; k; k--) {
        s[i] = (s[i] ^ ((s[i - 1] ^ (s[i - 1] >> 30)) * 1566083941u)) - static_cast<uint32_t>(i);
        if (++i >= kWords) {
            s[0] = s[kWords - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u;
}

void seed_from_system(RandomObject* r) {
    uint32_t key[kWords];
    ssize_t got = 0;
    auto* bytes = reinterpret_cast<char*>(key);
    while (got < static_cast<ssize_t>(sizeof key)) {
        ssize_t n = ::getrandom(bytes + got, sizeof key - static_cast<size_t>(got), GRND_NONBLOCK);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        got += n;
    }
    if (got < static_cast<ssize_t>(sizeof key)) {  // no entropy yet: the clocks have to do
        timespec a, b;
        clock_gettime(CLOCK_REALTIME, &a);
        clock_gettime(CLOCK_MONOTONIC, &b);
        key[0] = static_cast<uint32_t>(a.tv_nsec);
        key[1] = static_cast<uint32_t>(a.tv_sec);
        key[2] = static_cast<uint32_t>(b.tv_nsec);
        key[3] = static_cast<uint32_t>(b.tv_sec);
        seed_array(r, key, 4);
        return;
    }
    seed_array(r, key, kWords);
}

Status seed_with(Thread& t, Value self, Value arg) {
    RandomObject* r = as_random(self);
    if (!arg || is_none(arg)) {
        seed_from_system(r);
        return Status::ok();
    }
    Ref n;
    if (is_long(arg))
        n = int_sign(arg) < 0 ? int_neg(t, arg) : Ref::share(arg);
    else
        n = int_from_u64(t, static_cast<uint64_t>(TRY(hash(t, arg))));
    if (!n) return {};
    uint64_t word;
    if (int_to_u64(n, &word)) {
        uint32_t key[2] = {static_cast<uint32_t>(word), static_cast<uint32_t>(word >> 32)};
        seed_array(r, key, key[1] ? 2 : 1);
        return Status::ok();
    }
    auto words = static_cast<size_t>((int_bit_length(n) + 31) / 32);
    auto* key = static_cast<uint32_t*>(mem_alloc(words * 4));
    if (!key) return raise_no_memory(t);
    Status done = int_to_bytes(t, n, reinterpret_cast<unsigned char*>(key), words * 4, true, false);
    if (done) seed_array(r, key, words);
    mem_free(key);
    return done;
}

Ref random_new(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }
Status random_init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    if (kwnames && tuple_size(kwnames) > 0 && has_type(self, &random_type))
        return raise(t, PyExc_TypeError, "Random() takes no keyword arguments");
    if (nargs > 1) return raise(t, PyExc_TypeError, "Random expected at most 1 argument, got %zu", nargs);
    return seed_with(t, self, nargs ? args[0] : Value());
}
void random_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

Ref seed(Thread& t, Value self, const Value* a, size_t n) {
    TRY(seed_with(t, self, n ? a[0] : Value()));
    return none_ref();
}
Ref random(Thread& t, Value self) {
    RandomObject* r = as_random(self);
    uint32_t a = next_word(r) >> 5, b = next_word(r) >> 6;
    return float_from(t, (a * 67108864.0 + b) * (1.0 / 9007199254740992.0));
}
Ref get_rand_bits(Thread& t, Value self, Value arg) {
    Ref count = TRY(index(t, arg));
    if (int_sign(count) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t k;
    if (!int_to_u64(count, &k)) return raise(t, PyExc_OverflowError, "Python int too large for C uint64_t");
    RandomObject* r = as_random(self);
    if (k == 0) return Ref::from_int(0);
    if (k <= 32) return Ref::from_int(next_word(r) >> (32 - k));
    if (k > uint64_t{INT64_MAX} / 2) return raise_no_memory(t);
    auto words = static_cast<size_t>((k - 1) / 32 + 1);
    auto* p = static_cast<uint32_t*>(mem_alloc(words * 4));
    if (!p) return raise_no_memory(t);
    for (size_t i = 0; i < words; i++, k -= 32) {
        uint32_t w = next_word(r);
        p[i] = k < 32 ? w >> (32 - k) : w;
    }
    Ref result = int_from_bytes(t, reinterpret_cast<unsigned char*>(p), words * 4, true, false);
    mem_free(p);
    return result;
}
Ref get_state(Thread& t, Value self) {
    RandomObject* r = as_random(self);
    Ref state = TRY(tuple_new(t, kWords + 1));
    for (int i = 0; i < kWords; i++) tuple_items(state)[i] = Value::from_int(r->state[i]);
    tuple_items(state)[kWords] = Value::from_int(r->at);
    return state;
}
Ref set_state(Thread& t, Value self, Value state) {
    if (!is_tuple(state)) return raise(t, PyExc_TypeError, "state vector must be a tuple");
    if (tuple_size(state) != kWords + 1) return raise(t, PyExc_ValueError, "state vector is the wrong size");
    uint32_t words[kWords];
    for (int i = 0; i < kWords; i++) {
        Value v = tuple_get(state, i);
        if (!is_long(v)) return raise(t, PyExc_TypeError, "an integer is required");
        if (int_sign(v) < 0)
            return raise(t, PyExc_OverflowError, "can't convert negative value to unsigned int");
        uint64_t w;
        if (!int_to_u64(v, &w))
            return raise(t, PyExc_OverflowError, "Python int too large to convert to C unsigned long");
        words[i] = static_cast<uint32_t>(w);
    }
    int64_t at = TRY(as_int64(t, tuple_get(state, kWords)));
    if (at < 0 || at > kWords) return raise(t, PyExc_ValueError, "invalid state");
    RandomObject* r = as_random(self);
    r->at = static_cast<int>(at);
    std::memcpy(r->state, words, sizeof words);
    return none_ref();
}

const NativeDef methods[] = {
    def<random>("random", "()", "The next number in [0, 1)."),
    def<seed>("seed", "(n=None, /)", "Starts over, from an int, a hash, or what the system gives."),
    def<get_state>("getstate", "()", "The state as a tuple of ints."),
    def<set_state>("setstate", "(state, /)", "Goes on from a state."),
    def<get_rand_bits>("getrandbits", "(k, /)", "An int of k random bits."),
    {}};

const TypeDecl random_decl{
    .name = "_random.Random",
    .basicsize = sizeof(RandomObject),
    .flags = kTpBaseType,
    .slots = {.dealloc = random_dealloc, .init = random_init, .new_ = random_new},
    .spec = {.methods = methods, .doc = "A source of random numbers with a state of its own."},
};

Status exec(Thread& t, Value module) { return add_static_type(t, module, random_type, random_decl); }

}  // namespace

extern const ModuleSpec module__random;
const ModuleSpec module__random{
    .name = "_random", .doc = "The Mersenne Twister.", .functions = nullptr, .exec = exec};

}  // namespace krait
