#include "runner/py.h"

#include "module/engine_rules.h"

#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "runner/origin.h"

struct engine_rules {
    char *key; /* a line for each rule, "+" or "-" in front */
    struct scope *scope;
    unsigned n_active;
    bool decided; /* codes were decided about with it */
    struct engine_rules *next;
};

static struct engine_rules *all;
static char *own;

void
engine_rules_set_own(const char *folder)
{
    free(own);
    own = strdup(folder);
}

static bool
is_own(const char *path)
{
    size_t len = own ? strlen(own) : 0;

    return len && strncmp(path, own, len) == 0 && path[len] == '/';
}

static int
add_keys(struct buf *key, PyObject *rules, char sign)
{
    Py_ssize_t n = PySequence_Length(rules);
    const char *text;
    PyObject *rule;

    for (Py_ssize_t i = 0; i < n; i++) {
        rule = PySequence_GetItem(rules, i);
        text = rule && PyUnicode_Check(rule) ? PyUnicode_AsUTF8(rule) : NULL;
        if (!text) {
            if (!PyErr_Occurred())
                PyErr_SetString(PyExc_TypeError, "a filter rule is a string");
            Py_XDECREF(rule);
            return -1;
        }
        buf_printf(key, "%c%s\n", sign, text);
        Py_DECREF(rule);
    }
    return n < 0 ? -1 : 0;
}

void
engine_rules_each(const struct engine_rules *r,
                  void (*each)(const char *text, bool include, void *arg), void *arg)
{
    const char *at = r->key, *line;
    size_t len;

    while ((line = buf_line(&at, &len)) && len) {
        char *text = strndup(line + 1, len - 1);

        if (text)
            each(text, line[0] == '+', arg);
        free(text);
    }
}

struct adding {
    struct scope *scope;
    struct err err;
    bool ok;
};

static void
add_rule(const char *text, bool include, void *arg)
{
    struct adding *a = arg;

    a->ok = a->ok && scope_add(a->scope, text, include, &a->err);
}

static struct engine_rules *
make(char *key)
{
    struct engine_rules *r = calloc(1, sizeof(*r));
    struct adding adding = {scope_new(origin_stdlib()), {""}, true};

    if (!r || !adding.scope) {
        free(r);
        scope_free(adding.scope);
        free(key);
        return (struct engine_rules *)PyErr_NoMemory();
    }
    r->key = key;
    r->scope = adding.scope;
    engine_rules_each(r, add_rule, &adding);
    if (!adding.ok) {
        PyErr_Format(PyExc_ValueError, "%s", adding.err.text);
        scope_free(r->scope);
        free(r->key);
        free(r);
        return NULL;
    }
    r->next = all;
    all = r;
    return r;
}

struct engine_rules *
engine_rules_get(PyObject *include, PyObject *exclude)
{
    struct buf key = {0};

    if (add_keys(&key, include, '+') < 0 || add_keys(&key, exclude, '-') < 0) {
        buf_release(&key);
        return NULL;
    }
    buf_add_str(&key, "");
    for (struct engine_rules *r = all; r; r = r->next) {
        if (strcmp(r->key, buf_str(&key)) == 0) {
            buf_release(&key);
            return r;
        }
    }
    return make(buf_take(&key));
}

bool
engine_rules_want(const struct engine_rules *r, const struct scope_subject *what)
{
    return !is_own(what->path) && scope_wants(r->scope, what, NULL);
}

bool
engine_rules_begin(struct engine_rules *r)
{
    bool anew = false;

    r->n_active++;
    for (struct engine_rules *each = all; each; each = each->next)
        anew |= each->decided != (each->n_active > 0);
    for (struct engine_rules *each = all; anew && each; each = each->next)
        each->decided = each->n_active > 0;
    return anew;
}

void
engine_rules_end(struct engine_rules *r)
{
    r->n_active--;
}

bool
engine_rules_wanted(const struct scope_subject *what)
{
    for (const struct engine_rules *r = all; r; r = r->next)
        if (r->decided && engine_rules_want(r, what))
            return true;
    return false;
}

bool
engine_rules_skip_file(const char *path, const char *module)
{
    if (is_own(path))
        return true;
    for (const struct engine_rules *r = all; r; r = r->next)
        if (r->decided && !scope_skips_file(r->scope, path, module))
            return false;
    return true;
}
