#include "cli/conf.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "session/scope.h"
#include "tui/keys.h"
#include "tui/theme.h"

static bool
check_rule(const char *key, const char *word, struct err *err)
{
    struct scope *scope = scope_new("");
    bool ok;

    (void)key;
    if (!scope)
        xalloc_die("out of memory");
    ok = scope_add(scope, word, true, err);
    scope_free(scope);
    return ok;
}

static bool
check_key(const char *action, const char *key, struct err *err)
{
    struct keys *keys = keys_new();
    bool ok = keys_bind(keys, action, key, "", err);

    keys_free(keys);
    return ok;
}

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

static const struct conf_setting settings[CONF_N] = {
    [CONF_INCLUDE] = {.name = "filters.include",
                      .type = CONF_LIST,
                      .places = CONF_PROJECT | CONF_USER,
                      .fallback = "mine",
                      .check = check_rule,
                      .help = "code to watch: mine, stdlib, site-packages, generated, "
                              "all, a module, module:function or file glob"},
    [CONF_EXCLUDE] = {.name = "filters.exclude",
                      .type = CONF_LIST,
                      .places = CONF_PROJECT | CONF_USER,
                      .fallback = "",
                      .check = check_rule,
                      .help = "code to leave out of that; it runs at full speed"},
    [CONF_THEME] = {.name = "ui.theme",
                    .type = CONF_CHOICE,
                    .places = CONF_PROJECT | CONF_USER,
                    .choice = theme_name,
                    .fallback = "default",
                    .help = "colours of the screen"},
    [CONF_ASCII] = {.name = "ui.ascii",
                    .type = CONF_BOOL,
                    .places = CONF_PROJECT | CONF_USER,
                    .fallback = "false",
                    .help = "draw with plain ASCII signs only"},
    [CONF_COLOR] = {.name = "ui.color",
                    .type = CONF_CHOICE,
                    .places = CONF_PROJECT | CONF_USER,
                    .choices = WORDS("auto", "always", "never"),
                    .fallback = "auto",
                    .help = "colours or none; auto: none where NO_COLOR is set"},
    [CONF_FPS] = {.name = "ui.fps",
                  .type = CONF_INT,
                  .places = CONF_PROJECT | CONF_USER,
                  .min = 1,
                  .max = 60,
                  .fallback = "20",
                  .help = "frames a second, at most; none when nothing changes"},
    [CONF_KEYS] = {.name = "keys",
                   .type = CONF_MAP,
                   .places = CONF_USER,
                   .fallback = "",
                   .check = check_key,
                   .help = "other keys for an action, as in {step_over: [n, F10]}"},
    [CONF_EXIT] = {.name = "exit",
                   .type = CONF_CHOICE,
                   .places = CONF_USER,
                   .choices = WORDS("ask", "terminate", "kill", "detach"),
                   .fallback = "ask",
                   .help =
                       "what becomes of a running program when you quit; detach: it "
                       "goes on untraced"},
    [CONF_SAVE_DIR] = {.name = "save.dir",
                       .type = CONF_TEXT,
                       .places = CONF_USER,
                       .fallback = "cov",
                       .help = "folder for what is saved from the screen"},
    [CONF_IO] =
        {.name = "io",
         .type = CONF_CHOICE,
         .places = CONF_USER,
         .choices = WORDS("auto", "inherit"),
         .fallback = "auto",
         .help =
             "the program's streams; auto: what is a terminal becomes the Output pane; "
             "inherit: the program keeps the terminal, and there is no screen"},
};

const struct conf_setting *
conf_setting(enum conf_id id)
{
    assert(id < CONF_N);
    return &settings[id];
}

bool
conf_find(const char *name, enum conf_id *id)
{
    for (enum conf_id i = 0; i < CONF_N; i++) {
        if (strcmp(settings[i].name, name) == 0) {
            *id = i;
            return true;
        }
    }
    return false;
}

/* Values */

static void
free_item(struct conf_item *item)
{
    free(item->key);
    free(item->text);
    free(item->origin);
}

static void
clear(struct conf_value *v)
{
    while (v->n > 0)
        free_item(&v->items[--v->n]);
}

static void
drop_key(struct conf_value *v, const char *key)
{
    size_t kept = 0;

    for (size_t i = 0; i < v->n; i++) {
        if (strcmp(v->items[i].key, key) == 0)
            free_item(&v->items[i]);
        else
            v->items[kept++] = v->items[i];
    }
    v->n = kept;
}

void
conf_take_over(struct conf *c, enum conf_id id, const char *key, const char *origin)
{
    struct conf_value *v = &c->values[id];

    assert((settings[id].type == CONF_MAP) == (key != NULL));
    if (key)
        drop_key(v, key);
    else
        clear(v);
    free(v->origin);
    v->origin = xalloc_copy(origin);
}

void
conf_add(struct conf *c, enum conf_id id, const char *key, const char *text,
         const char *origin)
{
    struct conf_value *v = &c->values[id];

    if (settings[id].type != CONF_LIST && settings[id].type != CONF_MAP)
        conf_take_over(c, id, NULL, origin);
    v->items = xalloc_grow(v->items, &v->cap, v->n + 1, sizeof(*v->items));
    v->items[v->n++] =
        (struct conf_item){xalloc_copy(key), xalloc_copy(text), xalloc_copy(origin)};
}

void
conf_add_option(struct conf *c, enum conf_id id, const char *text, const char *origin)
{
    struct conf_value *v = &c->values[id];

    if (settings[id].type == CONF_LIST && strcmp(v->origin, "default") == 0)
        conf_take_over(c, id, NULL, origin);
    conf_add(c, id, NULL, text, origin);
}

void
conf_init(struct conf *c)
{
    *c = (struct conf){0};
    for (enum conf_id i = 0; i < CONF_N; i++) {
        c->values[i].origin = xalloc_copy("default");
        if (*settings[i].fallback)
            conf_add(c, i, NULL, settings[i].fallback, "default");
    }
}

void
conf_release(struct conf *c)
{
    for (enum conf_id i = 0; i < CONF_N; i++) {
        clear(&c->values[i]);
        free(c->values[i].items);
        free(c->values[i].origin);
    }
    *c = (struct conf){0};
}

const struct conf_value *
conf_value(const struct conf *c, enum conf_id id)
{
    assert(id < CONF_N);
    return &c->values[id];
}

bool
conf_has_key(const struct conf *c, enum conf_id id, const char *key)
{
    const struct conf_value *v = &c->values[id];

    for (size_t i = 0; i < v->n; i++)
        if (strcmp(v->items[i].key, key) == 0)
            return true;
    return false;
}

const char *
conf_text(const struct conf *c, enum conf_id id)
{
    assert(c->values[id].n == 1);
    return c->values[id].items[0].text;
}

int
conf_int(const struct conf *c, enum conf_id id)
{
    assert(settings[id].type == CONF_INT);
    return (int)strtol(conf_text(c, id), NULL, 10);
}

bool
conf_is_on(const struct conf *c, enum conf_id id)
{
    assert(settings[id].type == CONF_BOOL);
    return strcmp(conf_text(c, id), "true") == 0;
}

/* Checks */

/* The words of a CONF_CHOICE; NULL behind the last. */
static const char *
choice(const struct conf_setting *s, size_t index)
{
    return s->choice ? s->choice(index) : s->choices[index];
}

static bool
is_choice(const struct conf_setting *s, const char *text)
{
    for (size_t i = 0; choice(s, i); i++)
        if (strcmp(choice(s, i), text) == 0)
            return true;
    return false;
}

static bool
is_in_range(const struct conf_setting *s, const char *text)
{
    long number;

    if (!*text || strlen(text) > 9 || strspn(text, "0123456789") != strlen(text))
        return false;
    number = strtol(text, NULL, 10);
    return number >= s->min && number <= s->max;
}

static bool
has_type(const struct conf_setting *s, const char *text)
{
    switch (s->type) {
    case CONF_BOOL:
        return strcmp(text, "true") == 0 || strcmp(text, "false") == 0;
    case CONF_INT:
        return is_in_range(s, text);
    case CONF_CHOICE:
        return is_choice(s, text);
    case CONF_TEXT:
    case CONF_LIST:
        return *text != '\0';
    case CONF_MAP:
        break;
    }
    return true;
}

static bool
has_control(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < 0x20 || *text == 0x7f)
            return true;
    return false;
}

bool
conf_check(enum conf_id id, const char *key, const char *text, struct err *err)
{
    const struct conf_setting *s = conf_setting(id);
    struct buf wants = {0};

    if (has_control(text) || (key && has_control(key)))
        return err_set(err, "'%s' has a control character", s->name);
    if (has_type(s, text))
        return !s->check || s->check(key, text, err);
    conf_describe(id, &wants);
    err_set(err, "'%s' takes %s, not '%s'", s->name, buf_str(&wants), text);
    buf_release(&wants);
    return false;
}

void
conf_describe(enum conf_id id, struct buf *out)
{
    const struct conf_setting *s = conf_setting(id);

    switch (s->type) {
    case CONF_BOOL:
        buf_add_str(out, "true or false");
        break;
    case CONF_INT:
        buf_printf(out, "a number from %d to %d", s->min, s->max);
        break;
    case CONF_CHOICE:
        for (size_t i = 0; choice(s, i); i++)
            buf_printf(out, "%s%s", i ? ", " : "one of ", choice(s, i));
        break;
    case CONF_TEXT:
        buf_add_str(out, "a word");
        break;
    case CONF_LIST:
        buf_add_str(out, "a list of words");
        break;
    case CONF_MAP:
        buf_add_str(out, "words, each with a list of words");
        break;
    }
}
