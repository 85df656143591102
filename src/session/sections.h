/* What the sections of a session are called and how large they are: one row for each,
 * by which the writer lays a file out and readers check one. */
#ifndef SESSION_SECTIONS_H
#define SESSION_SECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "session/format.h"

struct sections_row {
    const char *name; /* for messages */
    uint32_t record_size;
    /* Records (bytes, of STRINGS) a writer makes room for, and more than a reader
     * believes in. */
    uint64_t max;
    bool is_moment; /* what the process itself went through: a forked child begins anew
                     */
};

extern const struct sections_row sections[FORMAT_N_SECTIONS];

#endif
