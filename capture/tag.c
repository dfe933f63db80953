#include "capture/tag.h"

#include <stdio.h>
#include <string.h>

#define KIND ".failure-dump"

/* Not isalnum(): that depends on the language. */
static bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '.' || c == '_' || c == '-';
}

bool cap_tag_clean(char *to, size_t size, const char *from) {
    bool same = true, begun = false;
    size_t len = 0;

    for (; from[len] && len + 1 < size; len++) {
        bool good = is_plain(from[len]) && (from[len] != '.' || begun);
        to[len] = good ? from[len] : '_';
        begun = begun || from[len] != '.';
        same = same && good;
    }
    to[len] = '\0';
    return same && from[len] == '\0';
}

/* What a path consists of; the parts are slices of it. */
struct parts {
    int folder_len; /* with the last slash */
    const char *stem, *extension;
    int stem_len;
};

static struct parts split(const char *path) {
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    size_t len = strlen(name);
    struct parts parts = {.folder_len = (int)(name - path), .extension = ""};

    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0) { /* a folder has no stem */
        name += len;
        len = 0;
    }
    const char *dot = strrchr(name, '.');
    if (dot && (dot > name || strcmp(dot, KIND) == 0)) { /* .name has no extension */
        len = (size_t)(dot - name);
        parts.extension = strcmp(dot, KIND) == 0 ? "" : dot;
    }
    size_t kind = strlen(KIND);
    if (len >= kind && memcmp(name + len - kind, KIND, kind) == 0)
        len -= kind;
    parts.stem = len > 0 ? name : "dump";
    parts.stem_len = len > 0 ? (int)len : (int)strlen(parts.stem);
    return parts;
}

int cap_tag_path(char *to, size_t size, const char *main_path, const char *tag,
                 struct dc_error *err) {
    char clean[CAP_TAG_SIZE];

    cap_tag_clean(clean, sizeof(clean), tag);
    if (*clean == '\0')
        return dc_fail(err, DC_EUSAGE, "a report beside the main one needs a tag");
    if (strlen(main_path) >= size) /* lengths below are int */
        return dc_fail(err, DC_EUSAGE, "the path of the report is too long");
    struct parts parts = split(main_path);
    int n = snprintf(to, size, "%.*s%.*s.snapshot.%s%s", parts.folder_len, main_path,
                     parts.stem_len, parts.stem, clean, parts.extension);
    if (n < 0 || (size_t)n >= size)
        return dc_fail(err, DC_EUSAGE,
                       "the path of the report with the tag %s is too long", clean);
    return 0;
}
