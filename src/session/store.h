/* A sparse file that is mapped once at its full size and gets its blocks as they are
 * needed: what a session is written into. Memory comes from malloc(). */
#ifndef SESSION_STORE_H
#define SESSION_STORE_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/err.h"

struct store {
    uint8_t *map; /* NULL until store_map() */
    uint64_t size;
    uint64_t page;
    int fd;
    char *path; /* absolute: the program may change its folder */
    dev_t device;
    ino_t inode;
};

/* Creates the file, which must not exist, with mode 0600, and locks it. */
bool store_create(struct store *s, const char *path, struct err *err);

/* Gives the file its size, once. No block is allocated: touch nothing before
 * store_allocate(). Returns 0 or an errno, EFBIG for what no file may have here. */
int store_resize(struct store *s, uint64_t size);

/* Maps the file for reading and writing, over what is mapped at `at` if that is not
 * NULL. Returns 0 or an errno. */
int store_map(struct store *s, void *at);

/* Allocates the blocks of a range that begins and ends at multiples of s->page. Returns
 * 0 or an errno; EINTR says that less at a time may do. */
int store_allocate(struct store *s, uint64_t offset, uint64_t len);

/* Writes to a range that was allocated, around the mapping. Returns 0 or an errno. */
int store_write(struct store *s, uint64_t offset, const void *bytes, uint64_t len);

/* Puts private memory over `span` bytes of a mapping; the first `used` of them keep
 * their value (or are zero, if memory is short), the others are out of bounds from now
 * on. */
void store_seal(uint8_t *at, uint64_t used, uint64_t span, uint64_t page);

/* Closes the file; the mapping stays. */
void store_close(struct store *s);

/* Takes the file away again as well. */
void store_remove(struct store *s);

#endif
