/* Code objects and their records: whether the filters want one is decided here, once,
 * when it is first seen. What the runner knows of a code object hangs on the object
 * itself (co_extra), so that finding it again costs a load. */
#ifndef RUNNER_CODES_H
#define RUNNER_CODES_H

#include "runner/py.h"

#include <stdbool.h>

#include "base/err.h"
#include "session/format.h"
#include "session/scope.h"
#include "session/writer.h"

struct probe;

struct codes_file {
    files_id id;
    const char *path;  /* borrowed from the session */
    bool is_main;      /* the script itself, or what -c or stdin said */
    lines_id *by_line; /* the record of a line, FORMAT_NONE where it has none */
    uint32_t n_lines;
};

struct codes_entry {
    codes_id id;
    struct codes_file *file;
    const char *path; /* that the rules are asked about */
    const char *module;
    const char *name;
    const char *qualname;
    bool wanted;
    bool is_coroutine;
    struct probe *probes; /* of probe_bytecode.c */
    bool has_breaks;      /* of probe_monitoring.c: a breakpoint in its file */
    /* The places of its code, side by side, and a hash of that code; 0: it has none, or
     * such as cannot serve the same code again. */
    places_id first_place;
    uint32_t n_places;
    Py_hash_t placed;
    struct codes_entry *next;
};

enum codes_flag {
    /* As `trace` has it, the rules are asked about __file__ of a function's globals,
     * whatever its code says of itself: so code from a string belongs to the module
     * that runs it, and what is frozen to its file in the library. Code without
     * __file__ is not wanted. */
    CODES_BY_FILE = 1,
    CODES_ALL = 2, /* everything is wanted, also what has no file at all */
};

struct codes_options {
    struct writer *writer;
    struct scope *scope; /* taken over; NULL: these two are asked in its place, */
    bool (*wants)(const struct scope_subject *what);
    bool (*skips_file)(const char *path, const char *module); /* and the rules never
                                                                 change here */
    unsigned flags;                                           /* enum codes_flag */
};

bool codes_start(const struct codes_options *options, struct err *err);

/* Whether that has been done. */
bool codes_are_open(void);

/* Notes a filter rule in the session; call in the order of scope_add(). */
void codes_add_rule(const char *text, bool include);

/* The entry of a code object; NULL if it has none. */
struct codes_entry *codes_find(PyCodeObject *co);

/* The entry of a code object that is about to run with `globals`, with records for it
 * and all code in its constants if it is new. NULL: the filters leave its whole file
 * out, or there is no room; then nobody asks again before the rules change. No
 * exception is set. */
struct codes_entry *codes_get(PyCodeObject *co, PyObject *globals);

/* Whether codes_get() would look further than at the file. Writes nothing down: this is
 * for going through all functions that there are. */
bool codes_may_want(PyCodeObject *co, PyObject *globals);

/* Whether code without a file, as from a string given to exec(), can be wanted. */
bool codes_may_want_strings(void);

/* How often the rules have changed. */
uint32_t codes_generation(void);

/* Makes `co`, which was made from an entry's code object, known under the same entry.
 */
void codes_attach(PyCodeObject *co, struct codes_entry *e);

/* The record of a line of an entry's file; NULL if it has none. */
struct format_line *codes_line(const struct codes_entry *e, uint32_t line,
                               lines_id *id);

/* The same of a line that need not run by the code itself: it is added. */
struct format_line *codes_add_line(const struct codes_entry *e, uint32_t line);

/* Adds a place (session/format.h) of that line, or of none where `line` is FORMAT_NONE.
 * FORMAT_NONE: there is no room. */
places_id codes_add_place(lines_id line, const struct format_term *terms, uint32_t n);
struct format_place *codes_place(places_id id);

/* Changes the rules while the program runs: adds an exclude rule; takes the latest
 * exclude rule `rule` back or, where there is none, includes what `rule` takes beside
 * what is included already. `changed` is called for each entry that is now wanted or no
 * longer wanted; what has no entry yet is for probe_ops.refresh(). */
bool codes_exclude(const char *rule, void (*changed)(struct codes_entry *e),
                   struct err *err);
bool codes_include(const char *rule, void (*changed)(struct codes_entry *e),
                   struct err *err);

/* Asks about all code anew, seen and not, since those who are asked have changed their
 * minds. */
void codes_decide_again(void (*changed)(struct codes_entry *e));

/* Calls back for every entry. */
void codes_each(void (*each)(struct codes_entry *e));

/* Whether `path`, as a user writes it ("fib.py", "orders/price.py"), means the file. */
bool codes_is_file(const struct codes_file *file, const char *path);

#endif
