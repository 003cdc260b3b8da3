#include "support/panic.h"

#include <csetjmp>
#include <cstdio>
#include <cstdlib>
#include <new>

#include "support/reserve.h"

namespace krait {

void panic(const char* message) {
    std::fprintf(stderr, "krait: fatal: %s\n", message);
    std::fflush(stderr);
    std::abort();
}

static constinit thread_local std::jmp_buf* t_way_out = nullptr;

void out_of_memory() {
    if (t_way_out) std::longjmp(*t_way_out, 1);
    panic("out of memory");
}

bool has_way_out() { return t_way_out != nullptr; }

bool with_memory(void (*work)(void*), void* argument) {
    std::jmp_buf here;
    std::jmp_buf* outer = t_way_out;
    if (!std::get_new_handler()) std::set_new_handler(out_of_memory);  // for C++ containers of tools
    bool enough = setjmp(here) == 0;
    if (enough) {
        t_way_out = &here;
        work(argument);
    }
    t_way_out = outer;
    return enough;
}

WithoutWayOut::WithoutWayOut() : kept_(t_way_out) { t_way_out = nullptr; }
WithoutWayOut::~WithoutWayOut() { t_way_out = static_cast<std::jmp_buf*>(kept_); }

}  // namespace krait
