// Argument parsing by format, as PyArg_ParseTuple and its relatives do it: what getargs.cpp (items,
// positional arguments) and getargs_keywords.cpp share.
#pragma once

#include <cstdarg>
#include <vector>

#include "capi/capi.h"
#include "gc/gc.h"

struct _PyArg_Parser {
    const char* format;
    const char* const* keywords;
    const char *fname, *custom_msg;
    uint8_t once;
    int is_kwtuple_owned, pos, min, max;
    PyObject* kwtuple;
    _PyArg_Parser* next;
};

namespace krait {

inline const char* kind_of(PyObject* o) { return o == &_Py_NoneStruct ? "None" : o->ob_type->tp_name; }
inline const char* parens(const char* function) { return function ? "()" : ""; }

// What has to be undone when a later argument fails.
struct Cleanup {
    struct Item {
        void* p;
        bool is_buffer;                    // else memory
        int (*convert)(PyObject*, void*);  // called with null to undo
    };
    std::vector<Item> items;
    bool ok = false;
    ~Cleanup() {
        if (ok) return;
        for (Item& i : items) {
            if (i.convert) {
                i.convert(nullptr, i.p);
            } else if (i.is_buffer) {
                auto* view = static_cast<Py_buffer*>(i.p);
                if (view->obj) release_buffer(here(), view);
            } else {
                mem_free(*static_cast<void**>(i.p));
                *static_cast<void**>(i.p) = nullptr;
            }
        }
    }
};

struct Parse {
    Thread& t;
    va_list* va;
    Cleanup& cleanup;
    char error[512];  // filled by what fails
    int levels[33] = {};
    int depth = 0;
    Parse(Thread& thread, va_list* list, Cleanup& undo) : t(thread), va(list), cleanup(undo) {}
};

// What stands in a format besides its items.
struct Format {
    const char *function = nullptr, *message = nullptr;
    int min = -1, max = 0, positional = -1;
};
Format read_format(const char* format);

// Null is success; else the text for the TypeError (which an exception that is set already overrides).
const char* convert_item(Parse& p, PyObject* arg, const char*& f);
// Steps over one item of the format and its places. Else what is wrong with it.
const char* skip_item(const char*& f, va_list* va);
// The exception for argument number `iarg`.
void report(Parse& p, int iarg, const char* text, const char* function, const char* message);
// The first n items; their number is right.
int parse_positional(Thread& t, PyObject* const* args, Py_ssize_t n, const char* format, const Format& r,
                     va_list* va);

}  // namespace krait
