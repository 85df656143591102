#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/request.h"

static void
test_request_has_flags_and_values(void **state)
{
    static const char text[] = "count\0nonsense\0missing\0coverdir=a=b\0file=\0x=y\0"
                               "tracer=/lib/trace.py";
    struct request r = request_parse(text, sizeof(text));

    (void)state;
    assert_int_equal(r.flags, REQUEST_COUNT | REQUEST_MISSING);
    assert_string_equal(r.cover_dir, "a=b");
    assert_string_equal(r.counts, "");
    assert_string_equal(r.tracer, "/lib/trace.py");
}

static void
test_request_of_nothing_is_empty(void **state)
{
    struct request r = request_parse("", 0);

    (void)state;
    assert_int_equal(r.flags, 0);
    assert_null(r.cover_dir);
    assert_null(r.counts);
    assert_non_null(r.tracer);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_has_flags_and_values),
        cmocka_unit_test(test_request_of_nothing_is_empty),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
