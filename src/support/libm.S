/* See libm.h. */
    .text
#define LIBM_FUNCTION(name) \
    .globl name; .hidden name; .type name, @function; .balign 8; name: jmp *slot_##name(%rip); .size name, . - name;
#include "support/libm.def"
#undef LIBM_FUNCTION

/* Loads the library with all registers that may carry arguments kept, then calls what the slot on the stack holds. */
libm_first:
    push %rax
    push %rdi
    push %rsi
    push %rdx
    push %rcx
    push %r8
    push %r9
    sub $136, %rsp
#define EACH_XMM(do) do(0) do(1) do(2) do(3) do(4) do(5) do(6) do(7)
#define SAVE(n) movups %xmm##n, 16 * n(%rsp);
    EACH_XMM(SAVE)
    call libm_load
#define RESTORE(n) movups 16 * n(%rsp), %xmm##n;
    EACH_XMM(RESTORE)
    add $136, %rsp
    pop %r9
    pop %r8
    pop %rcx
    pop %rdx
    pop %rsi
    pop %rdi
    pop %rax
    pop %r11
    jmp *(%r11)

#define LIBM_FUNCTION(name) \
    first_##name: lea slot_##name(%rip), %r11; push %r11; jmp libm_first;
#include "support/libm.def"
#undef LIBM_FUNCTION

    .data
    .balign 8
    .globl libm_slots
    .hidden libm_slots
libm_slots:
#define LIBM_FUNCTION(name) slot_##name: .quad first_##name;
#include "support/libm.def"
#undef LIBM_FUNCTION

    .section .note.GNU-stack, "", @progbits
