/* A line that is typed: a command, a search, the name of a folder. */
#ifndef TUI_PROMPT_H
#define TUI_PROMPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "tui/grid.h"
#include "tui/keys.h"

struct prompt {
    char *label; /* in front of the text: ":" */
    struct buf text;
    size_t at;      /* bytes in front of the cursor */
    char **history; /* the latest last */
    size_t n_history;
    size_t history_cap;
    size_t recalled; /* the one that is shown; n_history: none */
    char *draft;     /* what had been typed before one was recalled */
};

/* What a key led to. */
enum prompt_answer {
    PROMPT_SAME,
    PROMPT_CHANGED, /* the text or the cursor */
    PROMPT_DONE,    /* Enter */
    PROMPT_CANCEL,  /* Esc, or Backspace in an empty line */
    PROMPT_COMPLETE /* Tab: the caller may replace the text */
};

/* Zeroed memory is a prompt that was never opened. */
void prompt_release(struct prompt *p);

/* Begins a line that holds `text`; what was typed before stays in the history. */
void prompt_open(struct prompt *p, const char *label, const char *text);

enum prompt_answer prompt_key(struct prompt *p, keys_code key);

/* Replaces the text; the cursor goes to its end. */
void prompt_set(struct prompt *p, const char *text);
const char *prompt_text(const struct prompt *p);

/* Draws it into the part's first row, scrolled so that the cursor can be seen. Returns
 * the cursor's column. */
int prompt_draw(const struct prompt *p, const struct grid_part *part);

#endif
