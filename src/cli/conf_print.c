#include "cli/conf_print.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/utf8.h"
#include "cli/wrap.h"

#define ORIGIN_COL 40u /* where the comments begin, if the values leave the room */
#define HELP_COLS 80u

struct printer {
    struct buf *out;
    size_t line_start; /* in `out` */
    bool origins;
    bool help;
};

/* Whether YAML reads the word back as it is, without quotes. */
static bool
is_plain(const char *word)
{
    const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_/";
    const char inside[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                          "0123456789_/.-*";

    return *word && strchr(letters, *word) && strspn(word, inside) == strlen(word);
}

static void
add_word(struct buf *out, const char *word)
{
    struct buf shown = {0};

    if (is_plain(word)) {
        buf_add_str(out, word);
        return;
    }
    utf8_show(&shown, word, strlen(word), 0);
    buf_add_char(out, '"');
    for (const char *s = buf_str(&shown); *s; s++) {
        if (*s == '"' || *s == '\\')
            buf_add_char(out, '\\');
        buf_add_char(out, *s);
    }
    buf_add_char(out, '"');
    buf_release(&shown);
}

static void
begin_line(struct printer *p, const char *indent)
{
    p->line_start = p->out->len;
    buf_add_str(p->out, indent);
}

static void
end_line(struct printer *p, const char *origin)
{
    size_t cols;

    if (p->origins) {
        cols = (size_t)utf8_width(buf_str(p->out) + p->line_start);
        do
            buf_add_char(p->out, ' ');
        while (++cols < ORIGIN_COL);
        buf_add_str(p->out, "# ");
        utf8_show(p->out, origin, strlen(origin), 0);
    }
    buf_add_char(p->out, '\n');
}

/* "[a, b]" for the items from `first` on that share a key; returns the next one. */
static size_t
add_flow_list(struct printer *p, const struct conf_value *v, size_t first)
{
    size_t i = first;

    buf_add_char(p->out, '[');
    for (; i < v->n && strcmp(v->items[i].key, v->items[first].key) == 0; i++) {
        if (i > first)
            buf_add_str(p->out, ", ");
        if (*v->items[i].text)
            add_word(p->out, v->items[i].text);
    }
    buf_add_char(p->out, ']');
    return i;
}

static void
print_map(struct printer *p, const struct conf_value *v)
{
    const char *origin = v->origin;

    if (v->n == 0) {
        buf_add_str(p->out, " {}");
        end_line(p, origin);
        return;
    }
    buf_add_char(p->out, '\n');
    for (size_t i = 0; i < v->n;) {
        origin = v->items[i].origin;
        begin_line(p, "  ");
        add_word(p->out, v->items[i].key);
        buf_add_str(p->out, ": ");
        i = add_flow_list(p, v, i);
        end_line(p, origin);
    }
}

static void
print_list(struct printer *p, const struct conf_value *v)
{
    if (v->n == 0) {
        buf_add_str(p->out, " []");
        end_line(p, v->origin);
        return;
    }
    buf_add_char(p->out, '\n');
    for (size_t i = 0; i < v->n; i++) {
        begin_line(p, "    - ");
        add_word(p->out, v->items[i].text);
        end_line(p, v->items[i].origin);
    }
}

static void
print_help(struct printer *p, enum conf_id id, const char *indent)
{
    const struct conf_setting *s = conf_setting(id);
    struct buf text = {0};
    char next[8];

    buf_printf(&text, "# %c%s. Takes ", toupper((unsigned char)s->help[0]),
               s->help + 1);
    conf_describe(id, &text);
    buf_printf(&text, "%s.", s->places & CONF_PROJECT ? "" : "; not in .ttrace.yaml");
    snprintf(next, sizeof(next), "%s# ", indent);
    buf_add_str(p->out, indent);
    wrap_add(p->out, buf_str(&text), strlen(indent), next, HELP_COLS);
    buf_add_char(p->out, '\n');
    buf_release(&text);
}

/* Opens the section of a dotted name unless it is open; returns the name's last part.
 */
static const char *
enter_section(struct printer *p, const char *name, const char **section)
{
    const char *dot = strchr(name, '.');
    size_t len = dot ? (size_t)(dot - name) + 1 : 0;

    if (dot && (!*section || strncmp(*section, name, len) != 0)) {
        if (p->help)
            buf_add_char(p->out, '\n');
        buf_printf(p->out, "%.*s:\n", (int)len - 1, name);
    } else if (p->help && !dot) {
        buf_add_char(p->out, '\n');
    }
    *section = dot ? name : NULL;
    return dot ? dot + 1 : name;
}

static void
print_all(struct printer *p, const struct conf *c)
{
    const char *section = NULL;

    for (enum conf_id id = 0; id < CONF_N; id++) {
        const struct conf_setting *s = conf_setting(id);
        const struct conf_value *v = conf_value(c, id);
        const char *name = enter_section(p, s->name, &section);
        const char *indent = section ? "  " : "";

        if (p->help)
            print_help(p, id, indent);
        begin_line(p, indent);
        buf_printf(p->out, "%s:", name);
        if (s->type == CONF_MAP) {
            print_map(p, v);
        } else if (s->type == CONF_LIST) {
            print_list(p, v);
        } else {
            buf_add_char(p->out, ' ');
            add_word(p->out, conf_text(c, id));
            end_line(p, v->origin);
        }
    }
}

void
conf_print_origins(const struct conf *c, struct buf *out)
{
    struct printer p = {.out = out, .origins = true};

    print_all(&p, c);
}

void
conf_print_help(const struct conf *c, struct buf *out)
{
    struct printer p = {.out = out, .help = true};

    buf_add_str(out,
                "# The settings of ttrace, at their defaults. Yours go into\n"
                "# ~/.config/ttrace/config.yaml, a project's into .ttrace.yaml in its\n"
                "# top folder; the nearer file wins, and options win over both.\n"
                "# `ttrace --print-config` shows what holds and where it came from.\n");
    print_all(&p, c);
}
