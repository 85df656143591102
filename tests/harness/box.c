#include "tests/harness/box.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

/* The signs of a border: plain, and of the pane that has the keys; both once more for
 * terminals with ASCII only. */
struct border {
    const char *across, *side;
    const char *top_left, *top_right, *bottom_left, *bottom_right;
    bool focused;
};

static const struct border borders[] = {
    {"─", "│", "┌", "┐", "└", "┘", false},
    {"═", "║", "╔", "╗", "╚", "╝", true},
    {"-", "|", "+", "+", "+", "+", false},
    {"=", "|", "+", "+", "+", "+", true},
};

#define N_BORDERS (sizeof(borders) / sizeof(borders[0]))

static bool
is_at(const struct display *s, int row, int col, const char *sign)
{
    struct display_cell cell;

    if (row >= display_rows(s) || col >= display_cols(s))
        return false;
    display_cell(s, row, col, &cell);
    return strcmp(cell.text, sign) == 0;
}

/* Whether the box that begins at the pane's top left corner is closed; fills in where
 * it ends. */
static bool
follow(const struct display *s, const struct border *b, struct box *box)
{
    box->right = box->left + 1;
    while (box->right < display_cols(s) &&
           !is_at(s, box->top, box->right, b->top_right))
        box->right++;
    box->bottom = box->top + 1;
    while (is_at(s, box->bottom, box->left, b->side) &&
           is_at(s, box->bottom, box->right, b->side))
        box->bottom++;
    if (!is_at(s, box->bottom, box->left, b->bottom_left) ||
        !is_at(s, box->bottom, box->right, b->bottom_right))
        return false;
    for (int col = box->left + 1; col < box->right; col++)
        if (is_at(s, box->bottom, col, "")) /* a hole */
            return false;
    box->focused = b->focused;
    return true;
}

/* The digit on the border of the box that begins here; '\0': none begins. */
static char
digit_at(const struct display *s, int row, int col, const struct border **border)
{
    for (size_t i = 0; i < N_BORDERS; i++) {
        struct display_cell cell;

        *border = &borders[i];
        if (!is_at(s, row, col, borders[i].top_left) ||
            !is_at(s, row, col + 1, borders[i].across) || !is_at(s, row, col + 2, " "))
            continue;
        display_cell(s, row, col + 3, &cell);
        if (cell.point >= '1' && cell.point <= '9')
            return (char)cell.point;
    }
    return '\0';
}

/* The pane with the digit, or, for '\0', the first one from `from` on, in reading
 * order. */
static bool
find_from(struct display *s, int from, char digit, struct box *box)
{
    const struct border *border;

    for (int at = from; at < display_rows(s) * display_cols(s); at++) {
        int row = at / display_cols(s), col = at % display_cols(s);
        char found = digit_at(s, row, col, &border);

        if (found == '\0' || (digit != '\0' && found != digit))
            continue;
        box->top = row;
        box->left = col;
        if (follow(s, border, box))
            return true;
    }
    return false;
}

bool
box_find(struct display *s, char digit, struct box *box)
{
    return find_from(s, 0, digit, box);
}

int
box_count(struct display *s)
{
    struct box box;
    int n = 0;

    for (int at = 0; find_from(s, at, '\0', &box); n++)
        at = box.top * display_cols(s) + box.left + 1;
    return n;
}

const char *
box_row(struct display *s, const struct box *box, int row)
{
    return display_part(s, row, box->left + 1, box->right);
}

bool
box_has(struct display *s, const struct box *box, const char *text, int *row)
{
    for (int r = box->top; r <= box->bottom; r++) {
        if (strstr(box_row(s, box, r), text)) {
            if (row)
                *row = r;
            return true;
        }
    }
    return false;
}

long
box_hits(struct display *s, const char *text)
{
    struct box box;
    const char *line;
    char *end;
    long hits;
    int row;

    if (!box_find(s, '2', &box) || !box_has(s, &box, text, &row))
        return BOX_ABSENT;
    line = box_row(s, &box, row);
    line += strspn(line, " ");
    if (strncmp(line, ">>>>>>", 6) == 0)
        return BOX_NOT_RUN;
    hits = strtol(line, &end, 10);
    /* The count is what begins the row; behind it comes a blank, then a time. */
    return isdigit((unsigned char)*line) && *end == ' ' ? hits : BOX_BLANK;
}
