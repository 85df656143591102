/* What a recording has counted, as the bytes of a session of its own: the process's
 * session with other counters, and without the tree's parts that are not wanted. */
#ifndef MODULE_ENGINE_IMAGE_H
#define MODULE_ENGINE_IMAGE_H

#include "runner/py.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "module/engine_rules.h"

/* Counters, by the ids of the session's records. They are differences: what the
 * session's own had when the recording began is taken off, and they wrap on the way. */
struct engine_image_counters {
    uint64_t *lines;   /* ENGINE_IMAGE_PER_LINE each */
    uint64_t *nodes;   /* ENGINE_IMAGE_PER_NODE each */
    uint32_t *timings; /* FORMAT_TIMING_BUCKETS each */
    uint32_t n_lines, n_nodes, n_timings;
};

enum { ENGINE_IMAGE_PER_LINE = 4, ENGINE_IMAGE_PER_NODE = 5 };

/* Adds what the session has counted up to now, or takes it off. False: no memory, and
 * nothing is changed. */
bool engine_image_count(struct engine_image_counters *c, bool add);
void engine_image_release(struct engine_image_counters *c);

/* The session of what `rules` want of the counters; free() it. `mode`: enum
 * format_mode. NULL: no memory. */
void *engine_image_make(const struct engine_image_counters *c,
                        const struct engine_rules *rules, unsigned mode, size_t *size);

#endif
