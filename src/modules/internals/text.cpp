// Of _testinternalcapi: text in the encoding of file names, paths, docstrings.
#include "builtins/bytes.h"
#include "builtins/str.h"
#include "compiler/compiler.h"
#include "modules/internals/internals.h"
#include "object/file_names.h"
#include "object/protocol.h"
#include "support/unicode.h"

namespace krait::internals {
namespace {

Ref normalize_path(Thread& t, Value, Value path) {
    if (!is_str(path)) return raise(t, PyExc_TypeError, "bad argument type for built-in operation");
    Ref normal = TRY(import_attr(t, "posix", "_path_normpath"));
    return call(t, normal, {path});
}

Ref cleandoc(Thread& t, Value, const Value* p) {
    if (!is_str(p[0]))
        return raise(t, PyExc_TypeError, "compiler_cleandoc() argument 'doc' must be str, not %K", p[0]);
    return str_from(t, clean_docstring(TRY(str_utf8(t, p[0]))));
}

// Decimal digits of any script as those of ASCII, spaces as plain ones; the text ends at what is neither.
Ref decimals_to_ascii(Thread& t, Value, Value text) {
    if (!is_str(text)) return bad_internal_call(t, "_PyUnicode_TransformDecimalAndSpaceToASCII");
    std::string plain;
    for (int64_t i = 0; i < str_length(text); i++) {
        uint32_t c = str_char(text, i);
        int digit = unicode::decimal_value(c);
        plain += c < 128                ? static_cast<char>(c)
                 : unicode::is_space(c) ? ' '
                 : digit < 0            ? '?'
                                        : static_cast<char>('0' + digit);
        if (plain.back() == '?' && c != '?') break;
    }
    return str_from(t, plain);
}

// The name of an error handler: true for surrogateescape.
Result<bool> escapes(Thread& t, Value errors) {
    if (errors && !is_str(errors)) return raise(t, PyExc_TypeError, "errors must be str, not %K", errors);
    if (!errors || str_equal(errors, "strict")) return false;
    if (str_equal(errors, "surrogateescape")) return true;
    return raise(t, PyExc_ValueError, "unsupported error handler");
}

// The second argument chooses between the locale of now and that of the start, which here are one.
Ref encode(Thread& t, Value, const Value* args, size_t nargs) {
    if (!is_str(args[0])) return raise(t, PyExc_TypeError, "argument 1 must be str, not %K", args[0]);
    bool escape = TRY(escapes(t, nargs > 2 ? args[2] : Value()));
    for (int64_t i = 0; i < str_length(args[0]); i++)
        if (str_char(args[0], i) == 0) return raise(t, PyExc_ValueError, "embedded null character");
    size_t at = 0;
    Ref bytes = encode_in_locale(t, args[0], escape, &at);
    if (!bytes && !t.has_exception())
        return raise(t, PyExc_RuntimeError, "encode error: pos=%zu, reason=encoding error", at);
    return bytes;
}

Ref decode(Thread& t, Value, const Value* args, size_t nargs) {
    Buffer bytes;
    TRY(bytes.acquire(t, args[0]));
    bool escape = TRY(escapes(t, nargs > 2 ? args[2] : Value()));
    size_t at = 0;
    Ref text = decode_in_locale(t, bytes.data(), static_cast<size_t>(bytes.size()), escape, &at);
    if (!text && !t.has_exception())
        return raise(t, PyExc_RuntimeError, "decode error: pos=%zu, reason=decoding error", at);
    return text;
}

}  // namespace

const NativeDef kTextFunctions[] = {
    def<normalize_path>("normalize_path", "(object, /)", nullptr),
    def<cleandoc>("compiler_cleandoc", "(doc)", nullptr),
    def<decimals_to_ascii>("_PyUnicode_TransformDecimalAndSpaceToASCII", "(text, /)", nullptr),
    def<encode>("EncodeLocaleEx", "(text, current_locale=0, errors='strict', /)", nullptr),
    def<decode>("DecodeLocaleEx", "(bytes, current_locale=0, errors='strict', /)", nullptr),
    {},
};

}  // namespace krait::internals
