/* What active recordings and listeners want: sets of filter rules (session/scope.h).
 * Sets with the same rules are one, and stay for good, so that a block that is entered
 * again and again decides about no code twice. */
#ifndef MODULE_ENGINE_RULES_H
#define MODULE_ENGINE_RULES_H

#include "runner/py.h"

#include <stdbool.h>

#include "session/scope.h"

struct engine_rules;

/* The set of these rules, two sequences of strings. NULL, with ValueError or TypeError:
 * one is no rule. */
struct engine_rules *engine_rules_get(PyObject *include, PyObject *exclude);

/* Code below this folder is wanted by nobody: the package's own. */
void engine_rules_set_own(const char *folder);

bool engine_rules_want(const struct engine_rules *r, const struct scope_subject *what);

/* Calls back with each rule's text. */
void engine_rules_each(const struct engine_rules *r,
                       void (*each)(const char *text, bool include, void *arg),
                       void *arg);

/* A recording with these rules begins. True if code is to be decided about anew. */
bool engine_rules_begin(struct engine_rules *r);
void engine_rules_end(struct engine_rules *r);

/* For codes.h: what any of the recordings wants that ran when codes were decided about.
 */
bool engine_rules_wanted(const struct scope_subject *what);
bool engine_rules_skip_file(const char *path, const char *module);

#endif
