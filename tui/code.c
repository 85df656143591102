#include "tui/code.h"

#include <string.h>

#include "base/utf8.h"

enum { TAB = 8 };

struct pen {
    const struct grid_part *part;
    int row;
    int left;
    int col; /* of the text */
};

/* What comes now cannot be seen: lines may be very long. */
static bool
is_beyond(const struct pen *pen)
{
    return pen->col - pen->left >= pen->part->cols;
}

static void
put_piece(struct pen *pen, enum theme_style style, const char *text, size_t len)
{
    struct buf shown = {0};
    const char *tab;
    size_t n;

    while (len && !is_beyond(pen)) {
        tab = memchr(text, '\t', len);
        n = tab ? (size_t)(tab - text) : len;
        buf_clear(&shown);
        utf8_show(&shown, text, n, 0);
        pen->col = pen->left + grid_put(pen->part, pen->row, pen->col - pen->left,
                                        style, buf_str(&shown));
        if (tab) {
            pen->col = pen->col / TAB * TAB + TAB;
            n++;
        }
        text += n;
        len -= n;
    }
    buf_release(&shown);
}

static enum theme_style
style_of(uint8_t kind)
{
    static const enum theme_style styles[] = {
        [LEXER_NAME] = THEME_TEXT,
        [LEXER_KEYWORD] = THEME_KEYWORD,
        [LEXER_SOFT_KEYWORD] = THEME_KEYWORD,
        [LEXER_BUILTIN] = THEME_TEXT,
        [LEXER_FUNCTION] = THEME_NAME,
        [LEXER_CLASS] = THEME_NAME,
        [LEXER_DECORATOR] = THEME_NAME,
        [LEXER_NUMBER] = THEME_NUMBER,
        [LEXER_STRING] = THEME_STRING,
        [LEXER_COMMENT] = THEME_COMMENT,
        [LEXER_OPERATOR] = THEME_TEXT,
    };

    return styles[kind];
}

int
code_put(const struct grid_part *part, int row, int left, struct source *s,
         uint32_t line)
{
    const struct lexer_line *words = source_words(s, line);
    struct pen pen = {part, row, left, 0};
    size_t len, done = 0;
    const char *text = source_text(s, line, &len);

    for (size_t i = 0; i < words->n && !is_beyond(&pen); i++) {
        const struct lexer_span *w = &words->spans[i];

        put_piece(&pen, THEME_TEXT, text + done, w->at - done);
        put_piece(&pen, style_of(w->kind), text + w->at, w->len);
        done = w->at + w->len;
    }
    put_piece(&pen, THEME_TEXT, text + done, len - done);
    return pen.col - pen.left;
}

int
code_width(const char *text, size_t len)
{
    struct buf shown = {0};
    int width;

    utf8_show(&shown, text, len, TAB);
    width = utf8_width(buf_str(&shown));
    buf_release(&shown);
    return width;
}
