#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "report/calls.h"
#include "tests/harness/session_build.h"

enum { MAIN_ROOT = 1 };

static const struct calls_function tracer = {"/lib/trace.py", (char[]){"trace"},
                                             (char[]){"Trace.runctx"}};

static void
assert_printed(const struct session_build *b, enum calls_what what, const char *want)
{
    struct calls c = {0};
    struct buf out = {0};

    calls_add(&c, b->reader, what, &tracer);
    calls_sort(&c);
    calls_print_functions(&c, &out);
    calls_print_pairs(&c, &out);
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
    calls_release(&c);
}

static void
set_class(struct session_build *b, codes_id code, const char *name)
{
    atomic_store(&session_build_code_of(b, code)->class, session_build_string(b, name));
}

/* a.py calls into lib/b.x.py, twice by the same way and by two code objects of one
 * name; one function of it was never called. */
static void
make_program(struct session_build *b)
{
    codes_id main_code, method, again, other;
    files_id a, lib;
    nodes_id n, m;

    session_build_start(b, "3.11.2");
    a = session_build_file(b, "./a.py", "x\n");
    lib = session_build_file(b, "lib/b.x.py", "y\n");
    main_code = session_build_code(b, a, "<module>", 1);
    method = session_build_code(b, lib, "go", 2);
    again = session_build_code(b, lib, "go", 7);
    other = session_build_code(b, a, "end", 9);
    session_build_code(b, lib, "never", 11);
    set_class(b, method, "Cart");
    set_class(b, again, "Cart");
    n = session_build_node(b, MAIN_ROOT, main_code, 1, 0);
    m = session_build_node(b, n, method, 3, 0);
    session_build_node(b, n, again, 1, 0);
    session_build_node(b, m, other, 1, 0);
    session_build_node(b, m, method, 0, 0); /* nothing was called there */
    session_build_read(b);
}

static void
test_calls_lists_functions_once(void **state)
{
    struct session_build b;

    (void)state;
    make_program(&b);
    assert_printed(&b, CALLS_FUNCTIONS,
                   "\nfunctions called:\n"
                   "filename: ./a.py, modulename: a, funcname: <module>\n"
                   "filename: ./a.py, modulename: a, funcname: end\n"
                   "filename: lib/b.x.py, modulename: b.x, funcname: Cart.go\n");
    session_build_end(&b);
}

static void
test_calls_lists_pairs_by_file(void **state)
{
    struct session_build b;

    (void)state;
    make_program(&b);
    assert_printed(&b, CALLS_PAIRS,
                   "\ncalling relationships:\n"
                   "\n*** ./a.py ***\n"
                   "  --> lib/b.x.py\n"
                   "    a.<module> -> b.x.Cart.go\n"
                   "\n*** /lib/trace.py ***\n"
                   "  --> ./a.py\n"
                   "    trace.Trace.runctx -> a.<module>\n"
                   "\n*** lib/b.x.py ***\n"
                   "  --> ./a.py\n"
                   "    b.x.Cart.go -> a.end\n");
    session_build_end(&b);
}

/* What a counts file says: a function is at the top, a pair below its caller. */
static void
test_calls_knows_a_counts_file(void **state)
{
    struct session_build b;
    codes_id f, g;
    files_id a;
    nodes_id n;

    (void)state;
    session_build_start(&b, "3.11.2");
    a = session_build_file(&b, "./a.py", NULL);
    f = session_build_code(&b, a, "f", 0);
    g = session_build_code(&b, a, "A.g", 0);
    session_build_node(&b, 0, f, 1, 0);
    n = session_build_node(&b, 0, g, 0, 0);
    session_build_node(&b, n, f, 1, 0);
    session_build_read(&b);
    assert_printed(&b, CALLS_FILED,
                   "\nfunctions called:\n"
                   "filename: ./a.py, modulename: a, funcname: f\n"
                   "\ncalling relationships:\n"
                   "\n*** ./a.py ***\n"
                   "    a.A.g -> a.f\n");
    session_build_end(&b);
}

/* `trace` hears of a thread from run() on: what starts it only calls, and what that
 * calls before is nobody's. */
static void
test_calls_begins_a_thread_with_run(void **state)
{
    struct session_build b;
    codes_id inner, early, helper, run, late;
    files_id t;
    nodes_id n, m;

    (void)state;
    session_build_start(&b, "3.11.2");
    t = session_build_file(&b, "lib/threading.py", NULL);
    inner = session_build_code(&b, t, "_bootstrap_inner", 1);
    session_build_code_of(&b, inner)->qualname =
        session_build_string(&b, "Thread._bootstrap_inner");
    early = session_build_code(&b, t, "set", 2);
    helper = session_build_code(&b, t, "notify", 3);
    run = session_build_code(&b, t, "run", 4);
    late = session_build_code(&b, t, "_delete", 5);
    session_build_add_thread(&b, "Thread-1");
    n = session_build_node(&b, MAIN_ROOT + 1, inner, 1, 0);
    m = session_build_node(&b, n, early, 1, 0);
    session_build_node(&b, m, helper, 1, 0);
    session_build_node(&b, n, run, 1, 0);
    session_build_node(&b, n, late, 1, 0);
    session_build_read(&b);
    assert_printed(&b, CALLS_PAIRS,
                   "\ncalling relationships:\n"
                   "\n*** lib/threading.py ***\n"
                   "    threading._bootstrap_inner -> threading._delete\n"
                   "    threading._bootstrap_inner -> threading.run\n");
    session_build_end(&b);
}

static void
test_calls_of_nothing_prints_nothing(void **state)
{
    struct session_build b;

    (void)state;
    session_build_start(&b, "3.11.2");
    session_build_read(&b);
    assert_printed(&b, CALLS_FUNCTIONS, "");
    assert_printed(&b, CALLS_PAIRS, "");
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_calls_lists_functions_once),
        cmocka_unit_test(test_calls_lists_pairs_by_file),
        cmocka_unit_test(test_calls_knows_a_counts_file),
        cmocka_unit_test(test_calls_begins_a_thread_with_run),
        cmocka_unit_test(test_calls_of_nothing_prints_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
