// Functions of module math on ints.
#pragma once

#include "object/thread.h"

namespace krait {

Ref math_comb(Thread& t, Value, const Value* args, size_t nargs);
Ref math_perm(Thread& t, Value, const Value* args, size_t nargs);
Ref math_factorial(Thread& t, Value, Value n);
Ref math_isqrt(Thread& t, Value, Value n);
Ref math_gcd(Thread& t, Value, const Value* args, size_t n);
Ref math_lcm(Thread& t, Value, const Value* args, size_t n);

}  // namespace krait
