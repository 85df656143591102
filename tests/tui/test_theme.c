#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/theme.h"

/* The relative luminance of a colour of xterm's 256, as WCAG has it: the sRGB curve is
 * taken as a square, which is near enough for the bounds below. */
static double
luminance(int color)
{
    static const unsigned char low[16][3] = {
        {0, 0, 0},       {205, 0, 0},   {0, 205, 0},   {205, 205, 0},
        {0, 0, 238},     {205, 0, 205}, {0, 205, 205}, {229, 229, 229},
        {127, 127, 127}, {255, 0, 0},   {0, 255, 0},   {255, 255, 0},
        {92, 92, 255},   {255, 0, 255}, {0, 255, 255}, {255, 255, 255}};
    static const unsigned char steps[6] = {0, 95, 135, 175, 215, 255};
    double part[3];

    for (int i = 0; i < 3; i++) {
        int value;

        if (color < 16)
            value = low[color][i];
        else if (color < 232)
            value = steps[(color - 16) / (i == 0 ? 36 : i == 1 ? 6 : 1) % 6];
        else
            value = 8 + (color - 232) * 10;
        part[i] = value / 255.0 * (value / 255.0);
    }
    return 0.2126 * part[0] + 0.7152 * part[1] + 0.0722 * part[2];
}

static double
contrast(int a, int b)
{
    double high = luminance(a), low = luminance(b);

    if (high < low) {
        double swap = high;

        high = low;
        low = swap;
    }
    return (high + 0.05) / (low + 0.05);
}

/* What a theme's text is to be read on where the terminal's own background stays. */
#define ASSUMED_BACKGROUND 234
#define ASSUMED_FOREGROUND 252

static void
test_theme_colours_can_be_read(void **state)
{
    (void)state;
    for (size_t i = 0; theme_name(i) != NULL; i++) {
        const struct theme *t = theme_find(theme_name(i));
        double least = strcmp(theme_name(i), "high-contrast") == 0 ? 7 : 3.2;

        for (enum theme_style style = 0; style <= THEME_MATCH; style++) {
            struct theme_look look = theme_get(t, style, THEME_TEXT, 256);
            int fg = look.fg < 0 ? ASSUMED_FOREGROUND : look.fg;
            int bg = look.bg < 0 ? ASSUMED_BACKGROUND : look.bg;
            double floor = style == THEME_BORDER && least < 4 ? 1.8 : least;

            if (contrast(fg, bg) < floor)
                fail_msg("%s: style %d: %d on %d has a contrast of %.1f", theme_name(i),
                         (int)style, fg, bg, contrast(fg, bg));
        }
    }
}

static void
test_theme_keeps_text_readable_on_the_selection(void **state)
{
    static const enum theme_style backs[] = {THEME_SELECTED, THEME_MARKED, THEME_NOW,
                                             THEME_MATCH};
    static const enum theme_style styles[] = {THEME_TEXT, THEME_RAN, THEME_NUMBER,
                                              THEME_KEYWORD, THEME_STRING};

    (void)state;
    for (size_t i = 0; theme_name(i) != NULL; i++) {
        const struct theme *t = theme_find(theme_name(i));

        for (size_t b = 0; b < sizeof(backs) / sizeof(backs[0]); b++) {
            for (size_t s = 0; s < sizeof(styles) / sizeof(styles[0]); s++) {
                struct theme_look look = theme_get(t, styles[s], backs[b], 256);

                if (look.bg >= 0 && contrast(look.fg, look.bg) < 3)
                    fail_msg("%s: style %d on %d", theme_name(i), (int)styles[s],
                             (int)backs[b]);
            }
        }
    }
}

static void
test_theme_tells_by_signs_alone_without_colours(void **state)
{
    const struct theme *t = theme_find("default");

    (void)state;
    for (enum theme_style style = 0; style < THEME_N; style++) {
        struct theme_look look = theme_get(t, style, THEME_TEXT, 0);

        assert_int_equal(look.fg, -1);
        assert_int_equal(look.bg, -1);
    }
    assert_int_equal(theme_get(t, THEME_TEXT, THEME_SELECTED, 0).attrs, THEME_REVERSE);
    assert_int_equal(theme_get(t, THEME_FOCUS, THEME_TEXT, 0).attrs, THEME_BOLD);
    assert_int_equal(theme_get(theme_find("mono"), THEME_ERROR, THEME_TEXT, 256).fg,
                     -1);
}

static void
test_theme_uses_no_colour_the_terminal_lacks(void **state)
{
    static const int counts[] = {8, 16, 256};

    (void)state;
    for (size_t i = 0; theme_name(i) != NULL; i++) {
        const struct theme *t = theme_find(theme_name(i));

        for (size_t c = 0; c < 3; c++) {
            for (enum theme_style style = 0; style < THEME_N; style++) {
                for (enum theme_style back = 0; back < THEME_N; back++) {
                    struct theme_look look = theme_get(t, style, back, counts[c]);

                    assert_true(look.fg < counts[c] && look.bg < counts[c]);
                }
            }
        }
    }
}

static void
test_theme_find_knows_its_names_only(void **state)
{
    (void)state;
    assert_non_null(theme_find("colour-blind"));
    assert_non_null(theme_find("high-contrast"));
    assert_null(theme_find("Default"));
    assert_null(theme_find(""));
}

static void
test_theme_heat_rises(void **state)
{
    enum theme_style before = THEME_HEAT_1;

    (void)state;
    for (int i = 0; i <= 100; i++) {
        assert_true(theme_heat(i / 100.0) >= before);
        before = theme_heat(i / 100.0);
    }
    assert_int_equal(before, THEME_HEAT_4);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_theme_colours_can_be_read),
        cmocka_unit_test(test_theme_keeps_text_readable_on_the_selection),
        cmocka_unit_test(test_theme_tells_by_signs_alone_without_colours),
        cmocka_unit_test(test_theme_uses_no_colour_the_terminal_lacks),
        cmocka_unit_test(test_theme_find_knows_its_names_only),
        cmocka_unit_test(test_theme_heat_rises),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
