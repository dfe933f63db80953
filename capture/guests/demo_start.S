/*
 * Entry point of the demo guest: rdi, rsi and rsp are as guest.h says, and so are the
 * arguments of a C function. A debugger that walks the stack finds its end in rbp = 0.
 */
    .text
    .globl _start
    .type _start, @function
_start:
    xorl %ebp, %ebp
    call demo_main
    ud2
    .size _start, . - _start

    .section .note.GNU-stack, "", @progbits
