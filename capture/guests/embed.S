/*
 * The demo guest inside the program: DEMO_ELF is the path of the ELF file, given by the
 * build. demo.h declares the two symbols.
 */
    .section .rodata
    .balign 16
    .globl cap_demo_elf
    .type cap_demo_elf, @object
cap_demo_elf:
    .incbin DEMO_ELF
    .globl cap_demo_elf_end
cap_demo_elf_end:
    .size cap_demo_elf, . - cap_demo_elf

    .section .note.GNU-stack, "", @progbits
