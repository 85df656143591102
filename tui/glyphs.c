#include "tui/glyphs.h"

#include "base/utf8.h"

static const struct glyphs unicode = {
    .plain = {"─", "│", "┌", "┐", "└", "┘"},
    .focus = {"═", "║", "╔", "╗", "╚", "╝"},
    .folded = "▸",
    .open = "▾",
    .now = "▶",
    .times = "×",
    .arrow = "→",
    .ellipsis = "…",
    .dot = "·",
    .heat = {" ", "▏", "▎", "▍", "▌", "▋", "▊", "█"},
    .ascii = false,
};

static const struct glyphs ascii = {
    .plain = {"-", "|", "+", "+", "+", "+"},
    .focus = {"=", "|", "+", "+", "+", "+"},
    .folded = "+",
    .open = "v",
    .now = ">",
    .times = "x",
    .arrow = ">",
    .ellipsis = "~",
    .dot = "-",
    .heat = {" ", ".", ":", "-", "=", "+", "*", "#"},
    .ascii = true,
};

/* In East Asian locales some of these take two columns, in the C locale none is known.
 */
static bool
is_one_column(const char *sign)
{
    return utf8_width(sign) == 1;
}

static bool
fits_locale(const struct glyphs *g)
{
    const char *const signs[] = {g->plain.horizontal,
                                 g->focus.horizontal,
                                 g->folded,
                                 g->open,
                                 g->now,
                                 g->times,
                                 g->arrow,
                                 g->ellipsis,
                                 g->dot,
                                 g->heat[1],
                                 g->heat[7]};

    for (size_t i = 0; i < sizeof(signs) / sizeof(signs[0]); i++) {
        if (!is_one_column(signs[i]))
            return false;
    }
    return true;
}

const struct glyphs *
glyphs_get(bool ascii_only)
{
    return ascii_only || !fits_locale(&unicode) ? &ascii : &unicode;
}

const char *
glyphs_heat(const struct glyphs *g, double share)
{
    const int last = GLYPHS_HEAT_STEPS - 1;
    int step;

    if (!(share > 0))
        return g->heat[0];
    step = share >= 1 ? last : 1 + (int)(share * last);
    return g->heat[step > last ? last : step];
}
