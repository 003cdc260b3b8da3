// The codec registry, and encoding and decoding by name: the common encodings never reach the registry.
#include <cstring>
#include <string>

#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/dict.h"
#include "builtins/list.h"
#include "builtins/tuple.h"
#include "object/names.h"
#include "object/protocol.h"
#include "runtime/config.h"

namespace krait {

namespace {

// Lower case, runs of other characters than letters, digits and dots as one underscore, none at the ends.
std::string normalized(const char* name) {
    std::string out;
    bool gap = false;
    for (const char* p = name; *p; p++) {
        char c = *p;
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.') {
            if (gap && !out.empty()) out += '_';
            gap = false;
            out += c;
        } else {
            gap = true;
        }
    }
    return out;
}

enum class Known { No, Utf8, Utf16, Utf32, Latin1, Ascii };

struct KnownName {
    std::string_view name;
    Known codec;
};
constexpr KnownName kKnown[] = {
    {"utf_8", Known::Utf8},     {"utf8", Known::Utf8},         {"utf_16", Known::Utf16},
    {"utf16", Known::Utf16},    {"utf_32", Known::Utf32},      {"utf32", Known::Utf32},
    {"ascii", Known::Ascii},    {"us_ascii", Known::Ascii},    {"latin1", Known::Latin1},
    {"latin_1", Known::Latin1}, {"iso_8859_1", Known::Latin1}, {"iso8859_1", Known::Latin1},
};

Known known_codec(const char* encoding) {
    if (!encoding) return Known::Utf8;
    std::string_view given(encoding);
    if (given == "utf-8" || given == "utf8") return Known::Utf8;
    if (given == "ascii") return Known::Ascii;
    if (given == "latin-1" || given == "latin1") return Known::Latin1;
    if (given == "utf-16") return Known::Utf16;
    if (given == "utf-32") return Known::Utf32;
    if (given.size() > 16) return Known::No;
    std::string name = normalized(encoding);
    for (const KnownName& k : kKnown)
        if (k.name == name) return k.codec;
    return Known::No;
}

Status ensure_registry(Thread& t) {
    Interpreter& i = *t.interp;
    if (i.codec_search_path) return Status::ok();
    Ref path = TRY(list_new(t)), cache = TRY(dict_new(t)), handlers = TRY(dict_new(t));
    for (const BuiltinErrorHandler* h = kBuiltinErrorHandlers; h->name; h++) {
        Ref fn = TRY(builtin_function_new(t, h->def, Value(), Value()));
        TRY(dict_set_str(t, handlers, h->name, fn));
    }
    i.codec_search_path = path.release();
    i.codec_search_cache = cache.release();
    i.codec_error_registry = handlers.release();
    return Status::ok();
}

// The package `encodings` registers the search function that finds everything else.
Status import_encodings(Thread& t) {
    if (list_size(t.interp->codec_search_path) > 0) return Status::ok();
    TRY_DISCARD(import_module(t, "encodings"));
    return Status::ok();
}

Status add_note(Thread& t, const char* operation, const char* encoding) {
    Ref exc = fetch_error(t);
    if (!exc) return Status::fail();
    Ref note = str_format(t, "%s with '%s' codec failed", operation, encoding);
    if (note) {
        Ref done = call_method(t, exc, ID(add_note), {note});
        if (!done) clear_error(t);
    } else {
        clear_error(t);
    }
    restore_error(t, std::move(exc));
    return Status::fail();
}

// Calls the encoder (place 0) or decoder (1) of a codec; the object it made.
Ref run_codec(Thread& t, Value codec, int place, Value object, const char* encoding, const char* errors) {
    Ref fn = Ref::share(tuple_get(codec, place));
    Ref err = errors ? TRY(str_from(t, errors)) : Ref();
    Value args[2] = {object, err};
    Ref answer = call(t, fn, args, err ? 2 : 1);
    if (!answer) {
        (void)add_note(t, place == 0 ? "encoding" : "decoding", encoding);
        return {};
    }
    if (!is_tuple(answer) || tuple_size(answer) != 2)
        return raise(t, PyExc_TypeError,
                     place == 0 ? "encoder must return a tuple (object, integer)"
                                : "decoder must return a tuple (object,integer)");
    return Ref::share(tuple_get(answer, 0));
}

// Fails with LookupError for codecs that are not between text and bytes.
Status check_text_codec(Thread& t, Value codec, const char* encoding, const char* alternative) {
    if (is_tuple_exact(codec)) return Status::ok();
    Ref flag = TRY(lookup_attr(t, codec, ID(_is_text_encoding)));
    if (!flag || TRY(is_true(t, flag))) return Status::ok();
    return raise(t, PyExc_LookupError, "'%.400s' is not a text encoding; use %s to handle arbitrary codecs",
                 encoding, alternative);
}

}  // namespace

// --- registry ---

Ref codec_lookup(Thread& t, const char* encoding) {
    TRY(ensure_registry(t));
    std::string name = normalized(encoding);
    Ref key = TRY(str_intern(t, name.c_str()));
    Ref found = TRY(dict_get(t, t.interp->codec_search_cache, key));
    if (found) return found;
    TRY(import_encodings(t));
    Value path = t.interp->codec_search_path;
    if (list_size(path) == 0)
        return raise(t, PyExc_LookupError, "no codec search functions registered: can't find encoding");
    for (int64_t i = 0; i < list_size(path); i++) {
        Ref fn = Ref::share(list_get(path, i));
        Ref answer = TRY(call(t, fn, {key}));
        if (is_none(answer)) continue;
        if (!is_tuple(answer) || tuple_size(answer) != 4)
            return raise(t, PyExc_TypeError, "codec search functions must return 4-tuples");
        TRY(dict_set(t, t.interp->codec_search_cache, key, answer));
        return answer;
    }
    return raise(t, PyExc_LookupError, "unknown encoding: %s", encoding);
}

Status codec_register(Thread& t, Value search_function) {
    TRY(ensure_registry(t));
    if (!is_callable(search_function)) return raise(t, PyExc_TypeError, "argument must be callable");
    return list_append(t, t.interp->codec_search_path, search_function);
}

Status codec_unregister(Thread& t, Value search_function) {
    Value path = t.interp->codec_search_path;
    if (!path) return Status::ok();
    for (int64_t i = 0; i < list_size(path); i++) {
        if (list_get(path, i) != search_function) continue;
        dict_clear(t, t.interp->codec_search_cache);
        return list_set_slice(t, path, i, i + 1, Value());
    }
    return Status::ok();
}

Status codec_register_error(Thread& t, const char* name, Value handler) {
    TRY(ensure_registry(t));
    if (!is_callable(handler)) return raise(t, PyExc_TypeError, "handler must be callable");
    return dict_set_str(t, t.interp->codec_error_registry, name, handler);
}

Result<bool> codec_unregister_error(Thread& t, const char* name) {
    TRY(ensure_registry(t));
    for (const BuiltinErrorHandler* h = kBuiltinErrorHandlers; h->name; h++)
        if (std::string_view(name) == h->name)
            return raise(t, PyExc_ValueError, "cannot un-register built-in error handler '%s'", name);
    Ref key = TRY(str_from(t, name));
    return dict_delete(t, t.interp->codec_error_registry, key);
}

Ref codec_lookup_error(Thread& t, const char* name) {
    TRY(ensure_registry(t));
    Value found = dict_get_str(t.interp->codec_error_registry, name ? name : "strict");
    if (found) return Ref::share(found);
    return raise(t, PyExc_LookupError, "unknown error handler name '%.400s'", name);
}

Ref codec_encode(Thread& t, Value object, const char* encoding, const char* errors) {
    Ref codec = TRY(codec_lookup(t, encoding));
    return run_codec(t, codec, 0, object, encoding, errors);
}

Ref codec_decode(Thread& t, Value object, const char* encoding, const char* errors) {
    Ref codec = TRY(codec_lookup(t, encoding));
    return run_codec(t, codec, 1, object, encoding, errors);
}

// --- text by the name of its encoding ---

Status check_codec_names(Thread& t, const char* encoding, const char* errors) {
    if (!g_runtime.config || !g_runtime.config->dev_mode || !g_runtime.initialized) [[likely]]
        return Status::ok();
    if (encoding && known_codec(encoding) != Known::Utf8) TRY_DISCARD(codec_lookup(t, encoding));
    if (errors && std::strcmp(errors, "strict") != 0) TRY_DISCARD(codec_lookup_error(t, errors));
    return Status::ok();
}

Ref str_encode(Thread& t, Value s, const char* encoding, const char* errors) {
    TRY(check_codec_names(t, encoding, errors));
    switch (known_codec(encoding)) {
        case Known::Utf8:
            return encode_utf8(t, s, errors);
        case Known::Utf16:
            return encode_utf16(t, s, errors, 0);
        case Known::Utf32:
            return encode_utf32(t, s, errors, 0);
        case Known::Latin1:
            return encode_latin1(t, s, errors);
        case Known::Ascii:
            return encode_ascii(t, s, errors);
        case Known::No:
            break;
    }
    Ref codec = TRY(codec_lookup(t, encoding));
    TRY(check_text_codec(t, codec, encoding, "codecs.encode()"));
    Ref r = TRY(run_codec(t, codec, 0, s, encoding, errors));
    if (is_bytes(r)) return r;
    if (is_bytearray(r)) {
        TRY(warn(t, PyExc_RuntimeWarning, 1,
                 "encoder %s returned bytearray instead of bytes; use codecs.encode() to encode to arbitrary "
                 "types",
                 encoding));
        return bytes_from(t, bytearray_data(r), static_cast<size_t>(bytearray_size(r)));
    }
    return raise(
        t, PyExc_TypeError,
        "'%.400s' encoder returned '%T' instead of 'bytes'; use codecs.encode() to encode to arbitrary types",
        encoding, r.get());
}

Ref encode(Thread& t, Value s, const char* encoding, const char* errors) {
    return str_encode(t, s, encoding, errors);
}

namespace {

// The encodings known here; `known` false when it is another one.
Ref decode_known(Thread& t, const char* p, size_t n, const char* encoding, const char* errors, bool* known) {
    int byteorder = 0;
    *known = true;
    switch (known_codec(encoding)) {
        case Known::Utf8:
            return decode_utf8(t, p, n, errors);
        case Known::Utf16:
            return decode_utf16(t, p, n, errors, &byteorder, nullptr);
        case Known::Utf32:
            return decode_utf32(t, p, n, errors, &byteorder, nullptr);
        case Known::Latin1:
            return decode_latin1(t, p, n);
        case Known::Ascii:
            return decode_ascii(t, p, n, errors);
        case Known::No:
            break;
    }
    *known = false;
    return {};
}

Ref decode_registered(Thread& t, Value object, const char* encoding, const char* errors) {
    Ref codec = TRY(codec_lookup(t, encoding));
    TRY(check_text_codec(t, codec, encoding, "codecs.decode()"));
    Ref r = TRY(run_codec(t, codec, 1, object, encoding, errors));
    if (is_str(r)) return r;
    return raise(
        t, PyExc_TypeError,
        "'%.400s' decoder returned '%T' instead of 'str'; use codecs.decode() to decode to arbitrary types",
        encoding, r.get());
}

}  // namespace

Ref decode(Thread& t, const char* bytes, size_t n, const char* encoding, const char* errors) {
    TRY(check_codec_names(t, encoding, errors));
    if (n == 0) return Ref::share(empty_str());  // whatever the encoding, even an unknown one
    bool known;
    Ref r = decode_known(t, bytes, n, encoding, errors, &known);
    if (known) return r;
    Ref object = TRY(bytes_from(t, bytes, n));
    return decode_registered(t, object, encoding, errors);
}

Ref bytes_decode(Thread& t, Value object, const char* encoding, const char* errors) {
    TRY(check_codec_names(t, encoding, errors));
    bool known;
    if (has_type(object, &PyBytes_Type)) {
        std::string_view b = bytes_view(object);
        if (b.empty()) return Ref::share(empty_str());
        Ref r = decode_known(t, b.data(), b.size(), encoding, errors, &known);
        if (known) return r;
    } else {
        Buffer b;
        TRY(b.acquire(t, object));
        if (b.size() == 0) return Ref::share(empty_str());
        Ref r = decode_known(t, b.data(), static_cast<size_t>(b.size()), encoding, errors, &known);
        if (known) return r;
    }
    return decode_registered(t, object, encoding, errors);
}

}  // namespace krait
