// ASCII, Latin-1 and character maps: encodings of one byte per character.
#include "builtins/callable.h"
#include "builtins/codec.h"
#include "builtins/codec_charmap.h"
#include "builtins/dict.h"
#include "builtins/number.h"
#include "builtins/str_internal.h"
#include "object/protocol.h"
#include "support/utf8.h"

namespace krait {

// --- ASCII and Latin-1 ---

Ref decode_latin1(Thread& t, const char* s, size_t n) { return str_from_latin1(t, s, n); }

Ref decode_ascii(Thread& t, const char* s, size_t n, const char* errors) {
    size_t ascii = utf8::ascii_prefix({s, n});
    if (ascii == n) return decode_utf8(t, s, n, errors);
    Decoding in(t, "ascii", errors, s, n);
    StrBuilder out(t, static_cast<int64_t>(n));
    for (int64_t pos = 0; pos < in.size();) {
        auto* p = reinterpret_cast<const char*>(in.data()) + pos;
        auto run = static_cast<int64_t>(utf8::ascii_prefix({p, static_cast<size_t>(in.size() - pos)}));
        TRY(out.ascii(p, static_cast<size_t>(run)));
        pos += run;
        if (pos < in.size()) pos = TRY(in.handle(out, pos, pos + 1, "ordinal not in range(128)"));
    }
    return out.finish();
}

namespace {

// Encodes what is below `limit` as itself.
Ref encode_below(Thread& t, Value s, uint32_t limit, const char* encoding, const char* errors) {
    int64_t n = str_length(s);
    const char* reason = limit == 128 ? "ordinal not in range(128)" : "ordinal not in range(256)";
    if (str_limit(s) < limit) return bytes_from(t, str_data(s), static_cast<size_t>(n));
    Encoding in(t, encoding, errors, s);
    BytesBuilder out(t, n);
    for (int64_t pos = 0; pos < n;) {
        uint32_t c = str_char(s, pos);
        if (c < limit) {
            TRY(out.put(static_cast<char>(c)));
            pos++;
            continue;
        }
        int64_t stop = pos + 1;
        while (stop < n && str_char(s, stop) >= limit) stop++;
        Replacement r;
        TRY(in.handle(pos, stop, reason, r));
        if (r.text && is_bytes(r.text)) {
            TRY(out.append(bytes_view(r.text)));
        } else if (r.text) {
            if (str_limit(r.text) >= limit) {
                int64_t m = str_length(r.text);
                for (int64_t i = 0; i < m; i++)
                    if (str_char(r.text, i) >= limit) return in.fail(pos, stop, reason);
            }
            for (int64_t i = 0; i < str_length(r.text); i++)
                TRY(out.put(static_cast<char>(str_char(r.text, i))));
        }
        pos = r.resume;
    }
    return out.finish();
}

}  // namespace

Ref encode_latin1(Thread& t, Value s, const char* errors) {
    return encode_below(t, s, 256, "latin-1", errors);
}
Ref encode_ascii(Thread& t, Value s, const char* errors) { return encode_below(t, s, 128, "ascii", errors); }

// --- character maps: decoding ---

namespace {

constexpr const char* kUndefined = "character maps to <undefined>";

// What the mapping says for a byte: a code point, a str, or neither (undefined).
struct Mapped {
    bool defined = false;
    uint32_t c = 0;
    Ref text;
};

Status map_byte(Thread& t, Value mapping, uint8_t byte, Mapped& out) {
    out = Mapped{};
    if (is_str(mapping)) {
        if (byte >= str_length(mapping)) return Status::ok();
        out.c = str_char(mapping, byte);
        out.defined = out.c != 0xFFFE;
        return Status::ok();
    }
    Ref found = get_item(t, mapping, Value::from_int(byte));
    if (!found) {
        if (!error_is(t, PyExc_LookupError)) return {};
        clear_error(t);
        return Status::ok();
    }
    if (is_none(found)) return Status::ok();
    if (is_long(found)) {
        int64_t c;
        if (!int_to_i64(found, &c)) c = -1;
        if (c == 0xFFFE) return Status::ok();
        if (c < 0 || c > 0x10ffff)
            return raise(t, PyExc_TypeError, "character mapping must be in range(0x%lx)", 0x110000L);
        out.c = static_cast<uint32_t>(c);
        out.defined = true;
        return Status::ok();
    }
    if (!is_str(found))
        return raise(t, PyExc_TypeError, "character mapping must return integer, None or str");
    if (str_length(found) == 1 && str_char(found, 0) == 0xFFFE) return Status::ok();
    out.text = std::move(found);
    out.defined = true;
    return Status::ok();
}

}  // namespace

Ref decode_charmap(Thread& t, const char* s, size_t n, Value mapping, const char* errors) {
    if (!mapping || is_none(mapping)) return decode_latin1(t, s, n);
    Decoding in(t, "charmap", errors, s, n);
    StrBuilder out(t, static_cast<int64_t>(n));
    for (int64_t pos = 0; pos < in.size();) {
        Mapped m;
        TRY(map_byte(t, mapping, in.data()[pos], m));
        if (!m.defined) {
            pos = TRY(in.handle(out, pos, pos + 1, kUndefined));
            continue;
        }
        if (m.text)
            TRY(out.append(m.text));
        else
            TRY(out.put(m.c));
        pos++;
    }
    return out.finish();
}

// --- character maps: encoding ---

namespace {

// What the mapping says for a character: bytes, one byte, or nothing.
struct MappedOut {
    bool defined = false;
    uint8_t byte = 0;
    Ref bytes;
};

Status map_char(Thread& t, Value mapping, uint32_t c, MappedOut& out) {
    out = MappedOut{};
    if (has_type(mapping, &encoding_map_type)) {
        int byte = encoding_map_get(mapping, c);
        out.defined = byte >= 0;
        out.byte = static_cast<uint8_t>(byte);
        return Status::ok();
    }
    Ref found = get_item(t, mapping, Value::from_int(c));
    if (!found) {
        if (!error_is(t, PyExc_LookupError)) return {};
        clear_error(t);
        return Status::ok();
    }
    if (is_none(found)) return Status::ok();
    if (is_long(found)) {
        int64_t b;
        if (!int_to_i64(found, &b) || b < 0 || b > 255)
            return raise(t, PyExc_TypeError, "character mapping must be in range(256)");
        out.byte = static_cast<uint8_t>(b);
        out.defined = true;
        return Status::ok();
    }
    if (!is_bytes(found))
        return raise(t, PyExc_TypeError, "character mapping must return integer, bytes or None, not %T",
                     found.get());
    out.bytes = std::move(found);
    out.defined = true;
    return Status::ok();
}

Status put_mapped(BytesBuilder& out, const MappedOut& m) {
    if (m.bytes) return out.append(bytes_view(m.bytes));
    return out.put(static_cast<char>(m.byte));
}

}  // namespace

Ref encode_charmap(Thread& t, Value s, Value mapping, const char* errors) {
    if (!mapping || is_none(mapping)) return encode_latin1(t, s, errors);
    int64_t n = str_length(s);
    Encoding in(t, "charmap", errors, s);
    BytesBuilder out(t, n);
    for (int64_t pos = 0; pos < n;) {
        MappedOut m;
        TRY(map_char(t, mapping, str_char(s, pos), m));
        if (m.defined) {
            TRY(put_mapped(out, m));
            pos++;
            continue;
        }
        int64_t stop = pos + 1;
        for (; stop < n; stop++) {
            TRY(map_char(t, mapping, str_char(s, stop), m));
            if (m.defined) break;
        }
        Replacement r;
        TRY(in.handle(pos, stop, kUndefined, r));
        if (r.text && is_bytes(r.text)) {
            TRY(out.append(bytes_view(r.text)));
        } else if (r.text) {
            for (int64_t i = 0; i < str_length(r.text); i++) {
                TRY(map_char(t, mapping, str_char(r.text, i), m));
                if (!m.defined) return in.fail(pos, stop, kUndefined);
                TRY(put_mapped(out, m));
            }
        }
        pos = r.resume;
    }
    return out.finish();
}

// --- EncodingMap ---

// The inverse of a decoding table of 256 characters in three levels: 5, 4 and 7 bits of the character. Level
// entries of 0xFF are absent; byte 0 belongs to U+0000 alone.
struct EncodingMapObject {
    PyObject ob_base;
    uint8_t level1[32];
    int count2, count3;
    uint8_t level23[1];
};

Type encoding_map_type;

int encoding_map_get(Value map, uint32_t c) {
    auto* m = map.as<EncodingMapObject>();
    if (c > 0xFFFF) return -1;
    if (c == 0) return 0;
    int i = m->level1[c >> 11];
    if (i == 0xFF) return -1;
    i = m->level23[16 * i + (c >> 7 & 15)];
    if (i == 0xFF) return -1;
    i = m->level23[16 * m->count2 + 128 * i + (c & 127)];
    return i == 0 ? -1 : i;
}

namespace {

Ref build_dict(Thread& t, Value map) {
    Ref dict = TRY(dict_new(t));
    for (int64_t i = 0; i < str_length(map) && i < 256; i++)
        TRY(dict_set(t, dict, Value::from_int(str_char(map, i)), Value::from_int(i)));
    return dict;
}

Ref encoding_map_size(Thread&, Value self) {
    auto* m = self.as<EncodingMapObject>();
    return Ref::from_int(static_cast<int64_t>(sizeof(EncodingMapObject)) - 1 + 16 * m->count2 +
                         128 * m->count3);
}

}  // namespace

Ref charmap_build(Thread& t, Value map) {
    int64_t n = str_length(map);
    bool as_dict = n != 256 || str_char(map, 0) != 0;
    uint8_t level1[32], level2[512];
    memset(level1, 0xFF, sizeof level1);
    memset(level2, 0xFF, sizeof level2);
    int count2 = 0, count3 = 0;
    for (int64_t i = 1; i < n && !as_dict; i++) {
        uint32_t c = str_char(map, i);
        if (c == 0 || c > 0xFFFF) as_dict = true;
        if (c == 0xFFFE || as_dict) continue;
        if (level1[c >> 11] == 0xFF) level1[c >> 11] = static_cast<uint8_t>(count2++);
        if (level2[c >> 7] == 0xFF) level2[c >> 7] = static_cast<uint8_t>(count3++);
    }
    if (as_dict || count2 >= 0xFF || count3 >= 0xFF) return build_dict(t, map);
    size_t size = offsetof(EncodingMapObject, level23) + static_cast<size_t>(16 * count2 + 128 * count3);
    PyObject* o = alloc_raw(t, &encoding_map_type, size);
    if (!o) return {};
    auto* m = reinterpret_cast<EncodingMapObject*>(o);
    memcpy(m->level1, level1, sizeof level1);
    m->count2 = count2;
    m->count3 = count3;
    memset(m->level23, 0xFF, static_cast<size_t>(16 * count2));
    memset(m->level23 + 16 * count2, 0, static_cast<size_t>(128 * count3));
    count3 = 0;
    for (int64_t i = 1; i < 256; i++) {
        uint32_t c = str_char(map, i);
        if (c == 0xFFFE) continue;
        int at2 = 16 * level1[c >> 11] + static_cast<int>(c >> 7 & 15);
        if (m->level23[at2] == 0xFF) m->level23[at2] = static_cast<uint8_t>(count3++);
        m->level23[16 * count2 + 128 * m->level23[at2] + static_cast<int>(c & 127)] = static_cast<uint8_t>(i);
    }
    return Ref::steal(Value(o));
}

Status init_builtin_encoding_map(Thread& t) {
    static const NativeDef methods[] = {
        def<encoding_map_size>("size", "()", "The size (in bytes) of this object.", kMethNoSignature),
        {},
    };
    static const TypeDecl decl = {
        .name = "EncodingMap",
        .basicsize = sizeof(EncodingMapObject),
        .flags = kTpDefault | kTpDisallowInstantiation,
        .slots = {.dealloc = free_object},
        .spec = {.methods = methods},
    };
    init_static_type(encoding_map_type, decl);
    return ready_type(t, &encoding_map_type);
}

}  // namespace krait
