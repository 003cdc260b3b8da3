// Data symbols and small helpers: pyctype.h, pystrcmp.h, mysnprintf, the hash table that some modules of the
// library use, the readline hooks, version and build information.
#include <cctype>
#include <climits>
#include <cstdlib>
#include <cwchar>

#include "builtins/number.h"
#include "builtins/str.h"
#include "capi/capi.h"
#include "gc/gc.h"
#include "runtime/config.h"

using namespace krait;

// --- data ---

extern "C" {
#pragma GCC visibility push(default)
extern int (*PyOS_InputHook)();
extern char* (*PyOS_ReadlineFunctionPointer)(FILE*, FILE*, const char*);
extern void* _PyOS_ReadlineTState;
extern const unsigned long Py_Version;
extern const char *Py_FileSystemDefaultEncoding, *Py_FileSystemDefaultEncodeErrors;
extern int Py_HasFileSystemDefaultEncoding, Py_UTF8Mode, Py_DebugFlag, Py_VerboseFlag, Py_QuietFlag,
    Py_InteractiveFlag, Py_InspectFlag, Py_OptimizeFlag, Py_NoSiteFlag, Py_BytesWarningFlag, Py_FrozenFlag,
    Py_IgnoreEnvironmentFlag, Py_DontWriteBytecodeFlag, Py_NoUserSiteDirectory, Py_UnbufferedStdioFlag,
    Py_HashRandomizationFlag, Py_IsolatedFlag;
extern const unsigned _Py_ctype_table[256];
extern const unsigned char _Py_ctype_tolower[256], _Py_ctype_toupper[256], _Py_ascii_whitespace[128];
int (*PyOS_InputHook)() = nullptr;
char* (*PyOS_ReadlineFunctionPointer)(FILE*, FILE*, const char*) = nullptr;
void* _PyOS_ReadlineTState = nullptr;
const unsigned long Py_Version = 0x030e0af0;
const char *Py_FileSystemDefaultEncoding = "utf-8", *Py_FileSystemDefaultEncodeErrors = "surrogateescape";
int Py_HasFileSystemDefaultEncoding = 1, Py_UTF8Mode = 0, Py_DebugFlag = 0, Py_VerboseFlag = 0,
    Py_QuietFlag = 0, Py_InteractiveFlag = 0, Py_InspectFlag = 0, Py_OptimizeFlag = 0, Py_NoSiteFlag = 0,
    Py_BytesWarningFlag = 0, Py_FrozenFlag = 0, Py_IgnoreEnvironmentFlag = 0, Py_DontWriteBytecodeFlag = 0,
    Py_NoUserSiteDirectory = 0, Py_UnbufferedStdioFlag = 0, Py_HashRandomizationFlag = 1, Py_IsolatedFlag = 0;
#pragma GCC visibility pop
}

namespace krait {
void show_flags(const Config& c) {
    Py_UTF8Mode = c.utf8_mode;
    Py_DebugFlag = c.debug;
    Py_VerboseFlag = c.verbose;
    Py_QuietFlag = c.quiet;
    Py_InteractiveFlag = c.interactive;
    Py_InspectFlag = c.inspect;
    Py_OptimizeFlag = c.optimize;
    Py_NoSiteFlag = c.no_site;
    Py_BytesWarningFlag = c.bytes_warning;
    Py_IgnoreEnvironmentFlag = c.ignore_environment;
    Py_DontWriteBytecodeFlag = c.dont_write_bytecode;
    Py_NoUserSiteDirectory = c.no_user_site;
    Py_UnbufferedStdioFlag = !c.buffered_stdio;
    Py_HashRandomizationFlag = c.hash_randomization;
    Py_IsolatedFlag = c.isolated;
}
}  // namespace krait

namespace {
template <class T, size_t N, class F>
struct Table {
    T v[N];
    constexpr explicit Table(F f) : v() {
        for (size_t i = 0; i < N; i++) v[i] = static_cast<T>(f(static_cast<unsigned>(i)));
    }
};
constexpr unsigned classes(unsigned c) {
    bool lower = c >= 'a' && c <= 'z', upper = c >= 'A' && c <= 'Z', digit = c >= '0' && c <= '9';
    bool hex = digit || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    bool space = c == ' ' || (c >= 9 && c <= 13);
    return lower * 1u | upper * 2u | digit * 4u | hex * 8u | space * 16u;
}
constexpr unsigned lower_of(unsigned c) { return c >= 'A' && c <= 'Z' ? c + 32 : c; }
constexpr unsigned upper_of(unsigned c) { return c >= 'a' && c <= 'z' ? c - 32 : c; }
constexpr unsigned white(unsigned c) { return c == 32 || (c >= 9 && c <= 13) || (c >= 0x1c && c <= 0x1f); }
}  // namespace
#define R1(f, n) f(n)
#define R4(f, n) R1(f, n), R1(f, n + 1), R1(f, n + 2), R1(f, n + 3)
#define R16(f, n) R4(f, n), R4(f, n + 4), R4(f, n + 8), R4(f, n + 12)
#define R64(f, n) R16(f, n), R16(f, n + 16), R16(f, n + 32), R16(f, n + 48)
#define R128(f) R64(f, 0), R64(f, 64)
#define R256(f) R64(f, 0), R64(f, 64), R64(f, 128), R64(f, 192)
extern "C" {
const unsigned _Py_ctype_table[256] = {R256(classes)};
const unsigned char _Py_ctype_tolower[256] = {R256(lower_of)};
const unsigned char _Py_ctype_toupper[256] = {R256(upper_of)};
const unsigned char _Py_ascii_whitespace[128] = {R128(white)};
}

// --- text of C ---

CAPI int PyOS_vsnprintf(char* s, size_t n, const char* format, va_list va) {
    return vsnprintf(s, n, format, va);
}
CAPI int PyOS_snprintf(char* s, size_t n, const char* format, ...) {
    va_list va;
    va_start(va, format);
    int r = vsnprintf(s, n, format, va);
    va_end(va);
    return r;
}
CAPI int PyOS_mystricmp(const char* a, const char* b) {
    while (*a && lower_of(static_cast<unsigned char>(*a)) == lower_of(static_cast<unsigned char>(*b)))
        a++, b++;
    return static_cast<int>(lower_of(static_cast<unsigned char>(*a))) -
           static_cast<int>(lower_of(static_cast<unsigned char>(*b)));
}
CAPI int PyOS_mystrnicmp(const char* a, const char* b, Py_ssize_t n) {
    for (; n > 0; n--, a++, b++) {
        int d = static_cast<int>(lower_of(static_cast<unsigned char>(*a))) -
                static_cast<int>(lower_of(static_cast<unsigned char>(*b)));
        if (d || !*a) return d;
    }
    return 0;
}
CAPI unsigned long PyOS_strtoul(const char* s, char** end, int base) { return strtoul(s, end, base); }
CAPI long PyOS_strtol(const char* s, char** end, int base) { return strtol(s, end, base); }

// --- the hash table ---

namespace {
struct Entry {
    Entry* next;  // first: the list of its bucket
    uint64_t key_hash;
    void *key, *value;
};
struct Allocator {
    void* (*malloc)(size_t);
    void (*free)(void*);
};
struct HashTable {
    size_t nentries, nbuckets;
    Entry** buckets;
    Entry* (*get_entry)(HashTable*, const void*);
    uint64_t (*hash)(const void*);
    int (*compare)(const void*, const void*);
    void (*key_destroy)(void*);
    void (*value_destroy)(void*);
    Allocator alloc;
};
Entry* find_entry(HashTable* h, const void* key) {
    uint64_t k = h->hash(key);
    for (Entry* e = h->buckets[k & (h->nbuckets - 1)]; e; e = e->next)
        if (e->key_hash == k && h->compare(key, e->key)) return e;
    return nullptr;
}
int resize(HashTable* h) {
    size_t n = h->nbuckets * 2;
    auto** made = static_cast<Entry**>(h->alloc.malloc(n * sizeof(Entry*)));
    if (!made) return -1;
    memset(made, 0, n * sizeof(Entry*));
    for (size_t i = 0; i < h->nbuckets; i++)
        for (Entry* e = h->buckets[i]; e;) {
            Entry* next = e->next;
            e->next = made[e->key_hash & (n - 1)];
            made[e->key_hash & (n - 1)] = e;
            e = next;
        }
    h->alloc.free(h->buckets);
    h->buckets = made;
    h->nbuckets = n;
    return 0;
}
void drop_entry(HashTable* h, Entry* e) {
    if (h->key_destroy) h->key_destroy(e->key);
    if (h->value_destroy) h->value_destroy(e->value);
    h->alloc.free(e);
}
}  // namespace
CAPI uint64_t _Py_hashtable_hash_ptr(const void* key) {
    auto x = reinterpret_cast<uint64_t>(key);
    return x >> 4 | x << 60;
}
CAPI int _Py_hashtable_compare_direct(const void* a, const void* b) { return a == b; }
CAPI HashTable* _Py_hashtable_new_full(uint64_t (*hash)(const void*),
                                       int (*compare)(const void*, const void*), void (*key_destroy)(void*),
                                       void (*value_destroy)(void*), Allocator* alloc) {
    Allocator a = alloc ? *alloc : Allocator{[](size_t n) { return mem_alloc(n); }, mem_free};
    auto* h = static_cast<HashTable*>(a.malloc(sizeof(HashTable)));
    if (!h) return nullptr;
    *h = {0, 16, nullptr, find_entry, hash, compare, key_destroy, value_destroy, a};
    h->buckets = static_cast<Entry**>(a.malloc(16 * sizeof(Entry*)));
    if (!h->buckets) {
        a.free(h);
        return nullptr;
    }
    memset(h->buckets, 0, 16 * sizeof(Entry*));
    return h;
}
CAPI HashTable* _Py_hashtable_new(uint64_t (*hash)(const void*), int (*compare)(const void*, const void*)) {
    return _Py_hashtable_new_full(hash, compare, nullptr, nullptr, nullptr);
}
CAPI int _Py_hashtable_set(HashTable* h, const void* key, void* value) {
    auto* e = static_cast<Entry*>(h->alloc.malloc(sizeof(Entry)));
    if (!e) return -1;
    h->nentries++;
    if (h->nentries > h->nbuckets / 2 && resize(h) < 0) {
        h->nentries--;
        h->alloc.free(e);
        return -1;
    }
    uint64_t k = h->hash(key);
    Entry** place = &h->buckets[k & (h->nbuckets - 1)];
    *e = {*place, k, const_cast<void*>(key), value};
    *place = e;
    return 0;
}
CAPI void* _Py_hashtable_get(HashTable* h, const void* key) {
    Entry* e = find_entry(h, key);
    return e ? e->value : nullptr;
}
CAPI void* _Py_hashtable_steal(HashTable* h, const void* key) {
    uint64_t k = h->hash(key);
    for (Entry** p = &h->buckets[k & (h->nbuckets - 1)]; *p; p = &(*p)->next) {
        Entry* e = *p;
        if (e->key_hash != k || !h->compare(key, e->key)) continue;
        *p = e->next;
        h->nentries--;
        void* value = e->value;
        h->alloc.free(e);
        return value;
    }
    return nullptr;
}
CAPI void _Py_hashtable_clear(HashTable* h) {
    for (size_t i = 0; i < h->nbuckets; i++) {
        Entry* e = h->buckets[i];
        h->buckets[i] = nullptr;
        while (e) {
            Entry* next = e->next;
            drop_entry(h, e);
            e = next;
        }
    }
    h->nentries = 0;
}
CAPI void _Py_hashtable_destroy(HashTable* h) {
    _Py_hashtable_clear(h);
    h->alloc.free(h->buckets);
    h->alloc.free(h);
}
CAPI size_t _Py_hashtable_len(const HashTable* h) { return h->nentries; }
CAPI size_t _Py_hashtable_size(const HashTable* h) {
    return sizeof(HashTable) + h->nbuckets * sizeof(Entry*) + h->nentries * sizeof(Entry);
}
CAPI int _Py_hashtable_foreach(HashTable* h, int (*fn)(HashTable*, const void*, const void*, void*),
                               void* arg) {
    for (size_t i = 0; i < h->nbuckets; i++)
        for (Entry* e = h->buckets[i]; e; e = e->next)
            if (int r = fn(h, e->key, e->value, arg)) return r;
    return 0;
}

// --- what this is ---

CAPI const char* Py_GetVersion() {
    static const char* text = [] {
        Value v = sys_get(here(), "version");
        return v ? strdup(str_utf8_or(v, "3.14").data()) : "3.14";
    }();
    return text;
}
CAPI const char* Py_GetPlatform() { return "linux"; }
CAPI const char* Py_GetCopyright() {
    Value v = sys_get(here(), "copyright");
    return v ? str_utf8_or(v, "").data() : "";
}
CAPI const char* Py_GetCompiler() { return "[Clang " __clang_version__ "]"; }
CAPI const char* Py_GetBuildInfo() { return "main, " __DATE__; }
CAPI uint32_t Py_PACK_FULL_VERSION(int x, int y, int z, int level, int serial) {
    return static_cast<uint32_t>((x & 0xff) << 24 | (y & 0xff) << 16 | (z & 0xff) << 8 | (level & 0xf) << 4 |
                                 (serial & 0xf));
}
CAPI uint32_t Py_PACK_VERSION(int x, int y) { return Py_PACK_FULL_VERSION(x, y, 0, 0, 0); }
CAPI int PyABIInfo_Check(void*, const char*) { return 0; }
