/* A screen is cut into slots, and each slot shows one pane: of the panes that may stand
 * there, the one that had the keys last. So with few columns a digit brings its pane up
 * in the place of another, and a slot for which there is no pane leaves its room to its
 * neighbours.
 *
 * Columns lie side by side; the slots of a column share its height by weight. A band
 * below the columns takes the full width or that of the first columns. */
#include "tui/layout.h"

#include <string.h>

#define COLUMNS_MAX 3
#define SLOTS_MAX 5
#define SLOT_ROWS_MIN 3

struct slot {
    const char *digits; /* of the panes that may stand here; NULL ends a column */
    int weight;
    int focus_weight; /* while its pane has the keys */
};

struct column {
    int weight; /* of its width */
    struct slot slots[SLOTS_MAX + 1];
};

struct plan {
    int min_cols; /* for screens as wide as that */
    int n_columns;
    struct column columns[COLUMNS_MAX];
    struct slot band;  /* below the columns; weight against the column slots' 100 */
    int band_columns;  /* how many of the columns it lies under */
    int message_apart; /* rows from which the message line has a row of its own */
};

static const struct plan plans[] = {
    {160,
     3,
     {{36, {{"1", 100, 100}}},
      {39, {{"2", 100, 100}}},
      {25,
       {{"3", 34, 34}, {"4", 34, 34}, {"6", 16, 16}, {"7", 20, 20}, {"89", 16, 16}}}},
     {"5", 21, 30},
     2,
     30},
    {100,
     2,
     {{50, {{"1", 72, 72}, {"367", 28, 40}}}, {50, {{"2", 72, 72}, {"489", 28, 40}}}},
     {"5", 26, 42},
     2,
     30},
    {0,
     1,
     {{100, {{"1", 36, 36}, {"2", 41, 41}, {"5346789", 23, 46}}}},
     {NULL, 0, 0},
     0,
     30},
};

/* The pane that stands in a slot, '\0' if there is none for it. */
static char
choose(const struct slot *slot, const struct layout_wish *wish)
{
    char chosen = '\0';

    if (slot->digits == NULL)
        return '\0';
    for (const char *d = wish->recent; *d != '\0'; d++) {
        if (strchr(slot->digits, *d) != NULL && strchr(wish->present, *d) != NULL)
            return *d;
    }
    for (const char *d = slot->digits; *d != '\0' && chosen == '\0'; d++) {
        if (strchr(wish->present, *d) != NULL)
            chosen = *d;
    }
    return chosen;
}

static bool
is_empty(const struct column *column, const struct layout_wish *wish)
{
    for (const struct slot *s = column->slots; s->digits != NULL; s++) {
        if (choose(s, wish) != '\0')
            return false;
    }
    return true;
}

/* The plan for the width, unless all that is to stand above its band is missing. */
static const struct plan *
find_plan(const struct layout_wish *wish)
{
    const struct plan *plan = plans;

    for (; plan->min_cols > 0; plan++) {
        bool empty = true;

        for (int i = 0; i < plan->band_columns; i++)
            empty = empty && is_empty(&plan->columns[i], wish);
        if (wish->cols >= plan->min_cols && !empty)
            break;
    }
    return plan;
}

static int
weight_of(const struct slot *slot, char digit, const struct layout_wish *wish)
{
    return digit == wish->focus ? slot->focus_weight : slot->weight;
}

static int
at_least_a_slot(int rows)
{
    return rows < SLOT_ROWS_MIN ? SLOT_ROWS_MIN : rows;
}

static void
add_place(struct layout *l, char digit, struct layout_place at)
{
    at.digit = digit;
    if (l->n < LAYOUT_PANES)
        l->places[l->n++] = at;
}

/* The slots of a column that have a pane. Where there is no room for all, the lower
 * ones are left out, but never the one that has the keys. */
struct filled {
    const struct slot *slot;
    char digit;
};

static int
choose_slots(const struct column *column, const struct layout_wish *wish, int rows,
             struct filled filled[SLOTS_MAX])
{
    int n = 0, most = rows / SLOT_ROWS_MIN;

    for (const struct slot *s = column->slots; s->digits != NULL; s++) {
        char digit = choose(s, wish);

        if (digit == '\0')
            continue;
        if (n < most)
            filled[n++] = (struct filled){s, digit};
        else if (n > 0 && digit == wish->focus)
            filled[n - 1] = (struct filled){s, digit};
    }
    return n;
}

/* Cuts one column into its slots. */
static void
fill_column(struct layout *l, const struct column *column,
            const struct layout_wish *wish, struct layout_place area)
{
    struct filled filled[SLOTS_MAX];
    int n = choose_slots(column, wish, area.rows, filled);
    int total = 0, row = area.row, left = area.rows;

    for (int i = 0; i < n; i++)
        total += weight_of(filled[i].slot, filled[i].digit, wish);
    for (int i = 0; i < n; i++) {
        int weight = weight_of(filled[i].slot, filled[i].digit, wish);
        int rest = SLOT_ROWS_MIN * (n - i - 1);
        int rows = i == n - 1 ? left : (left * weight + total / 2) / total;

        rows = rows > left - rest ? left - rest : rows;
        rows = at_least_a_slot(rows);
        add_place(l, filled[i].digit,
                  (struct layout_place){'\0', row, area.col, rows, area.cols});
        row += rows;
        left -= rows;
        total -= weight;
    }
}

static void
fill(struct layout *l, const struct plan *plan, const struct layout_wish *wish,
     struct layout_place area)
{
    char band = choose(&plan->band, wish);
    int weight = weight_of(&plan->band, band, wish);
    int band_rows = band == '\0' ? 0 : at_least_a_slot((area.rows * weight + 50) / 100);
    int total = 0, col = area.col, cols_left = area.cols, band_cols = 0;

    for (int i = 0; i < plan->n_columns; i++)
        total += is_empty(&plan->columns[i], wish) ? 0 : plan->columns[i].weight;
    for (int i = 0; i < plan->n_columns; i++) {
        const struct column *c = &plan->columns[i];
        bool above = i < plan->band_columns;
        int cols = total > 0 ? (cols_left * c->weight + total / 2) / total : 0;

        if (is_empty(c, wish))
            continue;
        fill_column(l, c, wish,
                    (struct layout_place){'\0', area.row, col,
                                          area.rows - (above ? band_rows : 0), cols});
        col += cols;
        cols_left -= cols;
        total -= c->weight;
        band_cols += above ? cols : 0;
    }
    if (band != '\0')
        add_place(l, band,
                  (struct layout_place){'\0', area.row + area.rows - band_rows,
                                        area.col, band_rows, band_cols});
}

/* Tab goes by digit, as the titles show them. */
static void
sort_places(struct layout *l)
{
    for (int i = 1; i < l->n; i++) {
        struct layout_place place = l->places[i];
        int at = i;

        for (; at > 0 && l->places[at - 1].digit > place.digit; at--)
            l->places[at] = l->places[at - 1];
        l->places[at] = place;
    }
}

void
layout_make(struct layout *l, const struct layout_wish *wish)
{
    const struct plan *plan = find_plan(wish);
    struct layout_place area = {'\0', 1, 0, wish->rows - 2, wish->cols};

    *l = (struct layout){.keys_row = wish->rows - 1, .message_row = wish->rows - 1};
    if (wish->rows < LAYOUT_MIN_ROWS || wish->cols < LAYOUT_MIN_COLS) {
        l->too_small = true;
        return;
    }
    if (wish->rows >= plan->message_apart) {
        l->message_row--;
        area.rows--;
    }
    if (wish->zoom)
        add_place(l, wish->focus, area);
    else
        fill(l, plan, wish, area);
    sort_places(l);
}

const struct layout_place *
layout_find(const struct layout *l, char digit)
{
    for (int i = 0; i < l->n; i++) {
        if (l->places[i].digit == digit)
            return &l->places[i];
    }
    return NULL;
}

char
layout_next(const struct layout *l, char digit, int step)
{
    for (int i = 0; i < l->n; i++) {
        if (l->places[i].digit == digit)
            return l->places[(i + l->n + step) % l->n].digit;
    }
    return l->n > 0 ? l->places[0].digit : digit;
}
