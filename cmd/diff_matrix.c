#include "cmd/diff_matrix.h"

#include "cmd/fail.h"
#include "lib/number.h"

#include <stdlib.h>
#include <string.h>

struct matrix {
    const struct cmd_diff_options *options;
    const struct cmd_common *common;
    struct cmd_documents *docs;
    size_t n;
    struct dc_report *reports;
    struct dc_model *models;
    bool *loaded;
    size_t *counts; /* n times n; SIZE_MAX: not known */
};

static size_t *count_of(const struct matrix *m, size_t i, size_t k) {
    return &m->counts[i * m->n + k];
}

static int compare(struct matrix *m, size_t i, size_t k) {
    struct dc_diff diff;
    struct dc_error err;
    int rc = dc_diff_init(&diff, &m->models[i], &m->models[k], &m->options->how, &err);
    size_t total = dc_diff_total(&diff);
    dc_diff_done(&diff);
    if (rc < 0)
        return cmd_fail(m->common, &err);
    *count_of(m, i, k) = *count_of(m, k, i) = total;
    return total > 0 ? EXIT_DIFFERENT : EXIT_DONE;
}

static int compare_all(struct matrix *m) {
    int code = EXIT_DONE;
    for (size_t i = 0; i < m->n; i++) {
        m->loaded[i] = cmd_documents_load(m->docs, i, &m->reports[i], &m->models[i]) == 0;
        if (!m->loaded[i])
            code = EXIT_TROUBLE;
    }
    for (size_t i = 0; i < m->n; i++)
        for (size_t k = 0; k < m->n; k++) {
            bool known = m->loaded[i] && m->loaded[k];
            if (k <= i)
                *count_of(m, i, k) = k < i ? *count_of(m, i, k) : known ? 0 : SIZE_MAX;
            else if (known)
                code = cmd_worse(code, compare(m, i, k));
            else
                *count_of(m, i, k) = *count_of(m, k, i) = SIZE_MAX;
        }
    return code;
}

/* ---- output ---- */

static void add_count(char text[DC_NUMBER_MAX], size_t count) {
    if (count != SIZE_MAX)
        dc_format_u64(count, text);
    else
        memcpy(text, "-", 2);
}

static int width_of(const struct matrix *m) {
    char text[DC_NUMBER_MAX];
    size_t width = 0;
    for (size_t i = 0; i < m->n * m->n; i++) {
        add_count(text, m->counts[i]);
        width = strlen(text) > width ? strlen(text) : width;
    }
    dc_format_u64(m->n, text);
    return (int)(strlen(text) > width ? strlen(text) : width) + 2;
}

static int write_text(const struct matrix *m, struct cmd_output *out) {
    char text[DC_NUMBER_MAX];
    struct dc_text t;
    int width = width_of(m);
    dc_text_init(&t, out->sink, out->colour, out->width);
    dc_text_style(&t, DC_STYLE_FAINT);
    dc_text_put(&t, "%*s", width, "#");
    for (size_t k = 0; k < m->n; k++)
        dc_text_put(&t, "%*zu", width, k + 1);
    dc_text_put(&t, "\n");
    for (size_t i = 0; i < m->n; i++) {
        dc_text_style(&t, DC_STYLE_FAINT);
        dc_text_put(&t, "%*zu", width, i + 1);
        dc_text_style(&t, DC_STYLE_PLAIN);
        for (size_t k = 0; k < m->n; k++) {
            add_count(text, *count_of(m, i, k));
            dc_text_put(&t, "%*s", width, i == k ? "." : text);
        }
        dc_text_put(&t, "  ");
        dc_text_add(&t, m->docs->inputs[i].name, strlen(m->docs->inputs[i].name));
        dc_text_put(&t, "\n");
    }
    return dc_text_finish(&t);
}

static int write_json(const struct matrix *m, struct cmd_output *out) {
    struct dc_writer w;
    dc_writer_init(&w, out->sink, true, false);
    dc_write_open(&w, '{');
    dc_write_name(&w, "version");
    dc_write_count(&w, DC_DIFF_VERSION);
    dc_write_name(&w, "files");
    dc_write_open(&w, '[');
    for (size_t i = 0; i < m->n; i++)
        dc_write_text(&w, m->docs->operands[i]);
    dc_write_close(&w, ']');
    dc_write_name(&w, "differences");
    dc_write_open(&w, '[');
    for (size_t i = 0; i < m->n; i++) {
        dc_write_open(&w, '[');
        for (size_t k = 0; k < m->n; k++)
            if (*count_of(m, i, k) == SIZE_MAX)
                dc_write_null(&w);
            else
                dc_write_count(&w, *count_of(m, i, k));
        dc_write_close(&w, ']');
    }
    dc_write_close(&w, ']');
    dc_write_close(&w, '}');
    dc_write_newline(&w);
    return dc_writer_finish(&w);
}

int cmd_diff_matrix(const struct cmd_diff_options *options,
                    const struct cmd_common *common, struct cmd_documents *docs,
                    struct cmd_output *out) {
    struct matrix m = {
        .options = options, .common = common, .docs = docs, .n = docs->count};
    struct dc_error err;
    int code;
    m.reports = calloc(m.n, sizeof(*m.reports));
    m.models = calloc(m.n, sizeof(*m.models));
    m.loaded = calloc(m.n, sizeof(*m.loaded));
    m.counts = calloc(m.n * m.n, sizeof(*m.counts));
    if (m.reports && m.models && m.loaded && m.counts) {
        code = compare_all(&m);
        /* The output tells its own faults, once. */
        (void)(common->json ? write_json(&m, out) : write_text(&m, out));
    } else {
        dc_fail(&err, DC_ENOMEM, "out of memory");
        code = cmd_fail(common, &err);
    }
    for (size_t i = 0; m.loaded && i < m.n; i++)
        if (m.loaded[i])
            dc_report_done(&m.reports[i]);
    free(m.reports);
    free(m.models);
    free(m.loaded);
    free(m.counts);
    return code;
}
