// The module _codecs: the registry and the coders as functions on bytes and str.
#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/str_methods.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {

namespace {

// --- arguments and results ---

// args[i] as the errors argument: null when omitted or None.
Result<const char*> errors_arg(Thread& t, const char* fname, const Value* args, size_t nargs, size_t i = 1) {
    if (i >= nargs || is_none(args[i])) return static_cast<const char*>(nullptr);
    if (!is_str(args[i]))
        return raise(t, PyExc_TypeError, "%s() argument %zu must be str or None, not %K", fname, i + 1,
                     args[i]);
    std::string_view text = TRY(str_utf8(t, args[i]));
    if (text.find('\0') != text.npos) return raise(t, PyExc_ValueError, "embedded null character");
    return text.data();
}
Result<const char*> name_arg(Thread& t, const char* fname, int position, Value v) {
    TRY(str_arg(t, fname, position, v));
    std::string_view text = TRY(str_utf8(t, v));
    if (text.find('\0') != text.npos) return raise(t, PyExc_ValueError, "embedded null character");
    return text.data();
}
Result<bool> flag_arg(Thread& t, const Value* args, size_t nargs, size_t i, bool default_value) {
    if (i >= nargs) return default_value;
    return is_true(t, args[i]);
}
// Positional; argument 1 is a str.
Status text_arg(Thread& t, const char* fname, Value v) { return str_arg(t, fname, 1, v); }

Ref with_length(Thread& t, Ref r, int64_t length) {
    if (!r) return {};
    return tuple_of(t, {r, Value::from_int(length)});
}

// Bytes of a buffer, or of a str's UTF-8 form: what the escape decoders take.
class TextOrBytes {
  public:
    Status acquire(Thread& t, Value v) {
        if (!is_str(v)) {
            TRY(buffer_.acquire(t, v));
            view_ = {buffer_.data(), static_cast<size_t>(buffer_.size())};
            return Status::ok();
        }
        view_ = TRY(str_utf8(t, v));
        return Status::ok();
    }
    const char* data() const { return view_.data(); }
    size_t size() const { return view_.size(); }

  private:
    Buffer buffer_;
    std::string_view view_;
};

using DecodeFn = Ref (*)(Thread&, const char*, size_t, const char*, int64_t*);

template <class Input>
Ref run_decoder(Thread& t, const char* fname, DecodeFn decode_fn, bool final_default, const Value* args,
                size_t nargs) {
    Input in;
    TRY(in.acquire(t, args[0]));
    const char* errors = TRY(errors_arg(t, fname, args, nargs));
    bool final = TRY(flag_arg(t, args, nargs, 2, final_default));
    auto consumed = static_cast<int64_t>(in.size());
    Ref text = decode_fn(t, in.data(), static_cast<size_t>(in.size()), errors, final ? nullptr : &consumed);
    return with_length(t, std::move(text), consumed);
}

#define INCREMENTAL(name, decode_fn, input, final_default)                                    \
    Ref name##_decode(Thread& t, Value, const Value* args, size_t nargs) {                    \
        return run_decoder<input>(t, #name "_decode", decode_fn, final_default, args, nargs); \
    }

template <int Order, auto Decode>
Ref decode_ordered(Thread& t, const char* s, size_t n, const char* errors, int64_t* consumed) {
    int byteorder = Order;
    return Decode(t, s, n, errors, &byteorder, consumed);
}

INCREMENTAL(utf_8, decode_utf8, Buffer, false)
INCREMENTAL(utf_7, decode_utf7, Buffer, false)
INCREMENTAL(utf_16, (decode_ordered<0, decode_utf16>), Buffer, false)
INCREMENTAL(utf_16_le, (decode_ordered<-1, decode_utf16>), Buffer, false)
INCREMENTAL(utf_16_be, (decode_ordered<1, decode_utf16>), Buffer, false)
INCREMENTAL(utf_32, (decode_ordered<0, decode_utf32>), Buffer, false)
INCREMENTAL(utf_32_le, (decode_ordered<-1, decode_utf32>), Buffer, false)
INCREMENTAL(utf_32_be, (decode_ordered<1, decode_utf32>), Buffer, false)
INCREMENTAL(unicode_escape, decode_unicode_escape, TextOrBytes, true)
INCREMENTAL(raw_unicode_escape, decode_raw_unicode_escape, TextOrBytes, true)

template <auto Decode>
Ref decode_ex(Thread& t, const char* fname, const Value* args, size_t nargs) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    const char* errors = TRY(errors_arg(t, fname, args, nargs));
    int byteorder = nargs > 2 ? TRY(as_int32(t, args[2])) : 0;
    bool final = TRY(flag_arg(t, args, nargs, 3, false));
    int64_t consumed = in.size();
    Ref text = TRY(Decode(t, in.data(), static_cast<size_t>(in.size()), errors, &byteorder,
                          final ? nullptr : &consumed));
    return tuple_of(t, {text, Value::from_int(consumed), Value::from_int(byteorder)});
}
Ref utf_16_ex_decode(Thread& t, Value, const Value* args, size_t nargs) {
    return decode_ex<decode_utf16>(t, "utf_16_ex_decode", args, nargs);
}
Ref utf_32_ex_decode(Thread& t, Value, const Value* args, size_t nargs) {
    return decode_ex<decode_utf32>(t, "utf_32_ex_decode", args, nargs);
}

Ref latin_1_decode(Thread& t, Value, const Value* args, size_t nargs) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    TRY_DISCARD(errors_arg(t, "latin_1_decode", args, nargs));
    return with_length(t, decode_latin1(t, in.data(), static_cast<size_t>(in.size())), in.size());
}
Ref ascii_decode(Thread& t, Value, const Value* args, size_t nargs) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    const char* errors = TRY(errors_arg(t, "ascii_decode", args, nargs));
    return with_length(t, decode_ascii(t, in.data(), static_cast<size_t>(in.size()), errors), in.size());
}
Ref charmap_decode(Thread& t, Value, const Value* args, size_t nargs) {
    Buffer in;
    TRY(in.acquire(t, args[0]));
    const char* errors = TRY(errors_arg(t, "charmap_decode", args, nargs));
    Value mapping = nargs > 2 ? args[2] : Value();
    return with_length(t, decode_charmap(t, in.data(), static_cast<size_t>(in.size()), mapping, errors),
                       in.size());
}
Ref escape_decode(Thread& t, Value, const Value* args, size_t nargs) {
    TextOrBytes in;
    TRY(in.acquire(t, args[0]));
    const char* errors = TRY(errors_arg(t, "escape_decode", args, nargs));
    return with_length(t, decode_bytes_escape(t, in.data(), in.size(), errors),
                       static_cast<int64_t>(in.size()));
}

// --- encoders ---

#define ENCODER(name, call)                                                                     \
    Ref name##_encode(Thread& t, Value, const Value* args, size_t nargs) {                      \
        TRY(text_arg(t, #name "_encode", args[0]));                                             \
        [[maybe_unused]] const char* errors = TRY(errors_arg(t, #name "_encode", args, nargs)); \
        return with_length(t, call, str_length(args[0]));                                       \
    }
ENCODER(utf_8, encode_utf8(t, args[0], errors))
ENCODER(utf_7, encode_utf7(t, args[0], errors))
ENCODER(utf_16_le, encode_utf16(t, args[0], errors, -1))
ENCODER(utf_16_be, encode_utf16(t, args[0], errors, 1))
ENCODER(utf_32_le, encode_utf32(t, args[0], errors, -1))
ENCODER(utf_32_be, encode_utf32(t, args[0], errors, 1))
ENCODER(unicode_escape, encode_unicode_escape(t, args[0]))
ENCODER(raw_unicode_escape, encode_raw_unicode_escape(t, args[0]))
ENCODER(latin_1, encode_latin1(t, args[0], errors))
ENCODER(ascii, encode_ascii(t, args[0], errors))
ENCODER(charmap, encode_charmap(t, args[0], nargs > 2 ? args[2] : Value(), errors))

template <auto Encode>
Ref encode_with_order(Thread& t, const char* fname, const Value* args, size_t nargs) {
    TRY(text_arg(t, fname, args[0]));
    const char* errors = TRY(errors_arg(t, fname, args, nargs));
    int byteorder = nargs > 2 ? TRY(as_int32(t, args[2])) : 0;
    return with_length(t, Encode(t, args[0], errors, byteorder), str_length(args[0]));
}
Ref utf_16_encode(Thread& t, Value, const Value* args, size_t nargs) {
    return encode_with_order<encode_utf16>(t, "utf_16_encode", args, nargs);
}
Ref utf_32_encode(Thread& t, Value, const Value* args, size_t nargs) {
    return encode_with_order<encode_utf32>(t, "utf_32_encode", args, nargs);
}

Ref escape_encode(Thread& t, Value, const Value* args, size_t nargs) {
    if (!is_bytes(args[0]))
        return raise(t, PyExc_TypeError, "escape_encode() argument 1 must be bytes, not %K", args[0]);
    TRY_DISCARD(errors_arg(t, "escape_encode", args, nargs));
    BytesBuilder out(t, bytes_size(args[0]));
    for (char c : bytes_view(args[0])) {
        if (c == '\'' || c == '\\') {
            TRY(out.put('\\'));
            TRY(out.put(c));
        } else if (c == '\t' || c == '\n' || c == '\r') {
            TRY(out.append(c == '\t' ? "\\t" : c == '\n' ? "\\n" : "\\r", 2));
        } else if (c < ' ' || c >= 0x7f) {
            constexpr char kHex[] = "0123456789abcdef";
            char text[4] = {'\\', 'x', kHex[(c >> 4) & 15], kHex[c & 15]};
            TRY(out.append(text, 4));
        } else {
            TRY(out.put(c));
        }
    }
    return with_length(t, out.finish(), bytes_size(args[0]));
}

Ref readbuffer_encode(Thread& t, Value, const Value* args, size_t nargs) {
    TextOrBytes in;
    TRY(in.acquire(t, args[0]));
    TRY_DISCARD(errors_arg(t, "readbuffer_encode", args, nargs));
    return with_length(t, bytes_from(t, in.data(), in.size()), static_cast<int64_t>(in.size()));
}
Ref m_charmap_build(Thread& t, Value, Value map) {
    TRY(str_arg(t, "charmap_build", 0, map));
    return charmap_build(t, map);
}

// --- registry ---

Ref m_register(Thread& t, Value, Value fn) {
    TRY(codec_register(t, fn));
    return none_ref();
}
Ref m_unregister(Thread& t, Value, Value fn) {
    TRY(codec_unregister(t, fn));
    return none_ref();
}
Ref m_lookup(Thread& t, Value, Value encoding) {
    return codec_lookup(t, TRY(name_arg(t, "lookup", 0, encoding)));
}

Ref m_encode(Thread& t, Value, const Value* p) {
    const char* encoding = TRY(c_string_arg(t, "encode", "encoding", p[1]));
    const char* errors = TRY(c_string_arg(t, "encode", "errors", p[2]));
    return codec_encode(t, p[0], encoding ? encoding : "utf-8", errors);
}
Ref m_decode(Thread& t, Value, const Value* p) {
    const char* encoding = TRY(c_string_arg(t, "decode", "encoding", p[1]));
    const char* errors = TRY(c_string_arg(t, "decode", "errors", p[2]));
    return codec_decode(t, p[0], encoding ? encoding : "utf-8", errors);
}
Ref m_register_error(Thread& t, Value, const Value* args, size_t) {
    const char* name = TRY(name_arg(t, "register_error", 1, args[0]));
    TRY(codec_register_error(t, name, args[1]));
    return none_ref();
}
Ref m_unregister_error(Thread& t, Value, Value name) {
    return bool_ref(TRY(codec_unregister_error(t, TRY(name_arg(t, "_unregister_error", 0, name)))));
}
Ref m_lookup_error(Thread& t, Value, Value name) {
    return codec_lookup_error(t, TRY(name_arg(t, "lookup_error", 0, name)));
}

#define DECODE(name, signature) def<name##_decode>(#name "_decode", signature, nullptr)
#define ENCODE(name, signature) def<name##_encode>(#name "_encode", signature, nullptr)
constexpr const char* kPlain = "(data, errors=None, /)";
constexpr const char* kPartial = "(data, errors=None, final=False, /)";
constexpr const char* kWhole = "(data, errors=None, final=True, /)";
constexpr const char* kExtended = "(data, errors=None, byteorder=0, final=False,\n                 /)";
constexpr const char* kText = "(str, errors=None, /)";
constexpr const char* kOrdered = "(str, errors=None, byteorder=0, /)";

const NativeDef functions[] = {
    def<m_register>("register", "(search_function, /)",
                    "Add a function that finds codecs by normalized name."),
    def<m_unregister>("unregister", "(search_function, /)", "Remove a search function."),
    def<m_lookup>("lookup", "(encoding, /)", "The CodecInfo of an encoding."),
    def<m_encode>("encode", "(obj, encoding='utf-8', errors='strict')", "Run an object through an encoder."),
    def<m_decode>("decode", "(obj, encoding='utf-8', errors='strict')", "Run an object through a decoder."),
    def<m_register_error>("register_error", "(errors, handler, /)", "Name an error handler."),
    def<m_unregister_error>("_unregister_error", "(errors, /)",
                            "Forget an error handler; whether there was one."),
    def<m_lookup_error>("lookup_error", "(name, /)", "The error handler of this name."),
    DECODE(utf_8, kPartial),
    ENCODE(utf_8, kText),
    DECODE(utf_7, kPartial),
    ENCODE(utf_7, kText),
    DECODE(utf_16, kPartial),
    ENCODE(utf_16, kOrdered),
    DECODE(utf_16_le, kPartial),
    ENCODE(utf_16_le, kText),
    DECODE(utf_16_be, kPartial),
    ENCODE(utf_16_be, kText),
    DECODE(utf_16_ex, kExtended),
    DECODE(utf_32, kPartial),
    ENCODE(utf_32, kOrdered),
    DECODE(utf_32_le, kPartial),
    ENCODE(utf_32_le, kText),
    DECODE(utf_32_be, kPartial),
    ENCODE(utf_32_be, kText),
    DECODE(utf_32_ex, kExtended),
    DECODE(unicode_escape, kWhole),
    ENCODE(unicode_escape, kText),
    DECODE(raw_unicode_escape, kWhole),
    ENCODE(raw_unicode_escape, kText),
    DECODE(latin_1, kPlain),
    ENCODE(latin_1, kText),
    DECODE(ascii, kPlain),
    ENCODE(ascii, kText),
    DECODE(charmap, "(data, errors=None, mapping=None, /)"),
    ENCODE(charmap, "(str, errors=None, mapping=None, /)"),
    def<m_charmap_build>("charmap_build", "(map, /)", nullptr),
    DECODE(escape, kPlain),
    ENCODE(escape, kPlain),
    def<readbuffer_encode>("readbuffer_encode", kPlain, nullptr),
    {},
};

}  // namespace

extern const ModuleSpec module__codecs = {"_codecs", nullptr, functions};

}  // namespace krait
