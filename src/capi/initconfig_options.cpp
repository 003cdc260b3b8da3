// initconfig.h, PyInitConfig: options by name, before there is an interpreter. Those of the running one are
// in config.cpp.
#include <cstdlib>
#include <vector>

#include "capi/initconfig.h"

CAPI void PyConfig_InitIsolatedConfig(PyConfig*);
CAPI void PyPreConfig_InitIsolatedConfig(PyPreConfig*);
CAPI void PyConfig_Clear(PyConfig*);
CAPI PyStatus Py_PreInitialize(const PyPreConfig*);
CAPI PyStatus Py_InitializeFromConfig(const PyConfig*);
CAPI PyStatus PyWideStringList_Append(PyWideStringList*, const wchar_t*);
CAPI int PyImport_AppendInittab(const char*, PyObject* (*)());

using namespace krait;

namespace {
template <class T>
T& field(const void* base, const ConfigOption& o) {
    return *reinterpret_cast<T*>(static_cast<char*>(const_cast<void*>(base)) + o.offset);
}
}  // namespace

struct PyInitConfig {
    PyPreConfig pre;
    PyConfig config;
    PyStatus status;
    std::vector<std::pair<std::string, PyObject* (*)()>> modules;
    std::string message;
};

namespace {
void* base_of(PyInitConfig* c, const ConfigOption& o) {
    return o.of_preconfig ? static_cast<void*>(&c->pre) : &c->config;
}
int refuse(PyInitConfig* c, const char* message) {
    c->status = status_error(message);
    return -1;
}
const ConfigOption* option_of(PyInitConfig* c, const char* name) {
    const ConfigOption* o = find_option(name);
    if (!o) refuse(c, "unknown config option name");
    return o;
}
char* copy(const std::string& s) { return strdup(s.c_str()); }
}  // namespace

CAPI PyInitConfig* PyInitConfig_Create() {
    auto* c = new PyInitConfig{};
    PyPreConfig_InitIsolatedConfig(&c->pre);
    PyConfig_InitIsolatedConfig(&c->config);
    return c;
}
CAPI void PyInitConfig_Free(PyInitConfig* c) {
    if (!c) return;
    PyConfig_Clear(&c->config);
    delete c;
}
CAPI int PyInitConfig_GetError(PyInitConfig* c, const char** message) {
    if (c->status.type == 2) {
        c->message = "exit code " + std::to_string(c->status.exitcode);
        *message = c->message.c_str();
        return 1;
    }
    if (c->status.type == 1) {
        c->message =
            c->status.func ? std::string(c->status.func) + ": " + c->status.err_msg : c->status.err_msg;
        *message = c->message.c_str();
        return 1;
    }
    *message = nullptr;
    return 0;
}
CAPI int PyInitConfig_GetExitCode(PyInitConfig* c, int* code) {
    if (c->status.type != 2) return 0;
    *code = c->status.exitcode;
    return 1;
}
CAPI int PyInitConfig_HasOption(PyInitConfig*, const char* name) { return find_option(name) != nullptr; }
CAPI int PyInitConfig_GetInt(PyInitConfig* c, const char* name, int64_t* value) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    switch (o->kind) {
        case OptionKind::Int:
        case OptionKind::Unsigned:
            *value = field<int>(base_of(c, *o), *o);
            return 0;
        case OptionKind::Unsigned64:
            *value = static_cast<int64_t>(field<unsigned long>(base_of(c, *o), *o));
            return 0;
        default:
            return refuse(c, "config option type is not int");
    }
}
CAPI int PyInitConfig_GetStr(PyInitConfig* c, const char* name, char** value) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    if (o->kind != OptionKind::Text) return refuse(c, "config option type is not string");
    const wchar_t* w = field<wchar_t*>(base_of(c, *o), *o);
    *value = w ? copy(narrow(w)) : nullptr;
    return 0;
}
CAPI int PyInitConfig_GetStrList(PyInitConfig* c, const char* name, size_t* length, char*** items) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    if (o->kind != OptionKind::List) return refuse(c, "config option type is not string list");
    const auto& list = field<PyWideStringList>(base_of(c, *o), *o);
    *length = static_cast<size_t>(list.length);
    *items = static_cast<char**>(calloc(*length + 1, sizeof(char*)));
    if (!*items) {
        c->status = status_no_memory();
        return -1;
    }
    for (size_t i = 0; i < *length; i++) (*items)[i] = copy(narrow(list.items[i]));
    return 0;
}
CAPI void PyInitConfig_FreeStrList(size_t length, char** items) {
    for (size_t i = 0; i < length; i++) free(items[i]);
    free(items);
}
CAPI int PyInitConfig_SetInt(PyInitConfig* c, const char* name, int64_t value) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    switch (o->kind) {
        case OptionKind::Int:
            if (value != static_cast<int>(value)) return refuse(c, "config option value is out of int range");
            break;
        case OptionKind::Unsigned:
            if (value < 0 || value > UINT32_MAX)
                return refuse(c, "config option value is out of unsigned int range");
            break;
        case OptionKind::Unsigned64:
            if (value < 0) return refuse(c, "config option value is out of unsigned long range");
            field<unsigned long>(base_of(c, *o), *o) = static_cast<unsigned long>(value);
            return 0;
        default:
            return refuse(c, "config option type is not int");
    }
    field<int>(base_of(c, *o), *o) = static_cast<int>(value);
    return 0;
}
CAPI int PyInitConfig_SetStr(PyInitConfig* c, const char* name, const char* value) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    if (o->kind != OptionKind::Text) return refuse(c, "config option type is not string");
    auto& place = field<wchar_t*>(base_of(c, *o), *o);
    free(place);
    place = value ? widen(value) : nullptr;
    return 0;
}
CAPI int PyInitConfig_SetStrList(PyInitConfig* c, const char* name, size_t length, char* const* items) {
    const ConfigOption* o = option_of(c, name);
    if (!o) return -1;
    if (o->kind != OptionKind::List) return refuse(c, "config option type is not string list");
    auto& list = field<PyWideStringList>(base_of(c, *o), *o);
    for (Py_ssize_t i = 0; i < list.length; i++) free(list.items[i]);
    free(list.items);
    list = {};
    for (size_t i = 0; i < length; i++) {
        wchar_t* w = widen(items[i]);
        c->status = PyWideStringList_Append(&list, w);
        free(w);
        if (c->status.type) return -1;
    }
    if (!strcmp(name, "module_search_paths")) c->config.module_search_paths_set = 1;
    return 0;
}
CAPI int PyInitConfig_AddModule(PyInitConfig* c, const char* name, PyObject* (*init)()) {
    c->modules.emplace_back(name, init);
    return 0;
}
CAPI int Py_InitializeFromInitConfig(PyInitConfig* c) {
    for (auto& [name, init] : c->modules) {
        // The table keeps the name.
        if (PyImport_AppendInittab(copy(name), init) < 0) {
            c->status = status_no_memory();
            return -1;
        }
    }
    c->status = Py_PreInitialize(&c->pre);
    if (!c->status.type) c->status = Py_InitializeFromConfig(&c->config);
    return c->status.type ? -1 : 0;
}
