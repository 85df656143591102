#include "report/encoding.h"

#include <ctype.h>
#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

static const char byte_mark[] = "\xef\xbb\xbf";

/* What Python calls UTF-8 and Latin-1, in small letters and with hyphens. */
static const char *const utf8_names[] = {"utf-8", "utf8", "u8", "utf", "cp65001", NULL};
static const char *const latin1_names[] = {"iso-8859-1", "latin-1",   "latin1", "latin",
                                           "l1",         "iso8859-1", "8859",   "cp819",
                                           "iso-8859-1", NULL};

/* Python's names that iconv does not know, with those it does. */
static const struct {
    const char *python;
    const char *iconv;
} other_names[] = {
    {"latin9", "ISO-8859-15"},
    {"l9", "ISO-8859-15"},
    {"mac-roman", "MACINTOSH"},
    {"macroman", "MACINTOSH"},
    {"mac-cyrillic", "MAC-CYRILLIC"},
    {"big5hkscs", "BIG5-HKSCS"},
    {"eucjp", "EUC-JP"},
    {"euckr", "EUC-KR"},
    {"hz", "HZ-GB-2312"},
    {NULL, NULL},
};

static bool
is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (!strcmp(name, *names))
            return true;
    return false;
}

static bool
is_name_char(char c)
{
    return isalnum((unsigned char)c) || c == '-' || c == '_' || c == '.';
}

/* The name behind "coding:" or "coding=" in a comment that is all of the line. */
static bool
find_cookie(const char *line, size_t len, char *name)
{
    static const char word[] = "coding";
    size_t at = 0, n;

    while (at < len && (line[at] == ' ' || line[at] == '\t' || line[at] == '\f'))
        at++;
    if (at == len || line[at] != '#')
        return false;
    for (; at + sizeof(word) <= len; at++) {
        size_t p = at + sizeof(word) - 1;

        if (memcmp(line + at, word, sizeof(word) - 1) != 0 ||
            (line[p] != ':' && line[p] != '='))
            continue;
        for (p++; p < len && (line[p] == ' ' || line[p] == '\t');)
            p++;
        for (n = 0;
             p + n < len && is_name_char(line[p + n]) && n + 1 < ENCODING_NAME_MAX;)
            n++;
        if (n) {
            memcpy(name, line + p, n);
            name[n] = '\0';
            return true;
        }
    }
    return false;
}

/* Whether a cookie on the next line counts: this one has nothing but a comment. */
static bool
is_blank(const char *line, size_t len)
{
    while (len && (*line == ' ' || *line == '\t' || *line == '\f')) {
        line++;
        len--;
    }
    return !len || *line == '#' || *line == '\r' || *line == '\n';
}

static void
set_other(struct encoding *e, const char *name)
{
    iconv_t cd;

    for (size_t i = 0; other_names[i].python; i++)
        if (!strcmp(name, other_names[i].python))
            name = other_names[i].iconv;
    snprintf(e->name, sizeof(e->name), "%s", name);
    cd = iconv_open("UTF-8", e->name);
    e->kind = cd == (iconv_t)-1 ? ENCODING_LATIN1 : ENCODING_OTHER;
    if (cd != (iconv_t)-1)
        iconv_close(cd);
}

static void
set_by_name(struct encoding *e, char *name)
{
    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : (char)tolower((unsigned char)*c);
    if (is_one_of(name, utf8_names) || !strncmp(name, "utf-8-", 6))
        e->kind = ENCODING_UTF8;
    else if (is_one_of(name, latin1_names) || !strncmp(name, "latin-1-", 8) ||
             !strncmp(name, "iso-8859-1-", 11) || !strncmp(name, "iso-latin-1-", 12) ||
             !strcmp(name, "iso-latin-1"))
        e->kind = ENCODING_LATIN1;
    else
        set_other(e, name);
}

void
encoding_detect(struct encoding *e, const char *bytes, size_t len)
{
    char name[ENCODING_NAME_MAX];
    const char *end;
    size_t line_len;

    *e = (struct encoding){.kind = ENCODING_UTF8};
    if (len >= 3 && !memcmp(bytes, byte_mark, 3)) {
        e->mark = true;
        bytes += 3;
        len -= 3;
    }
    for (int line = 0; line < 2 && len; line++) {
        end = memchr(bytes, '\n', len);
        line_len = end ? (size_t)(end - bytes) + 1 : len;
        if (find_cookie(bytes, line_len, name)) {
            set_by_name(e, name);
            return;
        }
        if (!is_blank(bytes, line_len))
            return;
        bytes += line_len;
        len -= line_len;
    }
}

/* Bytes of the valid character at `s`, 0 if there is none. As strict as Python: no
 * surrogates, nothing longer than it must be. */
static size_t
char_len(const unsigned char *s, size_t len)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};
    size_t n = s[0] < 0x80   ? 1
               : s[0] < 0xc2 ? 0
               : s[0] < 0xe0 ? 2
               : s[0] < 0xf0 ? 3
               : s[0] < 0xf5 ? 4
                             : 0;
    uint32_t point;

    if (n < 2 || n > len)
        return n == 1;
    point = s[0] & (0x7fu >> n);
    for (size_t i = 1; i < n; i++) {
        if ((s[i] & 0xc0) != 0x80)
            return 0;
        point = point << 6 | (s[i] & 0x3f);
    }
    if (point < least[n] || point > 0x10ffff || (point >= 0xd800 && point < 0xe000))
        return 0;
    return n;
}

bool
encoding_is_utf8(const char *bytes, size_t len)
{
    const unsigned char *s = (const unsigned char *)bytes;
    uint64_t eight;
    size_t n;

    while (len) {
        if (len >= 8) {
            memcpy(&eight, s, 8);
            if (!(eight & 0x8080808080808080u)) {
                s += 8;
                len -= 8;
                continue;
            }
        }
        n = char_len(s, len);
        if (!n)
            return false;
        s += n;
        len -= n;
    }
    return true;
}

static void
from_latin1(const char *bytes, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];

        if (c < 0x80) {
            buf_add_char(out, (char)c);
        } else {
            buf_add_char(out, (char)(0xc0 | c >> 6));
            buf_add_char(out, (char)(0x80 | (c & 0x3f)));
        }
    }
}

static void
to_latin1(const char *text, size_t len, struct buf *out)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c < 0x80) {
            buf_add_char(out, (char)c);
        } else if (c < 0xc4 && i + 1 < len) {
            buf_add_char(out, (char)(c << 6 | (text[++i] & 0x3f)));
        } else {
            buf_add_char(out, '?');
            while (i + 1 < len && ((unsigned char)text[i + 1] & 0xc0) == 0x80)
                i++;
        }
    }
}

/* Converts as far as it goes; returns the bytes that were not taken. */
static size_t
convert(iconv_t cd, const char *in, size_t len, struct buf *out)
{
    union { /* iconv() does not change its input, whatever its prototype says */
        const char *from;
        char *to;
    } p = {.from = in};
    char piece[4096];
    char *at;
    size_t room, got = 0;

    while (len && got != (size_t)-1) {
        at = piece;
        room = sizeof(piece);
        got = iconv(cd, &p.to, &len, &at, &room);
        buf_add(out, piece, sizeof(piece) - room);
        if (got == (size_t)-1 && errno == E2BIG)
            got = 0;
    }
    at = piece;
    room = sizeof(piece);
    if (!len && iconv(cd, NULL, NULL, &at, &room) != (size_t)-1)
        buf_add(out, piece, sizeof(piece) - room);
    return len;
}

static bool
decode_other(const char *name, const char *bytes, size_t len, struct buf *out)
{
    iconv_t cd = iconv_open("UTF-8", name);
    struct buf text = {0};
    bool ok = cd != (iconv_t)-1 && convert(cd, bytes, len, &text) == 0;

    if (ok)
        buf_add(out, buf_str(&text), text.len);
    if (cd != (iconv_t)-1)
        iconv_close(cd);
    buf_release(&text);
    return ok;
}

static void
encode_other(const char *name, const char *text, size_t len, struct buf *out)
{
    iconv_t cd = iconv_open(name, "UTF-8");
    size_t left = len;

    while (cd != (iconv_t)-1 && (left = convert(cd, text, left, out)) != 0) {
        text += len - left;
        do { /* past the character that has no place there */
            text++;
            left--;
        } while (left && ((unsigned char)*text & 0xc0) == 0x80);
        len = left;
        buf_add_char(out, '?');
    }
    if (cd != (iconv_t)-1)
        iconv_close(cd);
}

bool
encoding_decode(const struct encoding *e, const char *bytes, size_t len,
                struct buf *out)
{
    if (e->mark) {
        bytes += 3;
        len -= 3;
    }
    switch (e->kind) {
    case ENCODING_LATIN1:
        from_latin1(bytes, len, out);
        return true;
    case ENCODING_OTHER:
        return decode_other(e->name, bytes, len, out);
    case ENCODING_UTF8:
        break;
    }
    if (!encoding_is_utf8(bytes, len))
        return false;
    buf_add(out, bytes, len);
    return true;
}

void
encoding_encode(const struct encoding *e, const char *text, size_t len, struct buf *out)
{
    if (e->mark)
        buf_add(out, byte_mark, 3);
    switch (e->kind) {
    case ENCODING_LATIN1:
        to_latin1(text, len, out);
        break;
    case ENCODING_OTHER:
        encode_other(e->name, text, len, out);
        break;
    case ENCODING_UTF8:
        buf_add(out, text, len);
        break;
    }
}
