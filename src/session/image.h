/* The bytes of a session, found where the section table says, after it was checked:
 * mapped, copied, or lent. */
#ifndef SESSION_IMAGE_H
#define SESSION_IMAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/err.h"
#include "session/format.h"

struct image_part { /* a section */
    const uint8_t *at;
    uint64_t offset; /* in the file */
    uint32_t room;   /* records it can have; in a copy, that are there */
};

struct image {
    const struct format_header *header;
    struct image_part parts[FORMAT_N_SECTIONS];
    void *memory;  /* the mapping, or the copy */
    uint64_t size; /* of that */
    int fd;        /* of the file, or -1 */
    bool copied;
};

/* Maps a file that another process goes on writing to. */
bool image_map(struct image *m, const char *path, struct err *err);

/* Reads a file into private memory: no more than has blocks on the disk, and nothing of
 * the event log, which can be large; its chunks are read when they are asked for. */
bool image_copy(struct image *m, const char *path, struct err *err);

/* Takes bytes that stay where they are, aligned for a uint64_t. */
bool image_borrow(struct image *m, const void *bytes, size_t size, struct err *err);

/* Copies a chunk of the log, whose id must be below the part's room. False: it is being
 * begun anew, it can no longer be read, or it makes no sense; `out` is then undefined.
 */
bool image_chunk(const struct image *m, uint32_t id, struct format_chunk *out);

/* The same without the words, which are left alone in `out`. */
bool image_chunk_head(const struct image *m, uint32_t id, struct format_chunk *out);

/* Looks whether a mapped file was cut short, and makes what is gone read as zeros. */
void image_guard(struct image *m);

void image_release(struct image *m);

#endif
