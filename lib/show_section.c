#include "lib/show_private.h"

#include "lib/number.h"

#include <fnmatch.h>
#include <string.h>

size_t dc_show_most(const struct dc_show *s, size_t most) {
    return s->options->all ? 0 : most * s->ops->rows;
}

bool dc_show_wants(const struct dc_show *s, enum dc_section_id id) {
    return s->options->sections == 0 || s->options->sections >> id & 1;
}

bool dc_show_matches(const char *pattern, struct dc_str name) {
    enum { LONGEST = 256 };
    char text[LONGEST + 1];
    /* A name that is longer than any the kernel has is matched by its beginning. */
    size_t len = name.len < LONGEST ? name.len : LONGEST;
    if (len > 0)
        memcpy(text, name.p, len);
    text[len] = '\0';
    return fnmatch(pattern, text, 0) == 0;
}

void dc_show_add_count(struct dc_show *s, uint64_t count, const char *noun,
                       const char *plural) {
    dc_show_add_u64(s, count);
    dc_show_add(s, " ");
    dc_show_add(s, count == 1 ? noun : plural);
}

void dc_show_add_short(struct dc_show *s, struct dc_str text) {
    enum { MOST = 48 };
    size_t len = text.len;
    if (len > MOST && !s->options->all && s->ops->rows > 0) {
        len = MOST;
        while (len > 0 && ((unsigned char)text.p[len] & 0xc0) == 0x80)
            len--; /* not inside of a character */
    }
    dc_buf_add(&s->scratch, text.p, len);
    dc_show_add(s, len < text.len ? "..." : "");
}

void dc_show_note_more(struct dc_show *s, size_t count, const char *what,
                       const char *plural, const char *how) {
    if (count == 0)
        return;
    dc_show_restart(s);
    dc_show_add(s, "(+");
    dc_show_add_count(s, count, what, plural);
    dc_show_add(s, how);
    dc_show_add(s, ")");
    s->ops->note(s, DC_STYLE_FAINT);
}

void dc_show_add_hex(struct dc_show *s, uint64_t value, unsigned digits) {
    char number[DC_NUMBER_MAX];
    dc_buf_add(&s->scratch, number, dc_format_hex(value, digits, number));
}

void dc_show_add_ns(struct dc_show *s, uint64_t ns) {
    const struct dc_cell cell = {.kind = DC_CELL_NUMBER, .unit = DC_NS, .number = ns};
    dc_cell_text(&cell, &s->cells, DC_SCALE_OWN, &s->scratch);
}

void dc_show_add_address(struct dc_show *s, uint64_t address) {
    const struct dc_cell cell = {
        .kind = DC_CELL_NUMBER, .unit = DC_ADDRESS, .number = address};
    dc_cell_text(&cell, &s->cells, DC_SCALE_OWN, &s->scratch);
}

void dc_show_add_choice(struct dc_show *s, const char *option, const char *value,
                        bool pattern) {
    dc_show_add(s, "none of them is chosen by ");
    dc_show_add(s, option);
    dc_show_add(s, "=");
    dc_show_add(s, value);
    if (pattern && !strpbrk(value, "*?["))
        dc_show_add(s, ", which must be a whole name; *'s stand for the rest of one");
}

void dc_show_begin(struct dc_show *s, enum dc_section_id id) {
    dc_show_begin_some(s, id, dc_section_count(&dc_sections[id], s->snapshot));
}

void dc_show_begin_some(struct dc_show *s, enum dc_section_id id, size_t chosen) {
    const struct dc_section *section = &dc_sections[id];
    dc_show_restart(s);
    if (section->noun) {
        size_t count = dc_section_count(section, s->snapshot);
        if (chosen != count) {
            dc_show_add_u64(s, chosen);
            dc_show_add(s, " of ");
        }
        size_t n = strlen(section->noun);
        dc_show_add_u64(s, count);
        dc_show_add(s, " ");
        dc_buf_add(&s->scratch, section->noun, count == 1 ? n - 1 : n);
    }
    s->ops->section(s, section);
}

/* ---- filters that leave nothing ---- */

/* A section that is not there is told by the summary; one that was asked for by name says
   itself that it has nothing. */
void dc_show_missing(struct dc_show *s, enum dc_section_id id, const char *words) {
    const struct dc_section *section = &dc_sections[id];
    struct dc_str why = {NULL, 0};
    if (s->snapshot->rec->type == &dc_type_SINGLE && section->unavailable >= 0)
        why = dc_string(s->snapshot->rec, section->unavailable);
    dc_show_restart(s);
    dc_show_add(s, words);
    s->ops->section(s, section);
    if (why.p) {
        dc_show_restart(s);
        dc_show_add(s, s->snapshot->rec->type->fields[section->unavailable].name);
        dc_show_add(s, ": ");
        dc_show_add_str(s, why);
        s->ops->note(s, DC_STYLE_WARN);
    }
    s->ops->section_end(s);
}

/* Not to have asked, not to have known whom, and not to have got an answer are different
   things; of the last there are samples. */
static const char *no_samples(const struct dc_model *model) {
    if (!model->own)
        return "not in the report";
    return dc_has(model->own, DC_AT_DUMPCTL_stats_source)
               ? "0, nobody was asked before this report"
               : "not in the report: no scheduler to ask was configured (capture "
                 "--stats)";
}

static void show_one(struct dc_show *s, enum dc_section_id id) {
    static void (*const shows[DC_N_SECTIONS])(struct dc_show *) = {
        [DC_SECTION_SUMMARY] = dc_show_summary,
        [DC_SECTION_FINDINGS] = dc_show_findings,
        [DC_SECTION_EVENTS] = dc_show_events,
        [DC_SECTION_MAPS] = dc_show_maps,
        [DC_SECTION_ALLOCATORS] = dc_show_allocators,
        [DC_SECTION_REGIONS] = dc_show_regions,
        [DC_SECTION_SAMPLES] = dc_show_samples,
    };
    const struct dc_section *section = &dc_sections[id];
    bool single = s->snapshot->rec->type == &dc_type_SINGLE;
    if (id == DC_SECTION_VCPUS) {
        if (s->snapshot->vcpus > 0 || !s->options->sections)
            s->ops->vcpus(s, s->snapshot);
        else
            dc_show_missing(s, id, "not in the report");
    } else if (id == DC_SECTION_SAMPLES && dc_section_count(section, s->snapshot) == 0) {
        if (s->options->sections && s->snapshot == dc_model_main(s->model))
            dc_show_missing(s, id, no_samples(s->model));
    } else if (section->field >= 0 && dc_section_count(section, s->snapshot) == 0) {
        /* To have none is another thing than not to have looked. */
        bool empty = single && dc_has(s->snapshot->rec, section->field);
        if (s->options->sections && !(s->options->if_there >> id & 1))
            dc_show_missing(s, id, empty ? "0, the list is empty" : "not in the report");
    } else if (shows[id]) {
        shows[id](s);
    } else {
        dc_show_list(s, id);
    }
}

void dc_show_sections(struct dc_show *s) {
    bool single = s->snapshot->rec->type == &dc_type_SINGLE;
    for (int id = 0; id < DC_N_SECTIONS; id++) {
        bool possible = single || id == DC_SECTION_VCPUS || s->options->sections ||
                        (id == DC_SECTION_FINDINGS && s->options->all) ||
                        (id == DC_SECTION_SAMPLES && s->ops->rows != 1);
        if (possible && dc_show_wants(s, (enum dc_section_id)id))
            show_one(s, (enum dc_section_id)id);
    }
}
