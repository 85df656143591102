/* Whatever a program prints, at whatever size of its terminal, must be shown or
 * dropped, quickly. libFuzzer:
 *   clang -fsanitize=fuzzer,address,undefined -std=c17 -Isrc -I. -D_GNU_SOURCE \
 *       tests/fuzz/fuzz_vt.c tui/{vt,guard,grid,glyphs}.c \
 *       src/base/{buf,err,utf8,xalloc}.c -lvterm
 * The first two bytes are the size; a byte 0xfe in the output is a change of the size
 * to what the two bytes behind it say, 0xfd a drawing. */
#include <locale.h>
#include <stdint.h>
#include <stdlib.h>

#include "tui/vt.h"

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct grid grid;

int
LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    setlocale(LC_ALL, "C.UTF-8");
    grid_resize(&grid, 30, 100);
    return 0;
}

/* Bytes of plain output at `data`. */
static size_t
output_len(const uint8_t *data, size_t size)
{
    size_t n = 0;

    while (n < size && data[n] != 0xfe && data[n] != 0xfd)
        n++;
    return n;
}

static void
draw(const struct vt *t)
{
    struct grid_part part = grid_whole(&grid);
    struct buf text = {0};
    int row, col;

    vt_draw(t, &part, vt_first(t));
    vt_draw(t, &part, vt_top(t));
    vt_line_text(t, vt_top(t), &text);
    buf_release(&text);
    if (vt_cursor(t, &row, &col) && (row < 0 || row >= vt_rows(t)))
        abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct vt *t;

    if (size < 2)
        return 0;
    t = vt_new(data[0] % 64, data[1], 30);
    for (size_t at = 2; at < size;) {
        size_t n = output_len(data + at, size - at);

        vt_feed(t, (const char *)data + at, n);
        at += n;
        if (at < size && data[at] == 0xfd)
            draw(t);
        else if (at + 2 < size)
            vt_resize(t, data[at + 1] % 64, data[at + 2]);
        at += at < size && data[at] == 0xfd ? 1 : 3;
    }
    draw(t);
    vt_free(t);
    return 0;
}
