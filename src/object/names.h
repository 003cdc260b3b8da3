// Interned names used by the runtime itself. `ID(append)` is the str object "append" as a borrowed, immortal
// Value; valid after init_names. A native module with names of its own keeps them in a static LazyName
// instead of growing names.def.
#pragma once

#include "object/value.h"

namespace krait {
struct Thread;

enum class NameId : int {
#define NAME(text) k_##text,
#include "object/names.def"
    kCount
};
extern Value g_names[static_cast<int>(NameId::kCount)];
#define ID(text) (::krait::g_names[static_cast<int>(::krait::NameId::k_##text)])

// static LazyName kSeek("seek");  ...  call_method(t, file, kSeek(t), {...})
class LazyName {
  public:
    constexpr explicit LazyName(const char* text) : text_(text) {}
    Value operator()(Thread& t) {
        if (!value_) value_ = resolve(t);
        return value_;
    }

  private:
    Value resolve(Thread& t);
    const char* text_;
    Value value_;
};

}  // namespace krait
