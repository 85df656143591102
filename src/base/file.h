/* Files, read whole and written so that a failure leaves the old one. */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/buf.h"
#include "base/err.h"

/* Reads a regular file of at most `max_len` bytes into `out` (appended; unchanged on
 * failure). Never blocks on a FIFO or a device: they are refused. */
bool file_read(const char *path, size_t max_len, struct buf *out, struct err *err);

/* Writes beside, then renames: `path` holds either its old bytes or all of the new
 * ones. Never follows a symbolic link at `path`, never writes into a FIFO or a device,
 * and keeps the mode of an old file. */
bool file_write(const char *path, const void *bytes, size_t len, struct err *err);

/* The same piece by piece. After file_begin() comes file_commit() or file_abandon();
 * after a piece has failed only the latter. A new file gets `mode` less the umask. */
struct file_draft {
    char *path;
    int fd;
    int folder;
    char name[32]; /* of the draft, in the folder */
};
bool file_begin(struct file_draft *d, const char *path, mode_t mode, struct err *err);
bool file_add(struct file_draft *d, const void *bytes, size_t len, struct err *err);
bool file_commit(struct file_draft *d, struct err *err); /* false: as if abandoned */
void file_abandon(struct file_draft *d);

/* What is behind the last slash of a path, and what is before it: "." or with the slash
 * at its end. Free the latter with free(). */
const char *file_name(const char *path);
char *file_folder(const char *path);

/* Length of a path without its last extension; dots that its name begins with are part
 * of it. */
size_t file_stem_len(const char *path);

/* Moves a descriptor out of the way of the program traced, which gets the numbers that
 * it would get without us; closed at exec(). Returns the new one, or `fd` where there
 * is no room (or it is negative). */
int file_move_up(int fd);

/* Makes a folder and those above it; one that exists is fine. */
bool file_make_dir(const char *path, struct err *err);

#endif
