/*
 * show_private: what the parts of show share: the banner (show.c, show_headline.c,
 * show_facts.c, show_vcpus.c), the sections and the renderers. Nobody else includes it.
 */
#ifndef DUMPCTL_LIB_SHOW_PRIVATE_H
#define DUMPCTL_LIB_SHOW_PRIVATE_H

#include "lib/plot.h"
#include "lib/series.h"
#include "lib/show.h"
#include "lib/table.h"
#include "lib/text.h"

/* A screen of 24 lines, without the one that the prompt takes. */
enum { DC_SHOW_SCREEN = 23 };

struct dc_show;

/* Numbers of the statistics that are to be drawn, and when each sample was taken. */
struct dc_show_series {
    const struct dc_series_set *set;
    const struct dc_series **all; /* of set->all those that are shown */
    size_t n;
    const struct dc_list *samples;
};

/* What a renderer makes of the parts of a section. Words stand in s->scratch. */
struct dc_show_ops {
    unsigned rows; /* times table->most: the rows that are shown; 0: all of them */
    /* A section begins; the words say how much it has. */
    void (*section)(struct dc_show *s, const struct dc_section *section);
    void (*section_end)(struct dc_show *s);
    /* One of several things in a section: a map, an allocator. The words describe it to a
       person, the record to a program; table NULL: there is none. false: what is in it is
       not wanted, and item_end() must not follow. */
    bool (*item)(struct dc_show *s, const char *what, struct dc_str name,
                 const struct dc_table *table, const struct dc_row *row);
    void (*item_end)(struct dc_show *s);
    void (*note)(struct dc_show *s, enum dc_style style);
    /* "LABEL: words" */
    void (*fact)(struct dc_show *s, const char *label, enum dc_style style);
    /* An answer, and which members of the report it comes from. */
    void (*finding)(struct dc_show *s, const char *name, const char *from);
    /* One row, as names and values. */
    void (*record)(struct dc_show *s, const struct dc_table *table,
                   const struct dc_row *row);
    void (*table)(struct dc_show *s, const struct dc_table *table);
    /* A rendered value; the words are its label. NULL: it is not mapped. */
    void (*value)(struct dc_show *s, const struct dc_rec *value);
    void (*plot)(struct dc_show *s, const struct dc_plot *plot);
    /* Fields of the statistics, over all samples. */
    void (*series)(struct dc_show *s, const struct dc_show_series *series);
    void (*vcpus)(struct dc_show *s, const struct dc_snapshot *snapshot);
};

struct dc_show {
    const struct dc_show_ops *ops;
    const struct dc_model *model;
    const struct dc_show_options *options;
    const struct dc_snapshot *snapshot; /* that is being shown */
    struct dc_cell_style cells;
    struct dc_buf scratch; /* for what is being put together; failed: no memory */
    struct dc_buf cell;    /* for renderers: one cell, one line, */
    struct dc_buf trial;   /* what is tried */
    struct dc_sink sink;
    struct dc_text text;            /* of the text */
    struct dc_writer *json;         /* of the data */
    struct dc_html *html;           /* of the page */
    struct dc_outlining *outlining; /* of the outline */
    unsigned indent;                /* of the sections of this snapshot, */
    unsigned item_indent;           /* and deeper in an item */
    size_t lines;                   /* that the sink has been given */
    bool found;                     /* a finding was written */
    size_t zeros;   /* members of values that were left out, in the section */
    bool cause_cut; /* in the headline */
    bool ids_cut[DC_UNAVAILABLE + 1]; /* by state: the headline had no room for all */
};

/* Gives the parts of `s` their beginnings, and gives back what it holds. */
void dc_show_init(struct dc_show *s, const struct dc_show_ops *ops, struct dc_sink sink,
                  const struct dc_model *model, const struct dc_show_options *options);
int dc_show_done(struct dc_show *s, struct dc_error *err) DC_MUST_USE;

extern const struct dc_show_ops dc_show_text, dc_show_data, dc_show_page, dc_show_outline;

/* show_text.c: adds "last 140 (+50 at 2500 ms)". */
void dc_show_add_last(const struct dc_plot *plot, const struct dc_cell_style *style,
                      struct dc_buf *out);

/* show_series.c */
void dc_show_text_series(struct dc_show *s, const struct dc_show_series *series);

/* show_table.c */
void dc_show_text_table(struct dc_show *s, const struct dc_table *table);

/* What the banner says above the vCPUs and sections, as text. */
void dc_show_facts(struct dc_show *s);
void dc_show_unknown(struct dc_show *s); /* members, and what becomes of them */

/* Rows of a table that the renderer shows; 0: all. */
size_t dc_show_most(const struct dc_show *s, size_t most);

/* The next vCPU that is wanted (--vcpu). */
bool dc_show_next_vcpu(const struct dc_show *s, struct dc_vcpu_walk *walk);

/* Whether the section was chosen. */
bool dc_show_wants(const struct dc_show *s, enum dc_section_id id);

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
void dc_show_coverage(struct dc_show *s); /* show_samples.c: of the run's statistics */
void dc_show_capture(struct dc_show *s, unsigned indent, const struct dc_rec *own,
                     unsigned lines);

/* show_details.c: all that a report has of one vCPU, below its row. */
void dc_show_vcpu_details(struct dc_show *s, unsigned indent, const struct dc_vcpu *vcpu);
/* Members of a record as names and values; without `zeros` only those that say something,
   or "none". */
void dc_show_members(struct dc_show *s, unsigned indent, const char *label,
                     const struct dc_rec *rec, bool zeros);
/* show_full.c: what --full added. */
void dc_show_full(struct dc_show *s, unsigned indent, const struct dc_rec *full);

/* show_vcpus.c, show_rows.c: counts and registers in at most `room` lines (0, --all: all of them). */
void dc_show_vcpus(struct dc_show *s, unsigned indent, const struct dc_snapshot *snapshot,
                   size_t room);

/* What a shell's pattern says of a string from outside. */
bool dc_show_matches(const char *pattern, struct dc_str name);

/* "a", or "ab" where count is not one. */
void dc_show_add_count(struct dc_show *s, uint64_t count, const char *noun,
                       const char *plural);
/* A string from outside inside a sentence; of a long one its beginning, but for --all and
   for data: it stands in whole where its section has it. */
void dc_show_add_short(struct dc_show *s, struct dc_str text);
void dc_show_add_hex(struct dc_show *s, uint64_t value, unsigned digits);
void dc_show_add_ns(struct dc_show *s, uint64_t ns);
/* "0x... name+0x1c" */
void dc_show_add_address(struct dc_show *s, uint64_t address);

/* ---- sections: each shows what `s->snapshot` has of one of dc_sections ---- */

/* show_section.c: all that were chosen, in order. */
void dc_show_sections(struct dc_show *s);

/* Begins a section with its name and the number of its elements. */
void dc_show_begin(struct dc_show *s, enum dc_section_id id);
/* "1 of 16 maps" */
void dc_show_begin_some(struct dc_show *s, enum dc_section_id id, size_t chosen);
/* That an option chose nothing; a pattern without wildcards gets a hint. */
void dc_show_add_choice(struct dc_show *s, const char *option, const char *value,
                        bool pattern);

/* "(+3 more keys: --all)": `what` or `plural`, and how to see them; nothing where `count`
   is 0. */
void dc_show_note_more(struct dc_show *s, size_t count, const char *what,
                       const char *plural, const char *how);

/* Columns of all members of a type: those that were chosen, in their order, then the rest
   as the table of the type has them. A chosen one with an empty title stands for a member
   that is shown elsewhere. `out` has room for DC_SHOW_COLUMNS; returns how many there are. */
enum { DC_SHOW_COLUMNS = 2 * DC_MAX_FIELDS };
size_t dc_show_columns(const struct dc_type *type, const struct dc_column *chosen,
                       size_t count, struct dc_column *out);

/* What a table leaves out, in parentheses; the caller closes them where there is a word. */
void dc_show_add_title(struct dc_show *s, const struct dc_column *column);
void dc_show_add_hint(struct dc_show *s, const char *words);
void dc_show_add_rows_left(struct dc_show *s, const struct dc_rows *rows);
void dc_show_add_zero_columns(struct dc_show *s, const struct dc_table *table,
                              const struct dc_survey *survey);

/* show_lists.c: sections that are a table of records. */
void dc_show_list(struct dc_show *s, enum dc_section_id id);

void dc_show_summary(struct dc_show *s);  /* show_summary.c */
void dc_show_findings(struct dc_show *s); /* show_findings.c */
void dc_show_phases(struct dc_show *s);   /* show_phases.c: early against late */
/* How far the names of addresses can be trusted, in words. */
void dc_show_add_symbols(struct dc_show *s);
void dc_show_events(struct dc_show *s); /* show_events.c, */
/* Which counters moved last, into s->scratch. false: there are no two samples. */
bool dc_show_add_moved(struct dc_show *s);
/* A section that was asked for by name, and is not there. */
void dc_show_missing(struct dc_show *s, enum dc_section_id id, const char *words);
void dc_show_samples(struct dc_show *s);    /* show_samples.c */
void dc_show_maps(struct dc_show *s);       /* show_maps.c */
void dc_show_allocators(struct dc_show *s); /* show_arena.c */
void dc_show_regions(struct dc_show *s);
void dc_show_arena(struct dc_show *s, const struct dc_rec *arena);
/* show_percpu.c: values by CPU, equal ones together; the words are their label. */
void dc_show_percpu(struct dc_show *s, const struct dc_list *values);
/* show_entries.c: hash and storage maps, arrays. */
void dc_show_entries(struct dc_show *s, const struct dc_list *entries);
void dc_show_array(struct dc_show *s, const struct dc_list *entries);

#endif
