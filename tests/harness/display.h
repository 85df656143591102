/* The screen of a terminal: takes the bytes a program writes and can be read cell by
 * cell, as rows of text, or whole. */
#ifndef HARNESS_DISPLAY_H
#define HARNESS_DISPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct display;

struct display *display_new(int rows, int cols);
void display_free(struct display *s);
void display_resize(struct display *s, int rows, int cols);
int display_rows(const struct display *s);
int display_cols(const struct display *s);

/* What the program wrote. */
void display_feed(struct display *s, const char *bytes, size_t len);

/* Presses keys: characters as they are, and keys by name in angle brackets: <Enter>,
 * <Tab>, <Esc>, <Backspace>, <Up>, <Down>, <Left>, <Right>, <Home>, <End>, <PgUp>,
 * <PgDn>, <F1> to <F12>, <C-x> with Control, <S-Tab> with Shift, <lt> for the bracket
 * itself. Takes the first key and returns how many bytes of `keys` that was. */
size_t display_press(struct display *s, const char *keys);

/* What the terminal sends to the program: keys, and answers to its questions. Returns
 * the bytes put into `out`; 0 when there are no more. */
size_t display_take_output(struct display *s, char *out, size_t size);

#define DISPLAY_DEFAULT (-1)
#define DISPLAY_RGB 0x1000000

struct display_cell {
    char text[28];  /* UTF-8; "" where nothing was ever written or a wide one goes on */
    uint32_t point; /* the first code point, 0 for "" */
    int width;
    int fg, bg; /* DISPLAY_DEFAULT, a palette index, or DISPLAY_RGB | 0xrrggbb */
    bool bold, underline, italic, reverse;
};
void display_cell(const struct display *s, int row, int col, struct display_cell *cell);

/* Whether two cells look alike but for their text. */
bool display_same_style(const struct display_cell *a, const struct display_cell *b);

/* The text of one row, or of its cells from column `from` up to `to`, without the
 * blanks at its end. Borrowed until the next call of either. */
const char *display_row(struct display *s, int row);
const char *display_part(struct display *s, int row, int from, int to);

/* Where `text` stands first, looking from row `from` down; columns are cells. `row` and
 * `col` may be NULL. */
bool display_find(struct display *s, int from, const char *text, int *row, int *col);

bool display_is_alternate(const struct display *s); /* shows the alternate screen */
bool display_has_cursor(const struct display *s, int *row,
                        int *col); /* it is visible */

/* Prints the rows, with a "|" before each; and the runs of cells that have a style, as
 * @row,first-last fg=4 bg=- bold. */
void display_dump(struct display *s, FILE *out);
void display_dump_styles(const struct display *s, FILE *out);

#endif
