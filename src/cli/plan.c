#include "cli/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/file.h"
#include "base/xalloc.h"
#include "cli/runners.h"

static void
add_rules(struct plan *p, const struct conf *c, enum conf_id id, const char *option)
{
    const struct conf_value *v = conf_value(c, id);

    for (size_t i = 0; i < v->n; i++)
        texts_take(&p->options, xalloc_printf("--%s=%s", option, v->items[i].text));
}

static void
add_options(struct plan *p, const struct argv *a, const struct conf *c)
{
    texts_add(&p->options, a->action == ARGV_TRACE ? "--form" : "--mode=full");
    texts_take(&p->options, xalloc_printf("--engine=%s", a->engine));
    if (a->events || a->action == ARGV_RECORD)
        texts_take(&p->options,
                   xalloc_printf("--events=%s", a->events ? a->events : "log"));
    texts_take(&p->options, xalloc_printf("--children=%s", a->children));
    add_rules(p, c, CONF_INCLUDE, "include");
    add_rules(p, c, CONF_EXCLUDE, "exclude");
    for (size_t i = 0; i < a->breaks.n; i++)
        texts_take(&p->options, xalloc_printf("--break=%s", a->breaks.items[i]));
    if (a->flags & ARGV_PAUSE)
        texts_add(&p->options, "--pause");
}

/* A log can be larger than folders in memory; where the recording will lie there is
 * room for it. */
static char *
folder_of(const char *path)
{
    char *folder = file_folder(path);
    char *absolute = realpath(folder, NULL);

    free(folder);
    return absolute;
}

bool
plan_make(struct plan *p, const struct argv *a, const struct conf *c, struct err *err)
{
    char *own_dir;
    bool ok;

    *p = (struct plan){0};
    /* Python would say so itself, but on a screen that has just been opened. */
    if (a->script && access(a->script, R_OK) < 0)
        return err_sys(err, errno, "%s", a->script);
    if (!python_find(&p->python, a->python, err) || !runners_own_dir(&own_dir, err))
        return false;
    ok = runners_get(own_dir, &p->python, &p->runner, err);
    add_options(p, a, c);
    if (a->action == ARGV_RECORD)
        p->near = folder_of(a->output);
    free(own_dir);
    return ok;
}

void
plan_release(struct plan *p)
{
    python_release(&p->python);
    free(p->runner);
    free(p->near);
    texts_release(&p->options);
    *p = (struct plan){0};
}
