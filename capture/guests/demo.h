/*
 * demo: the guest that is built into the program, an ELF file as bytes.
 */
#ifndef DUMPCTL_CAPTURE_GUESTS_DEMO_H
#define DUMPCTL_CAPTURE_GUESTS_DEMO_H

extern const unsigned char cap_demo_elf[];
extern const unsigned char cap_demo_elf_end[];

#endif
