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

    *why = any ? "it is the fastest" : "asked for by --engine";
    for (int i = 0; i < N_ALL; i++) {
        if (!any && strcmp(name, all[i]->name) != 0)
            continue;
        if (all[i]->fits(&why_not))
            return all[i];
        *why = why_not; /* the one behind it is taken for want of this one */
    }
    err_set(err, "engine %s: %s", name, why_not);
    return NULL;
}
