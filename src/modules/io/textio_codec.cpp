// What TextIOWrapper asks of codecs: UTF-8, ASCII and Latin-1 at first hand, others through their incremental
// objects; the handling of line ends lies over both.
#include <cstring>

#include "builtins/codec.h"
#include "modules/io/textio.h"

namespace krait::io {

namespace {

// "UTF-8", "utf_8", "U8" and so on.
TextCodec known_codec(std::string_view name) {
    char n[16];
    size_t k = 0;
    for (char c : name) {
        if (c == '-' || c == '_' || c == ' ') continue;
        if (k == sizeof n - 1) return TextCodec::Other;
        n[k++] = c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    }
    std::string_view s(n, k);
    for (const char* u : {"utf8", "u8", "utf"})
        if (s == u) return TextCodec::Utf8;
    for (const char* a : {"ascii", "usascii", "646", "ansix3.41968"})
        if (s == a) return TextCodec::Ascii;
    for (const char* l : {"latin1", "iso88591", "8859", "iso8859", "latin", "l1"})
        if (s == l) return TextCodec::Latin1;
    return TextCodec::Other;
}

// The codec of an encoding that is not known here.
Ref lookup_codec(Thread& t, const char* encoding) {
    Ref info = TRY(codec_lookup(t, encoding));
    Ref is_text = TRY(lookup_attr(t, info, ID(_is_text_encoding)));
    if (is_text && !TRY(is_true(t, is_text)))
        return raise(t, PyExc_LookupError, "'%.400s' is not a text encoding", encoding);
    return info;
}

Status make_codec_objects(Thread& t, TextIO* x, const char* encoding) {
    Ref info = TRY(lookup_codec(t, encoding));
    if (x->can_decode) {
        Ref make = TRY(get_attr(t, info, IO(incrementaldecoder)));
        Ref d = TRY(call(t, make, {x->errors}));
        set_value(x->decoder, std::move(d));
    }
    if (x->can_encode) {
        Ref make = TRY(get_attr(t, info, IO(incrementalencoder)));
        Ref e = TRY(call(t, make, {x->errors}));
        set_value(x->encoder, std::move(e));
    }
    return Status::ok();
}

Ref decode_known(Thread& t, TextIO* x, const char* p, int64_t n, bool final) {
    switch (x->codec) {
        case TextCodec::Latin1:
            return decode_latin1(t, p, static_cast<size_t>(n));
        case TextCodec::Ascii:
            return decode_ascii(t, p, static_cast<size_t>(n), x->error_name);
        default:
            break;
    }
    Ref joined;
    if (x->n_partial) {
        joined = TRY(bytes_new(t, n + x->n_partial));
        memcpy(bytes_data(joined), x->partial, x->n_partial);
        memcpy(bytes_data(joined) + x->n_partial, p, static_cast<size_t>(n));
        p = bytes_data(joined);
        n = bytes_size(joined);
    }
    int64_t consumed = n;
    Ref text = TRY(decode_utf8(t, p, static_cast<size_t>(n), x->error_name, final ? nullptr : &consumed));
    int64_t left = final ? 0 : n - consumed;
    if (left > static_cast<int64_t>(sizeof x->partial)) left = 0;
    memcpy(x->partial, p + consumed, static_cast<size_t>(left));
    x->n_partial = static_cast<uint8_t>(left);
    return text;
}

}  // namespace

Status text_check_encoding(Thread& t, Value encoding) {
    std::string_view name = TRY(str_utf8(t, encoding));
    if (known_codec(name) == TextCodec::Other) TRY_DISCARD(lookup_codec(t, name.data()));
    return Status::ok();
}

Status text_set_codec(Thread& t, TextIO* x, Value encoding, Value errors) {
    std::string_view name = TRY(str_utf8(t, encoding)), error_name = TRY(str_utf8(t, errors));
    Ref enc = Ref::share(encoding), err = Ref::share(errors);
    TextCodec codec = known_codec(name);
    clear_value(x->encoder);
    clear_value(x->decoder);
    x->n_partial = 0;
    set_value(x->errors, std::move(err));
    x->error_name = error_name.data();
    if (codec == TextCodec::Other) TRY(make_codec_objects(t, x, name.data()));
    x->codec = codec;
    set_value(x->encoding, std::move(enc));
    return Status::ok();
}

Status text_fix_encoder(Thread& t, TextIO* x) {
    if (!x->seekable || !x->encoder) return Status::ok();
    Ref at = TRY(call_method(t, x->buffer, IO(tell)));
    if (TRY(equal(t, at, Value::from_int(0)))) return Status::ok();
    return text_reset_encoder(t, x, false);
}

Ref text_decode(Thread& t, TextIO* x, Value bytes, bool final) {
    Ref text;
    if (x->codec == TextCodec::Other) {
        Ref decoder = Ref::share(x->decoder);
        text = TRY(call_method(t, decoder, ID(decode), {bytes, boolean(final)}));
        if (!is_str(text))
            return raise(t, PyExc_TypeError, "decoder should return a string result, not '%.200s'",
                         type_of(text)->tp_name);
    } else if (has_type(bytes, &PyBytes_Type)) {
        text = TRY(decode_known(t, x, bytes_data(bytes), bytes_size(bytes), final));
    } else {
        if (is_str(bytes)) return raise(t, PyExc_TypeError, "can't concat str to bytes");
        Buffer in;
        TRY(in.acquire(t, bytes));
        text = TRY(decode_known(t, x, in.data(), in.size(), final));
    }
    if (!x->read_universal) return text;
    return newline_apply(t, std::move(text), x->read_translate, final, x->pending_cr, x->seen);
}

Status text_get_state(Thread& t, TextIO* x, Ref& bytes, uint64_t& flags) {
    flags = 0;
    if (x->codec == TextCodec::Other) {
        Ref decoder = Ref::share(x->decoder);
        Ref state = TRY(call_method(t, decoder, IO(getstate)));
        if (!is_tuple(state)) return raise(t, PyExc_TypeError, "illegal decoder state");
        if (tuple_size(state) != 2 || !is_long(tuple_get(state, 1)))
            return raise(t, PyExc_TypeError, "illegal decoder state");
        if (!is_bytes(tuple_get(state, 0)))
            return raise(t, PyExc_TypeError,
                         "illegal decoder state: the first item should be a bytes object, not '%.200s'",
                         type_of(tuple_get(state, 0))->tp_name);
        bytes = Ref::share(tuple_get(state, 0));
        flags = int_to_u64_wrapping(tuple_get(state, 1));
    } else {
        bytes = TRY(bytes_from(t, x->partial, x->n_partial));
    }
    if (x->read_universal) flags = flags << 1 | x->pending_cr;
    return Status::ok();
}

Status text_set_state(Thread& t, TextIO* x, Value bytes, uint64_t flags) {
    if (x->read_universal) {
        x->pending_cr = flags & 1;
        flags >>= 1;
    }
    if (x->codec == TextCodec::Other) {
        Ref decoder = Ref::share(x->decoder), number = TRY(int_from_u64(t, flags));
        Ref state = TRY(tuple_of(t, {bytes, number}));
        TRY_DISCARD(call_method(t, decoder, IO(setstate), {state}));
        return Status::ok();
    }
    x->n_partial = static_cast<uint8_t>(bytes_size(bytes) < 8 ? bytes_size(bytes) : 0);
    memcpy(x->partial, bytes_data(bytes), x->n_partial);
    return Status::ok();
}

Status text_reset_decoder(Thread& t, TextIO* x) {
    x->n_partial = 0;
    x->pending_cr = false;
    x->seen = 0;
    if (!x->decoder) return Status::ok();
    Ref decoder = Ref::share(x->decoder);
    TRY_DISCARD(call_method(t, decoder, IO(reset)));
    return Status::ok();
}

Status text_reset_encoder(Thread& t, TextIO* x, bool at_start) {
    if (!x->encoder) return Status::ok();
    Ref encoder = Ref::share(x->encoder);
    if (at_start)
        TRY_DISCARD(call_method(t, encoder, IO(reset)));
    else
        TRY_DISCARD(call_method(t, encoder, IO(setstate), {Value::from_int(0)}));
    return Status::ok();
}

Ref text_encode(Thread& t, TextIO* x, Value text, std::string_view* direct) {
    bool as_is = str_is_ascii(text) || (x->codec == TextCodec::Latin1 && str_kind(text) == kStr1);
    switch (x->codec) {
        case TextCodec::Other: {
            Ref encoder = Ref::share(x->encoder);
            Ref b = TRY(call_method(t, encoder, ID(encode), {text}));
            if (!is_bytes(b))
                return raise(t, PyExc_TypeError, "encoder should return a bytes object, not '%.200s'",
                             type_of(b)->tp_name);
            return b;
        }
        default:
            break;
    }
    if (as_is) {
        *direct = {static_cast<const char*>(str_data(text)), static_cast<size_t>(str_length(text))};
        return Ref::share(text);
    }
    if (x->codec == TextCodec::Utf8) return encode_utf8(t, text, x->error_name);
    if (x->codec == TextCodec::Ascii) return encode_ascii(t, text, x->error_name);
    return encode_latin1(t, text, x->error_name);
}

}  // namespace krait::io
