// Of _testinternalcapi: arithmetic of a complex number with a real one, which has no imaginary part.
#include <cerrno>

#include "builtins/number.h"
#include "builtins/tuple.h"
#include "bytecode/opcodes.h"
#include "modules/internals/internals.h"
#include "object/protocol.h"

namespace krait::internals {
namespace {

// The result of the operator, and the errno with which C code says that there is none.
Ref mixed(Thread& t, const Value* args, BinaryOp op, bool real_first) {
    Value real = args[real_first ? 0 : 1], other = args[real_first ? 1 : 0];
    Complex z = TRY(as_complex(t, other));
    Ref a = TRY(complex_from(t, z.real, z.imag)), b = TRY(float_from(t, TRY(as_double(t, real))));
    Ref r = real_first ? binary_op(t, b, a, op) : binary_op(t, a, b, op);
    int error = 0;
    if (!r) {
        if (!clear_if(t, reinterpret_cast<PyTypeObject*>(PyExc_ZeroDivisionError))) return {};
        error = EDOM;
        r = TRY(complex_from(t, 0, 0));
    }
    return tuple_of(t, {r, Value::from_int(error)});
}
template <BinaryOp Op, bool RealFirst>
Ref mixed(Thread& t, Value, const Value* args, size_t) {
    return mixed(t, args, Op, RealFirst);
}

}  // namespace

const NativeDef kNumberFunctions[] = {
    def<mixed<BinaryOp::NB_ADD, false>>("_py_cr_sum", "(z, x, /)", nullptr),
    def<mixed<BinaryOp::NB_SUBTRACT, false>>("_py_cr_diff", "(z, x, /)", nullptr),
    def<mixed<BinaryOp::NB_SUBTRACT, true>>("_py_rc_diff", "(x, z, /)", nullptr),
    def<mixed<BinaryOp::NB_MULTIPLY, false>>("_py_cr_prod", "(z, x, /)", nullptr),
    def<mixed<BinaryOp::NB_TRUE_DIVIDE, false>>("_py_cr_quot", "(z, x, /)", nullptr),
    def<mixed<BinaryOp::NB_TRUE_DIVIDE, true>>("_py_rc_quot", "(x, z, /)", nullptr),
    {},
};

}  // namespace krait::internals
