// TextIOWrapper: text over a buffered binary stream.
#pragma once

#include "modules/io/buffered.h"

namespace krait::io {

// The codecs that are done here, without the objects of the codecs module.
enum class TextCodec : uint8_t { Other, Utf8, Ascii, Latin1 };

struct TextIO : IoObject {
    Value encoding;  // str; first: it is a member by offset
    Value errors;    // str
    Value buffer;
    Value encoder, decoder;  // of TextCodec::Other; empty otherwise
    Value decoded;           // str read and not used up, or empty
    Value snapshot;          // bytes the decoder got since its state was `snapshot_flags`, or empty
    uint64_t snapshot_flags;
    int64_t used;  // characters of `decoded` handed out
    double bytes_per_char;
    int64_t chunk_size;
    char* pending;  // encoded and not written yet
    int64_t pending_size, pending_capacity;
    const char* error_name;     // errors as C text, in `errors`
    const char* write_newline;  // what \n is written as; null: \n
    LineRule rule;
    TextCodec codec;
    bool can_encode, can_decode;
    char partial[8];  // bytes of an unfinished UTF-8 sequence
    uint8_t n_partial;
    bool ok, detached;
    bool line_buffering, write_through;
    bool read_universal, read_translate;
    bool pending_cr;
    uint8_t seen;
    bool seekable, telling, has_read1;
};
inline TextIO* as_text(Value v) { return v.as<TextIO>(); }

Status need_attached(Thread& t, TextIO* x);
Status need_text_open(Thread& t, Value self);  // attached and not closed
Status text_flush_pending(Thread& t, TextIO* x);

// textio_codec.cpp
Status text_check_encoding(Thread& t, Value encoding);  // LookupError when there is none
Status text_set_codec(Thread& t, TextIO* x, Value encoding, Value errors);
Status text_fix_encoder(Thread& t, TextIO* x);  // no byte order mark in the middle of a file
Ref text_decode(Thread& t, TextIO* x, Value bytes, bool final);
Status text_get_state(Thread& t, TextIO* x, Ref& bytes, uint64_t& flags);
Status text_set_state(Thread& t, TextIO* x, Value bytes, uint64_t flags);
Status text_reset_decoder(Thread& t, TextIO* x);
Status text_reset_encoder(Thread& t, TextIO* x, bool at_start);
// bytes of `text`; for what is plain already, *direct is its data and no object is made.
Ref text_encode(Thread& t, TextIO* x, Value text, std::string_view* direct);

// textio_read.cpp
inline void text_forget_decoded(TextIO* x) {
    clear_value(x->decoded);
    x->used = 0;
}
Ref text_read(Thread& t, Value self, const Value* a);
Ref text_readline(Thread& t, Value self, const Value* a);
Ref text_iternext(Thread& t, Value self);
Ref text_tell(Thread& t, Value self);
Ref text_seek(Thread& t, Value self, const Value* args, size_t nargs);

}  // namespace krait::io
