/* Keys: their codes, their names ("Space", "Ctrl-]", "F10", "é"), and which of them
 * means which action. */
#ifndef TUI_KEYS_H
#define TUI_KEYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "tui/actions.h"

/* A character is its code point (Enter 13, Tab 9, Esc 27, Ctrl-A 1, ...); what is not a
 * character lies above all of them. Modifiers are added where the code alone does not
 * tell. */
typedef uint32_t keys_code;

enum keys_special {
    KEYS_NONE = 0,
    KEYS_TAB = 9,
    KEYS_ENTER = 13,
    KEYS_ESC = 27,
    KEYS_SPACE = 32,
    KEYS_BACKSPACE = 127,
    KEYS_UP = 0x110000,
    KEYS_DOWN,
    KEYS_LEFT,
    KEYS_RIGHT,
    KEYS_HOME,
    KEYS_END,
    KEYS_PAGE_UP,
    KEYS_PAGE_DOWN,
    KEYS_INSERT,
    KEYS_DELETE,
    KEYS_F1, /* twelve in a row */
    KEYS_F12 = KEYS_F1 + 11,
    KEYS_PASTE_BEGIN, /* what follows was pasted, up to ... */
    KEYS_PASTE_END,
    KEYS_SHIFT = 0x1000000, /* with what is above 0x110000, and Tab */
    KEYS_CTRL = 0x2000000,  /* with what is above 0x110000 */
    KEYS_ALT = 0x4000000,
};

#define KEYS_CTRL_OF(letter) ((keys_code)(letter)&0x1f)

/* The code of a name, and the name of a code. False: there is no such key. */
#define KEYS_NAME_MAX 32
bool keys_parse(const char *name, size_t len, keys_code *code);
void keys_name(keys_code code, char name[KEYS_NAME_MAX]);

struct keys; /* the bindings */

/* The default ones, as the table of actions has them. */
struct keys *keys_new(void);
void keys_free(struct keys *k);

/* Gives the action of that name other keys than it had: `names` has blanks between
 * them, "" is no key. `origin` ("ttrace.yaml:12:3", copied) is where the user wrote it.
 * False: no such action or key; `err` says so, with the nearest name. */
bool keys_bind(struct keys *k, const char *action, const char *names,
               const char *origin, struct err *err);

/* After the last keys_bind(): false if a key means two things now. */
bool keys_check(const struct keys *k, struct err *err);

enum actions_id keys_find(const struct keys *k, keys_code code);

/* The name of the action's first key; "" if it has none. */
void keys_of(const struct keys *k, enum actions_id action, char name[KEYS_NAME_MAX]);

/* All of them, with blanks between. Borrowed until the next keys_bind(). */
const char *keys_all_of(const struct keys *k, enum actions_id action);

#endif
