#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/xalloc.h"
#include "cli/texts.h"

static void
test_texts_are_an_argument_vector(void **state)
{
    struct texts t = {0};

    (void)state;
    assert_null(texts_argv(&t)[0]);
    texts_add(&t, "a");
    texts_take(&t, xalloc_printf("%d", 12));
    texts_add(&t, "");
    assert_int_equal(t.n, 3);
    assert_string_equal(texts_argv(&t)[0], "a");
    assert_string_equal(texts_argv(&t)[1], "12");
    assert_string_equal(texts_argv(&t)[2], "");
    assert_null(texts_argv(&t)[3]);
    assert_true(texts_has(&t, "12"));
    assert_false(texts_has(&t, "1"));
    texts_release(&t);
    assert_int_equal(t.n, 0);
}

static void
test_texts_split_leaves_empty_pieces_out(void **state)
{
    struct texts t = {0};

    (void)state;
    texts_split(&t, "", ',');
    texts_split(&t, ",,", ',');
    assert_int_equal(t.n, 0);
    texts_split(&t, "a,, b ,c,", ',');
    assert_int_equal(t.n, 3);
    assert_string_equal(t.items[0], "a");
    assert_string_equal(t.items[1], " b ");
    assert_string_equal(t.items[2], "c");
    texts_release(&t);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts_are_an_argument_vector),
        cmocka_unit_test(test_texts_split_leaves_empty_pieces_out),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
