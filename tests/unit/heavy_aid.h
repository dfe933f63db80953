/*
 * heavy_aid: the documents that cost most memory for their size, found by trying.
 *
 * For every list of every table the elements that can stand in it are tried: the least
 * one, then with each optional member, with longer lists in it, with other rendered
 * values, always kept when they cost more memory for each byte of text.
 */
#ifndef TESTS_HEAVY_AID_H
#define TESTS_HEAVY_AID_H

#include "lib/buf.h"
#include "lib/schema.h"

#include <stddef.h>

struct heavy {
    char name[160];              /* "Map.entries", ... */
    struct dc_buf head, element; /* head element,element,...,element tail */
    struct dc_buf tail;
    double cost; /* bytes of memory for a byte of text */
};

/* One for each list of the tables and one for each kind of unknown members; the most
   costly first. Free with heavy_free(). */
struct heavy *heavy_all(size_t *count);
void heavy_free(struct heavy *all, size_t count);

/* A document of just below `size` bytes. The caller frees `out`. */
void heavy_document(const struct heavy *heavy, size_t size, struct dc_buf *out);

#endif
