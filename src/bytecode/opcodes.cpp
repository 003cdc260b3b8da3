#include "bytecode/opcodes.h"

namespace krait {

std::string_view binary_op_text(int arg) {
    switch (arg) {
#define BINARY(name, number, text) \
    case number:                   \
        return text;
#include "bytecode/opargs.def"
    }
    return "?";
}

std::string_view compare_text(int number) {
    switch (number) {
#define COMPARE(name, number, text, mask) \
    case number:                          \
        return text;
#include "bytecode/opargs.def"
    }
    return "?";
}

}  // namespace krait
