/* A theme is a list of looks that differ from those of the theme it is based on. Each
 * look is given twice: for 256 colours, where the numbers are those of xterm's cube,
 * and for 16, which the user's terminal may have set to anything. With 8 colours the
 * bright ones become bold. Without colours one list of attributes serves all themes. */
#include "tui/theme.h"

#include <string.h>

struct row {
    enum theme_style style; /* THEME_N ends a list */
    struct theme_look rich; /* 256 colours */
    struct theme_look poor; /* 16 colours */
};

struct theme {
    const char *name;
    const struct theme *base;
    const struct row *rows;
};

#define BOLD THEME_BOLD
#define DIM THEME_DIM
#define ITALIC THEME_ITALIC
#define REVERSE THEME_REVERSE
#define UNDERLINE THEME_UNDERLINE

/* For a dark terminal whose background stays; bearable on a light one. */
static const struct row default_rows[] = {
    {THEME_TEXT, {-1, -1, 0}, {-1, -1, 0}},
    {THEME_MUTED, {245, -1, 0}, {8, -1, 0}},
    {THEME_TITLE, {252, 236, 0}, {-1, -1, REVERSE}},
    {THEME_HEADING, {109, -1, 0}, {6, -1, 0}},
    {THEME_BORDER, {240, -1, 0}, {8, -1, 0}},
    {THEME_FOCUS, {74, -1, BOLD}, {12, -1, BOLD}},
    {THEME_KEY, {74, -1, BOLD}, {14, -1, 0}},
    {THEME_GOOD, {114, -1, BOLD}, {10, -1, 0}},
    {THEME_WAIT, {221, -1, BOLD}, {11, -1, 0}},
    {THEME_ERROR, {203, -1, BOLD}, {9, -1, 0}},
    {THEME_RAN, {252, -1, 0}, {-1, -1, 0}},
    {THEME_NOT_RUN, {138, -1, 0}, {5, -1, 0}},
    {THEME_HEAT_1, {72, -1, 0}, {2, -1, 0}},
    {THEME_HEAT_2, {179, -1, 0}, {3, -1, 0}},
    {THEME_HEAT_3, {209, -1, 0}, {11, -1, 0}},
    {THEME_HEAT_4, {203, -1, BOLD}, {9, -1, BOLD}},
    {THEME_BREAK, {204, -1, BOLD}, {9, -1, BOLD}},
    {THEME_CHANGED, {221, -1, BOLD}, {11, -1, BOLD}},
    {THEME_HIDDEN, {243, -1, ITALIC}, {8, -1, 0}},
    {THEME_KEYWORD, {110, -1, 0}, {12, -1, 0}},
    {THEME_NAME, {223, -1, 0}, {14, -1, 0}},
    {THEME_STRING, {108, -1, 0}, {2, -1, 0}},
    {THEME_NUMBER, {180, -1, 0}, {6, -1, 0}},
    {THEME_COMMENT, {244, -1, ITALIC}, {8, -1, 0}},
    {THEME_PROGRAM, {-1, -1, 0}, {-1, -1, 0}},
    {THEME_NOW, {231, 24, BOLD}, {15, 4, BOLD}},
    {THEME_SELECTED, {255, 238, 0}, {-1, -1, REVERSE}},
    {THEME_MARKED, {253, 236, 0}, {-1, -1, BOLD}},
    {THEME_MATCH, {16, 221, 0}, {0, 3, 0}},
    {THEME_N, {0}, {0}},
};

static const struct row dark_rows[] = {
    {THEME_TEXT, {252, 234, 0}, {7, 0, 0}},
    {THEME_MUTED, {246, -1, 0}, {7, -1, 0}},
    {THEME_TITLE, {253, 237, 0}, {0, 7, 0}},
    {THEME_RAN, {253, -1, 0}, {7, -1, 0}},
    {THEME_HIDDEN, {245, -1, ITALIC}, {7, -1, DIM}},
    {THEME_COMMENT, {245, -1, ITALIC}, {6, -1, 0}},
    {THEME_SELECTED, {255, 239, 0}, {0, 7, 0}},
    {THEME_MARKED, {253, 237, 0}, {15, 0, BOLD}},
    {THEME_N, {0}, {0}},
};

static const struct row light_rows[] = {
    {THEME_TEXT, {235, 255, 0}, {0, 15, 0}},
    {THEME_MUTED, {242, -1, 0}, {8, -1, 0}},
    {THEME_TITLE, {234, 252, 0}, {15, 0, 0}},
    {THEME_HEADING, {24, -1, 0}, {4, -1, 0}},
    {THEME_BORDER, {246, -1, 0}, {8, -1, 0}},
    {THEME_FOCUS, {25, -1, BOLD}, {4, -1, BOLD}},
    {THEME_KEY, {25, -1, BOLD}, {4, -1, BOLD}},
    {THEME_GOOD, {22, -1, BOLD}, {2, -1, BOLD}},
    {THEME_WAIT, {94, -1, BOLD}, {5, -1, BOLD}},
    {THEME_ERROR, {124, -1, BOLD}, {1, -1, BOLD}},
    {THEME_RAN, {235, -1, 0}, {0, -1, 0}},
    {THEME_NOT_RUN, {95, -1, 0}, {5, -1, 0}},
    {THEME_HEAT_1, {29, -1, 0}, {2, -1, 0}},
    {THEME_HEAT_2, {94, -1, 0}, {6, -1, 0}},
    {THEME_HEAT_3, {130, -1, 0}, {5, -1, 0}},
    {THEME_HEAT_4, {124, -1, BOLD}, {1, -1, BOLD}},
    {THEME_BREAK, {161, -1, BOLD}, {1, -1, BOLD}},
    {THEME_CHANGED, {94, -1, BOLD}, {5, -1, BOLD}},
    {THEME_HIDDEN, {243, -1, ITALIC}, {8, -1, 0}},
    {THEME_KEYWORD, {25, -1, 0}, {4, -1, 0}},
    {THEME_NAME, {54, -1, 0}, {5, -1, 0}},
    {THEME_STRING, {22, -1, 0}, {2, -1, 0}},
    {THEME_NUMBER, {94, -1, 0}, {6, -1, 0}},
    {THEME_COMMENT, {242, -1, ITALIC}, {8, -1, 0}},
    {THEME_PROGRAM, {235, 255, 0}, {0, 15, 0}},
    {THEME_NOW, {232, 153, BOLD}, {15, 4, BOLD}},
    {THEME_SELECTED, {232, 252, 0}, {15, 0, 0}},
    {THEME_MARKED, {234, 253, 0}, {0, 15, BOLD}},
    {THEME_MATCH, {16, 221, 0}, {0, 3, 0}},
    {THEME_N, {0}, {0}},
};

static const struct row contrast_rows[] = {
    {THEME_TEXT, {231, 16, 0}, {15, 0, 0}},
    {THEME_MUTED, {252, -1, 0}, {7, -1, 0}},
    {THEME_TITLE, {16, 231, BOLD}, {0, 15, BOLD}},
    {THEME_HEADING, {159, -1, UNDERLINE}, {14, -1, UNDERLINE}},
    {THEME_BORDER, {252, -1, 0}, {7, -1, 0}},
    {THEME_FOCUS, {226, -1, BOLD}, {11, -1, BOLD}},
    {THEME_KEY, {226, -1, BOLD}, {11, -1, BOLD}},
    {THEME_GOOD, {120, -1, BOLD}, {10, -1, BOLD}},
    {THEME_WAIT, {226, -1, BOLD}, {11, -1, BOLD}},
    {THEME_ERROR, {217, -1, BOLD}, {15, 1, BOLD}},
    {THEME_RAN, {231, -1, 0}, {15, -1, 0}},
    {THEME_NOT_RUN, {225, -1, 0}, {13, -1, 0}},
    {THEME_HEAT_1, {157, -1, 0}, {10, -1, 0}},
    {THEME_HEAT_2, {228, -1, 0}, {11, -1, 0}},
    {THEME_HEAT_3, {222, -1, BOLD}, {11, -1, BOLD}},
    {THEME_HEAT_4, {217, -1, BOLD}, {9, -1, BOLD}},
    {THEME_BREAK, {217, -1, BOLD}, {9, -1, BOLD}},
    {THEME_CHANGED, {226, -1, BOLD}, {11, -1, BOLD}},
    {THEME_HIDDEN, {250, -1, 0}, {7, -1, 0}},
    {THEME_KEYWORD, {159, -1, BOLD}, {14, -1, BOLD}},
    {THEME_NAME, {229, -1, BOLD}, {15, -1, BOLD}},
    {THEME_STRING, {157, -1, 0}, {10, -1, 0}},
    {THEME_NUMBER, {231, -1, 0}, {15, -1, 0}},
    {THEME_COMMENT, {250, -1, 0}, {7, -1, 0}},
    {THEME_PROGRAM, {231, 16, 0}, {15, 0, 0}},
    {THEME_NOW, {16, 159, BOLD}, {0, 14, BOLD}},
    {THEME_SELECTED, {231, 18, BOLD}, {15, 4, BOLD}},
    {THEME_MARKED, {231, 238, BOLD}, {15, 0, BOLD | UNDERLINE}},
    {THEME_MATCH, {16, 120, BOLD}, {0, 10, BOLD}},
    {THEME_N, {0}, {0}},
};

/* Blue against orange, in place of green against red. */
static const struct row blind_rows[] = {
    {THEME_GOOD, {75, -1, BOLD}, {12, -1, 0}},
    {THEME_WAIT, {229, -1, BOLD}, {15, -1, BOLD}},
    {THEME_ERROR, {214, -1, BOLD}, {11, -1, BOLD}},
    {THEME_NOT_RUN, {180, -1, 0}, {3, -1, 0}},
    {THEME_HEAT_1, {67, -1, 0}, {4, -1, 0}},
    {THEME_HEAT_2, {117, -1, 0}, {6, -1, 0}},
    {THEME_HEAT_3, {222, -1, 0}, {3, -1, 0}},
    {THEME_HEAT_4, {214, -1, BOLD}, {11, -1, BOLD}},
    {THEME_BREAK, {214, -1, BOLD}, {11, -1, BOLD}},
    {THEME_STRING, {109, -1, 0}, {6, -1, 0}},
    {THEME_N, {0}, {0}},
};

static const struct row no_rows[] = {{THEME_N, {0}, {0}}};

static const struct theme themes[] = {
    {"default", NULL, default_rows},
    {"light", &themes[0], light_rows},
    {"dark", &themes[0], dark_rows},
    {"high-contrast", &themes[0], contrast_rows},
    {"colour-blind", &themes[0], blind_rows},
    {"mono", &themes[0], no_rows},
};

static const uint8_t mono_attrs[THEME_N] = {
    [THEME_TITLE] = REVERSE,
    [THEME_HEADING] = UNDERLINE,
    [THEME_FOCUS] = BOLD,
    [THEME_KEY] = BOLD,
    [THEME_GOOD] = BOLD,
    [THEME_WAIT] = BOLD,
    [THEME_ERROR] = BOLD,
    [THEME_HEAT_4] = BOLD,
    [THEME_BREAK] = BOLD,
    [THEME_CHANGED] = BOLD,
    [THEME_KEYWORD] = BOLD,
    [THEME_NOW] = BOLD,
    [THEME_SELECTED] = REVERSE,
    [THEME_MARKED] = BOLD,
    [THEME_MATCH] = REVERSE | UNDERLINE,
};

#define N_THEMES (sizeof(themes) / sizeof(themes[0]))

const struct theme *
theme_find(const char *name)
{
    for (size_t i = 0; i < N_THEMES; i++) {
        if (strcmp(themes[i].name, name) == 0)
            return &themes[i];
    }
    return NULL;
}

const char *
theme_name(size_t index)
{
    return index < N_THEMES ? themes[index].name : NULL;
}

/* The look a theme gives to a style; every style is in the list of the first base. */
static struct theme_look
find_look(const struct theme *t, enum theme_style style, int n_colors)
{
    for (; t != NULL; t = t->base) {
        for (const struct row *row = t->rows; row->style != THEME_N; row++) {
            if (row->style == style)
                return n_colors >= 256 ? row->rich : row->poor;
        }
    }
    return (struct theme_look){-1, -1, 0};
}

static void
darken(int16_t *color, uint8_t *attrs)
{
    if (*color == 8) { /* bright black is grey, and grey is white here */
        *color = 7;
        *attrs |= DIM;
    } else if (*color > 8) {
        *color = (int16_t)(*color - 8);
        *attrs |= BOLD;
    }
}

struct theme_look
theme_get(const struct theme *t, enum theme_style style, enum theme_style back,
          int n_colors)
{
    struct theme_look look, under, plain;

    if (n_colors < 8 || strcmp(t->name, "mono") == 0)
        return (struct theme_look){-1, -1, mono_attrs[style] | mono_attrs[back]};
    look = find_look(t, style, n_colors);
    under = find_look(t, back, n_colors);
    plain = find_look(t, THEME_TEXT, n_colors);
    if (back != THEME_TEXT) {
        bool keeps_fg = look.fg >= 0 && style != THEME_TEXT && back != THEME_MATCH &&
                        back != THEME_NOW && n_colors >= 256;

        look.fg = keeps_fg ? look.fg : under.fg;
        look.bg = under.bg;
        look.attrs |= under.attrs;
    }
    look.fg = look.fg < 0 ? plain.fg : look.fg;
    look.bg = look.bg < 0 ? plain.bg : look.bg;
    if (n_colors < 16) {
        darken(&look.fg, &look.attrs);
        look.bg = look.bg > 7 ? (int16_t)(look.bg - 8) : look.bg;
    }
    return look;
}

enum theme_style
theme_heat(double share)
{
    /* Few lines take most of the time, so the steps are not equal ones. */
    return share >= 0.5    ? THEME_HEAT_4
           : share >= 0.2  ? THEME_HEAT_3
           : share >= 0.05 ? THEME_HEAT_2
                           : THEME_HEAT_1;
}
