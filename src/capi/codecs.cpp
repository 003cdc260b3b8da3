// codecs.h and the encoding functions of unicodeobject.h, fileutils.h.
#include <clocale>
#include <cwchar>
#include <string>

#include "builtins/bytes.h"
#include "builtins/number.h"
#include "builtins/str.h"
#include "builtins/tuple.h"
#include "capi/capi.h"
#include "gc/gc.h"

using namespace krait;

namespace {
using P = PyObject*;
bool str_argument(P o) {
    if (o && is_str(o)) return true;
    raise(here(), PyExc_TypeError, "bad argument type for built-in operation");
    return false;
}
P encoded(P o, const char* encoding, const char* errors) {
    return str_argument(o) ? out(encode(here(), o, encoding, errors)) : nullptr;
}
P decoded(const char* s, Py_ssize_t n, const char* encoding, const char* errors) {
    if (n < 0 || (!s && n)) return out(raise_no_memory(here()));  // as the oracle, for want of a check
    return out(decode(here(), s, static_cast<size_t>(n), encoding, errors));
}
// One of the functions of _codecs that answer (result, consumed).
P stateful(const char* function, const char* s, Py_ssize_t n, const char* errors, Py_ssize_t* consumed) {
    Thread& t = here();
    Ref fn = import_attr(t, "_codecs", function);
    Ref data = fn ? bytes_from(t, s, static_cast<size_t>(n)) : Ref();
    Ref err = data ? str_from(t, errors ? errors : "strict") : Ref();
    Ref r = err ? call(t, fn, {data, err, boolean(!consumed)}) : Ref();
    if (!r) return nullptr;
    if (consumed) *consumed = tuple_get(r, 1).as_int();
    return to_c_new(tuple_get(r, 0));
}
Ref codecs_call(Thread& t, const char* function, std::initializer_list<Value> args) {
    Ref fn = TRY(import_attr(t, "_codecs", function));
    return call(t, fn, args);
}
}  // namespace

CAPI const char* PyUnicode_GetDefaultEncoding() { return "utf-8"; }
CAPI PyObject* PyUnicode_Decode(const char* s, Py_ssize_t n, const char* encoding, const char* errors) {
    if (n < 0 || (!s && n)) return out(bad_call("PyUnicode_Decode"));
    return decoded(s, n, encoding ? encoding : "utf-8", errors);
}
CAPI PyObject* PyUnicode_FromEncodedObject(PyObject* o, const char* encoding, const char* errors) {
    Thread& t = here();
    if (!o) return out(bad_call("PyUnicode_FromEncodedObject"));
    if (is_str(o)) return out(raise(t, PyExc_TypeError, "decoding str is not supported"));
    Py_buffer view{};
    if (!get_buffer(t, o, &view, kBufSimple)) {
        clear_error(t);
        return out(raise(t, PyExc_TypeError, "decoding to str: need a bytes-like object, %.80s found",
                         o->ob_type->tp_name));
    }
    P r = decoded(static_cast<char*>(view.buf), view.len, encoding ? encoding : "utf-8", errors);
    release_buffer(t, &view);
    return r;
}
CAPI PyObject* PyUnicode_AsEncodedString(PyObject* o, const char* encoding, const char* errors) {
    return encoded(o, encoding ? encoding : "utf-8", errors);
}
namespace {
P code(const char* how, P o, const char* encoding, const char* errors) {
    Thread& t = here();
    if (!o || !encoding) return out(raise(t, PyExc_TypeError, "bad argument type for built-in operation"));
    Ref e = str_from(t, encoding), r = str_from(t, errors ? errors : "strict");
    return e && r ? out(codecs_call(t, how, {Value(o), e, r})) : nullptr;
}
const char* or_utf8(const char* encoding) { return encoding ? encoding : "utf-8"; }
}  // namespace
CAPI PyObject* PyCodec_Decode(PyObject* o, const char* encoding, const char* errors) {
    return code("decode", o, encoding, errors);
}
CAPI PyObject* PyCodec_Encode(PyObject* o, const char* encoding, const char* errors) {
    return code("encode", o, encoding, errors);
}
namespace {
bool warned(const char* function, const char* instead) {
    return static_cast<bool>(warn(here(), PyExc_DeprecationWarning, 1,
                                  "%s() is deprecated and will be removed in 3.15; use %s", function,
                                  instead));
}
// Of a codec that has to give str.
P only_str(P r, const char* encoding, const char* what, const char* function) {
    if (!r || is_str(r)) return r;
    raise(here(), PyExc_TypeError,
          "'%.400s' %s returned '%.400s' instead of 'str'; use codecs.%s() to %s to arbitrary types",
          encoding ? encoding : "utf-8", what, r->ob_type->tp_name, function, function);
    decref(r);
    return nullptr;
}
}  // namespace
CAPI PyObject* PyUnicode_AsDecodedObject(PyObject* o, const char* encoding, const char* errors) {
    if (!warned("PyUnicode_AsDecodedObject", "PyCodec_Decode() to decode from str")) return nullptr;
    return PyCodec_Decode(o, or_utf8(encoding), errors);
}
CAPI PyObject* PyUnicode_AsDecodedUnicode(PyObject* o, const char* encoding, const char* errors) {
    if (!warned("PyUnicode_AsDecodedUnicode", "PyCodec_Decode() to decode from str to str")) return nullptr;
    return only_str(PyCodec_Decode(o, or_utf8(encoding), errors), encoding, "decoder", "decode");
}
CAPI PyObject* PyUnicode_AsEncodedObject(PyObject* o, const char* encoding, const char* errors) {
    if (!warned("PyUnicode_AsEncodedObject",
                "PyUnicode_AsEncodedString() to encode from str to bytes or PyCodec_Encode() for generic "
                "encoding"))
        return nullptr;
    return PyCodec_Encode(o, or_utf8(encoding), errors);
}
CAPI PyObject* PyUnicode_AsEncodedUnicode(PyObject* o, const char* encoding, const char* errors) {
    if (!warned("PyUnicode_AsEncodedUnicode", "PyCodec_Encode() to encode from str to str")) return nullptr;
    return only_str(PyCodec_Encode(o, or_utf8(encoding), errors), encoding, "encoder", "encode");
}
CAPI PyObject* PyUnicode_BuildEncodingMap(PyObject* s) {
    return out(codecs_call(here(), "charmap_build", {Value(s)}));
}

#define DECODER(name, encoding)                                                              \
    CAPI PyObject* PyUnicode_Decode##name(const char* s, Py_ssize_t n, const char* errors) { \
        return decoded(s, n, encoding, errors);                                              \
    }
DECODER(UTF7, "utf-7")
DECODER(UTF8, "utf-8")
DECODER(Latin1, "latin-1")
DECODER(ASCII, "ascii")
DECODER(UnicodeEscape, "unicode-escape")
DECODER(RawUnicodeEscape, "raw-unicode-escape")
CAPI PyObject* _PyUnicode_DecodeUnicodeEscapeStateful(const char* s, Py_ssize_t n, const char* errors,
                                                      Py_ssize_t* used) {
    return stateful("unicode_escape_decode", s, n, errors, used);
}
CAPI PyObject* PyUnicode_DecodeUTF7Stateful(const char* s, Py_ssize_t n, const char* errors,
                                            Py_ssize_t* used) {
    return stateful("utf_7_decode", s, n, errors, used);
}
CAPI PyObject* PyUnicode_DecodeUTF8Stateful(const char* s, Py_ssize_t n, const char* errors,
                                            Py_ssize_t* used) {
    if (n < 0 || (!s && n)) return out(raise_no_memory(here()));  // as the oracle, for want of a check
    int64_t consumed;
    Ref r = decode_utf8(here(), s, static_cast<size_t>(n), errors, used ? &consumed : nullptr);
    if (r && used) *used = consumed;
    return out(std::move(r));
}
namespace {
// byteorder: -1 little, 1 big, 0 by mark, which is told back.
P wide(const char* s, Py_ssize_t n, const char* errors, int* order, Py_ssize_t* used, int size) {
    if (n < 0 || (!s && n)) return out(bad_call("PyUnicode_Decode"));
    int want = order ? *order : 0;
    Py_ssize_t skip = 0;
    if (want == 0 && n >= size) {
        auto* u = reinterpret_cast<const unsigned char*>(s);
        bool little =
            size == 2 ? u[0] == 0xff && u[1] == 0xfe : u[0] == 0xff && u[1] == 0xfe && !u[2] && !u[3];
        bool big = size == 2 ? u[0] == 0xfe && u[1] == 0xff : !u[0] && !u[1] && u[2] == 0xfe && u[3] == 0xff;
        if (little || big) {
            want = little ? -1 : 1;
            skip = size;
        }
    }
    const char* fn = size == 2 ? (want > 0 ? "utf_16_be_decode" : "utf_16_le_decode")
                               : (want > 0 ? "utf_32_be_decode" : "utf_32_le_decode");
    P r = stateful(fn, s + skip, n - skip, errors, used);
    if (r && used) *used += skip;
    if (r && order) *order = want;
    return r;
}
}  // namespace
CAPI PyObject* PyUnicode_DecodeUTF16(const char* s, Py_ssize_t n, const char* errors, int* order) {
    return wide(s, n, errors, order, nullptr, 2);
}
CAPI PyObject* PyUnicode_DecodeUTF16Stateful(const char* s, Py_ssize_t n, const char* errors, int* order,
                                             Py_ssize_t* used) {
    return wide(s, n, errors, order, used, 2);
}
CAPI PyObject* PyUnicode_DecodeUTF32(const char* s, Py_ssize_t n, const char* errors, int* order) {
    return wide(s, n, errors, order, nullptr, 4);
}
CAPI PyObject* PyUnicode_DecodeUTF32Stateful(const char* s, Py_ssize_t n, const char* errors, int* order,
                                             Py_ssize_t* used) {
    return wide(s, n, errors, order, used, 4);
}
CAPI PyObject* PyUnicode_DecodeCharmap(const char* s, Py_ssize_t n, PyObject* mapping, const char* errors) {
    Thread& t = here();
    Ref data = bytes_from(t, s, static_cast<size_t>(n)), err = str_from(t, errors ? errors : "strict");
    Ref r = data && err ? codecs_call(t, "charmap_decode", {data, err, mapping ? Value(mapping) : none()})
                        : Ref();
    return r ? to_c_new(tuple_get(r, 0)) : nullptr;
}
CAPI PyObject* PyUnicode_AsUTF8String(PyObject* o) { return encoded(o, "utf-8", nullptr); }
CAPI PyObject* _PyUnicode_AsUTF8String(PyObject* o, const char* errors) {
    return encoded(o, "utf-8", errors);
}
CAPI PyObject* PyUnicode_AsUTF16String(PyObject* o) { return encoded(o, "utf-16", nullptr); }
CAPI PyObject* PyUnicode_AsUTF32String(PyObject* o) { return encoded(o, "utf-32", nullptr); }
CAPI PyObject* PyUnicode_AsLatin1String(PyObject* o) { return encoded(o, "latin-1", nullptr); }
CAPI PyObject* _PyUnicode_AsLatin1String(PyObject* o, const char* errors) {
    return encoded(o, "latin-1", errors);
}
CAPI PyObject* PyUnicode_AsASCIIString(PyObject* o) { return encoded(o, "ascii", nullptr); }
CAPI PyObject* _PyUnicode_AsASCIIString(PyObject* o, const char* errors) {
    return encoded(o, "ascii", errors);
}
CAPI PyObject* PyUnicode_AsUnicodeEscapeString(PyObject* o) { return encoded(o, "unicode-escape", nullptr); }
CAPI PyObject* PyUnicode_AsRawUnicodeEscapeString(PyObject* o) {
    return encoded(o, "raw-unicode-escape", nullptr);
}
CAPI PyObject* PyUnicode_AsCharmapString(PyObject* o, PyObject* mapping) {
    Thread& t = here();
    if (!is_str(o) || !mapping)
        return out(raise(t, PyExc_TypeError, "bad argument type for built-in operation"));
    Ref err = str_from(t, "strict");
    Ref r = err ? codecs_call(t, "charmap_encode", {Value(o), err, Value(mapping)}) : Ref();
    return r ? to_c_new(tuple_get(r, 0)) : nullptr;
}

// --- file system and locale: UTF-8, undecodable bytes as surrogates ---

CAPI PyObject* PyUnicode_DecodeFSDefaultAndSize(const char* s, Py_ssize_t n) {
    if (n < 0 || (!s && n)) return out(bad_call("PyUnicode_DecodeFSDefaultAndSize"));
    return out(fs_decode(here(), s, static_cast<size_t>(n)));
}
CAPI PyObject* PyUnicode_DecodeFSDefault(const char* s) { return out(fs_decode(here(), s, strlen(s))); }
CAPI PyObject* PyUnicode_EncodeFSDefault(PyObject* o) { return encoded(o, "utf-8", "surrogateescape"); }
CAPI PyObject* PyUnicode_DecodeLocaleAndSize(const char* s, Py_ssize_t n, const char* errors) {
    if (s[n] || strlen(s) != static_cast<size_t>(n))
        return out(raise(here(), PyExc_ValueError, "embedded null byte"));
    return decoded(s, n, "utf-8", errors);
}
CAPI PyObject* PyUnicode_DecodeLocale(const char* s, const char* errors) {
    return decoded(s, static_cast<Py_ssize_t>(strlen(s)), "utf-8", errors);
}
CAPI PyObject* PyUnicode_EncodeLocale(PyObject* o, const char* errors) {
    P r = encoded(o, "utf-8", errors);
    if (r && strlen(bytes_data(r)) != static_cast<size_t>(bytes_size(r))) {
        decref(r);
        return out(raise(here(), PyExc_ValueError, "embedded null character"));
    }
    return r;
}
namespace {
constexpr int kCleanupSupported = 0x20000;
}
CAPI int PyUnicode_FSConverter(PyObject* arg, void* to) {
    Thread& t = here();
    auto** place = static_cast<P*>(to);
    if (!arg) {
        if (*place) decref(*place);
        *place = nullptr;
        return 1;
    }
    Ref r = fs_encode(t, arg);
    if (!r) return 0;
    *place = r.release().ptr();
    return kCleanupSupported;
}
CAPI int PyUnicode_FSDecoder(PyObject* arg, void* to) {
    Thread& t = here();
    auto** place = static_cast<P*>(to);
    if (!arg) {
        if (*place) decref(*place);
        *place = nullptr;
        return 1;
    }
    Ref path = fs_path(t, arg);
    if (!path) return 0;
    if (is_bytes(path)) path = fs_decode(t, bytes_data(path), static_cast<size_t>(bytes_size(path)));
    if (!path) return 0;
    for (int64_t i = 0; i < str_length(path); i++)
        if (str_char(path, i) == 0) {
            raise(t, PyExc_ValueError, "embedded null character");
            return 0;
        }
    *place = out(std::move(path));
    return kCleanupSupported;
}
CAPI PyObject* PyOS_FSPath(PyObject* path) { return out(fs_path(here(), path)); }
CAPI wchar_t* Py_DecodeLocale(const char* s, size_t* size) {
    // UTF-8 by hand: may run before there is an interpreter.
    size_t n = strlen(s);
    auto* w = static_cast<wchar_t*>(malloc((n + 1) * sizeof(wchar_t)));
    if (!w) return nullptr;
    size_t k = 0;
    for (size_t i = 0; i < n;) {
        auto c = static_cast<unsigned char>(s[i]);
        int more = c < 0x80 ? 0 : c >= 0xf0 && c < 0xf5 ? 3 : c >= 0xe0 ? 2 : c >= 0xc2 ? 1 : -1;
        if (c >= 0xf5) more = -1;
        uint32_t v = more == 3 ? c & 7 : more == 2 ? c & 15 : more == 1 ? c & 31 : c;
        bool good = more >= 0 && i + static_cast<size_t>(more) < n + 1;
        for (int j = 1; good && j <= more; j++) {
            auto d = static_cast<unsigned char>(s[i + static_cast<size_t>(j)]);
            good = (d & 0xc0) == 0x80;
            v = v << 6 | (d & 63);
        }
        if (good && ((more == 2 && (v < 0x800 || (v >= 0xd800 && v < 0xe000))) ||
                     (more == 3 && (v < 0x10000 || v > 0x10ffff))))
            good = false;
        w[k++] = static_cast<wchar_t>(good ? v : 0xdc00u + c);
        i += good ? static_cast<size_t>(more) + 1 : 1;
    }
    w[k] = 0;
    if (size) *size = k;
    return w;
}
CAPI char* Py_EncodeLocale(const wchar_t* w, size_t* error) {
    if (error) *error = static_cast<size_t>(-1);
    std::string s;
    for (; *w; w++) {
        auto c = static_cast<uint32_t>(*w);
        if (c >= 0xdc80 && c <= 0xdcff) {
            s += static_cast<char>(c - 0xdc00);
        } else if (c < 0x80) {
            s += static_cast<char>(c);
        } else if (c < 0x800) {
            s += static_cast<char>(0xc0 | c >> 6);
            s += static_cast<char>(0x80 | (c & 63));
        } else if (c < 0x10000) {
            s += static_cast<char>(0xe0 | c >> 12);
            s += static_cast<char>(0x80 | (c >> 6 & 63));
            s += static_cast<char>(0x80 | (c & 63));
        } else {
            s += static_cast<char>(0xf0 | c >> 18);
            s += static_cast<char>(0x80 | (c >> 12 & 63));
            s += static_cast<char>(0x80 | (c >> 6 & 63));
            s += static_cast<char>(0x80 | (c & 63));
        }
    }
    auto* p = static_cast<char*>(mem_alloc(s.size() + 1));
    if (p) memcpy(p, s.c_str(), s.size() + 1);
    return p;
}
CAPI char* _Py_SetLocaleFromEnv(int category) { return setlocale(category, ""); }

// --- the registry ---

namespace {
// The name of an encoding, or of a handler of errors.
Ref codec_name(Thread& t, const char* name) {
    if (!name) return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
    return str_from(t, name);
}
P codec_part(const char* encoding, int i) {
    Thread& t = here();
    Ref e = codec_name(t, encoding);
    Ref info = e ? codecs_call(t, "lookup", {e}) : Ref();
    return info ? to_c_new(tuple_get(info, i)) : nullptr;
}
P incremental(const char* encoding, const char* attribute, const char* errors) {
    Thread& t = here();
    Ref e = codec_name(t, encoding);
    Ref info = e ? codecs_call(t, "lookup", {e}) : Ref();
    Ref make = info ? get_attr(t, info, attribute) : Ref();
    if (!make) return nullptr;
    if (!errors) return out(call(t, make));
    Ref r = str_from(t, errors);
    return r ? out(call(t, make, {r})) : nullptr;
}
P stream(const char* encoding, int i, P file, const char* errors) {
    Thread& t = here();
    P make = codec_part(encoding, i);
    if (!make) return nullptr;
    Ref keep = Ref::steal(Value(make));
    if (!errors) return out(call(t, keep, {Value(file)}));
    Ref r = str_from(t, errors);
    return r ? out(call(t, keep, {Value(file), r})) : nullptr;
}
P handle(const char* name, P exc) {
    Thread& t = here();
    Ref n = str_from(t, name);
    Ref fn = n ? codecs_call(t, "lookup_error", {n}) : Ref();
    return fn ? out(call(t, fn, {Value(exc)})) : nullptr;
}
}  // namespace
CAPI int PyCodec_Register(PyObject* f) {
    if (!f) return fail(raise(here(), PyExc_TypeError, "bad argument type for built-in operation"));
    return codecs_call(here(), "register", {Value(f)}) ? 0 : -1;
}
CAPI int PyCodec_Unregister(PyObject* f) { return codecs_call(here(), "unregister", {Value(f)}) ? 0 : -1; }
CAPI int PyCodec_KnownEncoding(const char* encoding) {
    Thread& t = here();
    if (!encoding) return 0;
    Ref e = str_from(t, encoding);
    Ref info = e ? codecs_call(t, "lookup", {e}) : Ref();
    if (!info) clear_error(t);
    return static_cast<bool>(info);
}
CAPI PyObject* PyCodec_Encoder(const char* encoding) { return codec_part(encoding, 0); }
CAPI PyObject* PyCodec_Decoder(const char* encoding) { return codec_part(encoding, 1); }
CAPI PyObject* PyCodec_IncrementalEncoder(const char* encoding, const char* errors) {
    return incremental(encoding, "incrementalencoder", errors);
}
CAPI PyObject* PyCodec_IncrementalDecoder(const char* encoding, const char* errors) {
    return incremental(encoding, "incrementaldecoder", errors);
}
CAPI PyObject* PyCodec_StreamReader(const char* encoding, PyObject* file, const char* errors) {
    return stream(encoding, 2, file, errors);
}
CAPI PyObject* PyCodec_StreamWriter(const char* encoding, PyObject* file, const char* errors) {
    return stream(encoding, 3, file, errors);
}
CAPI int PyCodec_RegisterError(const char* name, PyObject* f) {
    Thread& t = here();
    Ref n = str_from(t, name);
    return n && codecs_call(t, "register_error", {n, Value(f)}) ? 0 : -1;
}
CAPI PyObject* PyCodec_LookupError(const char* name) {
    Thread& t = here();
    Ref n = str_from(t, name ? name : "strict");
    return n ? out(codecs_call(t, "lookup_error", {n})) : nullptr;
}
CAPI PyObject* PyCodec_StrictErrors(PyObject* exc) { return handle("strict", exc); }
CAPI PyObject* PyCodec_IgnoreErrors(PyObject* exc) { return handle("ignore", exc); }
CAPI PyObject* PyCodec_ReplaceErrors(PyObject* exc) { return handle("replace", exc); }
CAPI PyObject* PyCodec_XMLCharRefReplaceErrors(PyObject* exc) { return handle("xmlcharrefreplace", exc); }
CAPI PyObject* PyCodec_BackslashReplaceErrors(PyObject* exc) { return handle("backslashreplace", exc); }
CAPI PyObject* PyCodec_NameReplaceErrors(PyObject* exc) { return handle("namereplace", exc); }
CAPI const char* Py_hexdigits;
const char* Py_hexdigits = "0123456789abcdef";
