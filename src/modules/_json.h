// What the files of the module _json share.
#pragma once

#include "builtins/str.h"
#include "object/thread.h"

namespace krait {

// A str as a JSON string, quotes included; TypeError for other things is the caller's.
Status json_put_string(Thread& t, StrBuilder& out, Value text, bool ascii_only);
// Which of the two functions of this module an encoder is: 1 encode_basestring, 2 the ASCII one, 0 neither.
int json_known_encoder(Value encoder);
Status json_init_encoder(Thread& t, Value module);

}  // namespace krait
