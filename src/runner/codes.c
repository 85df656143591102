#include "runner/py.h"

#include "runner/codes.h"

#include <stdlib.h>
#include <string.h>

#include "runner/origin.h"
#include "runner/source.h"

static struct codes_options options;
static struct format_header *header;
static Py_ssize_t extra_index = -1;
static bool has_main; /* the first code that runs in __main__ is the script's */
static struct codes_entry *entries; /* newest first */
static PyObject *files;             /* co_filename -> capsule of struct codes_file */
static PyObject *known; /* (file, qualname, first line) -> capsule of an entry */
static uint32_t generation;

bool
codes_start(const struct codes_options *o, struct err *err)
{
    options = *o;
    header = writer_header(o->writer);
    files = PyDict_New();
    known = PyDict_New();
    extra_index = py_new_extra(NULL);
    if (!files || !known || extra_index < 0) {
        PyErr_Clear();
        return err_set(err, "the interpreter has no room for data on code objects");
    }
    return true;
}

bool
codes_are_open(void)
{
    return known != NULL;
}

/* What hangs on a code object: its entry, or, where it has none, an odd number: the
 * generation of the rules by which nobody wants to hear of it. */
static void *
get_extra(PyCodeObject *co)
{
    void *extra = NULL;

    py_get_extra(co, extra_index, &extra);
    return extra;
}

static void
set_extra(PyCodeObject *co, void *extra)
{
    if (py_set_extra(co, extra_index, extra) < 0)
        PyErr_Clear();
}

static void *
unwanted(void)
{
    return (void *)((uintptr_t)generation << 1 | 1);
}

static bool
is_entry(const void *extra)
{
    return extra && !((uintptr_t)extra & 1);
}

void
codes_attach(PyCodeObject *co, struct codes_entry *e)
{
    set_extra(co, e);
}

struct codes_entry *
codes_find(PyCodeObject *co)
{
    void *extra = get_extra(co);

    return is_entry(extra) ? extra : NULL;
}

uint32_t
codes_generation(void)
{
    return generation;
}

/* A lone surrogate in a file name has no UTF-8; such a name is written with escapes. */
static strings_id
add_text(PyObject *s)
{
    PyObject *bytes = NULL;
    strings_id id = 0;

    if (s && PyUnicode_Check(s))
        bytes = PyUnicode_AsEncodedString(s, "utf-8", "surrogateescape");
    if (!bytes && s && PyUnicode_Check(s)) {
        PyErr_Clear();
        bytes = PyUnicode_AsEncodedString(s, "utf-8", "backslashreplace");
    }
    if (bytes)
        id = writer_string(options.writer, PyBytes_AS_STRING(bytes),
                           (size_t)PyBytes_GET_SIZE(bytes));
    Py_XDECREF(bytes);
    PyErr_Clear();
    return id;
}

static const char *
text_of(strings_id id)
{
    return (const char *)writer_record(options.writer, FORMAT_STRINGS, id) +
           sizeof(uint32_t);
}

/* The pointer kept under `key`, or NULL. */
static void *
look_up(PyObject *dict, PyObject *key)
{
    PyObject *capsule = key ? PyDict_GetItemWithError(dict, key) : NULL;
    void *p = capsule ? PyCapsule_GetPointer(capsule, NULL) : NULL;

    PyErr_Clear();
    return p;
}

static void
keep(PyObject *dict, PyObject *key, void *p)
{
    PyObject *capsule = PyCapsule_New(p, NULL, NULL);

    if (capsule && key)
        PyDict_SetItem(dict, key, capsule);
    Py_XDECREF(capsule);
    PyErr_Clear();
}

static struct codes_file *
add_file(PyCodeObject *co, const char *module, PyObject *globals, bool is_main)
{
    struct codes_file *file = calloc(1, sizeof(*file));
    struct format_file *record;
    void *place;

    if (!file)
        return NULL;
    file->id = writer_add(options.writer, FORMAT_FILES, 1, &place);
    if (file->id == FORMAT_NONE) {
        free(file);
        return NULL;
    }
    record = place;
    record->path = add_text(co->co_filename);
    record->module = writer_string(options.writer, module, strlen(module));
    file->path = text_of(record->path);
    if (source_keep(options.writer, file->path, globals, is_main, &record->source))
        record->flags |= FORMAT_FILE_SOURCE;
    file->is_main = is_main;
    has_main |= is_main;
    if (is_main)
        record->flags |= FORMAT_FILE_MAIN;
    origin_note_paths(options.writer);
    writer_publish(options.writer, FORMAT_FILES);
    keep(files, co->co_filename, file);
    return file;
}

/* What the rules are asked about. */
struct whose {
    const char *path;
    const char *module;
};

static const char *
text_in(PyObject *globals, const char *name)
{
    return text_of(add_text(globals ? PyDict_GetItemString(globals, name) : NULL));
}

/* What -c or stdin said is the user's own code, as a script is. */
static struct whose
whose_is(PyCodeObject *co, PyObject *globals, bool is_main)
{
    struct whose w = {.module = text_in(globals, "__name__")};

    if (options.flags & CODES_BY_FILE)
        w.path = text_in(globals, "__file__");
    else
        w.path = text_of(add_text(co->co_filename));
    if (is_main && w.path[0] == '<')
        w.path = "__main__.py";
    return w;
}

static bool
skips_file(struct whose w)
{
    if (options.flags & CODES_ALL)
        return false;
    if (!options.scope)
        return options.skips_file(w.path, w.module);
    return (options.flags & CODES_BY_FILE && !*w.path) ||
           scope_skips_file(options.scope, w.path, w.module);
}

static bool
asks_scope(const struct codes_entry *e, uint32_t *rule)
{
    struct scope_subject what = {e->path, e->module, e->qualname};

    *rule = SCOPE_DEFAULT;
    if (!options.scope)
        return options.wants(&what);
    return options.flags & CODES_ALL || scope_wants(options.scope, &what, rule);
}

static bool
decide(struct codes_entry *e)
{
    uint32_t rule;
    bool wanted = asks_scope(e, &rule);
    struct format_code *code = writer_record(options.writer, FORMAT_CODES, e->id);
    uint32_t flags = atomic_load_explicit(&code->flags, memory_order_relaxed);
    struct format_rule *r;

    if (rule != SCOPE_DEFAULT && rule < writer_count(options.writer, FORMAT_RULES)) {
        r = writer_record(options.writer, FORMAT_RULES, rule);
        atomic_fetch_add_explicit(&r->n_codes, 1, memory_order_relaxed);
    }
    flags = wanted ? flags & ~(uint32_t)FORMAT_CODE_HIDDEN : flags | FORMAT_CODE_HIDDEN;
    atomic_store_explicit(&code->flags, flags, memory_order_relaxed);
    return wanted;
}

static void
count_hidden(void)
{
    atomic_fetch_add_explicit(&header->n_hidden_codes, 1, memory_order_relaxed);
}

static struct codes_entry *
add_code(PyCodeObject *co, struct codes_file *file, struct whose w,
         const struct codes_entry *parent)
{
    struct codes_entry *e = calloc(1, sizeof(*e));
    struct format_code *record;
    uint32_t flags = 0;
    void *place;

    if (!e)
        return NULL;
    e->id = writer_add(options.writer, FORMAT_CODES, 1, &place);
    if (e->id == FORMAT_NONE) {
        free(e);
        return NULL;
    }
    record = place;
    record->file = file->id;
    record->name = add_text(co->co_name);
    record->qualname = add_text(co->co_qualname);
    record->first_line = (uint32_t)co->co_firstlineno;
    record->parent = parent ? parent->id : FORMAT_NONE;
    if (strcmp(text_of(record->name), "<module>") == 0)
        flags |= FORMAT_CODE_MODULE;
    if (co->co_flags & (CO_GENERATOR | CO_COROUTINE | CO_ASYNC_GENERATOR))
        flags |= FORMAT_CODE_GENERATOR;
    atomic_store_explicit(&record->flags, flags, memory_order_relaxed);
    e->file = file;
    e->path = w.path;
    e->module = w.module;
    e->name = text_of(record->name);
    e->qualname = text_of(record->qualname);
    e->is_coroutine = co->co_flags & CO_COROUTINE;
    e->wanted = decide(e);
    if (!e->wanted)
        count_hidden();
    e->next = entries;
    entries = e;
    writer_publish(options.writer, FORMAT_CODES);
    return e;
}

static bool
make_room(struct codes_file *file, uint32_t line)
{
    uint32_t n = file->n_lines ? file->n_lines : 256;
    lines_id *by_line;

    if (line < file->n_lines)
        return true;
    while (n <= line)
        n *= 2;
    by_line = realloc(file->by_line, n * sizeof(*by_line));
    if (!by_line)
        return false;
    for (uint32_t i = file->n_lines; i < n; i++)
        by_line[i] = FORMAT_NONE;
    file->by_line = by_line;
    file->n_lines = n;
    return true;
}

static void
add_line(const struct codes_entry *e, uint32_t line)
{
    struct format_line *record;
    void *place;
    lines_id id;

    if (line > INT32_MAX / 2 || !make_room(e->file, line) ||
        e->file->by_line[line] != FORMAT_NONE)
        return;
    id = writer_add(options.writer, FORMAT_LINES, 1, &place);
    if (id == FORMAT_NONE)
        return;
    record = place;
    record->file = e->file->id;
    record->line = line;
    record->code = e->id;
    e->file->by_line[line] = id;
}

/* Every line that co_lines() names, as dis.findlinestarts() does. The first instruction
 * of a function stands on its `def`, which the code around it has already. An empty
 * module runs line 0, which only `trace` wants to know of. */
static void
add_lines(const struct codes_entry *e, PyCodeObject *co)
{
    PyObject *ranges = PyObject_CallMethod((PyObject *)co, "co_lines", NULL);
    PyObject *it = ranges ? PyObject_GetIter(ranges) : NULL;
    long first = options.flags & CODES_BY_FILE ? 0 : 1;
    PyObject *range, *line;

    while (it && (range = PyIter_Next(it))) {
        line = PyTuple_Check(range) && PyTuple_GET_SIZE(range) == 3
                   ? PyTuple_GET_ITEM(range, 2)
                   : Py_None; /* borrowed */
        if (PyLong_Check(line) && PyLong_AsLong(line) >= first)
            add_line(e, (uint32_t)PyLong_AsLong(line));
        Py_DECREF(range);
    }
    writer_publish(options.writer, FORMAT_LINES);
    Py_XDECREF(it);
    Py_XDECREF(ranges);
    PyErr_Clear();
}

/* A module that is reloaded, or a function that is compiled again and again, has one
 * record; but where the rules go by __file__, the same text in two modules has two. The
 * parent is not in the key: of a function that was found alive it is not known, and
 * there is one record all the same when its module is loaded again. */
static struct codes_entry *
add_tree(PyCodeObject *co, struct codes_file *file, struct whose w,
         const struct codes_entry *parent)
{
    PyObject *key =
        Py_BuildValue("(IyOi)", file->id, options.flags & CODES_BY_FILE ? w.path : "",
                      co->co_qualname, co->co_firstlineno);
    struct codes_entry *e = look_up(known, key);
    PyObject *c;

    if (!e) {
        e = add_code(co, file, w, parent);
        if (e)
            keep(known, key, e);
    }
    Py_XDECREF(key);
    PyErr_Clear();
    set_extra(co, e ? e : unwanted());
    if (!e || Py_EnterRecursiveCall(" while code is registered")) {
        PyErr_Clear();
        return e;
    }
    add_lines(e, co);
    for (Py_ssize_t i = 0; i < PyTuple_GET_SIZE(co->co_consts); i++) {
        c = PyTuple_GET_ITEM(co->co_consts, i);
        if (PyCode_Check(c))
            add_tree((PyCodeObject *)c, file, w, e);
    }
    Py_LeaveRecursiveCall();
    return e;
}

static struct codes_entry *
add(PyCodeObject *co, PyObject *globals)
{
    struct codes_file *file = look_up(files, co->co_filename);
    bool is_main = !has_main && globals && globals == py_main_globals();
    struct whose w = whose_is(co, globals, is_main);

    if ((!file || options.flags & CODES_BY_FILE) && !is_main && skips_file(w))
        return NULL;
    if (!file)
        file = add_file(co, w.module, globals, is_main);
    return file ? add_tree(co, file, w, NULL) : NULL;
}

struct codes_entry *
codes_get(PyCodeObject *co, PyObject *globals)
{
    void *extra = get_extra(co);
    struct codes_entry *e;
    struct py_raised raised;

    if (is_entry(extra))
        return extra;
    if (extra == unwanted())
        return NULL;
    raised = py_put_aside();
    e = add(co, globals);
    if (!e) {
        set_extra(co, unwanted());
        /* The rest of a file is not seen by all back-ends. */
        if (!extra && PyUnicode_CompareWithASCIIString(co->co_name, "<module>") == 0)
            count_hidden();
    }
    py_put_back(raised);
    return e;
}

bool
codes_may_want(PyCodeObject *co, PyObject *globals)
{
    struct py_raised raised = py_put_aside();
    bool may = is_entry(get_extra(co)) ||
               (look_up(files, co->co_filename) && !(options.flags & CODES_BY_FILE)) ||
               !skips_file(whose_is(co, globals, false));

    py_put_back(raised);
    return may;
}

bool
codes_may_want_strings(void)
{
    static uint32_t asked; /* the generation behind the one that `may` is of */
    static bool may;

    if (asked != generation + 1) {
        may = options.flags || !scope_skips_file(options.scope, "<string>", "");
        asked = generation + 1;
    }
    return may;
}

struct format_line *
codes_line(const struct codes_entry *e, uint32_t line, lines_id *id)
{
    *id = line < e->file->n_lines ? e->file->by_line[line] : FORMAT_NONE;
    return *id == FORMAT_NONE ? NULL : writer_record(options.writer, FORMAT_LINES, *id);
}

struct format_line *
codes_add_line(const struct codes_entry *e, uint32_t line)
{
    lines_id id;

    add_line(e, line);
    writer_publish(options.writer, FORMAT_LINES);
    return codes_line(e, line, &id);
}

/* A place for whose terms there is no room is there all the same, and nobody counts it.
 */
places_id
codes_add_place(lines_id line, const struct format_term *terms, uint32_t n)
{
    struct format_place *place;
    void *at, *copy = NULL;
    places_id id = writer_add(options.writer, FORMAT_PLACES, 1, &at);

    if (id == FORMAT_NONE)
        return FORMAT_NONE;
    place = at;
    place->line = line;
    if (n && writer_add(options.writer, FORMAT_TERMS, n, &copy) != FORMAT_NONE) {
        memcpy(copy, terms, n * sizeof(*terms));
        place->n_terms = n;
        writer_publish(options.writer, FORMAT_TERMS);
    }
    writer_publish(options.writer, FORMAT_PLACES);
    return n && !copy ? FORMAT_NONE : id;
}

struct format_place *
codes_place(places_id id)
{
    return writer_record(options.writer, FORMAT_PLACES, id);
}

void
codes_add_rule(const char *text, bool include)
{
    struct format_rule *r;
    void *place;

    if (writer_add(options.writer, FORMAT_RULES, 1, &place) == FORMAT_NONE)
        return;
    r = place;
    r->text = writer_string(options.writer, text, strlen(text));
    r->include = include;
    writer_publish(options.writer, FORMAT_RULES);
}

void
codes_decide_again(void (*changed)(struct codes_entry *e))
{
    bool wanted;

    generation++;
    for (struct codes_entry *e = entries; e; e = e->next) {
        wanted = decide(e);
        if (wanted == e->wanted)
            continue;
        e->wanted = wanted;
        changed(e);
    }
}

static bool
add_rule(const char *rule, bool include, struct err *err)
{
    if (!scope_add(options.scope, rule, include, err))
        return false;
    codes_add_rule(rule, include);
    return true;
}

bool
codes_exclude(const char *rule, void (*changed)(struct codes_entry *e), struct err *err)
{
    if (!add_rule(rule, false, err))
        return false;
    codes_decide_again(changed);
    return true;
}

/* The records of rules are in the order of the scope's. */
static void
note_off(const char *rule)
{
    uint32_t n = writer_count(options.writer, FORMAT_RULES);
    struct format_rule *r;

    while (n--) {
        r = writer_record(options.writer, FORMAT_RULES, n);
        if (!r->include && !atomic_load_explicit(&r->off, memory_order_relaxed) &&
            strcmp(text_of(r->text), rule) == 0) {
            atomic_store_explicit(&r->off, 1, memory_order_relaxed);
            break;
        }
    }
}

bool
codes_include(const char *rule, void (*changed)(struct codes_entry *e), struct err *err)
{
    if (scope_remove(options.scope, rule))
        note_off(rule);
    else if (scope_includes(options.scope, rule))
        return err_set(err, "%s: is included already", rule);
    /* The first include rule would take the place of the implicit one. */
    else if (!scope_is_rule(rule, err) ||
             (!scope_has_includes(options.scope) && !add_rule("mine", true, err)) ||
             !add_rule(rule, true, err))
        return false;
    codes_decide_again(changed);
    return true;
}

void
codes_each(void (*each)(struct codes_entry *e))
{
    for (struct codes_entry *e = entries; e; e = e->next)
        each(e);
}

bool
codes_is_file(const struct codes_file *file, const char *path)
{
    size_t have = strlen(file->path), want = strlen(path);
    const char *tail;

    if (want > have || !want)
        return false;
    tail = file->path + (have - want);
    return strcmp(tail, path) == 0 && (tail == file->path || tail[-1] == '/');
}
