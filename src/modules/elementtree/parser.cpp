// The type XMLParser: expat on one side, a builder or any other target on the other.
#include <climits>
#include <cstdio>
#include <cstring>

#include "builtins/bytes.h"
#include "builtins/str_methods.h"
#include "modules/elementtree/elementtree.h"
#include "modules/pyexpat/pyexpat.h"

namespace krait::etree {

namespace {

struct XmlParser {
    PyObject ob_base;
    XML_Parser expat;
    Value target, entity, names;  // owned; names: what expat calls things → the universal name
    // Methods of the target, empty where it has none.
    Value start_ns, end_ns, start, data, end, comment, pi, close, doctype;
    bool running;
};
XmlParser* as_xml_parser(Value v) { return v.as<XmlParser>(); }
XmlParser* of_user(void* user) { return static_cast<XmlParser*>(user); }

template <class F>
void each_value(XmlParser* p, F&& f) {
    for (Value* v : {&p->target, &p->entity, &p->names, &p->start_ns, &p->end_ns, &p->start, &p->data,
                     &p->end, &p->comment, &p->pi, &p->close, &p->doctype})
        f(*v);
}
void free_expat(XmlParser* p) {
    XML_Parser expat = p->expat;
    p->expat = nullptr;
    if (expat) XML_ParserFree(expat);
}
void dealloc(Thread& t, PyObject* o) {
    gc_untrack(t, o);
    auto* p = reinterpret_cast<XmlParser*>(o);
    free_expat(p);
    each_value(p, [](Value& v) { put_owned(v, Ref()); });
    free_object(t, o);
}
void traverse(PyObject* o, Visitor& visitor) {
    each_value(reinterpret_cast<XmlParser*>(o), [&](Value& v) { visitor.visit(v); });
}
void clear(Thread&, PyObject* o) {
    auto* p = reinterpret_cast<XmlParser*>(o);
    if (p->running) return;
    free_expat(p);
    each_value(p, [](Value& v) { put_owned(v, Ref()); });
}
Ref new_(Thread& t, PyTypeObject* type, const Value*, size_t, Value) { return alloc(t, type); }

Builder* plain_builder(XmlParser* p) {
    State* st = state_of(Value(&p->ob_base));
    return p->target && has_type(p->target, st->builder) ? as_builder(p->target) : nullptr;
}

// --- errors ---

void set_parse_error(Thread& t, XmlParser* p, int code, const char* message) {
    auto line = static_cast<int64_t>(XML_GetErrorLineNumber(p->expat));
    auto column = static_cast<int64_t>(XML_GetErrorColumnNumber(p->expat));
    Ref text = str_format(t, "%s: line %zu, column %zu", message ? message : pyexpat::error_text(code),
                          static_cast<size_t>(line), static_cast<size_t>(column));
    Ref error = text ? call(t, state_of(Value(&p->ob_base))->parse_error, {text}) : Ref();
    Ref number = error ? int_from(t, code) : Ref();
    if (!number || !set_attr(t, error, "code", number)) return;
    Ref position = tuple_of(t, {Value::from_int(line), Value::from_int(column)});
    if (!position || !set_attr(t, error, "position", position)) return;
    raise_object(t, error);
}

// --- names ---

// "uri}tag", as expat joins them, is "{uri}tag" here.
Ref universal(Thread& t, XmlParser* p, const char* s) {
    size_t n = strlen(s);
    Ref key = TRY(bytes_from(t, s, n));
    Ref known = TRY(dict_get(t, p->names, key));
    if (known) return known;
    Ref made;
    if (memchr(s, '}', n)) {
        Ref rest = TRY(str_from(t, s, n));
        made = TRY(str_format(t, "{%U", rest.get()));
    } else {
        made = TRY(str_from(t, s, n));
    }
    TRY(dict_set(t, p->names, key, made));
    return made;
}
Ref text_or_empty(Thread& t, const char* s) { return str_from(t, s ? s : ""); }
Ref text_or_none(Thread& t, const char* s) { return s ? str_from(t, s) : none_ref(); }

// Nothing happens any more once there is an exception; results are of no interest.
bool stopped(Thread& t) { return occurred(t); }
void ignore(Ref) {}
void call_target(Thread& t, Value method, std::initializer_list<Value> args) {
    Ref fn = Ref::share(method);
    ignore(call(t, fn, args));
}

// --- what expat calls ---

void XMLCALL on_default(void* user, const XML_Char* data, int n) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (n < 2 || data[0] != '&' || stopped(t)) return;
    Ref name = str_from(t, data + 1, static_cast<size_t>(n - 2));
    if (!name) return;
    Maybe looked = dict_get(t, p->entity, name);
    if (!looked) return;
    Ref value = looked.take();
    if (!value) {
        char message[128];
        snprintf(message, sizeof message, "undefined entity %.*s", n < 100 ? n : 100, data);
        return set_parse_error(t, p, XML_ERROR_UNDEFINED_ENTITY, message);
    }
    if (Builder* b = plain_builder(p))
        ignore(builder_data(t, b, value));
    else if (p->data)
        call_target(t, p->data, {value});
}

Ref attributes(Thread& t, XmlParser* p, const XML_Char** atts) {
    Ref dict = TRY(dict_new(t));
    for (; atts[0] && atts[1]; atts += 2) {
        Ref key = TRY(universal(t, p, atts[0])), value = TRY(str_from(t, atts[1]));
        TRY(dict_set(t, dict, key, value));
    }
    return dict;
}
void XMLCALL on_start(void* user, const XML_Char* name, const XML_Char** atts) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    Ref tag = universal(t, p, name);
    if (!tag) return;
    Builder* b = plain_builder(p);
    Ref attrib;
    if (atts[0] || !b) {
        attrib = attributes(t, p, atts);
        if (!attrib) return;
    }
    if (b)
        ignore(builder_start(t, b, tag, attrib));
    else if (p->start)
        call_target(t, p->start, {tag, attrib});
}
void XMLCALL on_data(void* user, const XML_Char* s, int n) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    Ref text = str_from(t, s, static_cast<size_t>(n));
    if (!text) return;
    if (Builder* b = plain_builder(p))
        ignore(builder_data(t, b, text));
    else if (p->data)
        call_target(t, p->data, {text});
}
void XMLCALL on_end(void* user, const XML_Char* name) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    if (Builder* b = plain_builder(p)) return ignore(builder_end(t, b));
    if (!p->end) return;
    Ref tag = universal(t, p, name);
    if (tag) call_target(t, p->end, {tag});
}
void XMLCALL on_start_ns(void* user, const XML_Char* prefix, const XML_Char* uri) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    Builder* b = plain_builder(p);
    if (b ? !(b->events_append && b->start_ns_event) : !p->start_ns) return;
    Ref a = text_or_empty(t, prefix), c = a ? text_or_empty(t, uri) : Ref();
    if (!c) return;
    if (!b) return call_target(t, p->start_ns, {a, c});
    Ref pair = tuple_of(t, {a, c});
    if (pair) (void)static_cast<bool>(builder_event(t, b, b->start_ns_event, pair));
}
void XMLCALL on_end_ns(void* user, const XML_Char* prefix) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    if (Builder* b = plain_builder(p)) {
        (void)static_cast<bool>(builder_event(t, b, b->end_ns_event, none()));
        return;
    }
    if (!p->end_ns) return;
    Ref a = text_or_empty(t, prefix);
    if (a) call_target(t, p->end_ns, {a});
}
void XMLCALL on_comment(void* user, const XML_Char* s) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    Ref text = str_from(t, s);
    if (!text) return;
    if (Builder* b = plain_builder(p))
        ignore(builder_comment(t, b, text));
    else if (p->comment)
        call_target(t, p->comment, {text});
}
void XMLCALL on_pi(void* user, const XML_Char* target, const XML_Char* data) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    Builder* b = plain_builder(p);
    if (b ? !((b->events_append && b->pi_event) || b->insert_pis) : !p->pi) return;
    Ref name = str_from(t, target), text = name ? text_or_empty(t, data) : Ref();
    if (!text) return;
    if (b)
        ignore(builder_pi(t, b, name, text));
    else
        call_target(t, p->pi, {name, text});
}
void XMLCALL on_doctype(void* user, const XML_Char* doctype, const XML_Char* system, const XML_Char* pub,
                        int) {
    Thread& t = current_thread();
    XmlParser* p = of_user(user);
    if (stopped(t)) return;
    if (p->doctype) {
        Ref name = text_or_none(t, doctype), s = name ? text_or_none(t, system) : Ref();
        Ref pb = s ? text_or_none(t, pub) : Ref();
        if (pb) call_target(t, p->doctype, {name, pb, s});
        return;
    }
    Maybe own = lookup_attr(t, Value(&p->ob_base), "doctype");
    if (!own) return;
    Ref method = own.take();
    if (method)
        (void)static_cast<bool>(
            warn(t, PyExc_RuntimeWarning, 1,
                 "The doctype() method of XMLParser is ignored.  Define doctype() method on "
                 "the TreeBuilder target."));
}

// --- making one ---

void set_namespace_handlers(XmlParser* p) { XML_SetNamespaceDeclHandler(p->expat, on_start_ns, on_end_ns); }
void set_handlers(XmlParser* p) {
    XML_Parser x = p->expat;
    XML_SetUserData(x, p);
    if (p->start_ns || p->end_ns) set_namespace_handlers(p);
    XML_SetElementHandler(x, on_start, on_end);
    XML_SetDefaultHandlerExpand(x, on_default);
    XML_SetCharacterDataHandler(x, on_data);
    if (p->comment) XML_SetCommentHandler(x, on_comment);
    if (p->pi) XML_SetProcessingInstructionHandler(x, on_pi);
    XML_SetStartDoctypeDeclHandler(x, on_doctype);
    XML_SetUnknownEncodingHandler(x, pyexpat::unknown_encoding, nullptr);
}

Status find_methods(Thread& t, XmlParser* p) {
    struct {
        const char* name;
        Value* place;
    } methods[] = {
        {"start_ns", &p->start_ns}, {"end_ns", &p->end_ns},   {"start", &p->start}, {"data", &p->data},
        {"end", &p->end},           {"comment", &p->comment}, {"pi", &p->pi},       {"close", &p->close},
        {"doctype", &p->doctype}};
    for (auto& m : methods) {
        Ref found = TRY(lookup_attr(t, p->target, m.name));
        put_owned(*m.place, std::move(found));
    }
    return Status::ok();
}

Status not_running(Thread& t, XmlParser* p, const char* method) {
    if (p->running) return raise(t, PyExc_RuntimeError, "cannot call %s() from within a handler", method);
    return Status::ok();
}

Status init(Thread& t, Value self, const Value* args, size_t nargs, Value kwnames) {
    Value a[2];
    Ref keep;
    if (nargs) return raise(t, PyExc_TypeError, "XMLParser() takes no positional arguments");
    TRY(bind_args(t, "XMLParser", "(*, target=None, encoding=None)", args, nargs, kwnames, a, keep));
    const char* encoding = nullptr;
    if (a[1] && !is_none(a[1])) {
        if (!is_str(a[1]))
            return raise(t, PyExc_TypeError, "XMLParser() argument 'encoding' must be str or None, not %T",
                         a[1]);
        encoding = TRY(c_string_arg(t, "XMLParser", "encoding", a[1]));
    }
    XmlParser* p = as_xml_parser(self);
    TRY(not_running(t, p, "__init__"));
    Ref entity = TRY(dict_new(t)), names = TRY(dict_new(t));
    Ref target = a[0] && !is_none(a[0]) ? Ref::share(a[0]) : TRY(builder_new(t, state_of(self)));
    free_expat(p);
    put_owned(p->entity, std::move(entity));
    put_owned(p->names, std::move(names));
    put_owned(p->target, std::move(target));
    TRY(find_methods(t, p));
    XML_Parser made = XML_ParserCreate_MM(encoding, nullptr, "}");
    if (!made) return raise_no_memory(t);
    XML_SetHashSalt(made, g_runtime.hash_secret[0]);
    p->expat = made;
    set_handlers(p);
    return Status::ok();
}

// --- parsing ---

Status ready(Thread& t, XmlParser* p) {
    if (p->expat) return Status::ok();
    return raise(t, PyExc_ValueError, "XMLParser.__init__() wasn't called");
}

Ref parse(Thread& t, XmlParser* p, const char* data, size_t n, bool final) {
    Ref keep = Ref::share(Value(&p->ob_base));
    p->running = true;
    int status = XML_Parse(p->expat, data, static_cast<int>(n), final);
    p->running = false;
    if (occurred(t)) return {};
    if (status == XML_STATUS_ERROR) {
        set_parse_error(t, p, XML_GetErrorCode(p->expat), nullptr);
        return {};
    }
    return none_ref();
}

Status fits(Thread& t, int64_t n) {
    if (n > INT_MAX) return raise(t, PyExc_OverflowError, "size does not fit in an int");
    return Status::ok();
}

Ref m_feed(Thread& t, Value self, Value data) {
    XmlParser* p = as_xml_parser(self);
    TRY(ready(t, p));
    TRY(not_running(t, p, "feed"));
    if (is_str(data)) {
        std::string_view s = TRY(str_utf8(t, data));
        TRY(fits(t, static_cast<int64_t>(s.size())));
        XML_SetEncoding(p->expat, "utf-8");
        return parse(t, p, s.data(), s.size(), false);
    }
    Buffer buffer;
    TRY(buffer.acquire(t, data));
    TRY(ready(t, p));
    TRY(not_running(t, p, "feed"));
    TRY(fits(t, buffer.size()));
    return parse(t, p, buffer.data(), static_cast<size_t>(buffer.size()), false);
}

Ref m_close(Thread& t, Value self) {
    XmlParser* p = as_xml_parser(self);
    TRY(ready(t, p));
    TRY(not_running(t, p, "close"));
    Ref done = TRY(parse(t, p, "", 0, true));
    if (Builder* b = plain_builder(p)) return builder_done(b);
    if (!p->close) return done;
    Ref fn = Ref::share(p->close);
    return call(t, fn);
}

Ref m_flush(Thread& t, Value self) {
    XmlParser* p = as_xml_parser(self);
    TRY(ready(t, p));
    TRY(not_running(t, p, "flush"));
    auto set = pyexpat::g_state.set_reparse_deferral;
    if (!set) return none_ref();
    set(p->expat, XML_FALSE);
    Ref done = parse(t, p, "", 0, false);
    set(p->expat, XML_TRUE);
    return done;
}

Ref m_parse_whole(Thread& t, Value self, Value file) {
    constexpr int64_t kPiece = 64 * 1024;
    XmlParser* p = as_xml_parser(self);
    TRY(ready(t, p));
    Ref read = TRY(get_attr(t, file, ID(read)));
    for (;;) {
        Ref data = TRY(call(t, read, {Value::from_int(kPiece)}));
        if (is_str_exact(data)) {
            if (str_length(data) == 0) break;
            data = TRY(encode_utf8(t, data, "surrogatepass"));
            if (p->expat && !p->running) XML_SetEncoding(p->expat, "utf-8");
        } else if (!has_type(data, &PyBytes_Type) || bytes_size(data) == 0) {
            break;
        }
        TRY(ready(t, p));
        TRY(not_running(t, p, "_parse_whole"));
        TRY(fits(t, bytes_size(data)));
        TRY_DISCARD(parse(t, p, bytes_data(data), static_cast<size_t>(bytes_size(data)), false));
    }
    TRY(ready(t, p));
    TRY(not_running(t, p, "_parse_whole"));
    Ref done = TRY(parse(t, p, "", 0, true));
    if (Builder* b = plain_builder(p)) return builder_done(b);
    return done;
}

// One event that is to be reported.
Status want_event(Thread& t, XmlParser* p, Builder* b, Value name) {
    const char* s = nullptr;
    if (is_str(name))
        s = TRY(str_utf8(t, name)).data();
    else if (is_bytes(name))
        s = bytes_data(name);
    if (!s) return raise(t, PyExc_ValueError, "invalid events sequence");
    auto is = [&](const char* what) { return strcmp(s, what) == 0; };
    Value* place = nullptr;
    if (is("start")) place = &b->start_event;
    if (is("end")) place = &b->end_event;
    if (is("start-ns")) place = &b->start_ns_event;
    if (is("end-ns")) place = &b->end_ns_event;
    if (is("comment")) place = &b->comment_event;
    if (is("pi")) place = &b->pi_event;
    if (!place) return raise(t, PyExc_ValueError, "unknown event '%s'", s);
    put_owned(*place, Ref::share(name));
    if (place == &b->start_ns_event || place == &b->end_ns_event) set_namespace_handlers(p);
    if (place == &b->comment_event) XML_SetCommentHandler(p->expat, on_comment);
    if (place == &b->pi_event) XML_SetProcessingInstructionHandler(p->expat, on_pi);
    return Status::ok();
}

Ref m_setevents(Thread& t, Value self, const Value* a, size_t n) {
    XmlParser* p = as_xml_parser(self);
    TRY(ready(t, p));
    Builder* b = plain_builder(p);
    if (!b)
        return raise(t, PyExc_TypeError, "event handling only supported for ElementTree.TreeBuilder targets");
    Ref keep = Ref::share(Value(&b->ob_base));
    static LazyName append("append");
    Ref events_append = TRY(get_attr(t, a[0], append(t)));
    put_owned(b->events_append, std::move(events_append));
    for (Value* v : {&b->start_event, &b->end_event, &b->start_ns_event, &b->end_ns_event, &b->comment_event,
                     &b->pi_event})
        put_owned(*v, Ref());
    if (n < 2 || is_none(a[1])) {
        Ref end = TRY(str_intern(t, "end"));
        put_owned(b->end_event, std::move(end));
        return none_ref();
    }
    Ref events = TRY(sequence_fast(t, a[1], "events must be a sequence"));
    int64_t count = TRY(length(t, events));
    for (int64_t i = 0; i < count; i++) {
        Ref name = TRY(get_item(t, events, i));
        TRY(want_event(t, p, b, name));
    }
    return none_ref();
}

Ref get_version(Thread& t, Value, void*) {
    XML_Expat_Version v = XML_ExpatVersionInfo();
    return str_format(t, "Expat %d.%d.%d", v.major, v.minor, v.micro);
}

const NativeDef methods[] = {
    def<m_feed>("feed", "(data, /)", nullptr),
    def<m_close>("close", "()", nullptr),
    def<m_flush>("flush", "()", nullptr),
    def<m_parse_whole>("_parse_whole", "(file, /)", nullptr),
    def<m_setevents>("_setevents", "(events_queue, events_to_report=None, /)", nullptr),
    {},
};
const MemberDef members[] = {
    member("entity", MemberKind::Object, offsetof(XmlParser, entity), kReadonly, nullptr),
    member("target", MemberKind::Object, offsetof(XmlParser, target), kReadonly, nullptr),
    {},
};
const GetSetDef attributes_table[] = {getset("version", get_version, nullptr, nullptr), {}};

}  // namespace

Status init_parser(Thread& t, State* st, Value module) {
    static const TypeDecl decl = {
        .name = "xml.etree.ElementTree.XMLParser",
        .basicsize = sizeof(XmlParser),
        .flags = kTpDefault | kTpBaseType | kTpHaveGC | kTpImmutableType,
        .slots = {.dealloc = dealloc, .traverse = traverse, .clear = clear, .init = init, .new_ = new_},
        .spec = {.methods = methods, .getset = attributes_table, .members = members}};
    st->parser = TRY(new_native_heap_type(t, Value(), decl, {})).release().as<PyTypeObject>();
    ext(st->parser)->user = st;
    return module_add(t, module, "XMLParser", Ref::share(Value(st->parser)));
}

}  // namespace krait::etree
