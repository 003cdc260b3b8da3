// What expat calls: the handlers of a parser.
#include <cstring>

#include "interp/interp.h"
#include "modules/pyexpat/pyexpat.h"

namespace krait::pyexpat {

namespace {

constexpr struct {
    const char* name;
    int line;
} kHandlerInfo[] = {
#define X(name, line) {#name, line},
    PYEXPAT_HANDLERS(X)
#undef X
};

// None for a null pointer.
Ref text(Thread& t, const XML_Char* s) { return s ? str_from(t, s) : none_ref(); }
Ref text(Thread& t, const XML_Char* s, int n) {
    return s ? str_from(t, s, static_cast<size_t>(n)) : none_ref();
}
// Names come again and again: one object for each.
Ref name(Thread& t, Parser* p, const XML_Char* s) {
    Ref made = TRY(text(t, s));
    return p->intern ? dict_set_default(t, p->intern, made, made) : std::move(made);
}

// One call of a handler. Expat goes on after an exception, so nothing happens while one is pending.
class Call {
  public:
    Call(void* user, Handler which) : t(current_thread()), p(static_cast<Parser*>(user)), which_(which) {
        ready_ = p->handlers[which] && !occurred(t) && flush_text(t, p);
    }
    ~Call() {
        for (int i = 0; i < n_; i++) decref(args_[i]);
    }
    Call(const Call&) = delete;
    explicit operator bool() const { return ready_; }
    Call& add(Ref v) {
        if (!v)
            ready_ = false;
        else
            args_[n_++] = v.release();
        return *this;
    }
    Call& add_text(const XML_Char* s) { return ready_ ? add(text(t, s)) : *this; }
    Call& add_text(const XML_Char* s, int n) { return ready_ ? add(text(t, s, n)) : *this; }
    Call& add_name(const XML_Char* s) { return ready_ ? add(name(t, p, s)) : *this; }
    Call& add_int(int v) { return add(Ref::from_int(v)); }
    Ref run() {
        if (!ready_ || !p->handlers[which_]) {
            if (occurred(t)) stop_handlers(p);
            return {};
        }
        Ref fn = Ref::share(p->handlers[which_]);
        bool before = p->in_callback;
        p->in_callback = true;
        Ref r = call(t, fn, args_, static_cast<size_t>(n_));
        p->in_callback = before;
        if (r) return r;
        add_native_traceback(t, kHandlerInfo[which_].name, "../Modules/pyexpat.c", kHandlerInfo[which_].line);
        stop_handlers(p);
        return {};
    }
    // For handlers that answer with a number.
    int run_int() {
        Ref r = run();
        if (!r) return 0;
        Result<int64_t> n = as_int64(t, r);
        if (n) return static_cast<int>(n.value());
        stop_handlers(p);
        return 0;
    }
    Thread& t;
    Parser* p;

  private:
    Handler which_;
    bool ready_;
    Value args_[8];
    int n_ = 0;
};

void XMLCALL on_start_element(void* user, const XML_Char* tag, const XML_Char** atts) {
    Call c(user, kStartElement);
    if (!c) return;
    int n = 0;
    if (c.p->specified_attributes)
        n = XML_GetSpecifiedAttributeCount(c.p->expat);
    else
        while (atts[n]) n += 2;
    Ref all = c.p->ordered_attributes ? list_with_capacity(c.t, n) : dict_new(c.t);
    bool ok = static_cast<bool>(all);
    for (int i = 0; ok && i < n; i += 2) {
        Ref key = name(c.t, c.p, atts[i]);
        Ref value = key ? text(c.t, atts[i + 1]) : Ref();
        if (!value)
            ok = false;
        else if (c.p->ordered_attributes && is_list_exact(all))
            ok = list_append_owned(c.t, all, std::move(key)) && list_append_owned(c.t, all, std::move(value));
        else
            ok = static_cast<bool>(dict_set(c.t, all, key, value));
    }
    if (!ok) return stop_handlers(c.p);
    c.add_name(tag).add(std::move(all));
    (void)c.run();
}
void XMLCALL on_end_element(void* user, const XML_Char* tag) {
    Call c(user, kEndElement);
    (void)c.add_name(tag).run();
}
void XMLCALL on_processing_instruction(void* user, const XML_Char* target, const XML_Char* data) {
    Call c(user, kProcessingInstruction);
    (void)c.add_name(target).add_text(data).run();
}
void XMLCALL on_unparsed_entity(void* user, const XML_Char* entity, const XML_Char* base,
                                const XML_Char* system, const XML_Char* pub, const XML_Char* notation) {
    Call c(user, kUnparsedEntityDecl);
    (void)c.add_name(entity).add_name(base).add_name(system).add_name(pub).add_name(notation).run();
}
void XMLCALL on_notation(void* user, const XML_Char* notation, const XML_Char* base, const XML_Char* system,
                         const XML_Char* pub) {
    Call c(user, kNotationDecl);
    (void)c.add_name(notation).add_name(base).add_name(system).add_name(pub).run();
}
void XMLCALL on_start_namespace(void* user, const XML_Char* prefix, const XML_Char* uri) {
    Call c(user, kStartNamespaceDecl);
    (void)c.add_name(prefix).add_name(uri).run();
}
void XMLCALL on_end_namespace(void* user, const XML_Char* prefix) {
    Call c(user, kEndNamespaceDecl);
    (void)c.add_name(prefix).run();
}
void XMLCALL on_comment(void* user, const XML_Char* data) {
    Call c(user, kComment);
    (void)c.add_text(data).run();
}
template <Handler Which>
void XMLCALL on_event(void* user) {
    Call c(user, Which);
    (void)c.run();
}
template <Handler Which>
void XMLCALL on_default(void* user, const XML_Char* data, int n) {
    Call c(user, Which);
    (void)c.add_text(data, n).run();
}
int XMLCALL on_not_standalone(void* user) {
    Call c(user, kNotStandalone);
    return c.run_int();
}
// Expat hands this one the parser, not its user data.
int XMLCALL on_external_entity(XML_Parser expat, const XML_Char* context, const XML_Char* base,
                               const XML_Char* system, const XML_Char* pub) {
    Call c(XML_GetUserData(expat), kExternalEntityRef);
    return c.add_text(context).add_name(base).add_name(system).add_name(pub).run_int();
}
int XMLCALL refuse_external_entity(XML_Parser, const XML_Char*, const XML_Char*, const XML_Char*,
                                   const XML_Char*) {
    return 0;
}
void XMLCALL on_start_doctype(void* user, const XML_Char* doctype, const XML_Char* system,
                              const XML_Char* pub, int has_internal_subset) {
    Call c(user, kStartDoctypeDecl);
    (void)c.add_name(doctype).add_name(system).add_name(pub).add_int(has_internal_subset).run();
}
void XMLCALL on_entity(void* user, const XML_Char* entity, int is_parameter, const XML_Char* value, int n,
                       const XML_Char* base, const XML_Char* system, const XML_Char* pub,
                       const XML_Char* notation) {
    Call c(user, kEntityDecl);
    (void)c.add_name(entity)
        .add_int(is_parameter)
        .add_text(value, n)
        .add_name(base)
        .add_name(system)
        .add_name(pub)
        .add_name(notation)
        .run();
}
void XMLCALL on_xml_declaration(void* user, const XML_Char* version, const XML_Char* encoding,
                                int standalone) {
    Call c(user, kXmlDecl);
    (void)c.add_text(version).add_text(encoding).add_int(standalone).run();
}

// (type, quantifier, name, children)
Ref model_tuple(Thread& t, const XML_Content* model) {
    RecursionGuard guard(t, " in conv_content_model");
    if (!guard) return {};
    Ref children = TRY(tuple_new(t, model->numchildren));
    bool ok = true;
    for (unsigned i = 0; i < model->numchildren; i++) {
        Ref child = ok ? model_tuple(t, &model->children[i]) : Ref();
        ok = static_cast<bool>(child);
        tuple_items(children)[i] = (ok ? std::move(child) : none_ref()).release();
    }
    if (!ok) return {};
    Ref tag = TRY(text(t, model->name));
    return tuple_of(t, {Value::from_int(model->type), Value::from_int(model->quant), tag, children});
}
void XMLCALL on_element_decl(void* user, const XML_Char* tag, XML_Content* model) {
    auto* p = static_cast<Parser*>(user);
    Thread& t = current_thread();
    Ref keep = Ref::share(Value(&p->ob_base));
    {
        Call c(user, kElementDecl);
        if (c) {
            Ref tuple = model_tuple(t, model);
            if (!tuple)
                stop_handlers(p);
            else
                (void)c.add_name(tag).add(std::move(tuple)).run();
        }
    }
    XML_FreeContentModel(p->expat, model);
}
void XMLCALL on_attlist(void* user, const XML_Char* element, const XML_Char* attribute, const XML_Char* type,
                        const XML_Char* default_value, int required) {
    Call c(user, kAttlistDecl);
    (void)c.add_name(element)
        .add_name(attribute)
        .add_text(type)
        .add_text(default_value)
        .add_int(required)
        .run();
}
void XMLCALL on_skipped_entity(void* user, const XML_Char* entity, int is_parameter) {
    Call c(user, kSkippedEntity);
    (void)c.add_name(entity).add_int(is_parameter).run();
}

// --- character data ---

Status call_with_text(Thread& t, Parser* p, const char* data, int n) {
    // Without flushing: the buffer is what is being delivered.
    if (!p->handlers[kCharacterData]) return Status::ok();
    Ref s = text(t, data, n);
    if (!s) {
        stop_handlers(p);
        return {};
    }
    Ref fn = Ref::share(p->handlers[kCharacterData]);
    bool before = p->in_callback;
    p->in_callback = true;
    Ref r = call(t, fn, {s});
    p->in_callback = before;
    if (r) return Status::ok();
    add_native_traceback(t, "CharacterData", "../Modules/pyexpat.c", kHandlerInfo[kCharacterData].line);
    stop_handlers(p);
    return {};
}

void XMLCALL on_character_data(void* user, const XML_Char* data, int n) {
    auto* p = static_cast<Parser*>(user);
    Thread& t = current_thread();
    if (occurred(t)) return;
    if (p->buffer && n > p->buffer_size - p->buffer_used) {
        if (!flush_text(t, p)) return;
        if (!p->handlers[kCharacterData]) return;  // the handler took itself out
    }
    if (!p->buffer || n > p->buffer_size) {
        (void)static_cast<bool>(call_with_text(t, p, data, n));
        p->buffer_used = 0;
        return;
    }
    memcpy(p->buffer + p->buffer_used, data, static_cast<size_t>(n));
    p->buffer_used += n;
}
void XMLCALL nothing(void*, const XML_Char*, int) {}

}  // namespace

Status flush_text(Thread& t, Parser* p) {
    if (!p->buffer || p->buffer_used == 0) return Status::ok();
    int n = p->buffer_used;
    p->buffer_used = 0;
    return call_with_text(t, p, p->buffer, n);
}

void ignore_character_data(Parser* p) { XML_SetCharacterDataHandler(p->expat, nothing); }

void install_handler(Parser* p, int which, bool on) {
    XML_Parser x = p->expat;
#define SET(handler, function, fn) \
    case k##handler:               \
        return XML_Set##function##Handler(x, on ? fn : nullptr)
    switch (which) {
        SET(StartElement, StartElement, on_start_element);
        SET(EndElement, EndElement, on_end_element);
        SET(ProcessingInstruction, ProcessingInstruction, on_processing_instruction);
        SET(CharacterData, CharacterData, on_character_data);
        SET(UnparsedEntityDecl, UnparsedEntityDecl, on_unparsed_entity);
        SET(NotationDecl, NotationDecl, on_notation);
        SET(StartNamespaceDecl, StartNamespaceDecl, on_start_namespace);
        SET(EndNamespaceDecl, EndNamespaceDecl, on_end_namespace);
        SET(Comment, Comment, on_comment);
        SET(StartCdataSection, StartCdataSection, on_event<kStartCdataSection>);
        SET(EndCdataSection, EndCdataSection, on_event<kEndCdataSection>);
        SET(Default, Default, on_default<kDefault>);
        SET(NotStandalone, NotStandalone, on_not_standalone);
        SET(ExternalEntityRef, ExternalEntityRef, on_external_entity);
        SET(StartDoctypeDecl, StartDoctypeDecl, on_start_doctype);
        SET(EndDoctypeDecl, EndDoctypeDecl, on_event<kEndDoctypeDecl>);
        SET(EntityDecl, EntityDecl, on_entity);
        SET(XmlDecl, XmlDecl, on_xml_declaration);
        SET(ElementDecl, ElementDecl, on_element_decl);
        SET(AttlistDecl, AttlistDecl, on_attlist);
        SET(SkippedEntity, SkippedEntity, on_skipped_entity);
        case kDefaultHandlerExpand:
            return XML_SetDefaultHandlerExpand(x, on ? on_default<kDefaultHandlerExpand> : nullptr);
    }
#undef SET
}

void drop_handlers(Parser* p, bool tell_expat) {
    for (int i = 0; i < kHandlers; i++) {
        put_owned(p->handlers[i], Ref());
        if (tell_expat) install_handler(p, i, false);
    }
}

void stop_handlers(Parser* p) {
    Thread& t = current_thread();
    SavedError saved(t);
    drop_handlers(p, true);
    XML_SetExternalEntityRefHandler(p->expat, refuse_external_entity);
}

// Expat knows a few encodings; of others it takes a table, one character for each byte.
int unknown_encoding(void*, const XML_Char* name, XML_Encoding* info) {
    Thread& t = current_thread();
    if (occurred(t)) return XML_STATUS_ERROR;
    char bytes[256];
    for (int i = 0; i < 256; i++) bytes[i] = static_cast<char>(i);
    Ref decoded = decode(t, bytes, sizeof bytes, name, "replace");
    if (!decoded) return XML_STATUS_ERROR;
    if (str_length(decoded) != 256) {
        raise(t, PyExc_ValueError, "multi-byte encodings are not supported");
        return XML_STATUS_ERROR;
    }
    for (int i = 0; i < 256; i++) {
        uint32_t c = str_char(decoded, i);
        info->map[i] = c == 0xfffd ? -1 : static_cast<int>(c);
    }
    info->data = nullptr;
    info->convert = nullptr;
    info->release = nullptr;
    return XML_STATUS_OK;
}

}  // namespace krait::pyexpat
