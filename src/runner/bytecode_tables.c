#include "runner/bytecode_tables.h"

#include <stdlib.h>
#include <string.h>

/* A location entry is a byte 1kkkknnn, n + 1 units long, and what its kind k asks for:
 *   0-9     same line; columns below 80, at most 15 wide, in one byte and k
 *   10-12   k - 10 lines further; two bytes of columns
 *   13      a line, no columns
 *   14      all four, as numbers of any size
 *   15      no place
 * Numbers there are little-endian groups of six bits, bit 6 set where one follows;
 * signed ones have the sign in bit 0. The exception table's are big-endian, and bit 7
 * is set in the first byte of an entry only, so that a search can find its way from the
 * middle. */
enum { KIND_LINES = 10, KIND_NO_COLUMNS = 13, KIND_LONG = 14, KIND_NONE = 15 };

static bool
take_number(struct bytecode_tables_places *it, int *n, struct err *err)
{
    uint64_t value = 0;
    unsigned shift = 0;
    uint8_t byte;

    do {
        if (it->at == it->end || shift > 30)
            return err_set(err, "location table: a number does not end");
        byte = *it->at++;
        value |= (uint64_t)(byte & 63) << shift;
        shift += 6;
    } while (byte & 64);
    if (value > INT32_MAX / 2)
        return err_set(err, "location table: a number is too large");
    *n = (int)value;
    return true;
}

/* Moves the line by `delta`; lines stay where an int can hold their sum. */
static bool
move_line(struct bytecode_tables_places *it, int delta, struct err *err)
{
    int line;

    if (__builtin_add_overflow(it->line, delta, &line) || line < 0 ||
        line > INT32_MAX / 2)
        return err_set(err, "location table: a line is out of range");
    it->line = line;
    return true;
}

static bool
take_signed(struct bytecode_tables_places *it, struct err *err)
{
    int n;

    return take_number(it, &n, err) && move_line(it, n & 1 ? -(n >> 1) : n >> 1, err);
}

static bool
take_long(struct bytecode_tables_places *it, struct err *err)
{
    struct bytecode_tables_place *p = &it->place;
    int lines, col, end_col;

    if (!take_signed(it, err) || !take_number(it, &lines, err) ||
        !take_number(it, &col, err) || !take_number(it, &end_col, err))
        return false;
    *p = (struct bytecode_tables_place){it->line, it->line + lines, col - 1,
                                        end_col - 1};
    return true;
}

static bool
take_columns(struct bytecode_tables_places *it, unsigned kind, struct err *err)
{
    struct bytecode_tables_place *p = &it->place;
    size_t bytes = kind < KIND_LINES ? 1 : 2;

    if ((size_t)(it->end - it->at) < bytes)
        return err_set(err, "location table: cut off");
    if (kind >= KIND_LINES && !move_line(it, (int)kind - KIND_LINES, err))
        return false;
    p->line = p->end_line = it->line;
    if (kind < KIND_LINES) {
        p->col = (int)kind << 3 | it->at[0] >> 4;
        p->end_col = p->col + (it->at[0] & 15);
    } else {
        p->col = it->at[0];
        p->end_col = it->at[1];
    }
    it->at += bytes;
    return true;
}

static bool
take_entry(struct bytecode_tables_places *it, struct err *err)
{
    uint8_t byte = *it->at++;
    unsigned kind = byte >> 3 & 15;

    if (!(byte & 128))
        return err_set(err, "location table: no entry where one should begin");
    it->unit += (byte & 7) + 1u;
    it->place = (struct bytecode_tables_place){-1, -1, -1, -1};
    if (kind == KIND_NONE)
        return true;
    if (kind == KIND_LONG)
        return take_long(it, err);
    if (kind < KIND_NO_COLUMNS)
        return take_columns(it, kind, err);
    if (!take_signed(it, err))
        return false;
    it->place.line = it->place.end_line = it->line;
    return true;
}

void
bytecode_tables_places(struct bytecode_tables_places *it, const uint8_t *table,
                       size_t len, int first_line)
{
    const uint8_t *end = len ? table + len : table; /* an empty table may be NULL */

    *it = (struct bytecode_tables_places){
        .at = table, .end = end, .line = first_line, .place = {-1, -1, -1, -1}};
}

bool
bytecode_tables_find_place(struct bytecode_tables_places *it, size_t unit,
                           struct err *err)
{
    while (it->unit <= unit && it->at < it->end)
        if (!take_entry(it, err))
            return false;
    if (it->unit <= unit)
        it->place = (struct bytecode_tables_place){-1, -1, -1, -1};
    return true;
}

static bool
take_big(const uint8_t **at, const uint8_t *end, bool first, uint32_t *n,
         struct err *err)
{
    uint64_t value = 0;
    uint8_t byte;

    do {
        if (*at == end)
            return err_set(err, "exception table: cut off");
        byte = *(*at)++;
        if (!!(byte & 128) != first)
            return err_set(err, "exception table: an entry begins at a wrong place");
        first = false;
        value = value << 6 | (byte & 63);
        if (value > INT32_MAX)
            return err_set(err, "exception table: a number is too large");
    } while (byte & 64);
    *n = (uint32_t)value;
    return true;
}

bool
bytecode_tables_next_range(const uint8_t **at, const uint8_t *end,
                           struct bytecode_tables_range *range, struct err *err)
{
    uint32_t depth_lasti;

    if (!take_big(at, end, true, &range->first, err) ||
        !take_big(at, end, false, &range->len, err) ||
        !take_big(at, end, false, &range->handler, err) ||
        !take_big(at, end, false, &depth_lasti, err))
        return false;
    range->depth = depth_lasti >> 1;
    range->lasti = depth_lasti & 1;
    return true;
}

static void
add_byte(struct bytecode_tables_out *out, unsigned byte)
{
    if (out->len == out->cap) {
        size_t cap = out->cap ? out->cap * 2 : 64;
        uint8_t *data = out->is_lost ? NULL : realloc(out->data, cap);

        if (!data) {
            out->is_lost = true;
            return;
        }
        out->data = data;
        out->cap = cap;
    }
    out->data[out->len++] = (uint8_t)byte;
}

static void
add_number(struct bytecode_tables_out *out, unsigned n)
{
    for (; n >= 64; n >>= 6)
        add_byte(out, (n & 63) | 64);
    add_byte(out, n);
}

static void
add_signed(struct bytecode_tables_out *out, int n)
{
    add_number(out, n < 0 ? (unsigned)-n << 1 | 1 : (unsigned)n << 1);
}

static void
add_entry(struct bytecode_tables_out *out, const struct bytecode_tables_place *p,
          size_t units, int *line)
{
    unsigned head = 128 | (unsigned)(units - 1);
    int delta = p->line - *line;
    bool columns = p->col >= 0 && p->end_col >= 0;

    if (p->line < 0) {
        add_byte(out, head | KIND_NONE << 3);
        return;
    }
    *line = p->line;
    if (p->end_line == p->line && p->col < 0 && p->end_col < 0) {
        add_byte(out, head | KIND_NO_COLUMNS << 3);
        add_signed(out, delta);
    } else if (columns && p->end_line == p->line && delta == 0 && p->col < 80 &&
               p->end_col >= p->col && p->end_col - p->col < 16) {
        add_byte(out, head | (unsigned)p->col >> 3 << 3);
        add_byte(out, ((unsigned)p->col & 7) << 4 | (unsigned)(p->end_col - p->col));
    } else if (columns && p->end_line == p->line && delta >= 0 && delta < 3 &&
               p->col < 128 && p->end_col < 128) {
        add_byte(out, head | (KIND_LINES + (unsigned)delta) << 3);
        add_byte(out, (unsigned)p->col);
        add_byte(out, (unsigned)p->end_col);
    } else {
        add_byte(out, head | KIND_LONG << 3);
        add_signed(out, delta);
        add_number(out, (unsigned)(p->end_line - p->line));
        add_number(out, (unsigned)(p->col + 1));
        add_number(out, (unsigned)(p->end_col + 1));
    }
}

void
bytecode_tables_add_place(struct bytecode_tables_out *out,
                          const struct bytecode_tables_place *place, size_t units,
                          int *line)
{
    for (; units > BYTECODE_TABLES_ENTRY_UNITS; units -= BYTECODE_TABLES_ENTRY_UNITS)
        add_entry(out, place, BYTECODE_TABLES_ENTRY_UNITS, line);
    if (units)
        add_entry(out, place, units, line);
}

static void
add_big(struct bytecode_tables_out *out, uint32_t n, bool first)
{
    unsigned mark = first ? 128 : 0;
    int shift = 30;

    while (shift > 0 && !(n >> shift))
        shift -= 6;
    for (; shift > 0; shift -= 6, mark = 0)
        add_byte(out, mark | 64 | (n >> shift & 63));
    add_byte(out, mark | (n & 63));
}

void
bytecode_tables_add_range(struct bytecode_tables_out *out,
                          const struct bytecode_tables_range *range)
{
    add_big(out, range->first, true);
    add_big(out, range->len, false);
    add_big(out, range->handler, false);
    add_big(out, range->depth << 1 | range->lasti, false);
}
