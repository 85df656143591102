/* Sessions that nobody wrote: a good one with bytes changed at random. Whatever is made
 * of them, no report goes astray. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/file.h"
#include "report/cover.h"
#include "report/functions.h"
#include "report/lines.h"
#include "report/tree.h"
#include "tests/harness/session_build.h"

enum { ROUNDS = 400, CHANGES = 12 };

/* A session small enough to change much of it. */
static void
make_image(const char *dir, struct buf *image)
{
    static const uint64_t limits[FORMAT_N_SECTIONS] = {4096, 8, 16, 32, 64,
                                                       4,    4, 8,  8,  4};
    struct session_build b = {0};
    struct err err;
    char path[300];
    nodes_id at;

    snprintf(path, sizeof(path), "%s/small", dir);
    if (!writer_open_limited(&b.writer, path, limits, &err))
        fail_msg("%s", err.text);
    writer_header(b.writer)->mode =
        FORMAT_MODE_LINES | FORMAT_MODE_TIMES | FORMAT_MODE_TREE;
    writer_header(b.writer)->python = session_build_string(&b, "3.11.2");
    at = session_build_node(&b, FORMAT_NONE, FORMAT_NONE, 0, 0);
    session_build_add_thread(&b, "MainThread");
    session_build_file(&b, "/a.py", "def f():\n    'doc'\n    return f'{1}'\nf()\n");
    session_build_file(&b, "/b.py", "# coding: latin1\nx\n");
    for (uint32_t i = 0; i < 6; i++)
        session_build_code(&b, i % 2, "f", i);
    for (uint32_t i = 0; i < 20; i++)
        session_build_line(&b, i % 6, i % 5 + 1, i, i);
    for (uint32_t i = 0; i < 40; i++)
        at = session_build_node(&b, i % 3 ? at : 1, i % 6, 1, 1);
    writer_close(b.writer);
    if (!file_read(path, 1u << 26, image, &err))
        fail_msg("%s", err.text);
}

static void
walk_tree(const struct reader *r, struct totals *t)
{
    struct tree *tree = tree_new(r, t);
    struct tree_row row;
    size_t where;

    tree_update(tree, false);
    for (size_t i = 0; i < 200 && tree_rows(tree, i, 1, &row); i++) {
        assert_true(tree_find(tree, row.node, &where));
        assert_int_equal(where, i);
        if (rand() % 3)
            tree_open(tree, row.node);
        else
            tree_close(tree, row.node);
        tree_parent(tree, row.node);
    }
    tree_update(tree, true);
    tree_free(tree);
}

static void
read_sources(const struct reader *r, const struct spent *spent)
{
    struct buf out = {0};
    struct source *s;

    for (files_id i = 0; i < 3; i++) {
        s = source_new(r, i);
        source_read(s, UINT32_MAX);
        source_count(s, spent);
        cover_print(r, s, COVER_MISSING, &out);
        cover_name(r, reader_string(r, i * 4, NULL), false, &out);
        source_free(s);
    }
    buf_release(&out);
}

static void
report_all(const struct reader *r)
{
    struct spent spent;
    struct totals *t;
    struct percentiles p = {0};
    struct functions_source from = {r, NULL, &p};
    struct functions f = {0};
    struct lines *lines = calloc(1, sizeof(*lines));

    spent_init(&spent, r);
    spent_update(&spent, 0);
    t = totals_new(r, &spent);
    totals_update(t);
    walk_tree(r, t);
    read_sources(r, &spent);
    percentiles_update(&p, r);
    from.totals = t;
    for (int order = 0; order < FUNCTIONS_N_ORDERS; order++)
        functions_build(&f, &from, (enum functions_order)order);
    lines_build(lines, r, &spent, LINES_BY_SELF);
    functions_release(&f);
    percentiles_release(&p);
    totals_free(t);
    spent_release(&spent);
    free(lines);
}

/* Changes a byte of a record: one that is there, or near one. The header is left alone,
 * so that the session can be opened. */
static void
change(unsigned char *bytes, size_t len)
{
    size_t at;

    do
        at = FORMAT_HEADER_SIZE + (size_t)rand() % (len - FORMAT_HEADER_SIZE);
    while (!bytes[at]);
    at += (size_t)rand() % 8;
    if (at < len)
        bytes[at] = (unsigned char)(rand() % 2 ? 0xff : rand() % 64);
}

static void
test_broken_sessions_are_reported_on_without_harm(void **state)
{
    struct session_build b;
    struct buf image = {0};
    unsigned seed = (unsigned)time(NULL), n_read = 0;
    struct reader *r;
    uint64_t *copy;

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    session_build_start(&b, "3.11.2");
    make_image(b.dir, &image);
    copy = calloc(image.len / sizeof(*copy) + 1, sizeof(*copy));
    for (int round = 0; round < ROUNDS; round++) {
        memcpy(copy, image.data, image.len);
        for (int i = 0; i < CHANGES; i++)
            change((unsigned char *)copy, image.len);
        if (!reader_open_memory(&r, copy, image.len, NULL))
            continue;
        n_read++;
        report_all(r);
        reader_close(r);
    }
    assert_int_equal(n_read, ROUNDS);
    free(copy);
    buf_release(&image);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_broken_sessions_are_reported_on_without_harm),
    };

    return cmocka_run_group_tests_name("broken", tests, NULL, NULL);
}
