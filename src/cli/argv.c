/* -m, -c and -s mean something else in the form of `trace` than for `python`, so the
 * arguments are looked through for the form first. */
#include "cli/argv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/nearest.h"
#include "base/xalloc.h"
#include "cli/options.h"

static bool
is_option(const char *word)
{
    return word[0] == '-' && word[1] && strcmp(word, "--") != 0;
}

/* The form */

/* Whether the option is only there in the form of trace. */
static bool
is_traced(const struct options_row *o)
{
    return o->form == OPTIONS_TRACE;
}

/* The row whose very name this is, or else, among the options of trace, one whose name
 * begins so: which one does not matter here. */
static const struct options_row *
find_long(const char *name)
{
    size_t len = strcspn(name, "="), n;
    const struct options_row *rows = options_table(&n), *found = NULL;

    for (size_t i = 0; i < n && len; i++) {
        const struct options_row *o = &rows[i];

        if (!o->name || strncmp(o->name, name, len) != 0)
            continue;
        if (!o->name[len])
            return o;
        if (o->kind == OPTIONS_TRACED && !found)
            found = o;
    }
    return found;
}

static bool
are_traced(const char *letters)
{
    for (; *letters; letters++) {
        const struct options_row *o = options_by_letter(*letters, OPTIONS_TRACE);

        if (!o || o->kind != OPTIONS_TRACED)
            return false;
        if (o->arg)
            break;
    }
    return true;
}

/* Whether -c, which these letters begin with, is that of trace, and no line of Python
 * comes with it: more of trace's letters do, or the name of a file. */
static bool
is_count(const char *letters, const char *next)
{
    if (letters[0] != 'c')
        return false;
    if (letters[1])
        return are_traced(letters + 1);
    return next && access(next, F_OK) == 0;
}

/* Looks at a word of short options. True: the form is known. *skip: the next word is
 * the value of the last one. -m and -c are python's if a word comes with them. */
static bool
find_form_letters(const char *letters, const char *next, enum options_form *form,
                  bool *skip)
{
    for (; *letters; letters++) {
        const struct options_row *o = options_by_letter(*letters, OPTIONS_WATCH);

        if (!o)
            o = options_by_letter(*letters, OPTIONS_TRACE);
        if (!o)
            return false;
        if (is_traced(o)) {
            *form = OPTIONS_TRACE;
            return true;
        }
        if (o->kind == OPTIONS_PROGRAM) {
            if (is_count(letters, next)) {
                *form = OPTIONS_TRACE;
                return true;
            }
            if (letters[1] || !next || !is_option(next))
                return true;
        } else if (o->arg) {
            *skip = !letters[1];
            return false;
        }
    }
    return false;
}

static enum options_form
find_form(int argc, char *const *argv)
{
    enum options_form form = OPTIONS_WATCH;
    bool known = false;

    for (int i = 1; i < argc && !known && is_option(argv[i]); i++) {
        bool skip = false;

        if (argv[i][1] == '-') {
            const struct options_row *o = find_long(argv[i] + 2);

            known = o && is_traced(o);
            form = known ? OPTIONS_TRACE : OPTIONS_WATCH;
            skip = o && o->arg && !strchr(argv[i], '=');
        } else {
            known = find_form_letters(argv[i] + 1, argv[i + 1], &form, &skip);
        }
        i += skip;
    }
    return form;
}

/* Taking options */

struct parse {
    struct argv *a;
    char *const *argv;
    int argc;
    int at; /* the next argument */
    enum options_form form;
    bool done;  /* no option comes any more */
    bool begun; /* -m or -c: what runs is known */
    struct err *err;
};

#define SHOWN_MAX 32

/* The option as the user knows it. */
static const char *
show(const struct options_row *o, char shown[SHOWN_MAX])
{
    if (o->name)
        snprintf(shown, SHOWN_MAX, "--%s", o->name);
    else
        snprintf(shown, SHOWN_MAX, "-%c", o->letter);
    return shown;
}

static void
take_setting(struct argv *a, const struct options_row *o, const char *value)
{
    a->settings = xalloc_grow(a->settings, &a->settings_cap, a->n_settings + 1,
                              sizeof(*a->settings));
    a->settings[a->n_settings++] =
        (struct argv_setting){o->name, o->setting, value ? value : "true"};
}

static void
take_passed(struct argv *a, const struct options_row *o, const char *value)
{
    texts_take(&a->program, xalloc_printf("-%c", o->letter));
    if (value)
        texts_add(&a->program, value);
}

static bool
check(const struct parse *p, const struct options_row *o, const char *value)
{
    char shown[SHOWN_MAX];

    show(o, shown);
    if (!(o->form & p->form))
        return err_set(p->err,
                       p->form == OPTIONS_WATCH
                           ? "'%s' goes with what python -m trace does"
                           : "'%s' does not go with what python -m trace does",
                       shown);
    if (o->check && !o->check(o->arg, value))
        return err_set(p->err, "'%s' takes %s, not '%s'", shown, o->arg, value);
    return true;
}

/* `value` is NULL if the option has none. */
static bool
take(struct parse *p, const struct options_row *o, const char *value)
{
    struct argv *a = p->a;
    char *field = (char *)a + o->offset;

    if (!check(p, o, value))
        return false;
    switch (o->kind) {
    case OPTIONS_ACTION:
        a->action = o->value;
        p->done = o->value == ARGV_HELP || o->value == ARGV_VERSION;
        break;
    case OPTIONS_FLAG:
        a->flags |= o->value;
        break;
    case OPTIONS_TEXT:
        memcpy(field, &value, sizeof(value));
        break;
    case OPTIONS_WORD:
        texts_add((struct texts *)(void *)field, value);
        break;
    case OPTIONS_SETTING:
        take_setting(a, o, value);
        break;
    case OPTIONS_PROGRAM:
        p->begun = p->done = true;
        take_passed(a, o, value);
        break;
    case OPTIONS_PASSED:
        take_passed(a, o, value);
        break;
    case OPTIONS_HEADING:
    case OPTIONS_TRACED:
        break;
    }
    return true;
}

/* Takes the option with its value: `value`, or else the next argument. */
static bool
take_with_value(struct parse *p, const struct options_row *o, const char *value)
{
    char shown[SHOWN_MAX];

    if (!value && p->at < p->argc)
        value = p->argv[p->at++];
    if (!value)
        return err_set(p->err, "'%s' needs a value: %s", show(o, shown), o->arg);
    return take(p, o, value);
}

static bool
fail_unknown(const struct parse *p, const char *name, size_t len, const char *names)
{
    char *typed = xalloc_copy_n(name, len);
    struct nearest nearest = {.typed = typed};
    size_t n;
    const struct options_row *rows = options_table(&n);

    for (size_t i = 0; i < n; i++)
        if (rows[i].name)
            nearest_try(&nearest, rows[i].name);
    if (*names)
        err_set(p->err, "'--%s' could be %s", typed, names);
    else if (nearest.best)
        err_set(p->err, "unknown option '--%s'; did you mean '--%s'?", typed,
                nearest.best);
    else
        err_set(p->err, "unknown option '--%s'; --help lists them", typed);
    free(typed);
    return false;
}

static bool
take_name(struct parse *p, const char *name)
{
    size_t len = strcspn(name, "=");
    struct buf names = {0};
    const struct options_row *o = options_by_name(name, len, &names);
    bool ok;

    if (!o)
        ok = fail_unknown(p, name, len, buf_str(&names));
    else if (o->arg)
        ok = take_with_value(p, o, name[len] ? name + len + 1 : NULL);
    else if (name[len])
        ok = err_set(p->err, "'--%s' takes no value", o->name);
    else
        ok = take(p, o, NULL);
    buf_release(&names);
    return ok;
}

static bool
take_letters(struct parse *p, const char *letters)
{
    for (; *letters && !p->done; letters++) {
        const struct options_row *o = options_by_letter(*letters, p->form);

        if (!o)
            o = options_by_letter(*letters, OPTIONS_BOTH);
        if (!o)
            return err_set(p->err, "unknown option '-%.*s'; --help lists them",
                           (int)strcspn(letters, "="), letters);
        if (!o->arg) {
            if (!take(p, o, NULL))
                return false;
            continue;
        }
        letters++;
        return take_with_value(p, o, *letters ? letters : NULL);
    }
    return true;
}

/* What runs */

static void
take_program(struct parse *p, bool dashes)
{
    struct argv *a = p->a;

    if (!p->begun && p->at < p->argc) {
        const char *first = p->argv[p->at++];

        if (dashes && is_option(first))
            texts_add(&a->program, "--");
        texts_add(&a->program, first);
        p->begun = true;
        if (strcmp(first, "-") != 0)
            a->script = first;
    }
    a->n_args = (size_t)(p->argc - p->at);
    while (p->at < p->argc)
        texts_add(&a->program, p->argv[p->at++]);
}

/* The form of trace */

/* The last letter of a word that takes what follows as its value: the rest of the word,
 * or, if there is none, the next one. */
static bool
wants_next(const char *letters)
{
    for (; *letters; letters++) {
        const struct options_row *o = options_by_letter(*letters, OPTIONS_TRACE);

        if (o && o->arg)
            return !letters[1];
    }
    return false;
}

/* Takes a word if it is an option of our own. */
static bool
is_own(const char *word)
{
    const struct options_row *o = word[1] == '-'
                                      ? find_long(word + 2)
                                      : options_by_letter(word[1], OPTIONS_TRACE);

    return o && o->kind != OPTIONS_TRACED;
}

static bool
needs_value(const char *word)
{
    const struct options_row *o = word[1] == '-' ? find_long(word + 2) : NULL;

    return o ? o->arg && !strchr(word, '=') : word[1] != '-' && wants_next(word + 1);
}

/* Takes our own options out of what comes before the program; all else is what
 * `python -m trace` would get, and is read by the runner's Python. */
static bool
take_trace(struct parse *p)
{
    struct texts words = {0};
    bool ok = true;

    p->a->action = ARGV_TRACE;
    while (ok && p->at < p->argc && is_option(p->argv[p->at])) {
        const char *word = p->argv[p->at++];

        if (is_own(word)) {
            ok = word[1] == '-' ? take_name(p, word + 2) : take_letters(p, word + 1);
            continue;
        }
        texts_add(&words, word);
        if (needs_value(word) && p->at < p->argc)
            texts_add(&words, p->argv[p->at++]);
    }
    texts_add(&p->a->program, "-m");
    texts_add(&p->a->program, "trace");
    for (size_t i = 0; i < words.n; i++)
        texts_add(&p->a->program, words.items[i]);
    while (p->at < p->argc)
        texts_add(&p->a->program, p->argv[p->at++]);
    texts_release(&words);
    if (ok && strcmp(p->a->compat, "strict") == 0) /* else cli/strict.c had taken it */
        ok = err_set(p->err, "'--compat=strict' comes first, with nothing but --python "
                             "in front");
    return ok;
}

const char *
argv_title(const struct argv *a)
{
    char *const *what = &a->program.items[a->program.n - 1 - a->n_args];

    return what > a->program.items && strcmp(what[-1], "-c") == 0 ? "-c" : *what;
}

/* fib.ttrace for fib.py, in the present folder. */
static char *
make_name(const struct argv *a)
{
    const char *what = argv_title(a);
    size_t len = strlen(what), start;

    if (strcmp(what, "-c") == 0 || strcmp(what, "-") == 0)
        return xalloc_copy("python.ttrace");
    while (len > 1 && what[len - 1] == '/')
        len--;
    for (start = len; start > 0 && what[start - 1] != '/'; start--)
        continue;
    if (len - start > 3 && strncmp(what + len - 3, ".py", 3) == 0)
        len -= 3;
    return xalloc_printf("%.*s.ttrace", (int)(len - start), what + start);
}

bool
argv_parse(struct argv *a, int argc, char *const *argv, struct err *err)
{
    struct parse p = {.a = a, .argv = argv, .argc = argc, .at = 1, .err = err};
    bool dashes = false;

    *a = (struct argv){.engine = "auto", .children = "follow", .compat = "default"};
    if (argc > 1 && strcmp(argv[1], "record") == 0) {
        a->action = ARGV_RECORD;
        p.argv++;
        p.argc--;
    }
    p.form = find_form(p.argc, p.argv);
    if (a->action == ARGV_RECORD && p.form == OPTIONS_TRACE)
        return err_set(err, "'record' does not go with what python -m trace does");
    if (p.form == OPTIONS_TRACE)
        return take_trace(&p);
    while (!p.done && p.at < p.argc && is_option(p.argv[p.at])) {
        const char *word = p.argv[p.at++];

        if (!(word[1] == '-' ? take_name(&p, word + 2) : take_letters(&p, word + 1)))
            return false;
    }
    if (a->action == ARGV_HELP || a->action == ARGV_VERSION)
        return true;
    if (!p.done && p.at < p.argc && strcmp(p.argv[p.at], "--") == 0) {
        dashes = true;
        p.at++;
    }
    take_program(&p, dashes);
    if (!p.begun && a->action != ARGV_PRINT_CONFIG)
        return err_set(err, "what shall run? ttrace script.py, or ttrace --help");
    if (a->action == ARGV_RECORD && !a->output)
        a->output = a->own_output = make_name(a);
    return true;
}

void
argv_release(struct argv *a)
{
    texts_release(&a->breaks);
    texts_release(&a->program);
    free(a->settings);
    free(a->own_output);
    *a = (struct argv){0};
}
