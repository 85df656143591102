#include "base/utf8.h"

#include <stdbool.h>
#include <string.h>
#include <wchar.h>

#define MARKS_MAX 8

size_t
utf8_decode(const char *s, size_t len, int32_t *point)
{
    static const int32_t least[] = {0, 0x80, 0x800,
                                    0x10000}; /* by continuation bytes */
    unsigned char c = (unsigned char)s[0];
    size_t n = c < 0x80 ? 0 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    int32_t p = n ? c & (0x3f >> n) : c;

    *point = -1 - c;
    if ((c >= 0x80 && c < 0xc2) || c > 0xf4 || n >= len)
        return 1;
    for (size_t i = 1; i <= n; i++) {
        if (((unsigned char)s[i] & 0xc0) != 0x80)
            return 1;
        p = p << 6 | ((unsigned char)s[i] & 0x3f);
    }
    if (p < least[n] || p > 0x10ffff || (p >= 0xd800 && p <= 0xdfff))
        return 1;
    *point = p;
    return n + 1;
}

void
utf8_add(struct buf *out, uint32_t point)
{
    static const uint32_t first[] = {0, 0xc0, 0xe0, 0xf0};
    unsigned n = point < 0x80 ? 0 : point < 0x800 ? 1 : point < 0x10000 ? 2 : 3;

    buf_add_char(out, (char)(first[n] | point >> 6 * n));
    while (n-- > 0)
        buf_add_char(out, (char)(0x80 | (point >> 6 * n & 0x3f)));
}

static int
width_of(int32_t point)
{
    int cols = point >= 0 ? wcwidth((wchar_t)point) : 0;

    return cols > 0 ? cols : 0;
}

int
utf8_width(const char *s)
{
    size_t len = strlen(s);
    int32_t point;
    int cols = 0;

    for (size_t i = 0; i < len;) {
        i += utf8_decode(s + i, len - i, &point);
        cols += width_of(point);
    }
    return cols;
}

/* Characters that libc finds printable, though nothing is seen of them, or what is seen
 * changes around them: fillers, joiners, directions, selectors, tags. */
static bool
is_unseen(int32_t point)
{
    static const struct {
        int32_t first, last;
    } ranges[] = {
        {0x80, 0x9f},       {0xad, 0xad},       {0x34f, 0x34f},   {0x61c, 0x61c},
        {0x115f, 0x1160},   {0x17b4, 0x17b5},   {0x180b, 0x180f}, {0x200b, 0x200f},
        {0x2028, 0x202e},   {0x2060, 0x206f},   {0x3164, 0x3164}, {0xfe00, 0xfe0f},
        {0xfeff, 0xfeff},   {0xffa0, 0xffa0},   {0xfff0, 0xfffb}, {0x1bca0, 0x1bca3},
        {0x1d173, 0x1d17a}, {0xe0000, 0xe0fff},
    };

    for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]); i++) {
        if (point >= ranges[i].first && point <= ranges[i].last)
            return true;
    }
    return false;
}

/* The character in letters that show what it is. */
static void
spell(struct buf *out, int32_t point)
{
    if (point < 0)
        buf_printf(out, "\\x%02X", (unsigned)(-1 - point));
    else if (point < 0x80)
        buf_printf(out, "^%c", (char)(point ^ 0x40));
    else
        buf_printf(out, "\\u{%X}", (unsigned)point);
}

void
utf8_show(struct buf *out, const char *s, size_t len, int tab)
{
    int cols = 0;
    int marks = -1; /* on the character before; -1: there is none */
    int32_t point;
    size_t n;

    for (size_t i = 0; i < len; i += n) {
        size_t start = out->len;
        int width;

        n = utf8_decode(s + i, len - i, &point);
        width = point < 0 || is_unseen(point) ? -1 : wcwidth((wchar_t)point);
        if (width == 0 && point != 0 && marks >= 0) {
            if (marks < MARKS_MAX) {
                buf_add(out, s + i, n);
                marks++;
            }
            continue;
        }
        if (point == '\t' && tab > 0)
            buf_printf(out, "%*s", tab - cols % tab, "");
        else if (width > 0)
            buf_add(out, s + i, n);
        else
            spell(out, point);
        marks = 0;
        cols += utf8_width(out->data + start);
    }
}

/* The bytes of the longest head of `s` that takes at most `cols` columns, with the
 * marks on its last character. */
static size_t
head_len(const char *s, size_t len, int cols)
{
    size_t i = 0, n;
    int32_t point;

    for (; i < len; i += n) {
        n = utf8_decode(s + i, len - i, &point);
        cols -= width_of(point);
        if (cols < 0)
            break;
    }
    return i;
}

/* Where the longest tail begins that takes at most `cols` columns, and begins with no
 * mark. `width` is that of all of `s`. */
static size_t
tail_start(const char *s, size_t len, int width, int cols)
{
    size_t i = 0, n;
    int32_t point;

    for (; i < len; i += n) {
        n = utf8_decode(s + i, len - i, &point);
        if (width <= cols && width_of(point) > 0)
            break;
        width -= width_of(point);
    }
    return i;
}

void
utf8_fit(struct buf *out, const char *s, int cols, enum utf8_cut cut, int ascii)
{
    size_t len = strlen(s);
    int width = utf8_width(s);
    int head = cut == UTF8_CUT_END     ? cols - 1
               : cut == UTF8_CUT_START ? 0
                                       : (cols - 1) / 2;
    size_t start;

    if (cols <= 0)
        return;
    if (width <= cols) {
        buf_add(out, s, len);
        return;
    }
    buf_add(out, s, head_len(s, len, head));
    buf_add_str(out, ascii ? "~" : "\u2026");
    start = tail_start(s, len, width, cols - 1 - head);
    buf_add(out, s + start, len - start);
}
