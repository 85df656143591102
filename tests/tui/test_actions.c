#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/file.h"
#include "tui/actions.h"

static void
test_actions_stand_in_the_order_of_their_ids(void **state)
{
    (void)state;
    for (enum actions_id id = 1; id < ACTIONS_N; id++)
        assert_int_equal(actions_get(id)->id, id);
}

struct seen {
    enum actions_id last;
    enum actions_group group;
};

static void
see(void *data, const struct actions_row *row)
{
    struct seen *seen = data;

    assert_int_equal(row->id, seen->last + 1);
    assert_true(row->group >= seen->group); /* each group in one piece */
    assert_non_null(actions_group_title(row->group));
    seen->last = row->id;
    seen->group = row->group;
}

static void
test_actions_each_goes_through_all_groups(void **state)
{
    struct seen seen = {ACTIONS_NONE, ACTIONS_GROUP_PROGRAM};

    (void)state;
    actions_each(see, &seen);
    assert_int_equal(seen.last, ACTIONS_N - 1);
    assert_int_equal(seen.group, ACTIONS_N_GROUPS - 1);
}

static void
test_actions_have_names_and_help_of_their_own(void **state)
{
    (void)state;
    for (enum actions_id id = 1; id < ACTIONS_N; id++) {
        const struct actions_row *row = actions_get(id);

        assert_ptr_equal(actions_find(row->name), row);
        assert_true(strlen(row->help) > 0 && strlen(row->help) <= 52);
        assert_true(strlen(row->label) > 0 && strlen(row->label) <= 14);
    }
    assert_null(actions_find("fly"));
}

static void
expect_in_readme(void *data, const struct actions_row *row)
{
    const struct buf *readme = data;
    struct buf expected = {0};

    buf_printf(&expected, "| `%s` | %s |\n", row->name, row->help);
    if (!strstr(buf_str(readme), buf_str(&expected)))
        fail_msg("README.md has no line that ends in: %s", buf_str(&expected));
    buf_release(&expected);
}

/* Tests run in the tree's top folder. */
static void
test_actions_stand_in_the_readme(void **state)
{
    struct buf readme = {0};

    (void)state;
    assert_true(file_read("README.md", 1 << 20, &readme, NULL));
    actions_each(expect_in_readme, &readme);
    buf_release(&readme);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_actions_stand_in_the_order_of_their_ids),
        cmocka_unit_test(test_actions_each_goes_through_all_groups),
        cmocka_unit_test(test_actions_have_names_and_help_of_their_own),
        cmocka_unit_test(test_actions_stand_in_the_readme),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
