#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tui/finder.h"

static const char *const texts[] = {"main", "load", "Main", "save", "loader"};

static void
text_of(void *data, size_t row, struct buf *out)
{
    (void)data;
    buf_add_str(out, texts[row]);
}

struct search {
    struct finder finder;
    struct finder_rows rows;
};

static struct search
start_at(size_t row)
{
    return (struct search){.rows = {.n = 5, .row = row, .text = text_of}};
}

static void
assert_finds(struct search *s, const char *word, enum pane_find how, size_t row,
             size_t at, size_t n)
{
    struct pane_found found = finder_find(&s->finder, &s->rows, word, how);

    assert_int_equal(s->rows.row, row);
    assert_int_equal(found.at, at);
    assert_int_equal(found.n, n);
}

static void
test_finder_goes_from_where_it_began(void **state)
{
    struct search s = start_at(2);

    (void)state;
    assert_finds(&s, "l", PANE_FIND_FIRST, 4, 2, 2);
    assert_finds(&s, "lo", PANE_FIND_FIRST, 4, 2, 2);
    assert_finds(&s, "m", PANE_FIND_FIRST, 2, 2, 2);
    assert_finds(&s, "mx", PANE_FIND_FIRST, 2, 0, 0);
    assert_finds(&s, "s", PANE_FIND_FIRST, 3, 1, 1);
    assert_finds(&s, "", PANE_FIND_FIRST, 2, 0, 0);
}

static void
test_finder_goes_around_the_end(void **state)
{
    struct search s = start_at(4);

    (void)state;
    assert_finds(&s, "load", PANE_FIND_FIRST, 4, 2, 2);
    assert_finds(&s, "load", PANE_FIND_NEXT, 1, 1, 2);
    assert_finds(&s, "load", PANE_FIND_NEXT, 4, 2, 2);
    assert_finds(&s, "load", PANE_FIND_PREV, 1, 1, 2);
    assert_finds(&s, "load", PANE_FIND_PREV, 4, 2, 2);
    assert_finds(&s, "save", PANE_FIND_NEXT, 3, 1, 1);
    assert_finds(&s, "save", PANE_FIND_NEXT, 3, 1, 1);
    assert_finds(&s, "save", PANE_FIND_PREV, 3, 1, 1);
}

static void
test_finder_heeds_case_when_the_word_has_capitals(void **state)
{
    struct search s = start_at(0);

    (void)state;
    assert_finds(&s, "main", PANE_FIND_FIRST, 0, 1, 2);
    assert_finds(&s, "Main", PANE_FIND_FIRST, 2, 1, 1);
    assert_string_equal(finder_at("abcABC", "BC"), "BC");
    assert_string_equal(finder_at("abcABC", "bc"), "bcABC");
    assert_null(finder_at("abc", "Abc"));
}

static void
test_finder_begins_anew_after_its_end(void **state)
{
    struct search s = start_at(0);

    (void)state;
    assert_finds(&s, "save", PANE_FIND_FIRST, 3, 1, 1);
    finder_end(&s.finder);
    assert_finds(&s, "loa", PANE_FIND_FIRST, 4, 2, 2);
    assert_finds(&s, "", PANE_FIND_FIRST, 3, 0, 0);
}

static void
test_finder_finds_nothing_in_nothing(void **state)
{
    struct search s = {.rows = {.text = text_of}};

    (void)state;
    assert_finds(&s, "x", PANE_FIND_FIRST, 0, 0, 0);
    assert_finds(&s, "x", PANE_FIND_PREV, 0, 0, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_finder_goes_from_where_it_began),
        cmocka_unit_test(test_finder_goes_around_the_end),
        cmocka_unit_test(test_finder_heeds_case_when_the_word_has_capitals),
        cmocka_unit_test(test_finder_begins_anew_after_its_end),
        cmocka_unit_test(test_finder_finds_nothing_in_nothing),
    };

    return cmocka_run_group_tests_name("finder", tests, NULL, NULL);
}
