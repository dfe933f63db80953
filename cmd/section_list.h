/*
 * section_list: the sections that an option names, several with commas between.
 */
#ifndef DUMPCTL_CMD_SECTION_LIST_H
#define DUMPCTL_CMD_SECTION_LIST_H

#include "cmd/cmd.h"

#include <stdint.h>

/* Which sections an option may name. */
struct cmd_sections {
    int count;                                 /* at most 32; find() is below it */
    int (*find)(const char *name, size_t len); /* -1: none has that name */
    const char *(*name)(int section);          /* to guess by; NULL: not to be named */
    const char *(*other_name)(int section);    /* NULL: there is none */
    const char *hint;                          /* where the names are told */
};

/* Adds the bits of the sections in `value` to *set. 0, or -1 after a usage error, which has
   been reported. */
int cmd_section_list(const struct cmd_sections *sections, const struct cmd_verb *verb,
                     const struct cmd_common *common, const char *value,
                     uint32_t *set) DC_MUST_USE;

#endif
