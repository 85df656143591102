/* The table of suspended frames, against one that is searched from front to back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runner/suspended.h"

enum { N_FRAMES = 3000, N_STEPS = 400000 };

static char frames[N_FRAMES * 16];
static struct suspended kept[N_FRAMES]; /* frame NULL: none */

static void
count(struct suspended *s, void *n)
{
    assert_non_null(s->frame);
    ++*(size_t *)n;
}

static void
test_suspended_gives_back_what_was_put_aside(void **state)
{
    unsigned seed = 20261125;
    size_t n = 0, n_kept = 0;

    (void)state;
    for (int step = 0; step < N_STEPS; step++) {
        size_t i = (size_t)rand_r(&seed) % N_FRAMES;
        struct suspended s = {.frame = &frames[i * 16],
                              .code = (codes_id)rand_r(&seed)};
        struct suspended out;

        /* Phases of growing and shrinking. */
        if (rand_r(&seed) % 100 < (step / 50000 % 2 ? 30 : 70)) {
            suspended_put(&s);
            kept[i] = s;
        } else {
            bool wanted = kept[i].frame != NULL;

            assert_int_equal(suspended_take(s.frame, kept[i].code, &out), wanted);
            if (wanted)
                assert_int_equal(out.code, kept[i].code);
            kept[i].frame = NULL;
        }
    }
    suspended_each(count, &n);
    for (size_t i = 0; i < N_FRAMES; i++)
        n_kept += kept[i].frame != NULL;
    assert_int_equal(n, n_kept);
}

static void
test_suspended_forgets_another_frame_at_the_same_place(void **state)
{
    struct suspended s = {.frame = &frames[1], .code = 1}, out;

    (void)state;
    suspended_put(&s);
    assert_false(suspended_take(s.frame, 2, &out));
    assert_false(suspended_take(s.frame, 1, &out));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_suspended_gives_back_what_was_put_aside),
        cmocka_unit_test(test_suspended_forgets_another_frame_at_the_same_place),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
