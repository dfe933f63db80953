/*
 * map_type: what the kernel's numbers of BPF map types are called, and what the errors
 * mean that a capture has for a map (wire-format 8.5, 8.7).
 */
#ifndef DUMPCTL_LIB_MAP_TYPE_H
#define DUMPCTL_LIB_MAP_TYPE_H

#include "lib/doc.h"

/* "hash", "arena", ...; NULL: a number that is not known. */
const char *dc_map_type_name(uint64_t type);

/* One sentence for a person, or NULL for an error that is not known. */
const char *dc_map_error_meaning(struct dc_str error);

#endif
