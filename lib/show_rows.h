/*
 * show_rows: the table of vCPUs in the banner, as columns and rows.
 *
 * One look at all vCPUs decides the columns, so that every row fits the width: registers
 * that have no room in a row stand below it. A part of lib/show.c; nobody else uses it.
 */
#ifndef DUMPCTL_LIB_SHOW_ROWS_H
#define DUMPCTL_LIB_SHOW_ROWS_H

#include "lib/show_private.h"

enum {
    DC_SHOW_EXTRAS = 4, /* the symbol, and columns of "dumpctl" */
    DC_SHOW_STATES = DC_UNAVAILABLE + 1,
};

struct dc_show_rows {
    struct dc_show *s;
    const struct dc_snapshot *snapshot;
    unsigned indent;

    /* What is in the snapshot. */
    size_t count[DC_SHOW_STATES];
    bool user_root, tcr;            /* in some vCPU */
    bool general;                   /* "dumpctl" has more registers */
    unsigned width[DC_SHOW_EXTRAS]; /* columns that it needs; 0: no vCPU has it */
    bool common;                    /* more than half of the parked ones have one ip: */
    uint64_t common_ip;
    size_t common_count;

    /* Layout. */
    unsigned id_width, state_width;
    unsigned n_regs; /* that the report has */
    unsigned in_row; /* of them stand in the row, the others below it */
    unsigned gap;
    bool extra[DC_SHOW_EXTRAS]; /* has room */
    bool
        whole; /* what is said of a vCPU is folded, not cut; may be changed between rows */

    /* What dc_show_row() was called for. */
    size_t shown[DC_SHOW_STATES], shown_common;
};

/* Looks at all vCPUs of the snapshot, which must have one. */
struct dc_show_rows dc_show_rows(struct dc_show *s, unsigned indent,
                                 const struct dc_snapshot *snapshot);

void dc_show_rows_header(const struct dc_show_rows *rows);

/* Lines that the row of a vCPU takes. */
size_t dc_show_row_height(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu);

void dc_show_row(struct dc_show_rows *rows, const struct dc_vcpu *vcpu);

/* Whether the vCPU stands where most of the parked ones do. */
bool dc_show_is_common(const struct dc_show_rows *rows, const struct dc_vcpu *vcpu);

/* Into s->scratch: what the rows do not say, and where to find it. */
void dc_show_rows_hints(const struct dc_show_rows *rows);

#endif
