// The type xmlparser.
#include <climits>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/str_methods.h"
#include "modules/pyexpat/pyexpat.h"
#include "object/per_interpreter.h"

namespace krait::pyexpat {

PER_INTERPRETER State g_state;
namespace {
void forget_state(Thread&) {
    put_owned(g_state.error, Ref());
    put_owned(g_state.parser_type, Ref());
}
AT_INTERPRETER_END(forget_state)
}  // namespace

namespace {

constexpr int kFirstBufferSize = 8192;
constexpr int64_t kChunk = 1 << 20;
constexpr int kReadSize = 2048;

const char* const kMoreErrors[] = {
    // what older libraries do not know, by code
    "out of memory",
    "syntax error",
    "no element found",
    "not well-formed (invalid token)",
    "unclosed token",
    "partial character",
    "mismatched tag",
    "duplicate attribute",
    "junk after document element",
    "illegal parameter entity reference",
    "undefined entity",
    "recursive entity reference",
    "asynchronous entity",
    "reference to invalid character number",
    "reference to binary entity",
    "reference to external entity in attribute",
    "XML or text declaration not at start of entity",
    "unknown encoding",
    "encoding specified in XML declaration is incorrect",
    "unclosed CDATA section",
    "error in processing external entity reference",
    "document is not standalone",
    "unexpected parser state - please send a bug report",
    "entity declared in parameter entity",
    "requested feature requires XML_DTD support in Expat",
    "cannot change setting once parsing has begun",
    "unbound prefix",
    "must not undeclare prefix",
    "incomplete markup in parameter entity",
    "XML declaration not well-formed",
    "text declaration not well-formed",
    "illegal character(s) in public id",
    "parser suspended",
    "parser not suspended",
    "parsing aborted",
    "parsing finished",
    "cannot suspend in external parameter entity",
    "reserved prefix (xml) must not be undeclared or bound to another namespace name",
    "reserved prefix (xmlns) must not be declared or undeclared",
    "prefix must not be bound to one of the reserved namespace names",
    "invalid argument",
    "a successful prior call to function XML_GetBuffer was required",
    "limit on input amplification factor (from DTD and entities) breached",
    "parser not started",
};

// --- life ---

void release_expat(Parser* p) {
    XML_Parser expat = p->expat;
    p->expat = nullptr;
    if (expat) XML_ParserFree(expat);
    mem_free(p->buffer);
    p->buffer = nullptr;
}
void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* p = reinterpret_cast<Parser*>(o);
    release_expat(p);
    drop_handlers(p, false);
    put_owned(p->intern, Ref());
    put_owned(p->parent, Ref());
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& v) {
    auto* p = reinterpret_cast<Parser*>(o);
    for (Value h : p->handlers) v.visit(h);
    v.visit(p->intern);
    v.visit(p->parent);
}
// The parent stays: expat reads it when this parser is freed.
void clear(Thread&, PyObject* o) {
    auto* p = reinterpret_cast<Parser*>(o);
    if (p->expat) drop_handlers(p, true);
    put_owned(p->intern, Ref());
}

Ref new_object(Thread& t) {
    Ref self = TRY(alloc(t, g_state.parser_type.as<PyTypeObject>()));
    as_parser(self)->buffer_size = kFirstBufferSize;
    return self;
}

// --- parsing ---

Status not_in_callback(Thread& t, Parser* p, const char* method) {
    if (p->in_callback) return raise(t, PyExc_RuntimeError, "cannot call %s() from within a handler", method);
    return Status::ok();
}

Ref parse_result(Thread& t, Parser* p, int status) {
    if (occurred(t)) return {};
    if (status == XML_STATUS_ERROR) return raise_expat_error(t, p, XML_GetErrorCode(p->expat), nullptr);
    TRY(flush_text(t, p));
    return Ref::from_int(status);
}

Ref parse_data(Thread& t, Parser* p, const char* data, int64_t n, bool final) {
    Ref keep = Ref::share(Value(&p->ob_base));
    int status;
    for (; n > kChunk; data += kChunk, n -= kChunk) {
        status = XML_Parse(p->expat, data, static_cast<int>(kChunk), 0);
        if (status == XML_STATUS_ERROR) return parse_result(t, p, status);
    }
    status = XML_Parse(p->expat, data, static_cast<int>(n), final);
    return parse_result(t, p, status);
}

Ref m_parse(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "xmlparser.Parse", kwnames));
    if (n < 1) return raise(t, PyExc_TypeError, "Parse() takes at least 1 positional argument (0 given)");
    if (n > 2) return raise(t, PyExc_TypeError, "Parse() takes at most 2 arguments (%zu given)", n);
    Parser* p = as_parser(self);
    bool final = n > 1 ? TRY(is_true(t, a[1])) : false;
    TRY(not_in_callback(t, p, "Parse"));
    if (is_str(a[0])) {
        std::string_view text = TRY(str_utf8(t, a[0]));
        XML_SetEncoding(p->expat, "utf-8");  // whatever the text says of itself
        return parse_data(t, p, text.data(), static_cast<int64_t>(text.size()), final);
    }
    Buffer buffer;
    TRY(buffer.acquire(t, a[0]));
    return parse_data(t, p, buffer.data(), buffer.size(), final);
}

// A piece of the file as a bytes or bytearray.
Ref read_piece(Thread& t, Value read) {
    Ref data = TRY(call(t, read, {Value::from_int(kReadSize)}));
    int64_t n;
    if (is_bytes(data))
        n = bytes_size(data);
    else if (is_bytearray(data))
        n = bytearray_size(data);
    else
        return raise(t, PyExc_TypeError, "read() did not return a bytes object (type=%.400s)",
                     type_of(data)->tp_name);
    if (n > kReadSize)
        return raise(t, PyExc_ValueError, "read() returned too much data: %i bytes requested, %zd returned",
                     kReadSize, n);
    return data;
}

Ref m_parse_file(Thread& t, Value self, Value file) {
    Parser* p = as_parser(self);
    TRY(not_in_callback(t, p, "ParseFile"));
    Ref read = TRY(lookup_attr(t, file, ID(read)));
    if (!read) return raise(t, PyExc_TypeError, "argument must have 'read' attribute");
    for (;;) {
        Ref data = TRY(read_piece(t, read));
        int64_t n = is_bytes(data) ? bytes_size(data) : bytearray_size(data);
        // Only now, as read() may have used the parser.
        void* place = XML_GetBuffer(p->expat, kReadSize);
        if (!place) return parse_result(t, p, XML_STATUS_ERROR);
        memcpy(place, is_bytes(data) ? bytes_data(data) : bytearray_data(data), static_cast<size_t>(n));
        int status = XML_ParseBuffer(p->expat, static_cast<int>(n), n == 0);
        if (status == XML_STATUS_ERROR || n == 0 || occurred(t)) return parse_result(t, p, status);
    }
}

// --- other methods ---

Ref m_set_base(Thread& t, Value self, Value base) {
    if (is_none(base) || !is_str(base))
        return raise(t, PyExc_TypeError, "SetBase() argument must be str, not %s",
                     is_none(base) ? "None" : type_of(base)->tp_name);
    const char* text = TRY(c_string_arg(t, "SetBase", "base", base));
    if (!XML_SetBase(as_parser(self)->expat, text)) return raise_no_memory(t);
    return none_ref();
}
Ref m_get_base(Thread& t, Value self) {
    const XML_Char* base = XML_GetBase(as_parser(self)->expat);
    return base ? str_from(t, base) : none_ref();
}
Ref m_get_input_context(Thread& t, Value self) {
    Parser* p = as_parser(self);
    if (!p->in_callback) return none_ref();
    int offset, size;
    const char* buffer = XML_GetInputContext(p->expat, &offset, &size);
    return buffer ? bytes_from(t, buffer + offset, static_cast<size_t>(size - offset)) : none_ref();
}

Result<const char*> text_argument(Thread& t, const char* fname, int position, Value v, bool or_none) {
    if (or_none && is_none(v)) return static_cast<const char*>(nullptr);
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s() argument %d must be str%s, not %s", fname, position,
                     or_none ? " or None" : "", is_none(v) ? "None" : type_of(v)->tp_name);
    return c_string_arg(t, fname, "", v);
}

Ref m_external_parser(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    constexpr const char* kName = "ExternalEntityParserCreate";
    TRY(no_kwargs(t, "xmlparser.ExternalEntityParserCreate", kwnames));
    if (n < 1) return raise(t, PyExc_TypeError, "%s() takes at least 1 positional argument (0 given)", kName);
    if (n > 2) return raise(t, PyExc_TypeError, "%s() takes at most 2 arguments (%zu given)", kName, n);
    const char* context = TRY(text_argument(t, kName, 1, a[0], true));
    const char* encoding = n > 1 ? TRY(text_argument(t, kName, 2, a[1], false)) : nullptr;
    Parser* p = as_parser(self);
    Ref made = TRY(new_object(t));
    Parser* child = as_parser(made);
    child->expat = XML_ExternalEntityParserCreate(p->expat, context, encoding);
    if (!child->expat) return raise_no_memory(t);
    child->parent = Ref::share(self).release();
    child->buffer_size = p->buffer_size;
    child->ordered_attributes = p->ordered_attributes;
    child->specified_attributes = p->specified_attributes;
    child->namespace_prefixes = p->namespace_prefixes;
    child->reparse_deferral = p->reparse_deferral;
    child->intern = Ref::share(p->intern).release();
    if (p->buffer) {
        child->buffer = static_cast<char*>(mem_alloc(static_cast<size_t>(child->buffer_size)));
        if (!child->buffer) return raise_no_memory(t);
    }
    XML_SetUserData(child->expat, child);
    for (int i = 0; i < kHandlers; i++)
        if (p->handlers[i]) {
            child->handlers[i] = Ref::share(p->handlers[i]).release();
            install_handler(child, i, true);
        }
    return made;
}

Ref m_set_param_entity_parsing(Thread& t, Value self, Value flag) {
    int mode = TRY(as_int32(t, flag));
    return Ref::from_int(
        XML_SetParamEntityParsing(as_parser(self)->expat, static_cast<XML_ParamEntityParsing>(mode)));
}
Ref m_use_foreign_dtd(Thread& t, Value self, const Value* a, size_t n, Value kwnames) {
    TRY(no_kwargs(t, "xmlparser.UseForeignDTD", kwnames));
    if (n > 1) return raise(t, PyExc_TypeError, "UseForeignDTD() takes at most 1 argument (%zu given)", n);
    bool flag = n ? TRY(is_true(t, a[0])) : true;
    XML_Error code = XML_UseForeignDTD(as_parser(self)->expat, flag);
    if (code != XML_ERROR_NONE) return raise_expat_error(t, as_parser(self), code, nullptr);
    return none_ref();
}

// Limits against input that grows beyond measure. They are settings of a parser without a parent.
Result<unsigned long long> threshold_argument(Thread& t, Value v) {
    Ref n = TRY(index(t, v));
    if (int_sign(n) < 0) return raise(t, PyExc_ValueError, "Cannot convert negative int");
    uint64_t r;
    if (!int_to_u64(n, &r))
        return raise(t, PyExc_OverflowError, "Python int too large for C unsigned long long");
    return static_cast<unsigned long long>(r);
}
Ref threshold_set(Thread& t, Value self, XML_Bool ok) {
    if (ok) return none_ref();
    return raise_expat_error(t, as_parser(self), XML_ERROR_INVALID_ARGUMENT, "parser must be a root parser");
}
Ref amplification_set(Thread& t, Value self, double factor, XML_Bool ok) {
    if (ok) return none_ref();
    return raise_expat_error(
        t, as_parser(self), XML_ERROR_INVALID_ARGUMENT,
        factor >= 1.0 ? "parser must be a root parser" : "'max_factor' must be at least 1.0");
}
Ref m_set_blap_threshold(Thread& t, Value self, Value v) {
    unsigned long long n = TRY(threshold_argument(t, v));
    return threshold_set(t, self,
                         XML_SetBillionLaughsAttackProtectionActivationThreshold(as_parser(self)->expat, n));
}
Ref m_set_blap_amplification(Thread& t, Value self, Value v) {
    double d = TRY(as_double(t, v));
    return amplification_set(t, self, d,
                             XML_SetBillionLaughsAttackProtectionMaximumAmplification(as_parser(self)->expat,
                                                                                      static_cast<float>(d)));
}
Ref m_set_alloc_threshold(Thread& t, Value self, Value v) {
    unsigned long long n = TRY(threshold_argument(t, v));
    return threshold_set(t, self, g_state.set_alloc_threshold(as_parser(self)->expat, n));
}
Ref m_set_alloc_amplification(Thread& t, Value self, Value v) {
    double d = TRY(as_double(t, v));
    return amplification_set(t, self, d,
                             g_state.set_alloc_amplification(as_parser(self)->expat, static_cast<float>(d)));
}
// Expat does not tell its setting: it is kept beside it.
Ref m_set_reparse_deferral(Thread& t, Value self, Value v) {
    bool on = TRY(is_true(t, v));
    Parser* p = as_parser(self);
    if (g_state.set_reparse_deferral && g_state.set_reparse_deferral(p->expat, on)) p->reparse_deferral = on;
    return none_ref();
}
Ref m_get_reparse_deferral(Thread&, Value self) { return bool_ref(as_parser(self)->reparse_deferral); }

// --- attributes ---

Raised cannot_delete(Thread& t) { return raise(t, PyExc_RuntimeError, "Cannot delete attribute"); }

Ref get_handler(Thread&, Value self, void* which) {
    Value h = as_parser(self)->handlers[reinterpret_cast<intptr_t>(which)];
    return h ? Ref::share(h) : none_ref();
}
Status set_handler(Thread& t, Value self, Value v, void* closure) {
    if (!v) return cannot_delete(t);
    Parser* p = as_parser(self);
    auto which = static_cast<int>(reinterpret_cast<intptr_t>(closure));
    // What was held back belongs to the old handler.
    if (which == kCharacterData) TRY(flush_text(t, p));
    bool on = !is_none(v);
    put_owned(p->handlers[which], on ? Ref::share(v) : Ref());
    // Taken out by itself: expat must not go over to the default handler in the middle of a text.
    if (!on && which == kCharacterData && p->in_callback)
        ignore_character_data(p);
    else
        install_handler(p, which, on);
    return Status::ok();
}

enum Number : intptr_t { kErrorCode, kLine, kColumn, kByteIndex };
Ref get_number(Thread& t, Value self, void* which) {
    XML_Parser x = as_parser(self)->expat;
    switch (static_cast<Number>(reinterpret_cast<intptr_t>(which))) {
        case kErrorCode:
            return int_from(t, XML_GetErrorCode(x));
        case kLine:
            return int_from(t, static_cast<int64_t>(XML_GetCurrentLineNumber(x)));
        case kColumn:
            return int_from(t, static_cast<int64_t>(XML_GetCurrentColumnNumber(x)));
        default:
            return int_from(t, XML_GetCurrentByteIndex(x));
    }
}

Ref get_buffer_text(Thread&, Value self, void*) { return bool_ref(as_parser(self)->buffer != nullptr); }
Status set_buffer_text(Thread& t, Value self, Value v, void*) {
    if (!v) return cannot_delete(t);
    bool on = TRY(is_true(t, v));
    Parser* p = as_parser(self);
    if (on && !p->buffer) {
        p->buffer = static_cast<char*>(mem_alloc(static_cast<size_t>(p->buffer_size)));
        if (!p->buffer) return raise_no_memory(t);
        p->buffer_used = 0;
    } else if (!on && p->buffer) {
        TRY(flush_text(t, p));
        mem_free(p->buffer);
        p->buffer = nullptr;
    }
    return Status::ok();
}
Ref get_buffer_size(Thread& t, Value self, void*) { return int_from(t, as_parser(self)->buffer_size); }
Status set_buffer_size(Thread& t, Value self, Value v, void*) {
    if (!v) return cannot_delete(t);
    if (!is_long(v)) return raise(t, PyExc_TypeError, "buffer_size must be an integer");
    int64_t n = TRY(as_int64(t, v));
    if (n <= 0) return raise(t, PyExc_ValueError, "buffer_size must be greater than zero");
    if (n > INT_MAX) return raise(t, PyExc_ValueError, "buffer_size must not be greater than %i", INT_MAX);
    Parser* p = as_parser(self);
    if (n == p->buffer_size) return Status::ok();
    TRY(flush_text(t, p));
    // A new size switches buffering on, too.
    auto* fresh = static_cast<char*>(mem_alloc(static_cast<size_t>(n)));
    if (!fresh) return raise_no_memory(t);
    mem_free(p->buffer);
    p->buffer = fresh;
    p->buffer_used = 0;
    p->buffer_size = static_cast<int>(n);
    return Status::ok();
}
Ref get_buffer_used(Thread& t, Value self, void*) { return int_from(t, as_parser(self)->buffer_used); }

template <bool Parser::* Flag>
Ref get_flag(Thread&, Value self, void*) {
    return bool_ref(as_parser(self)->*Flag);
}
template <bool Parser::* Flag>
Status set_flag(Thread& t, Value self, Value v, void*) {
    if (!v) return cannot_delete(t);
    bool on = TRY(is_true(t, v));
    as_parser(self)->*Flag = on;
    if constexpr (Flag == &Parser::namespace_prefixes) XML_SetReturnNSTriplet(as_parser(self)->expat, on);
    return Status::ok();
}

GetSetDef number(const char* name, Number which) {
    return getset(name, get_number, nullptr, nullptr, reinterpret_cast<void*>(which));
}
GetSetDef handler(const char* name, int which) {
    return getset(name, get_handler, set_handler, nullptr,
                  reinterpret_cast<void*>(static_cast<intptr_t>(which)));
}
const GetSetDef attributes[] = {
    number("ErrorCode", kErrorCode),
    number("ErrorLineNumber", kLine),
    number("ErrorColumnNumber", kColumn),
    number("ErrorByteIndex", kByteIndex),
    number("CurrentLineNumber", kLine),
    number("CurrentColumnNumber", kColumn),
    number("CurrentByteIndex", kByteIndex),
    getset("buffer_size", get_buffer_size, set_buffer_size, nullptr),
    getset("buffer_text", get_buffer_text, set_buffer_text, nullptr),
    getset("buffer_used", get_buffer_used, nullptr, nullptr),
    getset("namespace_prefixes", get_flag<&Parser::namespace_prefixes>, set_flag<&Parser::namespace_prefixes>,
           nullptr),
    getset("ordered_attributes", get_flag<&Parser::ordered_attributes>, set_flag<&Parser::ordered_attributes>,
           nullptr),
    getset("specified_attributes", get_flag<&Parser::specified_attributes>,
           set_flag<&Parser::specified_attributes>, nullptr),
    handler("StartElementHandler", kStartElement),
    handler("EndElementHandler", kEndElement),
    handler("ProcessingInstructionHandler", kProcessingInstruction),
    handler("CharacterDataHandler", kCharacterData),
    handler("UnparsedEntityDeclHandler", kUnparsedEntityDecl),
    handler("NotationDeclHandler", kNotationDecl),
    handler("StartNamespaceDeclHandler", kStartNamespaceDecl),
    handler("EndNamespaceDeclHandler", kEndNamespaceDecl),
    handler("CommentHandler", kComment),
    handler("StartCdataSectionHandler", kStartCdataSection),
    handler("EndCdataSectionHandler", kEndCdataSection),
    handler("DefaultHandler", kDefault),
    handler("DefaultHandlerExpand", kDefaultHandlerExpand),
    handler("NotStandaloneHandler", kNotStandalone),
    handler("ExternalEntityRefHandler", kExternalEntityRef),
    handler("StartDoctypeDeclHandler", kStartDoctypeDecl),
    handler("EndDoctypeDeclHandler", kEndDoctypeDecl),
    handler("EntityDeclHandler", kEntityDecl),
    handler("XmlDeclHandler", kXmlDecl),
    handler("ElementDeclHandler", kElementDecl),
    handler("AttlistDeclHandler", kAttlistDecl),
    handler("SkippedEntityHandler", kSkippedEntity),
    {},
};
const MemberDef members[] = {
    member("intern", MemberKind::Object, offsetof(Parser, intern), kReadonly, nullptr),
    {},
};

const NativeDef alloc_threshold_def =
    def<m_set_alloc_threshold>("SetAllocTrackerActivationThreshold", "(threshold, /)",
                               "How many bytes of memory may be allocated before the growth is looked at.");
const NativeDef alloc_amplification_def =
    def<m_set_alloc_amplification>("SetAllocTrackerMaximumAmplification", "(max_factor, /)",
                                   "How many bytes of memory are allowed for a byte of input. At least 1.0.");
const NativeDef methods[] = {
    def<m_parse>("Parse", "(data, isfinal=False, /)",
                 "Parse a piece of a document, bytes or text. `isfinal` has to be true for the last piece."),
    def<m_parse_file>("ParseFile", "(file, /)", "Parse what read() of a binary file gives."),
    def<m_set_base>("SetBase", "(base, /)", "Set the base URL."),
    def<m_get_base>("GetBase", "()", "The base URL."),
    def<m_get_input_context>("GetInputContext", "()",
                             "The input that led to the current event, as bytes, in its own encoding."),
    def<m_external_parser>("ExternalEntityParserCreate",
                           "(context, encoding=<unrepresentable>,\n                           /)",
                           "A parser for an external entity, from what its handler was called with."),
    def<m_set_param_entity_parsing>(
        "SetParamEntityParsing", "(flag, /)",
        "Whether parameter entities are parsed: one of the XML_PARAM_ENTITY_PARSING_* "
        "values. True if it could be set."),
    def<m_use_foreign_dtd>(
        "UseForeignDTD", "(flag=True, /)",
        "Let the application provide an external subset where the document names none. Before "
        "parsing only."),
    def<m_set_blap_threshold>("SetBillionLaughsAttackProtectionActivationThreshold", "(threshold, /)",
                              "How many bytes of output there may be before the growth is looked at."),
    def<m_set_blap_amplification>("SetBillionLaughsAttackProtectionMaximumAmplification",
                                  "(max_factor,\n                                                     /)",
                                  "How many bytes of output are allowed for a byte of input. At least 1.0."),
    def<m_set_reparse_deferral>(
        "SetReparseDeferralEnabled", "(enabled, /)",
        "Whether an unfinished token waits for more input before it is looked at again."),
    def<m_get_reparse_deferral>("GetReparseDeferralEnabled", "()",
                                "Whether unfinished tokens wait; never with an expat before 2.6."),
    {},
};

}  // namespace

const char* error_text(int code) {
    if (code <= 0) return nullptr;
    if (const XML_LChar* s = XML_ErrorString(static_cast<XML_Error>(code))) return s;
    constexpr int n = sizeof kMoreErrors / sizeof *kMoreErrors;
    return code <= n ? kMoreErrors[code - 1] : nullptr;
}

Raised raise_expat_error(Thread& t, Parser* p, int code, const char* message) {
    auto line = static_cast<int64_t>(XML_GetErrorLineNumber(p->expat));
    auto column = static_cast<int64_t>(XML_GetErrorColumnNumber(p->expat));
    Ref text = message ? str_from(t, message)
                       : str_format(t, "%s: line %zu, column %zu", error_text(code),
                                    static_cast<size_t>(line), static_cast<size_t>(column));
    Ref error = text ? call(t, g_state.error, {text}) : Ref();
    if (!error) return {};
    struct {
        const char* name;
        int64_t value;
    } fields[] = {{"code", code}, {"offset", column}, {"lineno", line}};
    for (auto& f : fields) {
        Ref v = int_from(t, f.value);
        if (!v || !set_attr(t, error, f.name, v)) return {};
    }
    return raise_object(t, error);
}

Ref parser_new(Thread& t, Value encoding, Value separator, Value intern) {
    const char* encoding_text = nullptr;
    if (encoding && !is_none(encoding)) {
        if (!is_str(encoding))
            return raise(t, PyExc_TypeError, "ParserCreate() argument 'encoding' must be str or None, not %T",
                         encoding);
        encoding_text = TRY(c_string_arg(t, "ParserCreate", "encoding", encoding));
    }
    const char* separator_text = nullptr;
    if (separator && !is_none(separator)) {
        if (!is_str(separator))
            return raise(t, PyExc_TypeError,
                         "ParserCreate() argument 'namespace_separator' must be str or None, not %T",
                         separator);
        std::string_view s = TRY(str_utf8(t, separator));
        if (s.size() > 1)
            return raise(t, PyExc_ValueError,
                         "namespace_separator must be at most one character, omitted, or None");
        separator_text = s.data();
    }
    Ref names;
    if (!intern)
        names = TRY(dict_new(t));
    else if (is_dict(intern))
        names = Ref::share(intern);
    else if (!is_none(intern))
        return raise(t, PyExc_TypeError, "intern must be a dictionary");
    Ref made = TRY(new_object(t));
    Parser* p = as_parser(made);
    p->intern = names.release();
    p->expat = XML_ParserCreate_MM(encoding_text, nullptr, separator_text);
    if (!p->expat) return raise(t, PyExc_RuntimeError, "XML_ParserCreate failed");
    XML_SetHashSalt(p->expat, g_runtime.hash_secret[0]);
    XML_SetUserData(p->expat, p);
    XML_SetUnknownEncodingHandler(p->expat, unknown_encoding, nullptr);
    p->reparse_deferral = g_state.set_reparse_deferral != nullptr;
    return made;
}

Status init_parser_type(Thread& t, Value module) {
    static const TypeDecl decl = {
        .name = "pyexpat.xmlparser",
        .basicsize = sizeof(Parser),
        .flags = kTpDefault | kTpHaveGC | kTpImmutableType | kTpDisallowInstantiation,
        .slots = {.dealloc = dealloc, .traverse = traverse, .clear = clear},
        .spec = {.methods = methods, .getset = attributes, .members = members, .doc = "XML parser"}};
    Ref type = TRY(new_native_heap_type(t, module, decl, {}));
    auto* raw = type.as<PyTypeObject>();
    Value dict(raw->tp_dict);
    for (const NativeDef* d : {&alloc_threshold_def, &alloc_amplification_def}) {
        if (!g_state.set_alloc_threshold || !g_state.set_alloc_amplification) break;
        Ref descr = TRY(method_descr_new(t, raw, *d));
        TRY(dict_set_str(t, dict, d->c.ml_name, descr));
    }
    type_modified(raw);
    g_state.parser_type = type.release();
    return Status::ok();
}

}  // namespace krait::pyexpat
