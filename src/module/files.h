/* The files that a tracer has seen lines of: for each line how often it was hit and the
 * text that is printed for it. Hits are counted here, which is cheap, and added to the
 * dict that Python sees, {(file, line): hits}, when somebody can look at it. */
#ifndef MODULE_FILES_H
#define MODULE_FILES_H

#include "module/py.h"

/* Code can claim any line; higher ones are counted elsewhere. */
enum { FILES_LINE_MAX = 1 << 20 };

struct files_line {
    uint64_t hits;    /* not yet in the dict */
    PyObject *source; /* what linecache had when `text` was made; NULL: nothing */
    PyObject *text;   /* NULL: not made yet */
};

struct files_file {
    PyObject *name; /* co_filename */
    PyObject *base; /* the last part of it */
    struct files_line *lines;
    int n_lines;
    PyObject *entry;   /* module/source.c: what linecache had for it, borrowed ... */
    uint64_t of_cache; /* ... when its cache had this version */
};

/* A line whose hits are no longer zero. */
struct files_mark {
    struct files_file *file;
    int line;
};

struct files {
    PyObject *index; /* {name: number in `all`} */
    struct files_file **all;
    size_t n;
    size_t cap;
    struct files_mark *marks; /* in the order of their first hits */
    size_t n_marks;
    size_t marks_cap;
};

/* The file of that name: made, if it is new. NULL: an exception. It stays where it is
 * until files_release(); its lines move when there are more. */
struct files_file *files_get(struct files *f, PyObject *name);
void files_release(struct files *f);

/* Makes room for a line from 0 to FILES_LINE_MAX. False: an exception. */
bool files_grow(struct files_file *file, int line);

/* files_hit() for a line that was not hit before. */
bool files_first_hit(struct files *f, struct files_file *file, int line);

/* Counts a line from 0 to FILES_LINE_MAX. False: an exception. */
static inline bool
files_hit(struct files *f, struct files_file *file, int line)
{
    if (line < file->n_lines && file->lines[line].hits > 0) {
        file->lines[line].hits++;
        return true;
    }
    return files_first_hit(f, file, line);
}

/* Adds all hits to `counts`, a dict, and begins anew. False: an exception. */
bool files_fold(struct files *f, PyObject *counts);

/* Forgets all hits. */
void files_drop(struct files *f);

#endif
