/* Which code is wanted: the filter rules, as the user writes them and as the runner
 * asks them, once per code object. A rule is one word:
 *
 * - mine: everything but the three below (included when nothing else is)
 * - stdlib: the standard library of the interpreter
 * - site-packages: what is below a folder site-packages or dist-packages
 * - generated: code without a file: <string>, <stdin>, ...
 * - all: everything, but not what is frozen into the interpreter: the import system
 * runs there, and no text belongs to it
 * - GLOB with a "/", or ending in .py: a file. A relative glob matches the path's end,
 *   "*" stops at a "/", "**" does not, and a "/" at the end takes the whole folder.
 * - MODULE: a module glob; "json" takes json.decoder, too, "json.*" only what is below
 * - MODULE:FUNCTION: globs for the module and the function's qualified name, which
 * takes what is inside it, too: "shop:Cart" has all methods of the class
 *
 * Code is wanted when an include rule matches it and no exclude rule does. */
#ifndef SESSION_SCOPE_H
#define SESSION_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"

struct scope; /* the rules */

struct scope_subject {    /* a code object to decide about; no field is NULL */
    const char *path;     /* co_filename */
    const char *module;   /* __name__ in its globals, "" if unknown */
    const char *qualname; /* co_qualname */
};

/* `stdlib` is the folder of the standard library (copied). With no include rule added,
 * `mine` is included. NULL when there is no memory (the runner uses this). */
struct scope *scope_new(const char *stdlib);
void scope_free(struct scope *s);

/* Adds a rule (copied). False for a word that cannot be one; `err` says why. */
bool scope_add(struct scope *s, const char *rule, bool include, struct err *err);

/* Whether scope_add() would take the word; if not, `err` says why. */
bool scope_is_rule(const char *rule, struct err *err);

/* Whether there is an include rule, so that `mine` must be one to be included; whether
 * this very one is included, be it by default. */
bool scope_has_includes(const struct scope *s);
bool scope_includes(const struct scope *s, const char *rule);

/* Takes the latest exclude rule with this text away; false if there is none. */
bool scope_remove(struct scope *s, const char *rule);

/* Whether the code is wanted. `*rule`, if not NULL, gets the index of the rule that
 * decided: rules are numbered in the order they were added, and keep their numbers when
 * one is removed. SCOPE_DEFAULT stands for the implicit `mine`, and for code that no
 * include rule took. */
#define SCOPE_DEFAULT UINT32_MAX
bool scope_wants(const struct scope *s, const struct scope_subject *what,
                 uint32_t *rule);

/* Whether a file can be left out without looking at its functions: true when no code in
 * it can be wanted. */
bool scope_skips_file(const struct scope *s, const char *path, const char *module);

#endif
