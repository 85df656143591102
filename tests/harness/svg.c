#include "tests/harness/svg.h"

#include <string.h>

#include "base/buf.h"

/* The picture is made of layers: the window, the backgrounds (a rectangle for each run
 * of cells with one), the lines and blocks, and the text. All lengths are in the units
 * of the picture, in which a cell is CELL_W wide and CELL_H high. */
#define CELL_W 9.0
#define CELL_H 18.0
#define BASELINE 13.5
#define MARGIN 14.0
#define BAR_H 30.0
#define TOP (BAR_H + 10.0)

#define BACKGROUND 0x1b1e24u
#define FOREGROUND 0xd7dae0u
#define BAR 0x2a2e36u

struct canvas {
    struct display *display;
    FILE *out;
};

/* The sixteen named colours, as a dark terminal shows them. */
static const uint32_t named_colors[16] = {
    0x2b303b, 0xe0616b, 0x8fc27a, 0xe3bd70, 0x62a8ea, 0xbf7fd9, 0x56b3bd, 0xc3c8d1,
    0x6a7280, 0xff7a85, 0xa9e08f, 0xffd98a, 0x82c4ff, 0xd9a0f0, 0x74d4de, 0xffffff,
};

static uint32_t
color_rgb(int color, uint32_t otherwise)
{
    static const uint32_t level[6] = {0, 95, 135, 175, 215, 255};
    uint32_t n, gray;

    if (color == DISPLAY_DEFAULT)
        return otherwise;
    if (color & DISPLAY_RGB)
        return (uint32_t)color & 0xffffffu;
    if (color < 16)
        return named_colors[color];
    n = (uint32_t)color - 16;
    if (n < 216)
        return level[n / 36] << 16 | level[n / 6 % 6] << 8 | level[n % 6];
    gray = 8 + (n - 216) * 10;
    return gray << 16 | gray << 8 | gray;
}

static uint32_t
front_of(const struct display_cell *c)
{
    return c->reverse ? color_rgb(c->bg, BACKGROUND) : color_rgb(c->fg, FOREGROUND);
}

static uint32_t
back_of(const struct display_cell *c)
{
    return c->reverse ? color_rgb(c->fg, FOREGROUND) : color_rgb(c->bg, BACKGROUND);
}

static double
x_of(int col)
{
    return MARGIN + col * CELL_W;
}

static double
y_of(int row)
{
    return TOP + row * CELL_H;
}

static void
rect(FILE *out, double x, double y, double w, double h, uint32_t color)
{
    fprintf(out,
            "<rect shape-rendering=\"crispEdges\" x=\"%g\" y=\"%g\" width=\"%g\" "
            "height=\"%g\" fill=\"#%06x\"/>\n",
            x, y, w, h, color);
}

static void
print_escaped(FILE *out, const char *s)
{
    for (; *s; s++) {
        if (*s == '<')
            fputs("&lt;", out);
        else if (*s == '>')
            fputs("&gt;", out);
        else if (*s == '&')
            fputs("&amp;", out);
        else
            fputc(*s, out);
    }
}

/* Box drawing: what goes from the middle of the cell to its left, right, upper and
 * lower edge: '0' nothing, '1' a light, '2' a heavy, '3' a double line. */
struct box {
    uint32_t point;
    char arms[5];
};

static const struct box boxes[] = {
    {0x2500, "1100"}, {0x2501, "2200"}, {0x2502, "0011"}, {0x2503, "0022"},
    {0x250c, "0101"}, {0x250f, "0202"}, {0x2510, "1001"}, {0x2513, "2002"},
    {0x2514, "0110"}, {0x2517, "0220"}, {0x2518, "1010"}, {0x251b, "2020"},
    {0x251c, "0111"}, {0x2524, "1011"}, {0x252c, "1101"}, {0x2534, "1110"},
    {0x253c, "1111"}, {0x2550, "3300"}, {0x2551, "0033"}, {0x2554, "0303"},
    {0x2557, "3003"}, {0x255a, "0330"}, {0x255d, "3030"}, {0x256d, "0101"},
    {0x256e, "1001"}, {0x256f, "1010"}, {0x2570, "0110"}, {0x2574, "1000"},
    {0x2575, "0010"}, {0x2576, "0100"}, {0x2577, "0001"},
};

static const struct box *
box_of(uint32_t point)
{
    for (size_t i = 0; i < sizeof(boxes) / sizeof(boxes[0]); i++)
        if (boxes[i].point == point)
            return &boxes[i];
    return NULL;
}

/* One arm of a box character, from the middle outwards. It begins a little behind the
 * middle, so that arms which meet there leave no hole. */
static void
draw_arm(FILE *out, int arm, char kind, double x, double y, uint32_t color)
{
    double mid_x = x + CELL_W / 2, mid_y = y + CELL_H / 2;
    double thick = kind == '2' ? 2.6 : 1.3, half = thick / 2;
    double gap = kind == '3' ? 1.8 : 0;

    for (int side = kind == '3' ? -1 : 1; side <= 1; side += 2) {
        double off = gap * side - half, back = half + gap;

        if (arm == 0)
            rect(out, x, mid_y + off, CELL_W / 2 + back, thick, color);
        else if (arm == 1)
            rect(out, mid_x - back, mid_y + off, CELL_W / 2 + back, thick, color);
        else if (arm == 2)
            rect(out, mid_x + off, y, thick, CELL_H / 2 + back, color);
        else
            rect(out, mid_x + off, mid_y - back, thick, CELL_H / 2 + back, color);
    }
}

/* A horizontal line through `w` units of cells, as one piece. */
static void
draw_line(FILE *out, char kind, double x, double y, double w, uint32_t color)
{
    double thick = kind == '2' ? 2.6 : 1.3, gap = kind == '3' ? 1.8 : 0;

    for (int side = kind == '3' ? -1 : 1; side <= 1; side += 2)
        rect(out, x, y + CELL_H / 2 + gap * side - thick / 2, w, thick, color);
}

/* Block elements: eighths of a cell from below or from the left, halves, shades. */
static bool
draw_block(FILE *out, uint32_t point, double x, double y, double w, uint32_t color)
{
    if (point == 0x2580) {
        rect(out, x, y, w, CELL_H / 2, color);
    } else if (point > 0x2580 && point <= 0x2588) {
        double h = CELL_H * (point - 0x2580) / 8;

        rect(out, x, y + CELL_H - h, w, h, color);
    } else if (point > 0x2588 && point < 0x2590) {
        rect(out, x, y, w * (0x2590 - point) / 8, CELL_H, color);
    } else if (point == 0x2590) {
        rect(out, x + w / 2, y, w / 2, CELL_H, color);
    } else if (point > 0x2590 && point <= 0x2593) {
        fprintf(out, "<g opacity=\"%g\">", 0.25 * (point - 0x2590));
        rect(out, x, y, w, CELL_H, color);
        fputs("</g>", out);
    } else {
        return false;
    }
    return true;
}

static bool
is_shape(uint32_t point)
{
    return box_of(point) || (point >= 0x2580 && point <= 0x2593);
}

/* The cells from `col` on that look the same and can be drawn as one shape. */
static int
same_cells(const struct canvas *c, int row, int col)
{
    struct display_cell first, next;
    int n = 1;

    display_cell(c->display, row, col, &first);
    for (; col + n < display_cols(c->display); n++) {
        display_cell(c->display, row, col + n, &next);
        if (next.point != first.point || !display_same_style(&first, &next))
            break;
    }
    return n;
}

static void
draw_shapes(const struct canvas *c, int row)
{
    int n;

    for (int col = 0; col < display_cols(c->display); col += n) {
        struct display_cell cell;
        const struct box *box;
        uint32_t color;

        n = 1;
        display_cell(c->display, row, col, &cell);
        color = front_of(&cell);
        box = box_of(cell.point);
        if (box && box->arms[0] != '0' && box->arms[0] == box->arms[1] &&
            box->arms[2] == '0') {
            n = same_cells(c, row, col);
            draw_line(c->out, box->arms[0], x_of(col), y_of(row), n * CELL_W, color);
        } else if (box) {
            for (int arm = 0; arm < 4; arm++)
                if (box->arms[arm] != '0')
                    draw_arm(c->out, arm, box->arms[arm], x_of(col), y_of(row), color);
        } else if (is_shape(cell.point)) {
            draw_block(c->out, cell.point, x_of(col), y_of(row), CELL_W, color);
        }
    }
}

static void
draw_backgrounds(const struct canvas *c, int row)
{
    for (int col = 0; col < display_cols(c->display);) {
        struct display_cell cell;
        uint32_t color;
        int first = col;

        display_cell(c->display, row, col, &cell);
        color = back_of(&cell);
        do
            display_cell(c->display, row, ++col, &cell);
        while (col < display_cols(c->display) && back_of(&cell) == color);
        if (color != BACKGROUND)
            rect(c->out, x_of(first), y_of(row), (col - first) * CELL_W, CELL_H, color);
    }
}

/* Collects the text from `col` on that can go into one element. Every character beyond
 * ASCII gets one of its own: its width in the viewer's font is anybody's guess. */
static int
text_run(const struct canvas *c, int row, int col, struct buf *text)
{
    struct display_cell first, cell;
    int n = 0;

    display_cell(c->display, row, col, &first);
    if (first.point >= 0x80) {
        buf_add_str(text, first.text);
        return first.width > 0 ? first.width : 1;
    }
    for (; col + n < display_cols(c->display); n++) {
        display_cell(c->display, row, col + n, &cell);
        if (cell.point >= 0x80 ||
            (cell.point > ' ' && !display_same_style(&first, &cell)))
            break;
        buf_add_str(text, cell.point ? cell.text : " ");
    }
    while (text->len > 0 && text->data[text->len - 1] == ' ')
        text->data[--text->len] = '\0';
    return (int)text->len;
}

static void
draw_text(const struct canvas *c, int row)
{
    struct buf text = {0};
    int n;

    for (int col = 0; col < display_cols(c->display); col += n) {
        struct display_cell cell;

        n = 1;
        display_cell(c->display, row, col, &cell);
        if (cell.point <= ' ' || is_shape(cell.point))
            continue;
        buf_clear(&text);
        n = text_run(c, row, col, &text);
        fprintf(c->out,
                "<text x=\"%g\" y=\"%g\" fill=\"#%06x\" textLength=\"%g\" "
                "lengthAdjust=\"spacingAndGlyphs\"%s%s%s>",
                x_of(col), y_of(row) + BASELINE, front_of(&cell), n * CELL_W,
                cell.bold ? " font-weight=\"bold\"" : "",
                cell.italic ? " font-style=\"italic\"" : "",
                cell.underline ? " text-decoration=\"underline\"" : "");
        print_escaped(c->out, buf_str(&text));
        fputs("</text>\n", c->out);
    }
    buf_release(&text);
}

static void
draw_window(const struct canvas *c, double w, double h, const char *title)
{
    static const uint32_t lights[3] = {0xf0605a, 0xf3bb40, 0x46c45a};

    fprintf(c->out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%g\" height=\"%g\" "
            "viewBox=\"0 0 %g %g\" font-family=\"'DejaVu Sans Mono','Noto Sans Mono',"
            "monospace\" font-size=\"15\" xml:space=\"preserve\">\n",
            w, h, w, h);
    fprintf(c->out, "<rect width=\"%g\" height=\"%g\" rx=\"8\" fill=\"#%06x\"/>\n", w,
            h, BACKGROUND);
    fprintf(c->out, "<path fill=\"#%06x\" d=\"M0 %gV8Q0 0 8 0H%gQ%g 0 %g 8V%gZ\"/>\n",
            BAR, BAR_H, w - 8, w, w, BAR_H);
    for (int i = 0; i < 3; i++)
        fprintf(c->out, "<circle cx=\"%d\" cy=\"15\" r=\"5.5\" fill=\"#%06x\"/>\n",
                18 + 19 * i, lights[i]);
    fprintf(c->out,
            "<text x=\"%g\" y=\"20\" fill=\"#a9b0bc\" font-size=\"13\" "
            "text-anchor=\"middle\">",
            w / 2);
    print_escaped(c->out, title);
    fputs("</text>\n", c->out);
}

void
svg_write(struct display *display, const char *title, FILE *out)
{
    struct canvas c = {.display = display, .out = out};
    int row, col;

    draw_window(&c, display_cols(display) * CELL_W + 2 * MARGIN,
                display_rows(display) * CELL_H + TOP + MARGIN, title);
    for (int r = 0; r < display_rows(display); r++)
        draw_backgrounds(&c, r);
    for (int r = 0; r < display_rows(display); r++)
        draw_shapes(&c, r);
    for (int r = 0; r < display_rows(display); r++)
        draw_text(&c, r);
    if (display_has_cursor(display, &row, &col)) {
        fputs("<g opacity=\"0.5\">", out);
        rect(out, x_of(col), y_of(row), CELL_W, CELL_H, FOREGROUND);
        fputs("</g>\n", out);
    }
    fputs("</svg>\n", out);
}
