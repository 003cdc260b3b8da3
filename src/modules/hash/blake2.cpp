// The module _blake2, after RFC 7693 and the parameter block of the BLAKE2 paper.
#include <bit>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/callable.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "gc/gc.h"
#include "modules/hash/hash.h"

namespace krait {

namespace {

constexpr uint8_t kSigma[10][16] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15},
                                    {14, 10, 4, 8, 9, 15, 13, 6, 1, 12, 0, 2, 11, 7, 5, 3},
                                    {11, 8, 12, 0, 5, 2, 15, 13, 10, 14, 3, 6, 7, 1, 9, 4},
                                    {7, 9, 3, 1, 13, 12, 11, 14, 2, 6, 5, 10, 4, 0, 15, 8},
                                    {9, 0, 5, 7, 2, 4, 10, 15, 14, 1, 11, 12, 6, 8, 3, 13},
                                    {2, 12, 6, 10, 0, 11, 8, 3, 4, 13, 7, 5, 15, 14, 1, 9},
                                    {12, 5, 1, 15, 14, 13, 4, 10, 0, 7, 6, 3, 9, 2, 8, 11},
                                    {13, 11, 7, 14, 12, 1, 3, 9, 5, 0, 15, 4, 8, 6, 2, 10},
                                    {6, 15, 14, 9, 11, 3, 0, 8, 12, 2, 13, 7, 1, 4, 10, 5},
                                    {10, 2, 8, 4, 7, 6, 1, 5, 15, 11, 9, 14, 3, 12, 13, 0}};

struct B {
    using Word = uint64_t;
    static constexpr const char* kName = "blake2b";
    static constexpr const char* kLabel = "Blake2b";
    static constexpr const char* kSignature =
        "(data=b'', *, digest_size=_blake2.blake2b.MAX_DIGEST_SIZE,\n        key=b'', salt=b'', person=b'', "
        "fanout=1, depth=1, leaf_size=0,\n        node_offset=0, node_depth=0, inner_size=0, "
        "last_node=False,\n        usedforsecurity=True, string=None)";
    static constexpr int kRounds = 12, kR1 = 32, kR2 = 24, kR3 = 16, kR4 = 63;
    static constexpr size_t kBlock = 128, kMaxDigest = 64, kSalt = 16;
    static constexpr Word kIv[8] = {0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b,
                                    0xa54ff53a5f1d36f1, 0x510e527fade682d1, 0x9b05688c2b3e6c1f,
                                    0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
};
struct S {
    using Word = uint32_t;
    static constexpr const char* kName = "blake2s";
    static constexpr const char* kLabel = "Blake2s";
    static constexpr const char* kSignature =
        "(data=b'', *, digest_size=_blake2.blake2s.MAX_DIGEST_SIZE,\n        key=b'', salt=b'', person=b'', "
        "fanout=1, depth=1, leaf_size=0,\n        node_offset=0, node_depth=0, inner_size=0, "
        "last_node=False,\n        usedforsecurity=True, string=None)";
    static constexpr int kRounds = 10, kR1 = 16, kR2 = 12, kR3 = 8, kR4 = 7;
    static constexpr size_t kBlock = 64, kMaxDigest = 32, kSalt = 8;
    static constexpr Word kIv[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                                    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
};

template <class V>
struct State {
    using Word = typename V::Word;
    Word h[8];
    Word count[2];
    unsigned char block[V::kBlock];  // the last block waits here until it is known to be the last
    size_t filled, digest_size;
    bool last_node;

    void compress(const unsigned char* p, bool last) {
        Word m[16], v[16];
        std::memcpy(m, p, sizeof m);
        for (int i = 0; i < 8; i++) {
            v[i] = h[i];
            v[i + 8] = V::kIv[i];
        }
        v[12] ^= count[0];
        v[13] ^= count[1];
        if (last) {
            v[14] = ~v[14];
            if (last_node) v[15] = ~v[15];
        }
        auto mix = [&v](int a, int b, int c, int d, Word x, Word y) {
            v[a] += v[b] + x;
            v[d] = std::rotr(static_cast<Word>(v[d] ^ v[a]), V::kR1);
            v[c] += v[d];
            v[b] = std::rotr(static_cast<Word>(v[b] ^ v[c]), V::kR2);
            v[a] += v[b] + y;
            v[d] = std::rotr(static_cast<Word>(v[d] ^ v[a]), V::kR3);
            v[c] += v[d];
            v[b] = std::rotr(static_cast<Word>(v[b] ^ v[c]), V::kR4);
        };
        for (int r = 0; r < V::kRounds; r++) {
            const uint8_t* s = kSigma[r % 10];
            mix(0, 4, 8, 12, m[s[0]], m[s[1]]);
            mix(1, 5, 9, 13, m[s[2]], m[s[3]]);
            mix(2, 6, 10, 14, m[s[4]], m[s[5]]);
            mix(3, 7, 11, 15, m[s[6]], m[s[7]]);
            mix(0, 5, 10, 15, m[s[8]], m[s[9]]);
            mix(1, 6, 11, 12, m[s[10]], m[s[11]]);
            mix(2, 7, 8, 13, m[s[12]], m[s[13]]);
            mix(3, 4, 9, 14, m[s[14]], m[s[15]]);
        }
        for (int i = 0; i < 8; i++) h[i] ^= v[i] ^ v[i + 8];
    }
    void add_count(size_t n) {
        count[0] += static_cast<Word>(n);
        if (count[0] < n) count[1]++;
    }
    void update(const unsigned char* p, size_t n) {
        while (n > 0) {
            if (filled == V::kBlock) {
                add_count(V::kBlock);
                compress(block, false);
                filled = 0;
            }
            while (filled == 0 && n > V::kBlock) {
                add_count(V::kBlock);
                compress(p, false);
                p += V::kBlock;
                n -= V::kBlock;
            }
            size_t part = V::kBlock - filled < n ? V::kBlock - filled : n;
            std::memcpy(block + filled, p, part);
            filled += part;
            p += part;
            n -= part;
        }
    }
    void finish(unsigned char* out) const {
        State s = *this;
        s.add_count(s.filled);
        std::memset(s.block + s.filled, 0, V::kBlock - s.filled);
        s.compress(s.block, true);
        std::memcpy(out, s.h, sizeof s.h);
    }
};

template <class V>
struct Blake {
    PyObject ob_base;
    State<V> state;
    static Type type;
};
template <class V>
Type Blake<V>::type;
template <class V>
State<V>& state_of(Value v) {
    return v.as<Blake<V>>()->state;
}

Result<uint64_t> unsigned_option(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t r;
    if (!int_to_u64(n, &r)) return raise(t, PyExc_OverflowError, "Python int too large for C uint64_t");
    return r;
}
// An int of 0 (or `least`) to `most`.
Result<uint8_t> small_option(Thread& t, Value v, int least, int most, const char* message) {
    int n = TRY(as_int32(t, v));
    if (n < least || n > most) return raise(t, PyExc_ValueError, "%s", message);
    return static_cast<uint8_t>(n);
}

enum Param {
    kData,
    kDigestSize,
    kKey,
    kSaltParam,
    kPerson,
    kFanout,
    kDepth,
    kLeafSize,
    kNodeOffset,
    kNodeDepth,
    kInnerSize,
    kLastNode,
    kForSecurity,
    kString,
    kParams
};

// The parameter block of 8 words that the state starts from.
template <class V>
Status fill_parameters(Thread& t, const Value* a, unsigned char* p, Buffer& key) {
    constexpr bool kBig = sizeof(typename V::Word) == 8;
    int digest_size = a[kDigestSize] ? TRY(as_int32(t, a[kDigestSize])) : static_cast<int>(V::kMaxDigest);
    if (digest_size < 1 || digest_size > static_cast<int>(V::kMaxDigest))
        return raise(t, PyExc_ValueError, "digest_size for %s must be between 1 and %d bytes, here it is %d",
                     V::kLabel, static_cast<int>(V::kMaxDigest), digest_size);
    p[0] = static_cast<unsigned char>(digest_size);
    struct {
        Param param;
        const char* name;
        size_t offset;
    } const texts[] = {{kSaltParam, "salt", kBig ? 32u : 16u}, {kPerson, "person", kBig ? 48u : 24u}};
    for (auto& text : texts) {
        if (!a[text.param]) continue;
        Buffer bytes;
        TRY(bytes.acquire(t, a[text.param]));
        if (bytes.size() > static_cast<int64_t>(V::kSalt))
            return raise(t, PyExc_ValueError, "maximum %s length is %d bytes", text.name,
                         static_cast<int>(V::kSalt));
        std::memcpy(p + text.offset, bytes.data(), static_cast<size_t>(bytes.size()));
    }
    p[2] = a[kFanout] ? TRY(small_option(t, a[kFanout], 0, 255, "fanout must be between 0 and 255"))
                      : uint8_t{1};
    p[3] =
        a[kDepth] ? TRY(small_option(t, a[kDepth], 1, 255, "depth must be between 1 and 255")) : uint8_t{1};
    uint64_t leaf = a[kLeafSize] ? TRY(unsigned_option(t, a[kLeafSize])) : 0;
    if (leaf > UINT32_MAX) return raise(t, PyExc_OverflowError, "leaf_size is too large");
    std::memcpy(p + 4, &leaf, 4);
    uint64_t offset = a[kNodeOffset] ? TRY(unsigned_option(t, a[kNodeOffset])) : 0;
    if (!kBig && offset >> 48) return raise(t, PyExc_OverflowError, "node_offset is too large");
    std::memcpy(p + 8, &offset, kBig ? 8 : 6);
    size_t at = kBig ? 16 : 14;
    p[at] = a[kNodeDepth]
                ? TRY(small_option(t, a[kNodeDepth], 0, 255, "node_depth must be between 0 and 255"))
                : uint8_t{0};
    p[at + 1] = a[kInnerSize] ? TRY(small_option(t, a[kInnerSize], 0, static_cast<int>(V::kMaxDigest),
                                                 kBig ? "inner_size must be between 0 and is 64"
                                                      : "inner_size must be between 0 and is 32"))
                              : uint8_t{0};
    if (a[kKey]) {
        TRY(key.acquire(t, a[kKey]));
        if (key.size() > static_cast<int64_t>(V::kMaxDigest))
            return raise(t, PyExc_ValueError, "maximum key length is %d bytes",
                         static_cast<int>(V::kMaxDigest));
        p[1] = static_cast<unsigned char>(key.size());
    }
    return Status::ok();
}

template <class V>
Ref blake_new(Thread& t, PyTypeObject* type, const Value* args, size_t nargs, Value kwnames) {
    Value a[kParams];
    Ref keep;
    TRY(bind_args(t, V::kName, V::kSignature, args, nargs, kwnames, a, keep));
    Value data = TRY(hash_data_argument(t, a[kData], a[kString]));
    bool last_node = a[kLastNode] ? TRY(is_true(t, a[kLastNode])) : false;
    if (a[kForSecurity]) TRY(is_true(t, a[kForSecurity]));
    typename V::Word parameters[8] = {};
    Buffer key, buffer;
    auto* block = reinterpret_cast<unsigned char*>(parameters);
    TRY(fill_parameters<V>(t, a, block, key));
    if (data) TRY(hash_input(t, data, buffer));
    Ref self = TRY(alloc(t, type));
    State<V>& s = state_of<V>(self);
    for (int i = 0; i < 8; i++) s.h[i] = V::kIv[i] ^ parameters[i];
    s.digest_size = block[0];
    s.last_node = last_node;
    if (key.size() > 0) {
        std::memcpy(s.block, key.data(), static_cast<size_t>(key.size()));
        s.filled = V::kBlock;
    }
    if (data)
        s.update(reinterpret_cast<const unsigned char*>(buffer.data()), static_cast<size_t>(buffer.size()));
    return self;
}
void blake_dealloc(Thread& t, PyObject* o) { free_object(t, o); }

template <class V>
Ref update(Thread& t, Value self, Value data) {
    Buffer buffer;
    TRY(hash_input(t, data, buffer));
    state_of<V>(self).update(reinterpret_cast<const unsigned char*>(buffer.data()),
                             static_cast<size_t>(buffer.size()));
    return none_ref();
}
template <class V>
Ref copy(Thread& t, Value self) {
    Ref other = TRY(alloc(t, type_of(self)));
    state_of<V>(other) = state_of<V>(self);
    return other;
}
template <class V>
Ref digest(Thread& t, Value self) {
    unsigned char out[64];
    state_of<V>(self).finish(out);
    return bytes_from(t, out, state_of<V>(self).digest_size);
}
template <class V>
Ref hex_digest(Thread& t, Value self) {
    unsigned char out[64];
    state_of<V>(self).finish(out);
    return hash_hex(t, out, state_of<V>(self).digest_size);
}
template <class V>
Ref get_name(Thread& t, Value, void*) {
    return str_from(t, V::kName);
}
template <class V>
Ref get_block_size(Thread&, Value, void*) {
    return Ref::from_int(V::kBlock);
}
template <class V>
Ref get_digest_size(Thread&, Value self, void*) {
    return Ref::from_int(static_cast<int64_t>(state_of<V>(self).digest_size));
}

template <class V>
Status add_blake(Thread& t, Value module, const char* full_name, const char* prefix) {
    static const NativeDef methods[] = {
        def<copy<V>>("copy", "()", "A hash object in the same state."),
        def<digest<V>>("digest", "()", "The digest of what was hashed, as bytes."),
        def<hex_digest<V>>("hexdigest", "()", "The digest as hexadecimal digits."),
        def<update<V>>("update", "(data, /)", "Hashes more bytes."),
        {}};
    static const GetSetDef attributes[] = {getset("name", get_name<V>, nullptr, nullptr),
                                           getset("block_size", get_block_size<V>, nullptr, nullptr),
                                           getset("digest_size", get_digest_size<V>, nullptr, nullptr),
                                           {}};
    static const TypeDecl decl{
        .name = full_name,
        .basicsize = sizeof(Blake<V>),
        .flags = kTpImmutableType,
        .slots = {.dealloc = blake_dealloc, .new_ = blake_new<V>},
        .spec = {.methods = methods,
                 .getset = attributes,
                 .doc = "A BLAKE2 hash.",
                 .text_signature = V::kSignature},
    };
    TRY(add_static_type(t, module, Blake<V>::type, decl));
    struct {
        const char* name;
        size_t value;
    } const constants[] = {{"SALT_SIZE", V::kSalt},
                           {"PERSON_SIZE", V::kSalt},
                           {"MAX_KEY_SIZE", V::kMaxDigest},
                           {"MAX_DIGEST_SIZE", V::kMaxDigest}};
    for (auto& c : constants) {
        auto value = Value::from_int(static_cast<int64_t>(c.value));
        TRY(dict_set_str(t, Value(Blake<V>::type.tp_dict), c.name, value));
        char name[40];
        snprintf(name, sizeof name, "%s_%s", prefix, c.name);
        TRY(module_add_int(t, module, name, value.as_int()));
    }
    type_modified(&Blake<V>::type);
    return Status::ok();
}

Status exec(Thread& t, Value module) {
    TRY(add_blake<B>(t, module, "_blake2.blake2b", "BLAKE2B"));
    TRY(add_blake<S>(t, module, "_blake2.blake2s", "BLAKE2S"));
    return module_add_int(t, module, "_GIL_MINSIZE", 2048);
}

}  // namespace

extern const ModuleSpec module__blake2;
const ModuleSpec module__blake2{
    .name = "_blake2", .doc = "The BLAKE2 hashes.", .functions = nullptr, .exec = exec};

}  // namespace krait
