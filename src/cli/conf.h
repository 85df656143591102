/* The settings: one row says all there is to say about one, and a struct conf holds the
 * values in force, each with where it came from. */
#ifndef CLI_CONF_H
#define CLI_CONF_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/err.h"

enum conf_id {
    CONF_INCLUDE,
    CONF_EXCLUDE,
    CONF_THEME,
    CONF_ASCII,
    CONF_COLOR,
    CONF_FPS,
    CONF_KEYS,
    CONF_EXIT,
    CONF_SAVE_DIR,
    CONF_IO,
    CONF_N
};

enum conf_type {
    CONF_BOOL,
    CONF_INT,
    CONF_CHOICE,
    CONF_TEXT,
    CONF_LIST, /* of words */
    CONF_MAP,  /* from a word to a list of words */
};

/* Who may set it. A project's file can come from a stranger. */
enum conf_place { CONF_PROJECT = 1, CONF_USER = 2 };

struct conf_setting {
    const char *name; /* "ui.fps": as the YAML nests it */
    enum conf_type type;
    unsigned places;            /* enum conf_place */
    const char *const *choices; /* CONF_CHOICE; NULL behind the last. Or else: */
    const char *(*choice)(size_t index);
    int min, max;         /* CONF_INT */
    const char *fallback; /* the default; "" is an empty list or map */
    /* What the type cannot say about a word (and, in a map, its key); NULL: nothing. */
    bool (*check)(const char *key, const char *word, struct err *err);
    const char *help; /* a sentence, lower case, no full stop */
};

struct conf_item {
    char *key; /* CONF_MAP: the left-hand word; else NULL */
    char *text;
    char *origin; /* "default", "--theme", ".ttrace.yaml:3:9" */
};

struct conf_value {
    char *origin; /* of the value as a whole, also when it is an empty list */
    struct conf_item *items; /* one for a scalar */
    size_t n;
    size_t cap;
};

struct conf {
    struct conf_value values[CONF_N];
};

/* The table's row, and the setting with a name. */
const struct conf_setting *conf_setting(enum conf_id id);
bool conf_find(const char *name, enum conf_id *id);

/* All settings at their defaults. */
void conf_init(struct conf *c);
void conf_release(struct conf *c);

/* Whether `text` can be a value of the setting, or one word of its list. `key` is for
 * maps and NULL otherwise; in a map, "" stands for an empty list. */
bool conf_check(enum conf_id id, const char *key, const char *text, struct err *err);

/* A nearer place takes the setting over (for a map: the entry `key`): what farther
 * places said is forgotten. conf_add() then appends; a scalar is replaced. The text
 * must have passed conf_check(). */
void conf_take_over(struct conf *c, enum conf_id id, const char *key,
                    const char *origin);
void conf_add(struct conf *c, enum conf_id id, const char *key, const char *text,
              const char *origin);

/* The same for an option: it adds to what the files say of a list, but not to the
 * default. */
void conf_add_option(struct conf *c, enum conf_id id, const char *text,
                     const char *origin);

/* Values in force. Borrowed until the setting changes. */
const struct conf_value *conf_value(const struct conf *c, enum conf_id id);
bool conf_has_key(const struct conf *c, enum conf_id id, const char *key);
const char *conf_text(const struct conf *c, enum conf_id id);
int conf_int(const struct conf *c, enum conf_id id);
bool conf_is_on(const struct conf *c, enum conf_id id);

/* Appends what the setting takes: "true or false", "a number from 1 to 60". */
void conf_describe(enum conf_id id, struct buf *out);

#endif
