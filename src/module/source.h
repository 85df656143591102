/* The source of lines, as linecache has it. */
#ifndef MODULE_SOURCE_H
#define MODULE_SOURCE_H

#include "module/files.h"
#include "module/interp.h"

/* What linecache is like now. All borrowed, and right until Python code runs. */
struct source {
    PyObject *cache;       /* its dict; NULL: its functions are not its own */
    bool updates;          /* so is the one for files that are not in there */
    uint64_t of_linecache; /* the version of the module's dict */
};

/* Says what linecache.getline() would return, if that can be said without calling it:
 * *line_source, borrowed, is NULL for "". No exception. */
bool source_find(struct source *s, const struct interp *in, struct files_file *file,
                 int line, PyObject **line_source);

#endif
