#include "tests/harness/golden.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/err.h"
#include "base/file.h"
#include "base/xalloc.h"

#define FILE_MAX 65536u

/* The length of a time at `s` ("0.31 ms"), with the blanks before it; 0: none. */
static size_t
time_len(const char *s)
{
    static const char *const units[] = {"ns", "us", "ms", "s", "min", "h"};
    size_t len = strspn(s, " ");
    size_t digits = strspn(s + len, "0123456789.");

    if (digits == 0 || s[len + digits] != ' ')
        return 0;
    len += digits + 1;
    for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        size_t n = strlen(units[i]);

        if (strncmp(s + len, units[i], n) == 0 && !isalnum((unsigned char)s[len + n]))
            return len + n;
    }
    return 0;
}

/* The length of a sign for heat at `s`: an eighth of a block. */
static size_t
heat_len(const char *s)
{
    return strncmp(s, "\xe2\x96", 2) == 0 && (unsigned char)s[2] >= 0x88 &&
                   (unsigned char)s[2] <= 0x8f
               ? 3
               : 0;
}

/* A time becomes as many dots, a sign for heat a blank. */
static void
add_masked(struct buf *out, const char *s)
{
    while (*s) {
        size_t len = time_len(s);

        if (len > 0) {
            for (size_t i = 0; i < len; i++)
                buf_add_char(out, '.');
        } else if ((len = heat_len(s)) > 0) {
            buf_add_char(out, ' ');
        } else {
            /* blanks before something else go as a whole, so that those before a time
             * are not cut */
            len = strspn(s, " ");
            len = len ? len : 1;
            buf_add(out, s, len);
        }
        s += len;
    }
}

/* What is compared. The first row says how long it took and how fast it was: of it,
 * only the left half counts. */
static char *
picture(struct display *display)
{
    struct buf out = {0};

    for (int row = 0; row < display_rows(display); row++) {
        int to = display_cols(display) / (row == 0 ? 2 : 1);

        add_masked(&out, display_part(display, row, 0, to));
        while (out.len > 0 && out.data[out.len - 1] == ' ')
            out.data[--out.len] = '\0';
        buf_add_char(&out, '\n');
    }
    return buf_take(&out);
}

static bool
is_picture(struct display *display, void *want)
{
    char *got = picture(display);
    bool same = strcmp(got, want) == 0;

    free(got);
    return same;
}

void
golden_check(struct stage *s, const char *name, const char *file, int line)
{
    char *path = xalloc_printf("tests/screens/%s.txt", name);
    struct buf want = {0};
    struct err err = {0};

    if (getenv("GENERATE")) {
        char *got;

        terminal_watch(stage_terminal(s), 300); /* a person looks at what comes of it */
        got = picture(stage_display(s));
        stage_check(s, file_write(path, got, strlen(got), &err), err.text, file, line);
        free(got);
    } else {
        stage_check(s, file_read(path, FILE_MAX, &want, &err), err.text, file, line);
        if (!terminal_wait_until(stage_terminal(s), is_picture, want.data,
                                 TERMINAL_PATIENCE_MS)) {
            char *got = picture(stage_display(s));

            fprintf(stderr, "wanted:\n%sgot:\n%s", buf_str(&want), got);
            free(got);
            stage_check(s, false, path, file, line);
        }
    }
    buf_release(&want);
    free(path);
}
