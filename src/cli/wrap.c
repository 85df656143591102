#include "cli/wrap.h"

#include <stdbool.h>
#include <string.h>

void
wrap_add(struct buf *out, const char *text, size_t at, const char *indent, size_t cols)
{
    bool at_start = true;

    while (*(text += strspn(text, " "))) {
        size_t len = strcspn(text, " ");

        if (!at_start && at + 1 + len > cols) {
            buf_printf(out, "\n%s", indent);
            at = strlen(indent);
        } else if (!at_start) {
            buf_add_char(out, ' ');
            at++;
        }
        buf_add(out, text, len);
        at += len;
        text += len;
        at_start = false;
    }
}
