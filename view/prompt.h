/*
 * prompt: the line at the bottom in which a person types.
 */
#ifndef DUMPCTL_VIEW_PROMPT_H
#define DUMPCTL_VIEW_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

enum { VIEW_INPUT = 128 }; /* bytes that can be typed, with the end */

enum view_asking {
    VIEW_ASKING_NOTHING,
    VIEW_ASKING_SEARCH,
    VIEW_ASKING_FILTER,
    VIEW_ASKING_PLACE
};

struct view_prompt {
    enum view_asking asking;
    char text[VIEW_INPUT]; /* UTF-8, terminated */
    size_t len;
};

/* Begins to ask, with `text` in the line. */
void view_prompt_open(struct view_prompt *prompt, enum view_asking asking,
                      const char *text);

/* What a key did to it. */
enum view_answer { VIEW_TYPING, VIEW_TAKEN, VIEW_LEFT_OFF };

/* TAKEN: text is the answer; in both other cases than TYPING nothing is asked any more. */
enum view_answer view_prompt_press(struct view_prompt *prompt, int key);

/* "/", "filter: ", "go to: " */
const char *view_prompt_name(const struct view_prompt *prompt);

#endif
