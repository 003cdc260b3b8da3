// Argument parsing by format, as PyArg_ParseTuple and its relatives do it.
#pragma once

#include <cstdarg>

#include "capi/capi.h"

namespace krait {

// A problem with one argument: what converters report, before it becomes an exception.
struct ArgError {
    char text[512] = "";
    int levels[32] = {};  // places in nested tuples
};

}  // namespace krait
