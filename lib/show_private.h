/*
 * show_private: what the parts of the banner share (show.c, show_headline.c, show_facts.c,
 * show_vcpus.c, show_sections.c). Nobody else includes it.
 */
#ifndef DUMPCTL_LIB_SHOW_PRIVATE_H
#define DUMPCTL_LIB_SHOW_PRIVATE_H

#include "lib/show.h"
#include "lib/text.h"

/* A screen of 24 lines, without the one that the prompt takes. */
enum { DC_SHOW_SCREEN = 23 };

struct dc_show {
    struct dc_text text;
    const struct dc_model *model;
    const struct dc_show_options *options;
    struct dc_buf scratch; /* for what is being put together; failed: no memory */
    struct dc_sink sink;
    size_t lines;                     /* that the sink has been given */
    bool cause_cut;                   /* in the headline */
    bool ids_cut[DC_UNAVAILABLE + 1]; /* by state: the headline had no room for all */
};

/* Lines written up to now. */
size_t dc_show_lines(struct dc_show *s);

/* Adds to s->scratch. */
void dc_show_add(struct dc_show *s, const char *text);
void dc_show_add_str(struct dc_show *s, struct dc_str str);
void dc_show_add_u64(struct dc_show *s, uint64_t value);
void dc_show_add_us(struct dc_show *s, uint64_t us); /* "310 us", "2.4 ms", "30.0 s" */
void dc_show_add_seconds(struct dc_show *s, uint64_t ms); /* "0.5 s", "30.0 s" */

/* A member by its value: of a list the number of elements, of what else has members of its
   own that it is there. */
void dc_show_add_value(struct dc_show *s, const struct dc_rec *rec, int field);

/* Forgets what s->scratch holds. */
void dc_show_restart(struct dc_show *s);

/* "LABEL:", without a blank behind it. */
void dc_show_label(struct dc_show *s, unsigned indent, const char *label);

/* "LABEL: ", and then what s->scratch holds, folded into about `lines` lines of 80 columns
   (0, --all: no limit). What is left out is counted on a line of its own. Ends the line. */
void dc_show_field(struct dc_show *s, unsigned indent, const char *label,
                   enum dc_style style, unsigned lines);

/* What s->scratch holds, folded with a hanging indent of `indent` + 2, as a remark. */
void dc_show_note(struct dc_show *s, unsigned indent, enum dc_style style);

/* ---- show_headline.c ---- */

/* Variant, cause, counts and ids; ends the line. */
void dc_show_headline(struct dc_show *s);

/* All of it in one line, behind the report's name; ends the line. */
void dc_show_line(struct dc_show *s);

/* The report's name, at most `columns` wide (0: all of it). */
void dc_show_name(struct dc_show *s, size_t columns);

/* "0/4 parked": what the reason says of vCPUs that are not in the report. */
void dc_show_add_reason_counts(struct dc_show *s);

/* The headline's own words of why, also where statistics are missing. */
void dc_show_add_cause(const struct dc_model *model, struct dc_buf *cause);

/* show_facts.c: what a report says of its trigger, and of the capture. */
void dc_show_degraded_facts(struct dc_show *s);
void dc_show_single_facts(struct dc_show *s);
void dc_show_dual_facts(struct dc_show *s);
void dc_show_missing_facts(struct dc_show *s);
void dc_show_capture(struct dc_show *s, unsigned indent, const struct dc_rec *own,
                     unsigned lines);

/* show_vcpus.c, show_rows.c: counts and registers in at most `room` lines (0, --all: all of them). */
void dc_show_vcpus(struct dc_show *s, unsigned indent, const struct dc_snapshot *snapshot,
                   size_t room);

/* show_sections.c: what else a snapshot holds, by name and number. */
void dc_show_sections(struct dc_show *s, unsigned indent,
                      const struct dc_snapshot *snapshot);

#endif
