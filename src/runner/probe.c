#include "runner/py.h"

#include "runner/probe.h"

#include <string.h>

/* In order of preference. */
static const struct probe_ops *const all[] = {&probe_bytecode, &probe_monitoring};

enum { N_ALL = sizeof(all) / sizeof(all[0]) };

const struct probe_ops *
probe_choose(const char *name, const char **why, struct err *err)
{
    const char *why_not = "no such engine (auto, bytecode, monitoring)";
    bool any = strcmp(name, "auto") == 0;

    *why = any ? "the fastest that knows this interpreter" : "asked for by --engine";
    for (int i = 0; i < N_ALL; i++) {
        if (!any && strcmp(name, all[i]->name) != 0)
            continue;
        if (all[i]->fits(&why_not)) {
            if (any && i > 0)
                *why = "the bytecode of this interpreter is not known";
            return all[i];
        }
    }
    err_set(err, "engine %s: %s", name, why_not);
    return NULL;
}
