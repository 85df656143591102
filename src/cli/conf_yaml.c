/* The parser's events are read by functions that follow the shape of the settings: a
 * mapping of sections and settings, a section, a value. None of them goes deeper than
 * the table of settings does (three levels), so that a file cannot nest without end;
 * anything else is an error at the first event that does not fit. The rules that hold
 * everywhere (no anchors, ...) are checked where the events come in. */
#include "cli/conf_yaml.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

#include "base/buf.h"
#include "base/nearest.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "cli/texts.h"

#define SHOWN_COLS 40 /* of a word of the file, in a message */

struct source {
    yaml_parser_t parser;
    yaml_event_t event; /* the present one; zeroed memory is an event that needs no
                           deleting */
    struct conf *conf;
    const char *name; /* as it can be shown */
    const char *text;
    size_t len;
    enum conf_place place;
    struct err *err;
};

/* A word of the file, copied out of its event, and where it began. */
struct word {
    char *text;
    yaml_mark_t mark;
};

/* Messages */

static bool fail_at(const struct source *s, yaml_mark_t mark, const char *fmt, ...)
    ATTR_PRINTF(3, 4);

static bool
fail_at(const struct source *s, yaml_mark_t mark, const char *fmt, ...)
{
    char what[400];
    struct buf shown = {0};
    va_list ap;

    va_start(ap, fmt);
    vsnprintf(what, sizeof(what), fmt, ap);
    va_end(ap);
    utf8_show(&shown, what, strlen(what), 0);
    err_set(s->err, "%s:%zu:%zu: %s", s->name, mark.line + 1, mark.column + 1,
            buf_str(&shown));
    buf_release(&shown);
    return false;
}

/* The file's word, short enough for a message. The caller's to free. */
static char *
shorten(const char *text)
{
    struct buf shown = {0}, fit = {0};

    utf8_show(&shown, text, strlen(text), 0);
    utf8_fit(&fit, buf_str(&shown), SHOWN_COLS, UTF8_CUT_END, 1);
    buf_release(&shown);
    return buf_take(&fit);
}

/* Line and column of a byte of the text. */
static yaml_mark_t
mark_of(const struct source *s, size_t offset)
{
    yaml_mark_t mark = {0};

    for (size_t i = 0; i < offset && i < s->len; i++) {
        unsigned char c = (unsigned char)s->text[i];

        if (c == '\n') {
            mark.line++;
            mark.column = 0;
        } else if ((c & 0xc0) != 0x80) {
            mark.column++;
        }
    }
    return mark;
}

static bool
fail_parse(const struct source *s)
{
    const yaml_parser_t *p = &s->parser;

    if (p->error == YAML_MEMORY_ERROR)
        xalloc_die("out of memory");
    if (p->error == YAML_READER_ERROR)
        return fail_at(s, mark_of(s, p->problem_offset), "%s", p->problem);
    return fail_at(s, p->problem_mark, "%s", p->problem ? p->problem : "not YAML");
}

/* Events */

static bool
check_event(const struct source *s)
{
    const yaml_event_t *e = &s->event;
    const yaml_char_t *anchor = NULL, *tag = NULL;

    switch (e->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (e->data.document_start.version_directive ||
            e->data.document_start.tag_directives.start !=
                e->data.document_start.tag_directives.end)
            return fail_at(s, e->start_mark, "directives (%%) are not allowed");
        break;
    case YAML_ALIAS_EVENT:
        return fail_at(s, e->start_mark, "aliases (*) are not allowed");
    case YAML_SCALAR_EVENT:
        anchor = e->data.scalar.anchor;
        tag = e->data.scalar.tag;
        break;
    case YAML_SEQUENCE_START_EVENT:
        anchor = e->data.sequence_start.anchor;
        tag = e->data.sequence_start.tag;
        break;
    case YAML_MAPPING_START_EVENT:
        anchor = e->data.mapping_start.anchor;
        tag = e->data.mapping_start.tag;
        break;
    default:
        break;
    }
    if (anchor)
        return fail_at(s, e->start_mark, "anchors (&) are not allowed");
    if (tag)
        return fail_at(s, e->start_mark, "tags (!) are not allowed");
    return true;
}

static bool
next(struct source *s)
{
    yaml_event_delete(&s->event);
    if (!yaml_parser_parse(&s->parser, &s->event))
        return fail_parse(s);
    return check_event(s);
}

/* Whether the event is an empty value, as behind "filters:" with nothing below it. */
static bool
is_null(const yaml_event_t *e)
{
    const char *text = (const char *)e->data.scalar.value;

    return e->type == YAML_SCALAR_EVENT &&
           e->data.scalar.style == YAML_PLAIN_SCALAR_STYLE &&
           (!*text || strcmp(text, "~") == 0 || strcmp(text, "null") == 0);
}

/* Copies the scalar that the event is. */
static bool
take_word(const struct source *s, struct word *word, const char *wanted)
{
    const yaml_event_t *e = &s->event;

    if (e->type != YAML_SCALAR_EVENT)
        return fail_at(s, e->start_mark, "%s is wanted here, not a %s", wanted,
                       e->type == YAML_MAPPING_START_EVENT ? "mapping" : "list");
    if (memchr(e->data.scalar.value, '\0', e->data.scalar.length))
        return fail_at(s, e->start_mark, "a NUL character is not allowed");
    word->mark = e->start_mark;
    word->text = xalloc_copy((const char *)e->data.scalar.value);
    return true;
}

/* Settings */

static char *
origin_of(const struct source *s, yaml_mark_t mark)
{
    return xalloc_printf("%s:%zu:%zu", s->name, mark.line + 1, mark.column + 1);
}

/* Checks the present event, a scalar, and adds it to the setting. */
static bool
add_scalar(struct source *s, enum conf_id id, const char *key)
{
    const yaml_event_t *e = &s->event;
    enum conf_type type = conf_setting(id)->type;
    struct buf wants = {0};
    struct word word = {0};
    struct err why = {0};
    char *origin;
    bool ok;

    conf_describe(id, &wants);
    ok = take_word(s, &word, buf_str(&wants));
    buf_release(&wants);
    if (!ok)
        return false;
    if ((type == CONF_BOOL || type == CONF_INT) &&
        e->data.scalar.style != YAML_PLAIN_SCALAR_STYLE)
        ok = fail_at(s, word.mark, "'%s' takes no text in quotes",
                     conf_setting(id)->name);
    else if (!conf_check(id, key, word.text, &why))
        ok = fail_at(s, word.mark, "%s", why.text);
    if (ok) {
        origin = origin_of(s, word.mark);
        conf_add(s->conf, id, key, word.text, origin);
        free(origin);
    }
    free(word.text);
    return ok;
}

/* One word, or a list of them. The present event is its first. */
static bool
read_list(struct source *s, enum conf_id id, const char *key)
{
    if (s->event.type == YAML_SCALAR_EVENT)
        return add_scalar(s, id, key);
    if (s->event.type == YAML_MAPPING_START_EVENT)
        return fail_at(s, s->event.start_mark,
                       "a list of words is wanted here, not a "
                       "mapping");
    for (;;) {
        if (!next(s))
            return false;
        if (s->event.type == YAML_SEQUENCE_END_EVENT)
            return true;
        if (!add_scalar(s, id, key))
            return false;
    }
}

/* Calls back for every key of the mapping whose start is the present event; the
 * present event is then the first one of its value. */
static bool
read_mapping(struct source *s,
             bool (*entry)(struct source *s, const struct word *key, const void *data),
             const void *data)
{
    struct texts seen = {0};
    bool ok = true;

    while (ok) {
        struct word key = {0};

        ok = next(s);
        if (!ok || s->event.type == YAML_MAPPING_END_EVENT)
            break;
        ok = take_word(s, &key, "a key");
        if (ok && texts_has(&seen, key.text)) {
            char *shown = shorten(key.text);

            ok = fail_at(s, key.mark, "'%s' is here for the second time", shown);
            free(shown);
        }
        if (ok)
            texts_add(&seen, key.text);
        ok = ok && next(s) && entry(s, &key, data);
        free(key.text);
    }
    texts_release(&seen);
    return ok;
}

static bool
fail_no_value(const struct source *s, const struct word *key)
{
    char *shown = shorten(key->text);

    fail_at(s, key->mark, "'%s' has no value", shown);
    free(shown);
    return false;
}

static bool
read_map_entry(struct source *s, const struct word *key, const void *data)
{
    enum conf_id id = *(const enum conf_id *)data;
    struct err why = {0};
    char *origin;
    bool ok;

    if (is_null(&s->event))
        return fail_no_value(s, key);
    /* An empty list is kept as one empty word: it takes the default away. */
    if (!conf_check(id, key->text, "", &why))
        return fail_at(s, key->mark, "%s", why.text);
    origin = origin_of(s, key->mark);
    conf_take_over(s->conf, id, key->text, origin);
    ok = read_list(s, id, key->text);
    if (ok && !conf_has_key(s->conf, id, key->text))
        conf_add(s->conf, id, key->text, "", origin);
    free(origin);
    return ok;
}

static bool
read_value(struct source *s, const struct word *key, enum conf_id id)
{
    const struct conf_setting *setting = conf_setting(id);
    char *origin;

    if (!(setting->places & s->place))
        return fail_at(s, key->mark,
                       "'%s' cannot be set by a project, only in your own config.yaml",
                       setting->name);
    if (is_null(&s->event))
        return fail_no_value(s, key);
    if (setting->type == CONF_MAP && s->event.type == YAML_MAPPING_START_EVENT)
        return read_mapping(s, read_map_entry, &id);
    if (setting->type == CONF_MAP)
        return fail_at(s, s->event.start_mark, "'%s' is a mapping: {word: [word, ...]}",
                       setting->name);
    if (setting->type != CONF_LIST)
        return add_scalar(s, id, NULL);
    origin = origin_of(s, key->mark);
    conf_take_over(s->conf, id, NULL, origin);
    free(origin);
    return read_list(s, id, NULL);
}

/* The part of a setting's name that is a key in `section` ("" is the top); NULL if it
 * is not there. The caller's to free. */
static char *
key_in(const char *section, const char *name)
{
    size_t len = strlen(section);

    if (len > 0 && (strncmp(name, section, len) != 0 || name[len] != '.'))
        return NULL;
    name += len > 0 ? len + 1 : 0;
    return xalloc_copy_n(name, strcspn(name, "."));
}

static bool
fail_unknown(const struct source *s, const struct word *key, const char *section)
{
    struct nearest nearest = {.typed = key->text};
    struct texts keys = {0};
    char *shown = shorten(key->text);
    char *where = *section ? xalloc_printf(" in %s", section) : xalloc_copy("");

    for (enum conf_id id = 0; id < CONF_N; id++) {
        char *known = key_in(section, conf_setting(id)->name);

        if (known && !texts_has(&keys, known))
            texts_add(&keys, known);
        free(known);
    }
    for (size_t i = 0; i < keys.n; i++)
        nearest_try(&nearest, keys.items[i]);
    if (nearest.best)
        fail_at(s, key->mark, "unknown key '%s'%s; did you mean '%s'?", shown, where,
                nearest.best);
    else
        fail_at(s, key->mark, "unknown key '%s'%s", shown, where);
    free(where);
    free(shown);
    texts_release(&keys);
    return false;
}

static bool
read_section_entry(struct source *s, const struct word *key, const void *data)
{
    const char *section = data;
    char *name = xalloc_printf("%s.%s", section, key->text);
    enum conf_id id;
    bool known = conf_find(name, &id);

    free(name);
    return known ? read_value(s, key, id) : fail_unknown(s, key, section);
}

static bool
is_section(const char *word)
{
    size_t len = strlen(word);

    for (enum conf_id id = 0; id < CONF_N; id++) {
        const char *name = conf_setting(id)->name;

        if (strncmp(name, word, len) == 0 && name[len] == '.')
            return true;
    }
    return false;
}

static bool
read_top_entry(struct source *s, const struct word *key, const void *data)
{
    enum conf_id id;

    (void)data;
    if (!strchr(key->text, '.') && conf_find(key->text, &id))
        return read_value(s, key, id);
    if (strchr(key->text, '.') || !is_section(key->text))
        return fail_unknown(s, key, "");
    if (is_null(&s->event))
        return true;
    if (s->event.type != YAML_MAPPING_START_EVENT)
        return fail_at(s, s->event.start_mark, "'%s' is a mapping of settings",
                       key->text);
    return read_mapping(s, read_section_entry, key->text);
}

/* Everything from the start of the stream to its end. */
static bool
read_stream(struct source *s)
{
    if (!next(s) || !next(s))
        return false;
    if (s->event.type == YAML_STREAM_END_EVENT)
        return true;
    if (!next(s))
        return false;
    if (s->event.type == YAML_MAPPING_START_EVENT) {
        if (!read_mapping(s, read_top_entry, NULL))
            return false;
    } else if (!is_null(&s->event)) {
        return fail_at(s, s->event.start_mark,
                       "settings are wanted here, as in "
                       "'io: auto'");
    }
    if (!next(s) || !next(s))
        return false;
    if (s->event.type != YAML_STREAM_END_EVENT)
        return fail_at(s, s->event.start_mark, "a second document is not allowed");
    return true;
}

bool
conf_yaml_read(struct conf *c, const char *name, const char *text, size_t len,
               enum conf_place place, struct err *err)
{
    struct source s = {.conf = c, .text = text, .len = len, .place = place, .err = err};
    struct buf shown = {0};
    bool ok;

    utf8_show(&shown, name, strlen(name), 0);
    s.name = buf_str(&shown);
    if (len > CONF_YAML_SIZE_MAX) {
        ok = err_set(err, "%s: larger than %u KiB", s.name, CONF_YAML_SIZE_MAX >> 10);
    } else if (!yaml_parser_initialize(&s.parser)) {
        xalloc_die("out of memory");
    } else {
        yaml_parser_set_encoding(&s.parser, YAML_UTF8_ENCODING);
        yaml_parser_set_input_string(&s.parser, (const unsigned char *)text, len);
        ok = read_stream(&s);
        yaml_event_delete(&s.event);
        yaml_parser_delete(&s.parser);
    }
    buf_release(&shown);
    return ok;
}
