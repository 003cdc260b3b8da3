#include "object/names.h"

#include "builtins/str.h"
#include "object/errors.h"
#include "object/internal.h"
#include "support/panic.h"

namespace krait {

Value g_names[static_cast<int>(NameId::kCount)];

Status init_names(Thread& t) {
    static const char* const texts[] = {
#define NAME(text) #text,
#include "object/names.def"
    };
    for (int i = 0; i < static_cast<int>(NameId::kCount); i++) {
        Ref s = TRY(str_intern(t, texts[i]));
        if (!is_immortal(s.get().ptr())) make_immortal(s.get().ptr());
        g_names[i] = s.release();
    }
    return Status::ok();
}

Value LazyName::resolve(Thread& t) {
    Ref s = str_intern(t, text_);
    if (!s) panic("out of memory for a name");  // callers use names like constants
    if (!is_immortal(s.get().ptr())) make_immortal(s.get().ptr());
    return s.release();
}

}  // namespace krait
