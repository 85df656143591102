/* What a terminal emulator may be fed. Programs print anything; the emulator has its
 * weak spots. The guard lets through text as whole, valid UTF-8 and the control
 * sequences a program needs for colours, the cursor and erasing, and nothing else:
 * no queries (nobody answers), no titles, no device strings, no repeats, no 8-bit
 * controls, no characters that hide or turn around what stands beside them. */
#ifndef TUI_GUARD_H
#define TUI_GUARD_H

#include <stddef.h>

#include "base/buf.h"

#define GUARD_PARAMS_MAX 64 /* bytes of parameters a control sequence may have */

enum guard_state {
    GUARD_TEXT,
    GUARD_UTF8,       /* inside a character */
    GUARD_ESC,        /* behind an Esc */
    GUARD_ESC_SET,    /* Esc ( or Esc ): a character set is named next */
    GUARD_ESC_SKIP,   /* Esc and something we drop with its last byte */
    GUARD_CSI,        /* behind Esc [ */
    GUARD_CSI_SKIP,   /* one that is dropped */
    GUARD_STRING,     /* title, device string, ...: dropped up to its end */
    GUARD_STRING_ESC, /* an Esc in there */
};

struct guard { /* zeroed memory is one at the start */
    enum guard_state state;
    char held[GUARD_PARAMS_MAX + 4]; /* what came of the present sequence */
    size_t n_held;
    size_t n_want; /* bytes of the present character */
};

/* Takes `len` bytes in any pieces and appends what may pass. */
void guard_feed(struct guard *g, const char *bytes, size_t len, struct buf *out);

#endif
