/* Text on a grid of cells. The widths are those of libc's wcwidth(), which curses uses,
 * too; call setlocale() with a UTF-8 locale first. */
#ifndef BASE_UTF8_H
#define BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"

/* Decodes one character at `s` (`len` > 0 bytes). Returns the bytes taken, and the code
 * point in `*point`; an invalid byte is taken alone, as -1 - byte. */
size_t utf8_decode(const char *s, size_t len, int32_t *point);

/* Appends the character's UTF-8. */
void utf8_add(struct buf *out, uint32_t point);

/* Columns of text that utf8_show() made. */
int utf8_width(const char *s);

/* Appends foreign text so that it can stand on a screen: one line, no control
 * characters, no invisible or direction-changing ones, no invalid bytes. Those appear
 * as ^X, \xNN or \u{NNNN}; a TAB becomes blanks up to the next multiple of `tab`
 * columns (0: it is shown as ^I). At most eight combining marks on a character are
 * kept. The one door for everything that comes from a session, a program or a file
 * name. */
void utf8_show(struct buf *out, const char *s, size_t len, int tab);

/* Appends at most `cols` columns of shown text, and says where it was cut: at the end
 * ("orders/pr…"), at the start ("…rs/price.py") or in the middle ("ord…e.py"). `ascii`
 * cuts with "~" instead of the ellipsis. */
enum utf8_cut { UTF8_CUT_END, UTF8_CUT_START, UTF8_CUT_MIDDLE };
void utf8_fit(struct buf *out, const char *s, int cols, enum utf8_cut cut, int ascii);

#endif
