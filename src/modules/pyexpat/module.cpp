// The module pyexpat: ParserCreate, the constants and what other modules find in its capsule.
#include <dlfcn.h>

#include <cstring>

#include "modules/pyexpat/pyexpat.h"

namespace krait {
namespace pyexpat {

namespace {

Ref f_parser_create(Thread& t, Value, const Value* a) { return parser_new(t, a[0], a[1], a[2]); }
Ref f_error_string(Thread& t, Value, Value code) {
    Ref n = TRY(index(t, code));
    int64_t v;
    if (!int_to_i64(n, &v)) return raise(t, PyExc_OverflowError, "Python int too large to convert to C long");
    const XML_LChar* s = v > 0 && v < INT32_MAX ? error_text(static_cast<int>(v)) : nullptr;
    return s ? str_from(t, s) : none_ref();
}

const NativeDef functions[] = {
    def<f_parser_create>("ParserCreate",
                         "(encoding=None, namespace_separator=None,\n             intern=<unrepresentable>)",
                         "A new parser."),
    def<f_error_string>("ErrorString", "(code, /)", "What an error code means."),
    {},
};

const char* const kErrorNames[] = {
    "NO_MEMORY",
    "SYNTAX",
    "NO_ELEMENTS",
    "INVALID_TOKEN",
    "UNCLOSED_TOKEN",
    "PARTIAL_CHAR",
    "TAG_MISMATCH",
    "DUPLICATE_ATTRIBUTE",
    "JUNK_AFTER_DOC_ELEMENT",
    "PARAM_ENTITY_REF",
    "UNDEFINED_ENTITY",
    "RECURSIVE_ENTITY_REF",
    "ASYNC_ENTITY",
    "BAD_CHAR_REF",
    "BINARY_ENTITY_REF",
    "ATTRIBUTE_EXTERNAL_ENTITY_REF",
    "MISPLACED_XML_PI",
    "UNKNOWN_ENCODING",
    "INCORRECT_ENCODING",
    "UNCLOSED_CDATA_SECTION",
    "EXTERNAL_ENTITY_HANDLING",
    "NOT_STANDALONE",
    "UNEXPECTED_STATE",
    "ENTITY_DECLARED_IN_PE",
    "FEATURE_REQUIRES_XML_DTD",
    "CANT_CHANGE_FEATURE_ONCE_PARSING",
    "UNBOUND_PREFIX",
    "UNDECLARING_PREFIX",
    "INCOMPLETE_PE",
    "XML_DECL",
    "TEXT_DECL",
    "PUBLICID",
    "SUSPENDED",
    "NOT_SUSPENDED",
    "ABORTED",
    "FINISHED",
    "SUSPEND_PE",
    "RESERVED_PREFIX_XML",
    "RESERVED_PREFIX_XMLNS",
    "RESERVED_NAMESPACE_URI",
    "INVALID_ARGUMENT",
    "NO_BUFFER",
    "AMPLIFICATION_LIMIT_BREACH",
    "NOT_STARTED",
};

// A module inside this one; also known to sys.modules.
Ref add_submodule(Thread& t, Value module, const char* name, const char* full_name, const char* doc) {
    Ref sub = TRY(module_new(t, full_name));
    Ref text = TRY(str_from(t, doc));
    TRY(dict_set(t, module_dict(sub), ID(__doc__), text));
    Ref key = TRY(str_intern(t, full_name));
    TRY(dict_set(t, t.interp->modules, key, sub));
    TRY(module_add(t, module, name, sub.share()));
    return sub;
}

Status add_errors(Thread& t, Value module) {
    Ref errors = TRY(
        add_submodule(t, module, "errors", "pyexpat.errors", "Constants used to describe error conditions."));
    Ref codes = TRY(dict_new(t)), messages = TRY(dict_new(t));
    int code = 0;
    for (const char* name : kErrorNames) {
        Ref text = TRY(str_from(t, error_text(++code)));
        Ref full = TRY(str_format(t, "XML_ERROR_%s", name));
        full = TRY(str_intern(t, std::move(full)));
        TRY(dict_set(t, module_dict(errors), full, text));
        TRY(dict_set(t, codes, text, Value::from_int(code)));
        TRY(dict_set(t, messages, Value::from_int(code), text));
    }
    TRY(module_add(t, errors, "codes", std::move(codes)));
    return module_add(t, errors, "messages", std::move(messages));
}

Status add_model(Thread& t, Value module) {
    Ref model = TRY(add_submodule(t, module, "model", "pyexpat.model",
                                  "Constants used to interpret content model information."));
    static const struct {
        const char* name;
        int value;
    } kConstants[] = {
        {"XML_CTYPE_EMPTY", XML_CTYPE_EMPTY},   {"XML_CTYPE_ANY", XML_CTYPE_ANY},
        {"XML_CTYPE_MIXED", XML_CTYPE_MIXED},   {"XML_CTYPE_NAME", XML_CTYPE_NAME},
        {"XML_CTYPE_CHOICE", XML_CTYPE_CHOICE}, {"XML_CTYPE_SEQ", XML_CTYPE_SEQ},
        {"XML_CQUANT_NONE", XML_CQUANT_NONE},   {"XML_CQUANT_OPT", XML_CQUANT_OPT},
        {"XML_CQUANT_REP", XML_CQUANT_REP},     {"XML_CQUANT_PLUS", XML_CQUANT_PLUS},
    };
    for (auto& c : kConstants) TRY(module_add_int(t, model, c.name, c.value));
    return Status::ok();
}

Status add_version(Thread& t, Value module) {
    XML_Expat_Version v = XML_ExpatVersionInfo();
    TRY(module_add_str(t, module, "EXPAT_VERSION", XML_ExpatVersion()));
    TRY(module_add(
        t, module, "version_info",
        tuple_of(t, {Value::from_int(v.major), Value::from_int(v.minor), Value::from_int(v.micro)})));
    TRY(module_add_str(t, module, "native_encoding", "UTF-8"));
    Ref list = TRY(list_new(t));
    for (const XML_Feature* f = XML_GetFeatureList(); f->feature != XML_FEATURE_END; f++) {
        Ref name = TRY(str_from(t, f->name));
        Ref pair = TRY(tuple_of(t, {name, Value::from_int(f->value)}));
        TRY(list_append_owned(t, list, std::move(pair)));
    }
    return module_add(t, module, "features", std::move(list));
}

Status add_constants(Thread& t, Value module) {
    TRY(module_add_int(t, module, "XML_PARAM_ENTITY_PARSING_NEVER", XML_PARAM_ENTITY_PARSING_NEVER));
    TRY(module_add_int(t, module, "XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE",
                       XML_PARAM_ENTITY_PARSING_UNLESS_STANDALONE));
    return module_add_int(t, module, "XML_PARAM_ENTITY_PARSING_ALWAYS", XML_PARAM_ENTITY_PARSING_ALWAYS);
}

// Laid out as other C modules expect it behind the capsule expat_CAPI.
struct Capi {
    const char* magic;
    int size;
    int major, minor, micro;
    void* functions[18];
};
const char kMagic[] = "pyexpat.expat_CAPI 1.1";

Status add_capsule(Thread& t, Value module) {
    static Capi capi = {
        kMagic,
        sizeof(Capi),
        XML_MAJOR_VERSION,
        XML_MINOR_VERSION,
        XML_MICRO_VERSION,
        {reinterpret_cast<void*>(XML_ErrorString), reinterpret_cast<void*>(XML_GetErrorCode),
         reinterpret_cast<void*>(XML_GetErrorColumnNumber), reinterpret_cast<void*>(XML_GetErrorLineNumber),
         reinterpret_cast<void*>(XML_Parse), reinterpret_cast<void*>(XML_ParserCreate_MM),
         reinterpret_cast<void*>(XML_ParserFree), reinterpret_cast<void*>(XML_SetCharacterDataHandler),
         reinterpret_cast<void*>(XML_SetCommentHandler), reinterpret_cast<void*>(XML_SetDefaultHandlerExpand),
         reinterpret_cast<void*>(XML_SetElementHandler), reinterpret_cast<void*>(XML_SetNamespaceDeclHandler),
         reinterpret_cast<void*>(XML_SetProcessingInstructionHandler),
         reinterpret_cast<void*>(XML_SetUnknownEncodingHandler), reinterpret_cast<void*>(XML_SetUserData),
         reinterpret_cast<void*>(XML_SetStartDoctypeDeclHandler), reinterpret_cast<void*>(XML_SetEncoding),
         reinterpret_cast<void*>(unknown_encoding)}};
    return module_add(t, module, "expat_CAPI", capsule_new(t, &capi, "pyexpat.expat_CAPI"));
}

Status make_error(Thread& t) {
    Ref ns = TRY(dict_new(t)), module = TRY(str_intern(t, "xml.parsers.expat"));
    Ref name = TRY(str_intern(t, "ExpatError"));
    TRY(dict_set_str(t, ns, "__module__", module));
    Ref bases = TRY(tuple_of(t, {Value(PyExc_Exception)}));
    g_state.error = TRY(new_class(t, name, bases, ns)).release();
    return Status::ok();
}

template <class F>
void find_symbol(F& place, const char* name) {
    place = reinterpret_cast<F>(dlsym(RTLD_DEFAULT, name));
}

Status exec(Thread& t, Value module) {
    if (!g_state.error) {
        find_symbol(g_state.set_reparse_deferral, "XML_SetReparseDeferralEnabled");
        find_symbol(g_state.set_alloc_threshold, "XML_SetAllocTrackerActivationThreshold");
        find_symbol(g_state.set_alloc_amplification, "XML_SetAllocTrackerMaximumAmplification");
        TRY(init_parser_type(t, module));
        TRY(make_error(t));
    }
    TRY(module_add(t, module, "error", Ref::share(g_state.error)));
    TRY(module_add(t, module, "ExpatError", Ref::share(g_state.error)));
    TRY(module_add(t, module, "XMLParserType", Ref::share(g_state.parser_type)));
    TRY(add_version(t, module));
    TRY(add_errors(t, module));
    TRY(add_model(t, module));
    TRY(add_constants(t, module));
    return add_capsule(t, module);
}

}  // namespace
}  // namespace pyexpat

extern const ModuleSpec module_pyexpat;
const ModuleSpec module_pyexpat = {"pyexpat", "XML parsing with Expat.", pyexpat::functions, pyexpat::exec};

}  // namespace krait
