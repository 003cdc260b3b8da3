// Stubs: small pieces of machine code that bind one word to a function, so that a plain function pointer can
// carry which function to call in turn. A stub puts `data` into the register of the sixth integer argument
// (r9) and jumps to `handler`; all slot functions have at most five.
#pragma once

namespace krait {

// The same pair gives the same stub. Stubs live for ever. Null when out of memory.
void* make_stub(void* handler, void* data);
// True when `fn` is a stub; tells what it is made of.
bool read_stub(void* fn, void** handler, void** data);

}  // namespace krait
