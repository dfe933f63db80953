#include "lib/report.h"

#include "lib/reader.h"

#include <string.h>

const char *dc_variant_name(enum dc_variant variant) {
    static const char *const names[] = {
        [DC_SINGLE] = "single",
        [DC_DUAL] = "dual",
        [DC_DEGRADED] = "degraded",
        [DC_MISSING_STATS] = "missing_stats",
    };
    return names[variant];
}

bool dc_report_more(const char *text, size_t len, size_t *used) {
    while (*used < len && strchr(" \t\r\n", text[*used]) && text[*used])
        ++*used;
    return *used < len;
}

/* ---- what kind of document this is ---- */

/* What the names and values at the top of an object tell. */
struct glance {
    bool has_schema, schema_is_string;
    const char *schema_at;
    struct dc_span schema; /* raw */
    bool reason;           /* the first member is named like a missing-stats reason */
    unsigned uniform;      /* of the members that every uniform document has */
};

static bool span_is(struct dc_span raw, const char *text) {
    return dc_compare_raw(raw, (struct dc_span){text, strlen(text)}) == 0;
}

static bool names_reason(struct dc_span raw) {
    return dc_schema_choice_raw(&dc_type_REASON, raw) ||
           dc_schema_choice_raw(&dc_type_SAMPLE, raw);
}

/* The tables are asked whether it is a tag; here it need not be read further. */
static int take_schema(struct dc_lex *lex, struct glance *glance) {
    struct dc_string_token value;
    glance->has_schema = true;
    glance->schema_is_string = dc_lex_peek(lex) == '"';
    glance->schema_at = lex->pos;
    if (!glance->schema_is_string)
        return dc_lex_skip(lex, NULL);
    if (dc_lex_string(lex, &value) < 0)
        return -1;
    glance->schema = value.raw;
    return 0;
}

/* Looks at the members of the object ahead until "schema" is found: mostly the first. */
static int look(struct dc_lex lex, struct glance *glance) {
    struct dc_string_token key;
    bool first = true;
    int more = dc_lex_open(&lex, '{');
    while (more >= 0 && !glance->has_schema) {
        more = dc_lex_more(&lex, '}', first);
        if (more <= 0 || (more = dc_lex_key(&lex, &key)) < 0)
            break;
        if (span_is(key.raw, "schema"))
            return take_schema(&lex, glance);
        if (first && names_reason(key.raw))
            glance->reason = true;
        if (span_is(key.raw, "version") || span_is(key.raw, "variant") ||
            span_is(key.raw, "snapshots"))
            glance->uniform++;
        first = false;
        more = dc_lex_skip(&lex, NULL);
    }
    return more < 0 ? -1 : 0;
}

static int refuse_without_schema(struct dc_reader *reader, const struct glance *glance) {
    enum { ALL_THREE = 3 };
    const char *at = reader->lex.pos;
    if (glance->has_schema)
        return dc_reader_fail(reader, glance->schema_at, DC_EVARIANT,
                              "the schema is empty, so this is no report that is known; "
                              "some of the oldest have none: --assume-single reads them");
    if (glance->uniform == ALL_THREE)
        return dc_reader_fail(reader, at, DC_EVARIANT,
                              "this is the uniform shape that `decode` prints for jq, "
                              "which loses details; give dumpctl the report itself, or "
                              "what `decode --wire` made of it");
    return dc_reader_fail(reader, at, DC_EVARIANT,
                          "no member \"schema\", so this is no report that is known; "
                          "the oldest ones have none: --assume-single reads them");
}

static int refuse_schema(struct dc_reader *reader, const struct glance *glance) {
    struct dc_step step = {.name = {"schema", strlen("schema")}};
    struct dc_lex lex = reader->lex;
    char found[40];
    reader->steps[reader->n_steps++] = step;
    lex.pos = glance->schema_at;
    dc_lex_describe(&lex, found, sizeof(found));
    if (!glance->schema_is_string)
        return dc_reader_fail(reader, glance->schema_at, DC_EVARIANT,
                              "expected \"single\", \"dual\" or \"degraded\", found %s",
                              found);
    if (glance->schema.len == 0)
        return refuse_without_schema(reader, glance);
    int len = (int)(glance->schema.len < 60 ? glance->schema.len : 60);
    return dc_reader_fail(reader, glance->schema_at, DC_EVARIANT,
                          "unknown variant \"%.*s\"; this dumpctl reads \"single\", "
                          "\"dual\" and \"degraded\"",
                          len, glance->schema.p);
}

static int choose_object(struct dc_reader *reader, struct dc_report *report,
                         const struct dc_type **type) {
    static const struct {
        enum dc_variant variant;
        const struct dc_type *type;
    } variants[] = {{DC_SINGLE, &dc_type_SINGLE},
                    {DC_DUAL, &dc_type_DUAL},
                    {DC_DEGRADED, &dc_type_DEGRADED},
                    {DC_SINGLE, &dc_type_DEBUG_CAPTURE}};
    struct glance glance = {.has_schema = false};
    if (look(reader->lex, &glance) < 0) {
        dc_reader_locate(reader);
        return -1;
    }
    bool nameless = !glance.has_schema || (glance.schema_is_string && !glance.schema.len);
    if (reader->assume_single && nameless && !glance.reason) {
        report->variant = DC_SINGLE;
        *type = &dc_type_SINGLE;
        return 0;
    }
    for (size_t i = 0; i < sizeof(variants) / sizeof(variants[0]); i++) {
        if (glance.schema_is_string &&
            span_is(glance.schema, variants[i].type->tag_value)) {
            report->variant = variants[i].variant;
            *type = variants[i].type;
            return 0;
        }
    }
    if (glance.has_schema)
        return refuse_schema(reader, &glance);
    return glance.reason ? 1 : refuse_without_schema(reader, &glance);
}

/* "NAME", or an object whose only member is named after a reason or MissingStats. */
static const struct dc_type *choose_reason(struct dc_reader *reader, int c) {
    struct dc_lex lex = reader->lex;
    struct dc_string_token name;
    if (c == '{' && dc_lex_open(&lex, '{') == 0 && dc_lex_key(&lex, &name) == 0 &&
        dc_schema_choice_raw(&dc_type_SAMPLE, name.raw))
        return &dc_type_SAMPLE;
    return &dc_type_REASON;
}

static int choose(struct dc_reader *reader, struct dc_report *report,
                  const struct dc_type **type) {
    char found[40];
    int c = dc_lex_peek(&reader->lex);
    int rc = c == '"' ? 1 : c == '{' ? choose_object(reader, report, type) : -2;
    if (rc == 1) {
        report->variant = DC_MISSING_STATS;
        *type = choose_reason(reader, c);
        return 0;
    }
    if (rc != -2)
        return rc;
    if (c < 0)
        return dc_reader_fail(reader, reader->lex.pos, DC_ESYNTAX,
                              "the input is empty: there is no report in it");
    if (reader->lex.end - reader->lex.pos >= 3 &&
        memcmp(reader->lex.pos, "\xef\xbb\xbf", 3) == 0)
        return dc_reader_fail(reader, reader->lex.pos, DC_ESYNTAX,
                              "begins with a byte order mark, which JSON must not have");
    dc_lex_describe(&reader->lex, found, sizeof(found));
    return dc_reader_fail(reader, reader->lex.pos, DC_ESYNTAX,
                          "expected a report, which is a JSON object, found %s", found);
}

/* ---- reading ---- */

/* Behind a document: the end, or a newline before anything else. */
static int check_end(struct dc_reader *reader) {
    const char *from = reader->lex.pos;
    if (dc_lex_peek(&reader->lex) < 0)
        return 0;
    size_t blank = (size_t)(reader->lex.pos - from);
    if (blank > 0 && memchr(from, '\n', blank))
        return 0;
    return dc_reader_fail(reader, reader->lex.pos, DC_ESYNTAX,
                          "unexpected bytes behind the document; another document may "
                          "begin on the next line");
}

/* A debug capture is the report inside it, where there is one (wire-format 7.15). */
static int look_inside(struct dc_reader *reader, struct dc_report *report) {
    if (report->declared != &dc_type_DEBUG_CAPTURE)
        return 0;
    report->around = report->root;
    report->declared = &dc_type_SINGLE;
    report->root = dc_record(report->around, DC_AT_DEBUG_CAPTURE_failure_dump);
    if (report->root)
        return 0;
    return dc_reader_fail(reader, report->text + report->around->at, DC_EVARIANT,
                          "a debug capture without a failure_dump: the run that it "
                          "recorded left no report");
}

static int read_document(struct dc_reader *reader, struct dc_report *report) {
    if (choose(reader, report, &report->declared) < 0)
        return -1;
    report->root = dc_read_record(reader, report->declared);
    if (!report->root || look_inside(reader, report) < 0)
        return -1;
    return check_end(reader);
}

/* ---- where to go on after a fault ---- */

static struct dc_lex lex_from(const char *p, const char *end) {
    struct dc_lex lex;
    dc_lex_init(&lex, p, (size_t)(end - p), NULL); /* its faults are nobody's */
    return lex;
}

/* Whether the line at `p` may begin a document. Members and elements of a broken one that
   is indented do not begin in the first column, and those that do are seldom alone. */
static bool may_begin(const char *p, const char *end) {
    struct dc_string_token token;
    struct dc_lex lex = lex_from(p, end);
    if (p == end || *p != '"')
        return p < end && *p == '{';
    if (dc_lex_string(&lex, &token) < 0)
        return false;
    while (lex.pos < end && *lex.pos != '\n' && strchr(" \t\r", *lex.pos) && *lex.pos)
        lex.pos++;
    return lex.pos == end || *lex.pos == '\n';
}

static const char *next_line(const char *p, const char *end) {
    const char *newline = memchr(p, '\n', (size_t)(end - p));
    return newline ? newline + 1 : end;
}

/* The first document behind the bad one at `p`, whose fault is at `fault`, or `end`. */
static const char *find_next(const char *p, const char *fault, const char *end,
                             bool *unread) {
    struct dc_lex lex = lex_from(p, end);
    int c = dc_lex_peek(&lex);
    if ((c == '{' || c == '"') && dc_lex_skip(&lex, NULL) == 0) {
        p = lex.pos;
        if (dc_lex_peek(&lex) < 0 || memchr(p, '\n', (size_t)(lex.pos - p)))
            return lex.pos;
    }
    while ((p = next_line(p, end)) < end)
        if (may_begin(p, end))
            return p;
    lex = lex_from(next_line(fault, end), end);
    *unread = dc_lex_peek(&lex) >= 0;
    return end;
}

int dc_report_read(struct dc_report *report, const char *text, size_t len, size_t *used,
                   const struct dc_report_options *options, struct dc_error *err) {
    struct dc_reader reader;
    *report = (struct dc_report){.text = text, .len = len};
    dc_arena_init(&report->arena, options->alloc, options->max_memory);
    if (len > UINT32_MAX) {
        *used = len;
        return dc_fail(err, DC_ELIMIT, "larger than 4 GiB");
    }
    dc_reader_init(&reader, text, len, &report->arena, err);
    reader.lex.pos += *used;
    reader.strict = options->strict;
    reader.assume_single = options->assume_single;
    reader.faults = options->faults;
    if (options->place && options->place->at)
        reader.lex.counted = *options->place;
    bool whole = read_document(&reader, report) == 0;
    report->unknown = reader.unknown;
    if (!whole && reader.faults)
        reader.faults->add(reader.faults->ctx, err);
    if (options->place)
        *options->place = reader.lex.counted;
    const char *end =
        whole ? reader.lex.pos
              : find_next(text + *used, reader.lex.pos, text + len, &report->unread);
    *used = (size_t)(end - text);
    if (whole && reader.n_faults == 0)
        return 0;
    dc_report_done(report);
    return -1;
}

void dc_report_done(struct dc_report *report) {
    dc_arena_done(&report->arena);
}

struct dc_report dc_report_phase(const struct dc_report *report,
                                 const struct dc_rec *snapshot) {
    return (struct dc_report){.variant = DC_SINGLE,
                              .declared = &dc_type_SINGLE,
                              .root = snapshot,
                              .text = report->text,
                              .len = report->len};
}
