/*
 * Puts the tables of the format into dumpctl-report(5): reads the page's template on
 * standard input and writes the page to standard output. A line "@Map@" becomes the table
 * of that type, a union's with those of its choices, and "@*@" the tables of all types
 * that no other line names: so a row that is added to lib/tables.h stands in the page, and
 * so does a new type.
 */
#include "lib/schema.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { MOST = 128 };

struct page {
    const struct dc_type *types[MOST];
    bool named[MOST]; /* by a line of the template, or as a choice of one that is */
    size_t count;
    bool rest; /* the template has "@*@" */
};

__attribute__((format(printf, 1, 2), noreturn)) static void fail(const char *fmt, ...) {
    va_list args;
    va_start(args, fmt);
    fputs("report_tables: ", stderr);
    vfprintf(stderr, fmt, args);
    fputc('\n', stderr);
    va_end(args);
    exit(EXIT_FAILURE);
}

/* ---- which types ---- */

static void init_types(struct page *page) {
#define ENTRY(id, ...) &dc_type_##id,
    static const struct dc_type *const types[] = {DC_TYPES(ENTRY) DC_OWN_TYPES(ENTRY) &
                                                      dc_type_RV,
                                                  &dc_type_REASON, &dc_type_SAMPLE};
#undef ENTRY
    page->count = sizeof(types) / sizeof(types[0]);
    _Static_assert(sizeof(types) / sizeof(types[0]) <= MOST, "too many types");
    memcpy(page->types, types, sizeof(types));
}

static void name_type(struct page *page, const struct dc_type *type) {
    for (size_t i = 0; i < page->count; i++) {
        if (page->types[i] != type)
            continue;
        if (page->named[i])
            fail("%s stands twice in the template", type->name);
        page->named[i] = true;
    }
    for (size_t i = 0; i < type->n_choices; i++)
        name_type(page, type->choices[i]);
}

/* The type that a line of the template names; NULL: it is a line of text, or "@*@". */
static const struct dc_type *named_type(const struct page *page, const char *line) {
    size_t len = strlen(line);
    if (len < 3 || line[0] != '@' || line[len - 1] != '@' || strcmp(line, "@*@") == 0)
        return NULL;
    for (size_t i = 0; i < page->count; i++)
        if (strlen(page->types[i]->name) == len - 2 &&
            memcmp(page->types[i]->name, line + 1, len - 2) == 0)
            return page->types[i];
    fail("the template has %s, and no type is called that", line);
}

/* ---- one field ---- */

/* Text of a table as mdoc, on a line of its own or, `quoted`, inside "...". */
static void put_text(const char *text, bool quoted) {
    if (!quoted && (*text == '.' || *text == '\''))
        fputs("\\&", stdout);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", stdout);
        else if (*text == '"')
            fputs("\\(dq", stdout);
        else
            putchar(*text);
    }
}

static const char *kind_word(const struct dc_field *field) {
    static const char *const words[] = {
        [DC_BOOL] = "boolean", [DC_U8] = "u8",   [DC_U32] = "u32",
        [DC_U64] = "u64",      [DC_I32] = "i32", [DC_I64] = "i64",
        [DC_F64] = "real",     [DC_ANY] = "any", [DC_STRING] = "string",
    };
    return field->kind == DC_RECORD ? field->type->name : words[field->kind];
}

static void put_kind(const struct dc_field *field) {
    static const char *const before[] = {
        [DC_ONE] = "",
        [DC_LIST] = "list of ",
        [DC_HOLES] = "list of ",
        [DC_LIST_OF_10] = "list of ten ",
    };
    fputs(before[field->shape], stdout);
    put_text(kind_word(field), true);
    if (field->shape == DC_HOLES)
        fputs(" or null", stdout);
}

static const char *default_word(const struct dc_field *field) {
    if (field->shape != DC_ONE || field->kind == DC_RECORD || field->kind == DC_STRING)
        return "empty";
    return field->kind == DC_BOOL ? "false" : "0";
}

static void put_rule(const struct dc_type *type, const struct dc_field *field) {
    switch (field->rule) {
    case DC_REQUIRED:
        fputs("required", stdout);
        break;
    case DC_TAG:
        fputs("required, written as ", stdout);
        put_text(type->tag_value, true);
        break;
    case DC_VALUE:
        fputs("required, may be null", stdout);
        break;
    case DC_DEFAULTED:
        printf("default %s, then omitted", default_word(field));
        break;
    case DC_WRITTEN:
        printf("default %s, always written", default_word(field));
        break;
    case DC_OPTIONAL:
        fputs("optional, omitted when none", stdout);
        break;
    case DC_NULLED:
        fputs("optional, null when none", stdout);
        break;
    case DC_LAST:
        fputs("optional, omitted when none, the last member", stdout);
        break;
    case DC_EITHER:
        fputs("exactly one of these", stdout);
        fputs(field->kind == DC_ANY ? ", may be null" : "", stdout);
        break;
    }
}

/* An amount with a unit is one by that. */
static const char *quantity_word(const struct dc_field *field) {
    if (field->quantity == DC_RUNNING_TOTAL)
        return ", running total";
    return field->quantity == DC_AMOUNT && field->unit == DC_PLAIN ? ", count" : "";
}

static void put_field(const struct dc_type *type, const struct dc_field *field) {
    static const char *const units[] = {
        [DC_PLAIN] = "",        [DC_ADDRESS] = "address, ", [DC_BYTES] = "bytes, ",
        [DC_PAGES] = "pages, ", [DC_NS] = "ns, ",           [DC_US] = "us, ",
        [DC_MS] = "ms, ",       [DC_JIFFIES] = "jiffies, ", [DC_BITMAP] = "bit set, ",
    };
    printf(".It Cm %s No \"(", field->name);
    put_kind(field);
    fputs(quantity_word(field), stdout);
    printf(", %s", units[field->unit]);
    put_rule(type, field);
    fputs(")\"\n", stdout);
    put_text(field->meaning, false);
    putchar('\n');
}

/* ---- one type ---- */

static void put_fields(const struct dc_type *type) {
    puts(".Bl -tag -width Ds -compact");
    for (size_t i = 0; i < type->n_fields; i++)
        put_field(type, &type->fields[i]);
    puts(".El");
}

static void put_choices(const struct dc_type *type) {
    if (type->tag)
        printf("The member\n.Cm %s\nnames the choice, and the choice's own members stand "
               "beside it.\n",
               type->tag);
    else
        puts("An object whose one member has the name of the choice, or where the choice "
             "has no\nmembers a string with that name.");
    puts(".Bl -tag -width Ds");
    for (size_t i = 0; i < type->n_choices; i++) {
        printf(".It Cm %s\n", type->choices[i]->tag_value);
        put_text(type->choices[i]->meaning, false);
        puts(type->choices[i]->n_fields > 0 ? "" : "; it has no members");
        if (type->choices[i]->n_fields > 0)
            put_fields(type->choices[i]);
    }
    puts(".El");
}

/* A capital begins the sentence, but not a word such as sched_ext. */
static void put_sentence(const char *text) {
    size_t word = strcspn(text, " ");
    bool plain = *text >= 'a' && *text <= 'z' && !memchr(text, '_', word);
    if (plain)
        putchar(*text - 'a' + 'A');
    put_text(text + plain, plain);
}

static void put_keys(const struct dc_type *type) {
    int keys[DC_MAX_KEYS];
    size_t n = dc_schema_keys(type, keys);
    if (n == 0)
        return;
    printf("in a list recognised by its\n.Cm %s", type->fields[keys[0]].name);
    if (n > 1)
        printf("\nand\n.Cm %s", type->fields[keys[1]].name);
    puts(" .");
}

static void put_type(const struct dc_type *type) {
    printf(".Ss %s\n", type->name);
    put_sentence(type->meaning);
    puts(type->key ? ";" : ".");
    put_keys(type);
    if (type->choices)
        put_choices(type);
    else
        put_fields(type);
}

/* ---- the page ---- */

static bool is_choice(const struct page *page, const struct dc_type *type) {
    for (size_t i = 0; i < page->count; i++)
        for (size_t k = 0; k < page->types[i]->n_choices; k++)
            if (page->types[i]->choices[k] == type)
                return true;
    return false;
}

static void put_rest(const struct page *page) {
    for (size_t i = 0; i < page->count; i++)
        if (!page->named[i] && !is_choice(page, page->types[i]))
            put_type(page->types[i]);
}

static void put_line(const struct page *page, const char *line) {
    const struct dc_type *type = named_type(page, line);
    if (type)
        put_type(type);
    else if (strcmp(line, "@*@") == 0)
        put_rest(page);
    else
        puts(line);
}

static char *read_template(void) {
    size_t size = 0, len = 0, got;
    char *text = NULL;
    do {
        size = size ? 2 * size : BUFSIZ;
        char *larger = realloc(text, size + 1);
        if (!larger)
            fail("out of memory");
        text = larger;
        got = fread(text + len, 1, size - len, stdin);
        len += got;
    } while (len == size);
    if (ferror(stdin) || strlen((text[len] = '\0', text)) != len)
        fail("the template cannot be read");
    return text;
}

/* Calls `see` for each line, without its newline. */
static void each_line(char *text, struct page *page,
                      void (*see)(struct page *page, const char *line)) {
    for (char *line = text, *end; *line; line = end + 1) {
        if (!(end = strchr(line, '\n')))
            fail("the template does not end with a newline");
        *end = '\0';
        see(page, line);
        *end = '\n';
    }
}

static void note_line(struct page *page, const char *line) {
    const struct dc_type *type = named_type(page, line);
    if (type)
        name_type(page, type);
    page->rest |= strcmp(line, "@*@") == 0;
}

static void write_line(struct page *page, const char *line) {
    put_line(page, line);
}

int main(void) {
    struct page page = {.count = 0};
    char *text = read_template();
    init_types(&page);
    each_line(text, &page, note_line);
    if (!page.rest)
        fail("the template has no @*@");
    each_line(text, &page, write_line);
    free(text);
    if (fflush(stdout) != 0 || ferror(stdout))
        fail("the page cannot be written");
    return EXIT_SUCCESS;
}
