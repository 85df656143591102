/* Saves what was seen: .cover files, or the session. The sentence for the user is the
 * answer in either case. */
#ifndef TUI_SAVE_H
#define TUI_SAVE_H

#include <stdbool.h>

#include "base/buf.h"
#include "session/reader.h"

/* "wrote cov/s01_first.cover", "wrote 12 files to cov"; false: why not. */
bool save_cover(struct reader *const *readers, size_t n, const char *dir,
                struct buf *sentence);

/* "wrote run.ttrace". `session` is where the reader's session is, beside which those of
 * its children are saved, too; NULL: there are none. */
bool save_session(const struct reader *r, const char *session, const char *path,
                  struct buf *sentence);

#endif
