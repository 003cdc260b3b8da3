// Certificates: as dicts, and the type Certificate.
#include <openssl/pem.h>

#include "modules/openssl/ssl.h"

namespace krait::ssl {

namespace {

struct BioHolder {  // a memory BIO for a scope
    BIO* bio = BIO_new(BIO_s_mem());
    BioHolder() = default;
    BioHolder(const BioHolder&) = delete;
    ~BioHolder() { BIO_free(bio); }
    std::string_view text() const {
        char* data = nullptr;
        long n = BIO_get_mem_data(bio, &data);
        return n > 0 ? std::string_view(data, static_cast<size_t>(n)) : std::string_view("", 0);
    }
};
Ref bio_text(Thread& t, const BioHolder& b, const char* errors = nullptr) {
    return decode_utf8(t, b.text().data(), b.text().size(), errors);
}

}  // namespace

Ref object_text(Thread& t, const ASN1_OBJECT* object, bool no_name) {
    char small[256];
    int n = OBJ_obj2txt(small, sizeof small, object, no_name);
    if (n < 0) return raise_queued(t, 1172);
    if (n == 0 && no_name) return none_ref();
    if (n < static_cast<int>(sizeof small)) return str_from(t, small, static_cast<size_t>(n));
    auto* big = static_cast<char*>(mem_alloc(static_cast<size_t>(n) + 1));
    if (!big) return raise_no_memory(t);
    OBJ_obj2txt(big, n + 1, object, no_name);
    Ref text = str_from(t, big, static_cast<size_t>(n));
    mem_free(big);
    return text;
}

namespace {

// (name of the attribute, its value)
Ref attribute_pair(Thread& t, const X509_NAME_ENTRY* entry) {
    Ref name = TRY(object_text(t, X509_NAME_ENTRY_get_object(entry), false)), value;
    const ASN1_STRING* data = X509_NAME_ENTRY_get_data(entry);
    if (ASN1_STRING_type(data) == V_ASN1_BIT_STRING) {
        value =
            TRY(bytes_from(t, ASN1_STRING_get0_data(data), static_cast<size_t>(ASN1_STRING_length(data))));
    } else {
        unsigned char* text = nullptr;
        int n = ASN1_STRING_to_UTF8(&text, data);
        if (n < 0) return raise_queued(t, 1217);
        value = decode_utf8(t, reinterpret_cast<char*>(text), static_cast<size_t>(n), "strict");
        OPENSSL_free(text);
        if (!value) return {};
    }
    return tuple_of(t, {name, value});
}

// A tuple of RDNs, which are tuples of pairs.
Ref name_tuple(Thread& t, const X509_NAME* name) {
    Ref all = TRY(list_new(t)), one = TRY(list_new(t));
    int n = X509_NAME_entry_count(name), set = -1;
    for (int i = 0; i < n; i++) {
        const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
        if (set >= 0 && set != X509_NAME_ENTRY_set(entry)) {
            TRY(list_append_owned(t, all, TRY(list_to_tuple(t, one))));
            one = TRY(list_new(t));
        }
        set = X509_NAME_ENTRY_set(entry);
        TRY(list_append_owned(t, one, TRY(attribute_pair(t, entry))));
    }
    if (list_size(one) > 0) TRY(list_append_owned(t, all, TRY(list_to_tuple(t, one))));
    return list_to_tuple(t, all);
}

Ref pair(Thread& t, const char* name, Ref value) {
    if (!value) return {};
    Ref text = TRY(str_from(t, name));
    return tuple_of(t, {text, value});
}
Ref ia5_text(Thread& t, const ASN1_IA5STRING* s) {
    return decode_utf8(t, reinterpret_cast<const char*>(ASN1_STRING_get0_data(s)),
                       static_cast<size_t>(ASN1_STRING_length(s)), "strict");
}
Ref ip_text(Thread& t, const ASN1_OCTET_STRING* ip) {
    const unsigned char* p = ASN1_STRING_get0_data(ip);
    if (ASN1_STRING_length(ip) == 4) return str_format(t, "%d.%d.%d.%d", p[0], p[1], p[2], p[3]);
    if (ASN1_STRING_length(ip) != 16) return str_from(t, "<invalid>");
    auto word = [p](int i) { return static_cast<unsigned>(p[2 * i] << 8 | p[2 * i + 1]); };
    char text[48];
    snprintf(text, sizeof text, "%X:%X:%X:%X:%X:%X:%X:%X", word(0), word(1), word(2), word(3), word(4),
             word(5), word(6), word(7));
    return str_from(t, text);
}
// What libcrypto prints as "kind:value".
Ref printed_name(Thread& t, GENERAL_NAME* name) {
    BioHolder out;
    if (!out.bio) return raise_no_memory(t);
    GENERAL_NAME_print(out.bio, name);
    std::string_view text = out.text();
    size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        Ref all = TRY(bio_text(t, out, "replace"));
        return raise(t, PyExc_ValueError, "Invalid value %.200S", all.get());
    }
    Ref kind = TRY(decode_utf8(t, text.data(), colon, "strict")),
        value = TRY(decode_utf8(t, text.data() + colon + 1, text.size() - colon - 1, "strict"));
    return tuple_of(t, {kind, value});
}
Ref alternative_name(Thread& t, GENERAL_NAME* name) {
    switch (name->type) {
        case GEN_DIRNAME:
            return pair(t, "DirName", name_tuple(t, name->d.dirn));
        case GEN_EMAIL:
            return pair(t, "email", ia5_text(t, name->d.rfc822Name));
        case GEN_DNS:
            return pair(t, "DNS", ia5_text(t, name->d.dNSName));
        case GEN_URI:
            return pair(t, "URI", ia5_text(t, name->d.uniformResourceIdentifier));
        case GEN_RID: {
            char text[256];
            int n = i2t_ASN1_OBJECT(text, sizeof text - 1, name->d.registeredID);
            if (n < 0 || n >= static_cast<int>(sizeof text))
                return pair(t, "Registered ID", str_from(t, "<INVALID>"));
            return pair(t, "Registered ID", str_from(t, text, static_cast<size_t>(n)));
        }
        case GEN_IPADD:
            return pair(t, "IP Address", ip_text(t, name->d.iPAddress));
        case GEN_OTHERNAME:
        case GEN_X400:
        case GEN_EDIPARTY:
            return printed_name(t, name);
        default:
            TRY(warn(t, PyExc_RuntimeWarning, 1, "Unknown general name type %d", name->type));
            return printed_name(t, name);
    }
}
// Empty and no exception: the certificate has none.
Maybe alternative_names(Thread& t, X509* cert) {
    auto* names = static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(cert, NID_subject_alt_name, nullptr, nullptr));
    if (!names) return Maybe::absent();
    Ref all = list_new(t);
    for (int i = 0; all && i < sk_GENERAL_NAME_num(names); i++) {
        Ref one = alternative_name(t, sk_GENERAL_NAME_value(names, i));
        if (!one || !list_append(t, all, one)) all.reset();
    }
    GENERAL_NAMES_free(names);
    return list_to_tuple(t, TRY(std::move(all)));
}

// The addresses of authority information of one kind.
Maybe authority_uris(Thread& t, X509* cert, int nid) {
    auto* info =
        static_cast<AUTHORITY_INFO_ACCESS*>(X509_get_ext_d2i(cert, NID_info_access, nullptr, nullptr));
    if (!info) return Maybe::absent();
    Ref all = list_new(t);
    for (int i = 0; all && i < sk_ACCESS_DESCRIPTION_num(info); i++) {
        ACCESS_DESCRIPTION* a = sk_ACCESS_DESCRIPTION_value(info, i);
        if (OBJ_obj2nid(a->method) != nid || a->location->type != GEN_URI) continue;
        Ref uri = ia5_text(t, a->location->d.uniformResourceIdentifier);
        if (!uri || !list_append(t, all, uri)) all.reset();
    }
    AUTHORITY_INFO_ACCESS_free(info);
    if (!all) return {};
    if (!list_size(all)) return Maybe::absent();
    return list_to_tuple(t, all);
}
Maybe revocation_uris(Thread& t, X509* cert) {
    auto* points =
        static_cast<CRL_DIST_POINTS*>(X509_get_ext_d2i(cert, NID_crl_distribution_points, nullptr, nullptr));
    if (!points) return Maybe::absent();
    Ref all = list_new(t);
    for (int i = 0; all && i < sk_DIST_POINT_num(points); i++) {
        DIST_POINT* p = sk_DIST_POINT_value(points, i);
        if (!p->distpoint || p->distpoint->type != 0) continue;
        GENERAL_NAMES* names = p->distpoint->name.fullname;
        for (int j = 0; all && j < sk_GENERAL_NAME_num(names); j++) {
            GENERAL_NAME* name = sk_GENERAL_NAME_value(names, j);
            if (name->type != GEN_URI) continue;
            Ref uri = ia5_text(t, name->d.uniformResourceIdentifier);
            if (!uri || !list_append(t, all, uri)) all.reset();
        }
    }
    CRL_DIST_POINTS_free(points);
    if (!all) return {};
    if (!list_size(all)) return Maybe::absent();
    return list_to_tuple(t, all);
}

Ref time_text(Thread& t, const ASN1_TIME* time) {
    BioHolder out;
    if (!out.bio) return raise_no_memory(t);
    ASN1_TIME_print(out.bio, time);
    return bio_text(t, out);
}
Ref serial_text(Thread& t, X509* cert) {
    BioHolder out;
    if (!out.bio) return raise_no_memory(t);
    i2a_ASN1_INTEGER(out.bio, X509_get_serialNumber(cert));
    return bio_text(t, out);
}

}  // namespace

Ref decode_certificate(Thread& t, X509* cert) {
    Ref d = TRY(dict_new(t));
    auto put = [&](const char* key, Ref value) -> Status {
        TRY(static_cast<bool>(value) ? Status::ok() : Status::fail());
        return dict_set_str(t, d, key, value);
    };
    auto put_if = [&](const char* key, Maybe value) -> Status {
        TRY(static_cast<bool>(value) ? Status::ok() : Status::fail());
        return value.has_value() ? dict_set_str(t, d, key, value.take()) : Status::ok();
    };
    TRY(put("subject", name_tuple(t, X509_get_subject_name(cert))));
    TRY(put("issuer", name_tuple(t, X509_get_issuer_name(cert))));
    TRY(put("version", Ref::from_int(X509_get_version(cert) + 1)));
    TRY(put("serialNumber", serial_text(t, cert)));
    TRY(put("notBefore", time_text(t, X509_get0_notBefore(cert))));
    TRY(put("notAfter", time_text(t, X509_get0_notAfter(cert))));
    TRY(put_if("subjectAltName", alternative_names(t, cert)));
    TRY(put_if("OCSP", authority_uris(t, cert, NID_ad_OCSP)));
    TRY(put_if("caIssuers", authority_uris(t, cert, NID_ad_ca_issuers)));
    TRY(put_if("crlDistributionPoints", revocation_uris(t, cert)));
    ERR_clear_error();
    return d;
}

Ref certificate_der(Thread& t, X509* cert) {
    unsigned char* der = nullptr;
    int n = i2d_X509(cert, &der);
    if (n < 0) return raise_queued(t, 1827);
    Ref bytes = bytes_from(t, der, static_cast<size_t>(n));
    OPENSSL_free(der);
    return bytes;
}

Ref test_decode_cert(Thread& t, Value, Value path) {
    Ref name = TRY(fs_encode(t, path));
    BIO* file = BIO_new_file(bytes_data(name), "r");
    ERR_clear_error();
    if (!file) return raise(t, types.error, "Can't open file");
    X509* cert = PEM_read_bio_X509(file, nullptr, nullptr, nullptr);
    BIO_free(file);
    ERR_clear_error();
    if (!cert) return raise(t, types.error, "Error decoding PEM-encoded file");
    Ref d = decode_certificate(t, cert);
    X509_free(cert);
    return d;
}

// --- the type ---

namespace {

CertificateObject* as_certificate(Value v) { return v.as<CertificateObject>(); }

void certificate_dealloc(Thread& t, PyObject* o) {
    X509_free(as_certificate(Value(o))->cert);
    free_object(t, o);
}
Ref public_bytes(Thread& t, Value self, const Value* a) {
    constexpr int kPem = 1, kDer = 2;
    int format = a[0] ? TRY(as_int32(t, a[0])) : kPem;
    BioHolder out;
    if (!out.bio) return raise_no_memory(t);
    X509* cert = as_certificate(self)->cert;
    if (format == kPem) {
        if (!PEM_write_bio_X509(out.bio, cert)) return raise_queued(t, 60);
        return bio_text(t, out);
    }
    if (format == kDer) {
        if (!i2d_X509_bio(out.bio, cert)) return raise_queued(t, 67);
        return bytes_from(t, out.text());
    }
    return raise(t, PyExc_ValueError, "Unsupported format");
}
Ref get_info(Thread& t, Value self) { return decode_certificate(t, as_certificate(self)->cert); }
Ref certificate_repr(Thread& t, Value self) {
    BioHolder out;
    if (!out.bio) return raise_no_memory(t);
    if (X509_NAME_print_ex(out.bio, X509_get_subject_name(as_certificate(self)->cert), 0, XN_FLAG_RFC2253) <
        0)
        return raise_queued(t, 90);
    Ref subject = TRY(bio_text(t, out, "strict"));
    return str_format(t, "<%s '%U'>", type_of(self)->tp_name, subject.get());
}
Result<int64_t> certificate_hash(Thread&, Value self) {
    CertificateObject* c = as_certificate(self);
    if (c->hash == -1) {
        auto h = static_cast<int64_t>(X509_subject_name_hash(c->cert));
        c->hash = h == -1 ? -2 : h;
    }
    return c->hash;
}
Ref certificate_compare(Thread&, Value a, Value b, CompareOp op) {
    if ((op != kEq && op != kNe) || !has_type(b, types.certificate)) return not_implemented_ref();
    bool same = X509_cmp(as_certificate(a)->cert, as_certificate(b)->cert) == 0;
    return bool_ref(same == (op == kEq));
}

const NativeDef methods[] = {def<public_bytes>("public_bytes", "(format=Encoding.PEM, /)",
                                               "The certificate as PEM text or DER bytes."),
                             def<get_info>("get_info", "()", nullptr),
                             {}};
const TypeDecl decl{.name = "_ssl.Certificate",
                    .basicsize = sizeof(CertificateObject),
                    .flags = kTpDisallowInstantiation | kTpImmutableType,
                    .slots = {.dealloc = certificate_dealloc,
                              .repr = certificate_repr,
                              .hash = certificate_hash,
                              .richcompare = certificate_compare},
                    .spec = {.methods = methods}};

}  // namespace

Ref certificate_new(Thread& t, X509* cert) {
    Ref self = TRY(alloc(t, types.certificate));
    X509_up_ref(cert);
    as_certificate(self)->cert = cert;
    as_certificate(self)->hash = -1;
    return self;
}
Status make_certificate_type(Thread& t, Value module) {
    if (!types.certificate)
        types.certificate = TRY(new_native_heap_type(t, module, decl, {})).release().as<PyTypeObject>();
    return module_add(t, module, "Certificate", Ref::share(Value(types.certificate)));
}

}  // namespace krait::ssl
