// The module _string: the pieces of str.format for string.Formatter.
#include "builtins/callable.h"
#include "builtins/format_fields.h"
#include "builtins/iterators.h"
#include "builtins/str_internal.h"
#include "builtins/tuple.h"
#include "object/protocol.h"

namespace krait {

namespace {

struct PieceIter {
    PyObject ob_base;
    Value text;
    int64_t at;
};

Type formatter_iterator_type, field_name_iterator_type;

PieceIter* as_iter(Value v) { return v.as<PieceIter>(); }

Ref make_iter(Thread& t, Type& type, Value text, int64_t at) {
    PyObject* o = alloc_raw(t, &type, sizeof(PieceIter));
    if (!o) return {};
    auto* it = reinterpret_cast<PieceIter*>(o);
    incref(text);
    it->text = text;
    it->at = at;
    return Ref::steal(Value(o));
}

void iter_dealloc(Thread& t, PyObject* o) {
    decref(reinterpret_cast<PieceIter*>(o)->text);
    free_object(t, o);
}

// (literal, field name, format spec, conversion); the last three None without a field.
Ref next_piece(Thread& t, Value self) {
    PieceIter* it = as_iter(self);
    FieldReader reader{it->text, it->at, str_length(it->text)};
    FieldReader::Piece piece;
    bool more = TRY(reader.next(t, piece));
    it->at = reader.at;
    if (!more) return {};
    Ref literal = TRY(str_substring(t, it->text, piece.literal_start, piece.literal_stop));
    if (!piece.has_field) return tuple_of(t, {literal, none(), none(), none()});
    Ref name = TRY(str_substring(t, it->text, piece.name_start, piece.name_stop));
    Ref spec = TRY(str_substring(t, it->text, piece.spec_start, piece.spec_stop));
    Ref conversion = piece.conversion ? TRY(str_from_char(t, piece.conversion)) : none_ref();
    return tuple_of(t, {literal, name, spec, conversion});
}

// (is attribute, name or index)
Ref next_part(Thread& t, Value self) {
    PieceIter* it = as_iter(self);
    NameReader reader{it->text, it->at, str_length(it->text)};
    NameReader::Part part;
    bool more = TRY(reader.next(t, part));
    it->at = reader.at;
    if (!more) return {};
    Ref name =
        part.index >= 0 ? Ref::from_int(part.index) : TRY(str_substring(t, it->text, part.start, part.stop));
    return tuple_of(t, {boolean(part.is_attribute), name});
}

Ref formatter_parser(Thread& t, Value, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "expected str, got %#T", text);
    return make_iter(t, formatter_iterator_type, text, 0);
}

Ref formatter_field_name_split(Thread& t, Value, Value text) {
    if (!is_str(text)) return raise(t, PyExc_TypeError, "expected str, got %#T", text);
    int64_t n = str_length(text), stop = first_name_end(text, 0, n);
    int64_t index = TRY(field_index(t, text, 0, stop));
    Ref first = index >= 0 ? Ref::from_int(index) : TRY(str_substring(t, text, 0, stop));
    Ref rest = TRY(make_iter(t, field_name_iterator_type, text, stop));
    return tuple_of(t, {first, rest});
}

const NativeDef functions[] = {
    def<formatter_field_name_split>("formatter_field_name_split", "($self, object, /)",
                                    "Split a field name into its first part and an iterator of the others."),
    def<formatter_parser>("formatter_parser", "($self, object, /)",
                          "Iterate over the pieces of a format string."),
    {},
};

Status exec(Thread& t, Value) {
    static const TypeDecl pieces = {
        .name = "formatteriterator",
        .basicsize = sizeof(PieceIter),
        .flags = kTpDefault,
        .slots = {.dealloc = iter_dealloc, .iter = iter_self, .iternext = next_piece},
    };
    static const TypeDecl parts = {
        .name = "fieldnameiterator",
        .basicsize = sizeof(PieceIter),
        .flags = kTpDefault,
        .slots = {.dealloc = iter_dealloc, .iter = iter_self, .iternext = next_part},
    };
    if (!formatter_iterator_type.tp_name) {
        init_static_type(formatter_iterator_type, pieces);
        init_static_type(field_name_iterator_type, parts);
    }
    TRY(ready_type(t, &formatter_iterator_type));
    return ready_type(t, &field_name_iterator_type);
}

}  // namespace

extern const ModuleSpec module__string = {"_string", "string helper module", functions, exec};

}  // namespace krait
