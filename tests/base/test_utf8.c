#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"

static void
assert_decodes(const char *s, size_t len, size_t want_len, int32_t want)
{
    int32_t point;

    assert_int_equal(utf8_decode(s, len, &point), want_len);
    assert_int_equal(point, want);
}

static void
test_utf8_decodes(void **state)
{
    (void)state;
    assert_decodes("a", 1, 1, 'a');
    assert_decodes("\0", 1, 1, 0);
    assert_decodes("\x7f", 1, 1, 0x7f);
    assert_decodes("\xc2\x80", 2, 2, 0x80);
    assert_decodes("\xdf\xbf", 2, 2, 0x7ff);
    assert_decodes("\xe0\xa0\x80", 3, 3, 0x800);
    assert_decodes("\xef\xbf\xbf", 3, 3, 0xffff);
    assert_decodes("\xf0\x90\x80\x80", 4, 4, 0x10000);
    assert_decodes("\xf4\x8f\xbf\xbf", 4, 4, 0x10ffff);
}

static void
test_utf8_takes_invalid_bytes_alone(void **state)
{
    static const char *const bad[] = {
        "\x80",             /* no beginning */
        "\xc0\x80",         /* longer than need be */
        "\xc1\xbf",         /* the same */
        "\xe0\x9f\xbf",     /* the same */
        "\xf0\x8f\xbf\xbf", /* the same */
        "\xed\xa0\x80",     /* a surrogate */
        "\xf4\x90\x80\x80", /* above the last */
        "\xf5\x80\x80\x80",
        "\xff",
        "\xc3(",
        "\xe2\x82(",
        "\xf0\x9f\x98(",
    };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_decodes(bad[i], strlen(bad[i]), 1, -1 - (unsigned char)bad[i][0]);
    assert_decodes("\xc3\xa9", 1, 1, -1 - 0xc3);         /* cut off */
    assert_decodes("\xe2\x82\xac", 2, 1, -1 - 0xe2);     /* cut off */
    assert_decodes("\xf0\x9f\x98\x80", 3, 1, -1 - 0xf0); /* cut off */
}

static void
test_utf8_add_is_the_inverse(void **state)
{
    struct buf b = {0};

    (void)state;
    for (uint32_t p = 0; p <= 0x10ffff; p += p < 0x11000 ? 1 : 97) {
        int32_t point;

        if (p >= 0xd800 && p <= 0xdfff)
            continue;
        buf_clear(&b);
        utf8_add(&b, p);
        assert_int_equal(utf8_decode(b.data, b.len, &point), b.len);
        assert_int_equal(point, p);
    }
    buf_release(&b);
}

static void
assert_shows(const char *s, size_t len, int tab, const char *want)
{
    struct buf b = {0};

    utf8_show(&b, s, len, tab);
    assert_string_equal(buf_str(&b), want);
    buf_release(&b);
}

static void
test_utf8_shows(void **state)
{
    static const struct {
        const char *in, *out;
    } cases[] = {
        {"", ""},
        {"plain text", "plain text"},
        {"na\u00efve \u2026 \u4f60\u597d \U0001f600",
         "na\u00efve \u2026 \u4f60\u597d \U0001f600"},
        {"\x1b[2J\a\r\n\b\x7f", "^[[2J^G^M^J^H^?"},
        {"\xc2\x9b[2J", "\\u{9B}[2J"},
        {"\xff\xc3(", "\\xFF\\xC3("},
        {"a\u202eb\u2066c\u2069", "a\\u{202E}b\\u{2066}c\\u{2069}"},
        {"a\u200bb\u200dc\ufeff", "a\\u{200B}b\\u{200D}c\\u{FEFF}"},
        {"a\u2028b\u2029", "a\\u{2028}b\\u{2029}"},
        {"x\U000e0041y", "x\\u{E0041}y"},
        {"so\u00adft \u3164", "so\\u{AD}ft \\u{3164}"},
        {"\u2764\ufe0f", "\u2764\\u{FE0F}"},
        {"e\u0301", "e\u0301"},
        {"\u0301e", "\\u{301}e"}, /* it would join what stands before the text */
        {"\x1b\u0301", "^[\u0301"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
        assert_shows(cases[i].in, strlen(cases[i].in), 0, cases[i].out);
    assert_shows("a\0b", 3, 0, "a^@b");
}

static void
test_utf8_shows_tabs_as_blanks(void **state)
{
    (void)state;
    assert_shows("\ta\tbcd\te", 8, 4, "    a   bcd e");
    assert_shows("\u4f60\tx", 5, 4, "\u4f60  x");
    assert_shows("^\tx", 3, 4, "^   x");
    assert_shows("\x1b\tx", 3, 4, "^[  x");
    assert_shows("a\tb", 3, 0, "a^Ib");
}

static void
test_utf8_keeps_eight_marks(void **state)
{
    struct buf in = {0}, want = {0};

    (void)state;
    for (int i = 0; i < 3; i++) {
        buf_add_char(&in, 'a');
        buf_add_char(&want, 'a');
        for (int k = 0; k < 20; k++) {
            buf_add_str(&in, "\u0301");
            if (k < 8)
                buf_add_str(&want, "\u0301");
        }
    }
    assert_shows(in.data, in.len, 0, want.data);
    buf_release(&in);
    buf_release(&want);
}

static void
test_utf8_shows_nothing_dangerous(void **state)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 20240817);
    char in[64];

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 20000; round++) {
        size_t len = (size_t)rand() % sizeof(in);
        struct buf b = {0};
        int32_t point;

        for (size_t i = 0; i < len; i++)
            in[i] = (char)(rand() % 3 ? rand() : "\xe2\x80\xf3\xa0\xc2"[rand() % 5]);
        utf8_show(&b, in, len, rand() % 9);
        for (size_t i = 0; i < b.len;) {
            i += utf8_decode(b.data + i, b.len - i, &point);
            assert_true(point >= 0x20 && (point < 0x7f || point > 0x9f));
            assert_false(point >= 0x202a && point <= 0x202e);
            assert_false(point >= 0x2066 && point <= 0x2069);
            assert_false(point >= 0xe0000 && point <= 0xe0fff);
        }
        buf_release(&b);
    }
}

static void
test_utf8_width_is_columns(void **state)
{
    (void)state;
    assert_int_equal(utf8_width(""), 0);
    assert_int_equal(utf8_width("abc"), 3);
    assert_int_equal(utf8_width("\u4f60\u597d"), 4);
    assert_int_equal(utf8_width("e\u0301x"), 2);
    assert_int_equal(utf8_width("\U0001f600"), 2);
}

static void
assert_fits(const char *s, int cols, enum utf8_cut cut, int ascii, const char *want)
{
    struct buf b = {0};

    utf8_fit(&b, s, cols, cut, ascii);
    assert_string_equal(buf_str(&b), want);
    buf_release(&b);
}

static void
test_utf8_fits(void **state)
{
    (void)state;
    assert_fits("orders/price.py", 15, UTF8_CUT_END, 0, "orders/price.py");
    assert_fits("orders/price.py", 10, UTF8_CUT_END, 0, "orders/pr\u2026");
    assert_fits("orders/price.py", 12, UTF8_CUT_START, 0, "\u2026rs/price.py");
    assert_fits("orders/price.py", 8, UTF8_CUT_MIDDLE, 0, "ord\u2026e.py");
    assert_fits("orders/price.py", 8, UTF8_CUT_MIDDLE, 1, "ord~e.py");
    assert_fits("orders", 1, UTF8_CUT_MIDDLE, 0, "\u2026");
    assert_fits("orders", 0, UTF8_CUT_END, 0, "");
    assert_fits("orders", -3, UTF8_CUT_END, 0, "");
    assert_fits("", 3, UTF8_CUT_END, 0, "");
    assert_fits("\u4f60\u597d\u4f60", 4, UTF8_CUT_END, 0, "\u4f60\u2026");
    assert_fits("\u4f60\u597d\u4f60", 4, UTF8_CUT_START, 0, "\u2026\u4f60");
    assert_fits("ae\u0301b", 2, UTF8_CUT_END, 0, "a\u2026");
    assert_fits("ae\u0301bc", 3, UTF8_CUT_END, 0, "ae\u0301\u2026");
    assert_fits("ae\u0301b", 2, UTF8_CUT_START, 0, "\u2026b");
}

/* At every width: never too wide, never needlessly narrow, marks stay on their letter.
 */
static void
test_utf8_fits_all_widths(void **state)
{
    const char *s = "a\u4f60e\u0301\u597d-\U0001f600xy\u0302z\u4f60\u4f60";
    int width = utf8_width(s);

    (void)state;
    for (int cut = UTF8_CUT_END; cut <= UTF8_CUT_MIDDLE; cut++) {
        for (int cols = 0; cols <= width + 2; cols++) {
            struct buf b = {0};
            int got;

            utf8_fit(&b, s, cols, (enum utf8_cut)cut, 0);
            got = utf8_width(buf_str(&b));
            assert_true(got <= cols);
            assert_true(got >= (cols < width ? cols - 2 : width));
            assert_null(strstr(buf_str(&b), "\u2026\u0301"));
            assert_null(strstr(buf_str(&b), "\u2026\u0302"));
            buf_release(&b);
        }
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_utf8_decodes),
        cmocka_unit_test(test_utf8_takes_invalid_bytes_alone),
        cmocka_unit_test(test_utf8_add_is_the_inverse),
        cmocka_unit_test(test_utf8_shows),
        cmocka_unit_test(test_utf8_shows_tabs_as_blanks),
        cmocka_unit_test(test_utf8_keeps_eight_marks),
        cmocka_unit_test(test_utf8_shows_nothing_dangerous),
        cmocka_unit_test(test_utf8_width_is_columns),
        cmocka_unit_test(test_utf8_fits),
        cmocka_unit_test(test_utf8_fits_all_widths),
    };

    if (!setlocale(LC_CTYPE, "C.UTF-8") && !setlocale(LC_CTYPE, "en_US.UTF-8"))
        return 77;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
