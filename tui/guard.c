#include "tui/guard.h"

#include <stdbool.h>
#include <string.h>

#include "base/utf8.h"

#define ESC 0x1b
#define BEL 0x07
#define CAN 0x18
#define SUB 0x1a
/* Back to the default font, which nobody left. The emulator keeps its cursor on the
 * screen after every control sequence, but takes a saved place for granted, which may
 * be that of a larger screen: so this goes behind all that bring one back. */
#define LOOK_AGAIN "\033[10m"
#define REPLACEMENT "\xef\xbf\xbd"
#define PARAMS_MAX 15   /* numbers: libvterm has room for 16, and does not look */
#define NUMBER_MAX 9999 /* of a parameter: enough for any screen, and quickly done */

/* Control characters: BS TAB LF VT FF CR, and SO SI, which choose a character set. */
static const char passing_controls[] = "\b\t\n\v\f\r\x0e\x0f";

/* Last bytes of control sequences: inserting, the cursor, erasing, scrolling, tabs,
 * colours, modes, margins. Not among them: b (repeat), c and n (queries), t (window).
 */
static const char passing_finals[] = "@ABCDEFGHIJKLMPSTXZ`adefghlmr";

/* With a `?`, only modes, and of these only what changes the picture or the keys. */
static const int passing_modes[] = {1, 5, 6, 7, 25, 47, 1047, 1048, 1049, 2004};

/* What follows a lone Esc: save, restore, index, next line, reverse index, tab, keypad.
 */
static const char passing_escapes[] = "78DEMH=>c";

static bool
is_among(char c, const char *set)
{
    return c != '\0' && strchr(set, c) != NULL;
}

/* Whether a character may stand on a screen as it is, behind another one. */
static bool
is_shown(const char *bytes, size_t len)
{
    struct buf plain = {0}, shown = {0};
    bool same;

    buf_add_char(&plain, '.');
    buf_add(&plain, bytes, len);
    utf8_show(&shown, plain.data, plain.len, 0);
    same = strcmp(buf_str(&plain), buf_str(&shown)) == 0;
    buf_release(&plain);
    buf_release(&shown);
    return same;
}

/* Control sequences. */

static bool
is_passing_mode(int number)
{
    for (size_t i = 0; i < sizeof(passing_modes) / sizeof(passing_modes[0]); i++) {
        if (passing_modes[i] == number)
            return true;
    }
    return false;
}

/* Appends the numbers between `at` and `end`, each limited; with `modes`, only those of
 * modes that may pass. Returns how many numbers were appended. */
static int
add_params(const char *at, const char *end, bool modes, struct buf *out)
{
    int n = 0;

    while (at < end && n < PARAMS_MAX) {
        int number = 0;
        const char *digits = at;

        for (; at < end && *at >= '0' && *at <= '9'; at++)
            number = number < NUMBER_MAX ? number * 10 + (*at - '0') : number;
        if (number > NUMBER_MAX)
            number = NUMBER_MAX;
        if (!modes || is_passing_mode(number)) {
            if (n > 0)
                buf_add_char(out, digits[-1] == ':' ? ':' : ';');
            if (at > digits)
                buf_printf(out, "%d", number);
            n++;
        }
        at += at < end; /* the separator */
    }
    return n;
}

/* A whole control sequence is in `held`, its last byte not included. */
static void
end_csi(struct guard *g, char final, struct buf *out)
{
    const char *at = g->held, *end = g->held + g->n_held;
    struct buf params = {0};

    if (at < end && *at == '?') {
        if ((final == 'h' || final == 'l') &&
            add_params(at + 1, end, true, &params) > 0)
            buf_printf(out, "\033[?%s%c%s", buf_str(&params), final,
                       final == 'l' ? LOOK_AGAIN : "");
    } else if (is_among(final, passing_finals)) {
        add_params(at, end, false, &params);
        buf_printf(out, "\033[%s%c", buf_str(&params), final);
    }
    buf_release(&params);
}

static bool
is_param(char c, size_t at)
{
    return (c >= '0' && c <= '9') || c == ';' || c == ':' || (at == 0 && c == '?');
}

/* States. */

static void on_text(struct guard *g, unsigned char c, struct buf *out);

static void
on_lead(struct guard *g, unsigned char c, struct buf *out)
{
    g->n_want = c >= 0xc2 && c < 0xe0   ? 2
                : c >= 0xe0 && c < 0xf0 ? 3
                : c >= 0xf0 && c < 0xf5 ? 4
                                        : 0;
    if (g->n_want == 0) {
        buf_add_str(out, REPLACEMENT);
        return;
    }
    g->held[0] = (char)c;
    g->n_held = 1;
    g->state = GUARD_UTF8;
}

static void
on_utf8(struct guard *g, unsigned char c, struct buf *out)
{
    int32_t point;

    if ((c & 0xc0) != 0x80) {
        buf_add_str(out, REPLACEMENT);
        g->state = GUARD_TEXT;
        on_text(g, c, out);
        return;
    }
    g->held[g->n_held++] = (char)c;
    if (g->n_held < g->n_want)
        return;
    g->state = GUARD_TEXT;
    if (utf8_decode(g->held, g->n_held, &point) != g->n_held || point < 0)
        buf_add_str(out, REPLACEMENT);
    else if (is_shown(g->held, g->n_held))
        buf_add(out, g->held, g->n_held);
}

static void
on_text(struct guard *g, unsigned char c, struct buf *out)
{
    if (c == ESC)
        g->state = GUARD_ESC;
    else if (c >= 0x80)
        on_lead(g, c, out);
    else if ((c >= ' ' && c != 0x7f) || is_among((char)c, passing_controls))
        buf_add_char(out, (char)c);
}

static void
on_esc(struct guard *g, unsigned char c, struct buf *out)
{
    g->state = GUARD_TEXT;
    g->n_held = 0;
    if (c == '[') {
        g->state = GUARD_CSI;
    } else if (is_among((char)c, "]PX^_")) {
        g->state = GUARD_STRING;
    } else if (c == '(' || c == ')') {
        g->held[0] = (char)c;
        g->state = GUARD_ESC_SET;
    } else if (c >= ' ' && c <= '/') {
        g->state = GUARD_ESC_SKIP;
    } else if (is_among((char)c, passing_escapes)) {
        buf_printf(out, "\033%c%s", c, c == '8' ? LOOK_AGAIN : "");
    } else if (c < ' ' || c >= 0x7f) {
        on_text(g, c, out);
    }
}

static void
on_esc_set(struct guard *g, unsigned char c, struct buf *out)
{
    g->state = GUARD_TEXT;
    if (c == '0' || c == 'B')
        buf_printf(out, "\033%c%c", g->held[0], c);
    else if (c < ' ' || c >= 0x7f)
        on_text(g, c, out);
}

static void
on_esc_skip(struct guard *g, unsigned char c, struct buf *out)
{
    if (c >= ' ' && c <= '/')
        return;
    g->state = GUARD_TEXT;
    if (c < ' ' || c >= 0x7f)
        on_text(g, c, out);
}

static void
on_csi(struct guard *g, unsigned char c, struct buf *out)
{
    if (is_param((char)c, g->n_held) && g->n_held < GUARD_PARAMS_MAX) {
        g->held[g->n_held++] = (char)c;
    } else if (c >= '@' && c < 0x7f) {
        g->state = GUARD_TEXT;
        end_csi(g, (char)c, out);
    } else if (c >= ' ' && c < 0x7f) {
        g->state = GUARD_CSI_SKIP;
    } else {
        g->state = GUARD_TEXT;
        on_text(g, c, out);
    }
}

static void
on_csi_skip(struct guard *g, unsigned char c, struct buf *out)
{
    if (c >= ' ' && c < '@')
        return;
    g->state = GUARD_TEXT;
    if (c < ' ' || c >= 0x7f)
        on_text(g, c, out);
}

static void
on_string(struct guard *g, unsigned char c, struct buf *out)
{
    (void)out;
    if (c == ESC)
        g->state = GUARD_STRING_ESC;
    else if (c == BEL || c == CAN || c == SUB)
        g->state = GUARD_TEXT;
}

static void
on_string_esc(struct guard *g, unsigned char c, struct buf *out)
{
    if (c == '\\')
        g->state = GUARD_TEXT;
    else
        on_esc(g, c, out); /* the string was cut off by another sequence */
}

/* Bytes at the start that are plain ASCII, which is most of all output. */
static size_t
plain_len(const char *bytes, size_t len)
{
    size_t n = 0;

    while (n < len && bytes[n] >= ' ' && bytes[n] < 0x7f)
        n++;
    return n;
}

void
guard_feed(struct guard *g, const char *bytes, size_t len, struct buf *out)
{
    static void (*const on[])(struct guard *, unsigned char, struct buf *) = {
        [GUARD_TEXT] = on_text,
        [GUARD_UTF8] = on_utf8,
        [GUARD_ESC] = on_esc,
        [GUARD_ESC_SET] = on_esc_set,
        [GUARD_ESC_SKIP] = on_esc_skip,
        [GUARD_CSI] = on_csi,
        [GUARD_CSI_SKIP] = on_csi_skip,
        [GUARD_STRING] = on_string,
        [GUARD_STRING_ESC] = on_string_esc,
    };

    for (size_t i = 0; i < len; i++) {
        size_t n = g->state == GUARD_TEXT ? plain_len(bytes + i, len - i) : 0;

        buf_add(out, bytes + i, n);
        i += n;
        if (i < len)
            on[g->state](g, (unsigned char)bytes[i], out);
    }
}
