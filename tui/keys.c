#include "tui/keys.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "base/nearest.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#define CODES_MAX 8 /* keys of one action */

struct binding {
    keys_code codes[CODES_MAX];
    size_t n;
    char *names;
    char *origin; /* NULL: the default */
};

struct keys {
    struct binding of[ACTIONS_N];
};

/* The first name of a code is the one that is shown. */
static const struct named {
    const char *name;
    keys_code code;
} named[] = {
    {"Tab", KEYS_TAB},
    {"Enter", KEYS_ENTER},
    {"Return", KEYS_ENTER},
    {"Esc", KEYS_ESC},
    {"Escape", KEYS_ESC},
    {"Space", KEYS_SPACE},
    {"Backspace", KEYS_BACKSPACE},
    {"Up", KEYS_UP},
    {"Down", KEYS_DOWN},
    {"Left", KEYS_LEFT},
    {"Right", KEYS_RIGHT},
    {"Home", KEYS_HOME},
    {"End", KEYS_END},
    {"PgUp", KEYS_PAGE_UP},
    {"PageUp", KEYS_PAGE_UP},
    {"PgDn", KEYS_PAGE_DOWN},
    {"PageDown", KEYS_PAGE_DOWN},
    {"Ins", KEYS_INSERT},
    {"Insert", KEYS_INSERT},
    {"Del", KEYS_DELETE},
    {"Delete", KEYS_DELETE},
};

static const struct modifier {
    const char *prefix;
    keys_code bit;
} modifiers[] = {
    {"Shift-", KEYS_SHIFT},
    {"Ctrl-", KEYS_CTRL},
    {"Alt-", KEYS_ALT},
};

#define N_NAMED (sizeof(named) / sizeof(named[0]))
#define N_MODIFIERS (sizeof(modifiers) / sizeof(modifiers[0]))

/* F1 to F12. */
static bool
parse_function_key(const char *name, size_t len, keys_code *code)
{
    unsigned number = 0;

    if (len < 2 || len > 3 || (name[0] != 'F' && name[0] != 'f') || name[1] == '0')
        return false;
    for (size_t i = 1; i < len; i++) {
        if (name[i] < '0' || name[i] > '9')
            return false;
        number = number * 10 + (unsigned)(name[i] - '0');
    }
    *code = KEYS_F1 + number - 1;
    return number >= 1 && number <= 12;
}

/* A key without modifiers. */
static bool
parse_plain(const char *name, size_t len, keys_code *code)
{
    int32_t point;

    for (size_t i = 0; i < N_NAMED; i++) {
        if (strlen(named[i].name) == len &&
            strncasecmp(named[i].name, name, len) == 0) {
            *code = named[i].code;
            return true;
        }
    }
    if (parse_function_key(name, len, code))
        return true;
    if (len == 0 || utf8_decode(name, len, &point) != len || point <= ' ' ||
        (point >= 0x7f && point < 0xa0))
        return false;
    *code = (keys_code)point;
    return true;
}

/* The control character of a key, as a terminal sends it. */
static bool
make_control(keys_code *code)
{
    if (*code >= KEYS_UP)
        *code |= KEYS_CTRL;
    else if (*code == KEYS_SPACE || *code == '@')
        return false; /* NUL cannot be told from nothing */
    else if ((*code >= 'a' && *code <= 'z') || (*code >= 'A' && *code <= '_'))
        *code = KEYS_CTRL_OF(*code);
    else
        return false;
    return true;
}

/* Takes one "Ctrl-" and the like off the front of a name. */
static bool
take_modifier(const char **name, size_t *len, keys_code *bits)
{
    for (size_t i = 0; i < N_MODIFIERS; i++) {
        size_t n = strlen(modifiers[i].prefix);

        if (*len > n && strncasecmp(*name, modifiers[i].prefix, n) == 0) {
            *bits |= modifiers[i].bit;
            *name += n;
            *len -= n;
            return true;
        }
    }
    return false;
}

bool
keys_parse(const char *name, size_t len, keys_code *code)
{
    keys_code bits = 0;

    while (take_modifier(&name, &len, &bits))
        continue;
    if (!parse_plain(name, len, code))
        return false;
    if ((bits & KEYS_SHIFT) != 0) {
        if (*code < KEYS_UP && *code != KEYS_TAB)
            return false; /* a capital is its own key */
        *code |= KEYS_SHIFT;
    }
    if ((bits & KEYS_CTRL) != 0 && !make_control(code))
        return false;
    *code |= bits & KEYS_ALT;
    return true;
}

/* The name without Shift and Alt. */
static void
plain_name(keys_code code, struct buf *out)
{
    for (size_t i = 0; i < N_NAMED; i++) {
        if (named[i].code == code) {
            buf_add_str(out, named[i].name);
            return;
        }
    }
    if (code >= KEYS_F1 && code <= KEYS_F12)
        buf_printf(out, "F%u", (unsigned)(code - KEYS_F1 + 1));
    else if (code < 32)
        buf_printf(out, "Ctrl-%c", (char)(code + '@'));
    else if (code < KEYS_UP)
        utf8_add(out, code);
}

void
keys_name(keys_code code, char name[KEYS_NAME_MAX])
{
    struct buf out = {0};

    for (size_t i = 0; i < N_MODIFIERS; i++) {
        if ((code & modifiers[i].bit) != 0)
            buf_add_str(&out, modifiers[i].prefix);
        code &= ~modifiers[i].bit;
    }
    plain_name(code, &out);
    snprintf(name, KEYS_NAME_MAX, "%s", buf_str(&out));
    buf_release(&out);
}

/* Reads names with blanks between into a binding. */
static bool
parse_names(struct binding *b, const char *names, struct err *err)
{
    const char *at = names;

    b->n = 0;
    for (;;) {
        size_t len;

        at += strspn(at, " ");
        len = strcspn(at, " ");
        if (len == 0)
            return true;
        if (b->n == CODES_MAX)
            return err_set(err, "more than %d keys for one action", CODES_MAX);
        if (!keys_parse(at, len, &b->codes[b->n]))
            return err_set(err, "no key is called '%.*s'", (int)len, at);
        b->n++;
        at += len;
    }
}

static void
add_default(void *data, const struct actions_row *row)
{
    struct keys *k = data;

    parse_names(&k->of[row->id], row->keys, NULL);
    k->of[row->id].names = xalloc_copy(row->keys);
}

struct keys *
keys_new(void)
{
    struct keys *k = XALLOC_NEW(struct keys);

    actions_each(add_default, k);
    return k;
}

void
keys_free(struct keys *k)
{
    if (k == NULL)
        return;
    for (size_t i = 0; i < ACTIONS_N; i++) {
        free(k->of[i].names);
        free(k->of[i].origin);
    }
    free(k);
}

static void
offer_name(void *data, const struct actions_row *row)
{
    nearest_try(data, row->name);
}

static bool
set_unknown(const char *action, struct err *err)
{
    struct nearest near = {.typed = action};

    actions_each(offer_name, &near);
    if (near.best != NULL)
        return err_set(err, "no action is called '%s' (%s?)", action, near.best);
    return err_set(err, "no action is called '%s'", action);
}

bool
keys_bind(struct keys *k, const char *action, const char *names, const char *origin,
          struct err *err)
{
    const struct actions_row *row = actions_find(action);
    struct binding read;
    struct binding *b;

    if (row == NULL)
        return set_unknown(action, err);
    if (!parse_names(&read, names, err))
        return false;
    b = &k->of[row->id];
    free(b->names);
    free(b->origin);
    *b = read;
    b->names = xalloc_copy(names);
    b->origin = xalloc_copy(origin);
    return true;
}

/* The action other than `but` that has the key, ACTIONS_NONE if none has. */
static enum actions_id
find_other(const struct keys *k, keys_code code, enum actions_id but)
{
    for (enum actions_id id = 1; id < ACTIONS_N; id++) {
        for (size_t i = 0; id != but && i < k->of[id].n; i++) {
            if (k->of[id].codes[i] == code)
                return id;
        }
    }
    return ACTIONS_NONE;
}

bool
keys_check(const struct keys *k, struct err *err)
{
    for (enum actions_id id = 1; id < ACTIONS_N; id++) {
        const struct binding *b = &k->of[id];

        for (size_t i = 0; b->origin != NULL && i < b->n; i++) {
            enum actions_id other = find_other(k, b->codes[i], id);
            char name[KEYS_NAME_MAX];

            if (other == ACTIONS_NONE)
                continue;
            keys_name(b->codes[i], name);
            return err_set(err, "%s: key '%s' means %s already, so it cannot mean %s",
                           b->origin, name, actions_get(other)->name,
                           actions_get(id)->name);
        }
    }
    return true;
}

enum actions_id
keys_find(const struct keys *k, keys_code code)
{
    return find_other(k, code, ACTIONS_NONE);
}

void
keys_of(const struct keys *k, enum actions_id action, char name[KEYS_NAME_MAX])
{
    name[0] = '\0';
    if (k->of[action].n > 0)
        keys_name(k->of[action].codes[0], name);
}

const char *
keys_all_of(const struct keys *k, enum actions_id action)
{
    return k->of[action].names;
}
