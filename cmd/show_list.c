#include "cmd/show_options.h"

#include "cmd/json.h"
#include "lib/text.h"

#include <string.h>

/* ---- the sections that there are ---- */

static int list_as_json(struct dc_sink sink) {
    json_t *list = json_array();
    for (int i = 0; i < DC_N_SECTIONS; i++) {
        const struct dc_section *section = &dc_sections[i];
        json_array_append_new(list, json_pack("{s:s, s:s?, s:s}", "name", section->name,
                                              "member", section->member, "meaning",
                                              section->meaning));
    }
    int rc = list ? cmd_json_write(sink, list, false) : -1;
    json_decref(list);
    return rc;
}

int cmd_show_list_sections(struct dc_sink sink, bool json, unsigned width) {
    enum { NAMES = 12, MEMBERS = 38 };
    struct dc_text text;
    if (json)
        return list_as_json(sink);
    dc_text_init(&text, sink, false, width);
    for (int i = 0; i < DC_N_SECTIONS; i++) {
        const struct dc_section *section = &dc_sections[i];
        dc_text_put(&text, "%s", section->name);
        dc_text_tab(&text, NAMES);
        dc_text_put(&text, "%s", section->member ? section->member : "-");
        dc_text_tab(&text, MEMBERS);
        dc_text_fold(&text, section->meaning, strlen(section->meaning), MEMBERS, 0);
        dc_text_put(&text, "\n");
    }
    return dc_text_finish(&text);
}

/* ---- the names in a report ---- */

/* The greater number of both snapshots: that of a section which only one has, too. */
static size_t count_of(const struct dc_section *section, const struct dc_model *model) {
    size_t most = 0;
    for (size_t i = 0; i < model->n_snapshots; i++) {
        size_t count = dc_section_count(section, &model->snapshots[i]);
        most = count > most ? count : most;
    }
    return most;
}

static void list_sections_of(struct dc_text *text, const struct dc_model *model) {
    for (int i = 0; i < DC_N_SECTIONS; i++) {
        size_t count = count_of(&dc_sections[i], model);
        if (count > 0)
            dc_text_put(text, "%s %zu\n", dc_sections[i].name, count);
    }
}

static void list_maps_of(struct dc_text *text, const struct dc_model *model) {
    const struct dc_snapshot *snapshot = dc_model_main(model);
    if (!snapshot || snapshot->rec->type != &dc_type_SINGLE)
        return;
    struct dc_list_walk walk = dc_list_walk(dc_list_of(snapshot->rec, DC_AT_SINGLE_maps));
    while (dc_list_next(&walk)) {
        dc_text_str(text, dc_string(walk.value.rec, DC_AT_MAP_name));
        dc_text_put(text, "\n");
    }
}

int cmd_show_list_of(const struct cmd_show_options *options, struct dc_sink sink,
                     const struct dc_model *model, struct dc_error *err) {
    struct dc_text text;
    dc_text_init(&text, sink, false, CMD_WIDTH_MOST);
    if (options->list == CMD_SHOW_SECTIONS)
        list_sections_of(&text, model);
    else
        list_maps_of(&text, model);
    if (dc_text_finish(&text) < 0)
        return dc_fail(err, DC_EIO, "cannot be written");
    return 0;
}
