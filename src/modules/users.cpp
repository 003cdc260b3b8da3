// The modules pwd and grp.
#include <grp.h>
#include <pwd.h>

#include "modules/posix/posix.h"
#include "object/per_interpreter.h"

namespace krait {

namespace {

using namespace posix;

Ref text(Thread& t, const char* s) { return s ? fs_decode(t, s, strlen(s)) : none_ref(); }
PER_INTERPRETER_REFS PyTypeObject *g_passwd, *g_group;

const StructSeqField passwd_fields[] = {{"pw_name", "user name"},     {"pw_passwd", "password"},
                                        {"pw_uid", "user id"},        {"pw_gid", "group id"},
                                        {"pw_gecos", "real name"},    {"pw_dir", "home directory"},
                                        {"pw_shell", "shell program"}};
const StructSeqDesc passwd_desc{"pwd.struct_passwd", "An entry of the password database.", passwd_fields, 7,
                                7};
const StructSeqField group_fields[] = {{"gr_name", "group name"},
                                       {"gr_passwd", "password"},
                                       {"gr_gid", "group id"},
                                       {"gr_mem", "group members"}};
const StructSeqDesc group_desc{"grp.struct_group", "An entry of the group database.", group_fields, 4, 4};

Ref passwd_entry(Thread& t, const passwd& p) {
    Ref name = text(t, p.pw_name), word = text(t, p.pw_passwd), uid = id_to_int(t, p.pw_uid),
        gid = id_to_int(t, p.pw_gid), gecos = text(t, p.pw_gecos), dir = text(t, p.pw_dir),
        shell = text(t, p.pw_shell);
    return make_structseq(t, g_passwd, {&name, &word, &uid, &gid, &gecos, &dir, &shell});
}
Ref group_entry(Thread& t, const group& g) {
    Ref members = TRY(list_new(t));
    for (char** m = g.gr_mem; m && *m; m++) TRY(list_append_owned(t, members, text(t, *m)));
    Ref name = text(t, g.gr_name), word = text(t, g.gr_passwd), gid = id_to_int(t, g.gr_gid);
    return make_structseq(t, g_group, {&name, &word, &gid, &members});
}

// Calls a *_r function with growing buffers; `found` is null when there is no such entry.
template <class Entry, class F>
Status look_up(Thread& t, Ref& buffer, Entry& entry, Entry*& found, F f) {
    for (int64_t size = 1024;; size *= 2) {
        buffer = bytes_new(t, size);
        if (!buffer) return {};
        found = nullptr;
        int r = static_cast<int>(unlocked(t, [&] {
                                     return f(&entry, bytes_data(buffer), static_cast<size_t>(size), &found);
                                 }).value);
        if (r == ERANGE && size < (1 << 26)) continue;
        if (r == ENOMEM) return raise_no_memory(t);
        return Status::ok();
    }
}

Ref name_key_error(Thread& t, const char* format, Value v) {
    Ref message = TRY(str_format(t, format, v));
    return raise_value(t, PyExc_KeyError, message);
}

Status need_str(Thread& t, const char* what, Value v) {
    if (!is_str(v))
        return raise(t, PyExc_TypeError, "%s must be str, not %.50s", what,
                     is_none(v) ? "None" : type_of(v)->tp_name);
    return Status::ok();
}

Ref getpwnam_fn(Thread& t, Value, Value arg) {
    TRY(need_str(t, "getpwnam() argument", arg));
    Ref name = TRY(fs_encode(t, arg)), buffer;
    passwd entry, *found;
    TRY(look_up(t, buffer, entry, found, [&](passwd* e, char* b, size_t n, passwd** r) {
        return getpwnam_r(bytes_data(name), e, b, n, r);
    }));
    if (!found) return name_key_error(t, "getpwnam(): name not found: %R", arg);
    return passwd_entry(t, entry);
}
Ref getpwuid_fn(Thread& t, Value, Value arg) {
    auto uid = id_arg(t, arg, "uid");
    if (!uid) {
        if (!clear_if(t, PyExc_OverflowError)) return {};
        Ref message = TRY(str_from(t, "getpwuid(): uid not found"));
        return raise_value(t, PyExc_KeyError, message);
    }
    Ref buffer;
    passwd entry, *found;
    TRY(look_up(t, buffer, entry, found, [&](passwd* e, char* b, size_t n, passwd** r) {
        return getpwuid_r(uid.value(), e, b, n, r);
    }));
    Ref shown = TRY(id_to_int(t, uid.value()));
    if (!found) return name_key_error(t, "getpwuid(): uid not found: %S", shown);
    return passwd_entry(t, entry);
}
Ref getpwall_fn(Thread& t, Value) {
    Ref all = TRY(list_new(t));
    setpwent();
    Status ok = Status::ok();
    while (passwd* p = getpwent())
        if (!list_append_owned(t, all, passwd_entry(t, *p))) {
            ok = Status();
            break;
        }
    endpwent();
    return ok ? std::move(all) : Ref();
}

Ref getgrnam_fn(Thread& t, Value, const Value* a) {
    TRY(need_str(t, "getgrnam() argument 'name'", a[0]));
    Ref name = TRY(fs_encode(t, a[0])), buffer;
    group entry, *found;
    TRY(look_up(t, buffer, entry, found, [&](group* e, char* b, size_t n, group** r) {
        return getgrnam_r(bytes_data(name), e, b, n, r);
    }));
    if (!found) return name_key_error(t, "getgrnam(): name not found: %R", a[0]);
    return group_entry(t, entry);
}
Ref getgrgid_fn(Thread& t, Value, const Value* a) {
    uint32_t gid = TRY(id_arg(t, a[0], "gid"));
    Ref buffer;
    group entry, *found;
    TRY(look_up(t, buffer, entry, found,
                [&](group* e, char* b, size_t n, group** r) { return getgrgid_r(gid, e, b, n, r); }));
    Ref shown = TRY(id_to_int(t, gid));
    if (!found) return name_key_error(t, "getgrgid(): gid not found: %S", shown);
    return group_entry(t, entry);
}
Ref getgrall_fn(Thread& t, Value) {
    Ref all = TRY(list_new(t));
    setgrent();
    Status ok = Status::ok();
    while (group* g = getgrent())
        if (!list_append_owned(t, all, group_entry(t, *g))) {
            ok = Status();
            break;
        }
    endgrent();
    return ok ? std::move(all) : Ref();
}

const NativeDef pwd_functions[] = {def<getpwuid_fn>("getpwuid", "(uidobj, /)", "The entry of a user id."),
                                   def<getpwnam_fn>("getpwnam", "(name, /)", "The entry of a user name."),
                                   def<getpwall_fn>("getpwall", "()", "All entries."),
                                   {}};
const NativeDef grp_functions[] = {def<getgrgid_fn>("getgrgid", "(id)", "The entry of a group id."),
                                   def<getgrnam_fn>("getgrnam", "(name)", "The entry of a group name."),
                                   def<getgrall_fn>("getgrall", "()", "All entries."),
                                   {}};
Status pwd_exec(Thread& t, Value module) {
    if (!g_passwd) g_passwd = TRY(structseq_type_new(t, passwd_desc)).release().as<PyTypeObject>();
    return module_add(t, module, "struct_passwd", Ref::share(Value(g_passwd)));
}
Status grp_exec(Thread& t, Value module) {
    if (!g_group) g_group = TRY(structseq_type_new(t, group_desc)).release().as<PyTypeObject>();
    return module_add(t, module, "struct_group", Ref::share(Value(g_group)));
}

}  // namespace

extern const ModuleSpec module_pwd, module_grp;
const ModuleSpec module_pwd{
    .name = "pwd", .doc = "The password database.", .functions = pwd_functions, .exec = pwd_exec};
const ModuleSpec module_grp{
    .name = "grp", .doc = "The group database.", .functions = grp_functions, .exec = grp_exec};

}  // namespace krait
