#include "view/prompt.h"

#include "view/key.h"

#include <string.h>
#include <unistr.h>

#define CONTROL(letter) ((letter) - 'a' + 1)

void view_prompt_open(struct view_prompt *prompt, enum view_asking asking,
                      const char *text) {
    prompt->asking = asking;
    prompt->len = strlen(text) < VIEW_INPUT ? strlen(text) : 0;
    memcpy(prompt->text, text, prompt->len);
    prompt->text[prompt->len] = '\0';
}

const char *view_prompt_name(const struct view_prompt *prompt) {
    static const char *const names[] = {
        [VIEW_ASKING_NOTHING] = "",
        [VIEW_ASKING_SEARCH] = "/",
        [VIEW_ASKING_FILTER] = "filter: ",
        [VIEW_ASKING_PLACE] = "go to: ",
    };
    return names[prompt->asking];
}

static void add(struct view_prompt *prompt, int key) {
    uint8_t text[8];
    int n = u8_uctomb(text, (ucs4_t)key, sizeof(text));
    if (n <= 0 || prompt->len + (size_t)n >= VIEW_INPUT)
        return;
    memcpy(prompt->text + prompt->len, text, (size_t)n);
    prompt->len += (size_t)n;
}

/* The last character, with all of its bytes. */
static void take_off(struct view_prompt *prompt) {
    while (prompt->len > 0)
        if (((unsigned char)prompt->text[--prompt->len] & 0xc0) != 0x80)
            return;
}

static void take_word_off(struct view_prompt *prompt) {
    while (prompt->len > 0 && prompt->text[prompt->len - 1] == ' ')
        prompt->len--;
    while (prompt->len > 0 && prompt->text[prompt->len - 1] != ' ')
        prompt->len--;
}

enum view_answer view_prompt_press(struct view_prompt *prompt, int key) {
    bool empty = prompt->len == 0;
    if (key == VIEW_KEY_ENTER) {
        prompt->asking = VIEW_ASKING_NOTHING;
        return VIEW_TAKEN;
    }
    if (key == VIEW_KEY_ESC || (key == VIEW_KEY_BACKSPACE && empty)) {
        prompt->asking = VIEW_ASKING_NOTHING;
        return VIEW_LEFT_OFF;
    }
    if (key == VIEW_KEY_BACKSPACE)
        take_off(prompt);
    else if (key == CONTROL('u'))
        prompt->len = 0;
    else if (key == CONTROL('w'))
        take_word_off(prompt);
    else if (key >= ' ' && key < VIEW_KEY_UP)
        add(prompt, key);
    prompt->text[prompt->len] = '\0';
    return VIEW_TYPING;
}
