#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "cli/argv.h"
#include "cli/argv_help.h"

#define WORDS_MAX 16

/* Splits the line at its blanks; the words live until the next call. */
static int
split(const char *line, char **words)
{
    static char copy[512];
    char *rest = NULL;
    int n = 0;

    assert_true(strlen(line) < sizeof(copy));
    strcpy(copy, line);
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        assert_true(n < WORDS_MAX - 1);
        words[n++] = w;
    }
    words[n] = NULL;
    return n;
}

static void
parse(struct argv *a, const char *line)
{
    char *words[WORDS_MAX];
    int n = split(line, words);
    struct err err = {""};

    if (!argv_parse(a, n, words, &err))
        fail_msg("%s: %s", line, err.text);
}

/* What python would get, with blanks between. */
static void
assert_program(const char *line, const char *want)
{
    struct argv a;
    struct buf got = {0};

    parse(&a, line);
    for (size_t i = 0; i < a.program.n; i++)
        buf_printf(&got, "%s%s", i ? " " : "", a.program.items[i]);
    assert_string_equal(buf_str(&got), want);
    buf_release(&got);
    argv_release(&a);
}

static void
assert_refused(const char *line, const char *want)
{
    char *words[WORDS_MAX];
    int n = split(line, words);
    struct err err = {""};
    struct argv a;

    assert_false(argv_parse(&a, n, words, &err));
    assert_string_equal(err.text, want);
    argv_release(&a);
}

static void
test_argv_hands_on_what_python_gets(void **state)
{
    (void)state;
    assert_program("ttrace a.py", "a.py");
    assert_program("ttrace a.py --pause -m x --", "a.py --pause -m x --");
    assert_program("ttrace -m json.tool -h", "-m json.tool -h");
    assert_program("ttrace -mjson.tool x", "-m json.tool x");
    assert_program("ttrace -c pass -c", "-c pass -c");
    assert_program("ttrace -cpass", "-c pass");
    assert_program("ttrace - x", "- x");
    assert_program("ttrace -X dev -Wdefault -IEsSOOBuP a.py",
                   "-X dev -W default -I -E -s -S -O -O -B -u -P a.py");
    assert_program("ttrace -BXdev -m x", "-B -X dev -m x");
    assert_program("ttrace -uc pass", "-u -c pass");
    assert_program("ttrace --pause -- a.py -x", "a.py -x");
    assert_program("ttrace -- -x.py", "-- -x.py");
}

static void
test_argv_knows_what_runs(void **state)
{
    struct argv a;

    (void)state;
    parse(&a, "ttrace -u dir/a.py x y");
    assert_int_equal(a.action, ARGV_WATCH);
    assert_string_equal(a.script, "dir/a.py");
    assert_int_equal(a.n_args, 2);
    argv_release(&a);
    parse(&a, "ttrace -m a x");
    assert_null(a.script);
    assert_int_equal(a.n_args, 1);
    argv_release(&a);
    parse(&a, "ttrace - x");
    assert_null(a.script);
    argv_release(&a);
}

static void
test_argv_takes_options_of_its_own(void **state)
{
    struct argv a;

    (void)state;
    parse(&a, "ttrace --python=py --engine monitoring --pause --break a.py:3 "
              "--break=b:c.py:4 -o out --config f --no-config a.py");
    assert_string_equal(a.python, "py");
    assert_string_equal(a.engine, "monitoring");
    assert_string_equal(a.output, "out");
    assert_string_equal(a.config, "f");
    assert_int_equal(a.flags, ARGV_PAUSE | ARGV_NO_CONFIG);
    assert_int_equal(a.breaks.n, 2);
    assert_string_equal(a.breaks.items[0], "a.py:3");
    assert_string_equal(a.breaks.items[1], "b:c.py:4");
    argv_release(&a);
    parse(&a, "ttrace a.py");
    assert_string_equal(a.engine, "auto");
    assert_string_equal(a.children, "follow");
    assert_null(a.output);
    argv_release(&a);
}

static void
test_argv_keeps_settings_in_order(void **state)
{
    static const struct argv_setting want[] = {
        {"include", "filters.include", "all"},
        {"exclude", "filters.exclude", "json"},
        {"include", "filters.include", "x"},
        {"ascii", "ui.ascii", "true"},
        {"io", "io", "inherit"},
    };
    struct argv a;

    (void)state;
    parse(&a, "ttrace --include all --exclude=json --inc x --ascii --io inherit a.py");
    assert_int_equal(a.n_settings, sizeof(want) / sizeof(want[0]));
    for (size_t i = 0; i < a.n_settings; i++) {
        assert_string_equal(a.settings[i].option, want[i].option);
        assert_string_equal(a.settings[i].name, want[i].name);
        assert_string_equal(a.settings[i].text, want[i].text);
    }
    argv_release(&a);
}

/* All but our own options is left to be read by Python. */
static void
test_argv_hands_on_what_trace_gets(void **state)
{
    struct argv a;

    (void)state;
    parse(&a,
          "ttrace --count -ms -C=dir --python=py --ignore-dir c -o out a.py -m -o x");
    assert_int_equal(a.action, ARGV_TRACE);
    assert_string_equal(a.python, "py");
    assert_string_equal(a.output, "out");
    assert_string_equal(a.compat, "default");
    assert_null(a.script);
    argv_release(&a);
    assert_program(
        "ttrace --count -ms -C=dir --python=py --ignore-dir c -o o a.py -m -o",
        "-m trace --count -ms -C=dir --ignore-dir c a.py -m -o");
    assert_program("ttrace --count -X dev -B a.py --count",
                   "-X dev -B -m trace --count a.py --count");
    assert_program("ttrace -l --exclude x -- --python", "-m trace -l -- --python");
    assert_program("ttrace --cou --cov --python a.py --engine x",
                   "-m trace --cou --cov --python a.py --engine x");
    assert_program("ttrace -tf --python a.py", "-m trace -tf --python a.py");
    assert_program("ttrace --count --nonsense -y a.py",
                   "-m trace --count --nonsense -y "
                   "a.py");
    assert_program("ttrace --report", "-m trace --report");
    assert_program("ttrace --missing a.py", "-m trace --missing a.py");
}

static void
test_argv_knows_what_trace_gets(void **state)
{
    static const char *const lines[] = {
        "ttrace -t a.py", "ttrace -cms a.py",    "ttrace -cfcounts a.py",
        "ttrace -cCd x",  "ttrace -c --missing", "ttrace -m -s --count a.py",
        "ttrace -rf x",   "ttrace --mo x",       "ttrace --compat=default -c x",
    };
    struct argv a;

    (void)state;
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        parse(&a, lines[i]);
        assert_int_equal(a.action, ARGV_TRACE);
        argv_release(&a);
    }
    assert_refused("ttrace -c --compat strict x", "'--compat=strict' comes first, with "
                                                  "nothing but --python in front");
    parse(&a, "ttrace -c /dev/null"); /* a file is counted, a line of Python is run */
    assert_int_equal(a.action, ARGV_TRACE);
    argv_release(&a);
}

static void
test_argv_form_of_python_is_not_taken_for_trace(void **state)
{
    struct argv a;

    (void)state;
    assert_program("ttrace -m pkg --count", "-m pkg --count");
    assert_program("ttrace -c pass --count", "-c pass --count");
    assert_program("ttrace a.py --count", "a.py --count");
    assert_program("ttrace -X dev a.py --count", "-X dev a.py --count");
    assert_program("ttrace -- a.py --count", "a.py --count");
    parse(&a, "ttrace --python --count a.py");
    assert_string_equal(a.python, "--count");
    assert_int_equal(a.action, ARGV_WATCH);
    argv_release(&a);
}

static void
test_argv_answers_without_a_program(void **state)
{
    struct argv a;

    (void)state;
    parse(&a, "ttrace --pause -h --nonsense");
    assert_int_equal(a.action, ARGV_HELP);
    argv_release(&a);
    parse(&a, "ttrace -V");
    assert_int_equal(a.action, ARGV_VERSION);
    argv_release(&a);
    parse(&a, "ttrace --print-config --theme light");
    assert_int_equal(a.action, ARGV_PRINT_CONFIG);
    assert_int_equal(a.n_settings, 1);
    argv_release(&a);
}

static void
test_argv_says_what_is_wrong(void **state)
{
    (void)state;
    assert_refused("ttrace", "what shall run? ttrace script.py, or ttrace --help");
    assert_refused("ttrace --pause", "what shall run? ttrace script.py, or ttrace "
                                     "--help");
    assert_refused("ttrace -Z a.py", "unknown option '-Z'; --help lists them");
    assert_refused("ttrace --nonsense a.py",
                   "unknown option '--nonsense'; --help lists them");
    assert_refused("ttrace --excluded x a.py",
                   "unknown option '--excluded'; did you mean '--exclude'?");
    assert_refused("ttrace --e x a.py", "'--e' could be --exclude, --engine, --events");
    assert_refused("ttrace --pause=1 a.py", "'--pause' takes no value");
    assert_refused("ttrace --python", "'--python' needs a value: PATH");
    assert_refused("ttrace -o", "'--output' needs a value: FILE");
    assert_refused("ttrace -m", "'-m' needs a value: MODULE");
    assert_refused("ttrace --children none a.py",
                   "'--children' takes follow|ignore, not 'none'");
    assert_refused("ttrace --engine x a.py",
                   "'--engine' takes auto|bytecode|monitoring, not 'x'");
    assert_refused("ttrace --events=ring|log a.py",
                   "'--events' takes none|ring|log, not 'ring|log'");
    assert_refused("ttrace --events= a.py", "'--events' takes none|ring|log, not ''");
    assert_refused("ttrace --events=rin a.py",
                   "'--events' takes none|ring|log, not 'rin'");
    assert_refused("ttrace --count --pause a.py",
                   "'--pause' does not go with what python -m trace does");
    assert_refused("ttrace --count --compat=almost a.py",
                   "'--compat' takes default|strict, not 'almost'");
}

static void
test_argv_break_is_a_file_and_a_line(void **state)
{
    static const char *const bad[] = {
        "a.py", "a.py:", ":3", "a.py:0", "a.py:x", "a.py:-1", "a.py:1234567890"};
    char line[64], want[96];

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        snprintf(line, sizeof(line), "ttrace --break %s a.py", bad[i]);
        snprintf(want, sizeof(want), "'--break' takes FILE:LINE, not '%s'", bad[i]);
        assert_refused(line, want);
    }
}

static void
test_argv_help_fits_the_terminal(void **state)
{
    struct buf out = {0};
    size_t start = 0;

    (void)state;
    argv_help(&out);
    assert_non_null(strstr(out.data, "\n  -o, --output FILE     keep"));
    assert_non_null(strstr(out.data, "-X OPTION -W FILTER -I -E -s -S -O -B -u -P\n"));
    assert_non_null(strstr(out.data, "\n  -T, --trackcalls      list"));
    for (size_t i = 0; i < out.len; i++) {
        if (out.data[i] != '\n')
            continue;
        assert_true(i - start <= 80);
        assert_true(i == start || out.data[i - 1] != ' ');
        start = i + 1;
    }
    assert_int_equal(start, out.len);
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_argv_hands_on_what_python_gets),
        cmocka_unit_test(test_argv_knows_what_runs),
        cmocka_unit_test(test_argv_takes_options_of_its_own),
        cmocka_unit_test(test_argv_keeps_settings_in_order),
        cmocka_unit_test(test_argv_hands_on_what_trace_gets),
        cmocka_unit_test(test_argv_knows_what_trace_gets),
        cmocka_unit_test(test_argv_form_of_python_is_not_taken_for_trace),
        cmocka_unit_test(test_argv_answers_without_a_program),
        cmocka_unit_test(test_argv_says_what_is_wrong),
        cmocka_unit_test(test_argv_break_is_a_file_and_a_line),
        cmocka_unit_test(test_argv_help_fits_the_terminal),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
