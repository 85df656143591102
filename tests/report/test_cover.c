#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "report/cover.h"
#include "tests/harness/session_build.h"

/* What becomes of a source whose lines have these hits; -1: no code there. */
static void
assert_cover(const char *version, unsigned flags, const char *source, size_t len,
             const int *hits, const char *want, size_t want_len)
{
    struct session_build b;
    struct source *s;
    struct buf out = {0};
    codes_id code;

    session_build_start(&b, version);
    code = session_build_code(&b, session_build_file_n(&b, "a.py", source, len),
                              "<module>", 1);
    for (uint32_t i = 0; hits[i] != -2; i++)
        if (hits[i] >= 0)
            session_build_line(&b, code, i + 1, (uint64_t)hits[i], 0);
    session_build_read(&b);
    s = source_new(b.reader, 0);
    source_read(s, UINT32_MAX);
    cover_print(b.reader, s, flags, &out);
    assert_int_equal(out.len, want_len);
    assert_memory_equal(buf_str(&out), want, want_len);
    buf_release(&out);
    source_free(s);
    session_build_end(&b);
}

#define COVER(version, flags, source, want, ...)             \
    assert_cover(version, flags, source, sizeof(source) - 1, \
                 (const int[]){__VA_ARGS__, -2}, want, sizeof(want) - 1)

static void
test_cover_marks_hits_misses_and_the_rest(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING,
          "def f(a):\n"
          "    if a:\n"
          "        return 1\n"
          "    else:\n"
          "        return 2\n"
          "\n"
          "f(1)\n",
          "    1: def f(a):\n"
          "12345:     if a:\n"
          "123456:         return 1\n"
          "           else:\n"
          ">>>>>>         return 2\n"
          "       \n"
          "    1: f(1)\n",
          1, 12345, 123456, -1, 0, -1, 1);
}

static void
test_cover_marks_no_misses_unasked(void **state)
{
    (void)state;
    COVER("3.11.2", 0, "if 0 > x:\n    y\n", "    1: if 0 > x:\n           y\n", 1, 0);
}

static void
test_cover_expands_tabs_from_the_column_of_the_source(void **state)
{
    (void)state;
    COVER("3.11.2", 0, "a\tb\n\tc\n12345678\td\n\xc3\xa9\t\f\te\n",
          "    1: a       b\n"
          "               c\n"
          "       12345678        d\n"
          "       \xc3\xa9       \f       e\n",
          1);
}

static void
test_cover_ends_every_line_with_a_newline(void **state)
{
    (void)state;
    COVER("3.11.2", 0, "a\r\nb\rc\n\x0b\x1c\n\xe2\x80\xa8x\nlast",
          "    1: a\n"
          "    2: b\n"
          "    3: c\n"
          "       \x0b\x1c\n"
          "       \xe2\x80\xa8x\n"
          "    6: last\n",
          1, 2, 3, -1, -1, 6);
}

static void
test_cover_does_not_miss_docstrings(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING,
          "class A:\n"
          "    # comment\n"
          "    '''doc\n"
          "    more''' ; z = 1\n"
          "    'second'\n"
          "def f(): 'doc'\n",
          ">>>>>> class A:\n"
          "           # comment\n"
          "           '''doc\n"
          "           more''' ; z = 1\n"
          ">>>>>>     'second'\n"
          ">>>>>> def f(): 'doc'\n",
          0, -1, 0, 0, 0, 0);
}

static void
test_cover_takes_f_strings_for_docstrings_up_to_3_11(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING, "if x:\n    f'doc'\n",
          "    1: if x:\n           f'doc'\n", 1, 0);
    COVER("3.12.1", COVER_MISSING, "if x:\n    f'doc'\n",
          "    1: if x:\n>>>>>>     f'doc'\n", 1, 0);
}

static void
test_cover_does_not_miss_what_a_pragma_excuses(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING,
          "a #pragma NO COVER\nb #pragma NO COVER\n'#pragma NO COVER'\n"
          "c # pragma NO COVER\nd #pragma: NO COVER\ne #pragma no cover\n",
          "    3: a #pragma NO COVER\n       b #pragma NO COVER\n"
          "       '#pragma NO COVER'\n>>>>>> c # pragma NO COVER\n"
          ">>>>>> d #pragma: NO COVER\n>>>>>> e #pragma no cover\n",
          3, 0, 0, 0, 0, 0);
}

static void
test_cover_keeps_the_encoding(void **state)
{
    (void)state;
    COVER("3.11.2", 0, "# coding: latin-1\nx = '\xe9\t\xfc'\n",
          "       # coding: latin-1\n    1: x = '\xe9  \xfc'\n", -1, 1);
    COVER("3.11.2", 0, "\xef\xbb\xbfx = 1\n", "\xef\xbb\xbf    1: x = 1\n", 1);
    COVER(
        "3.11.2", 0, "# -*- coding: shift_jis -*-\nx = '\x93\xfa\x96\x7b\t\x83\x5c'\n",
        "       # -*- coding: shift_jis -*-\n    1: x = '\x93\xfa\x96\x7b \x83\x5c'\n",
        -1, 1);
}

static void
test_cover_of_an_empty_file_has_a_line_from_3_13_on(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING, "", "", -1);
    COVER("3.12.1", COVER_MISSING, "", "", -1);
    COVER("3.13.0", COVER_MISSING, "", "       \n", -1);
}

static void
test_cover_of_what_cannot_be_decoded_is_empty(void **state)
{
    (void)state;
    COVER("3.11.2", COVER_MISSING, "x = '\xff'\n", "", 1);
    COVER("3.11.2", COVER_MISSING, "x = '\xed\xa0\x80'\n", "", 1);
}

static void
assert_name(const char *paths, const char *path, bool beside, const char *want)
{
    struct session_build b;
    struct buf name = {0};

    session_build_start(&b, "3.11.2");
    writer_header(b.writer)->paths = session_build_string(&b, paths);
    session_build_read(&b);
    cover_name(b.reader, path, beside, &name);
    assert_string_equal(buf_str(&name), want);
    buf_release(&name);
    session_build_end(&b);
}

static void
test_cover_is_named_by_the_longest_entry_of_sys_path(void **state)
{
    (void)state;
    assert_name("/a\n/a/b\n/a/b/c/d\n", "/a/b/c/m.py", false, "c.m.cover");
    assert_name("/a\n", "/a/pkg/__init__.py", false, "pkg.__init__.cover");
    assert_name("/other\n", "/a/m.py", false, "a.m.cover");
    assert_name("\n", "/a/m.py", false, "a.m.cover");
    assert_name("/a/\n", "/a/m.py", false, "a.m.cover");
    assert_name("/a\n", "/abc/m.py", false, "abc.m.cover");
    assert_name("/a", "/a/m.py", false, "m.cover");
    assert_name("/a\n", "m.py", false, "m.cover");
    assert_name("/a\n", "../x/m.py", false, "x.m.cover");
    assert_name("/a\n", "/a/m.x.py", false, "m.x.cover");
    assert_name("/a\n", "/a/script", false, "script.cover");
    assert_name("/a\n", "/a/.hidden", false, "hidden.cover");
    assert_name("/a\n", "/a/.hidden.py", false, "hidden.cover");
    assert_name("/a\n", "/a/d.d/script", false, "d.d.cover");
    assert_name("/a\n", "/a/../../etc/m.py", false, "etc.m.cover");
}

static void
test_cover_beside_its_source_has_its_name(void **state)
{
    (void)state;
    assert_name("/a\n", "/a/pkg/m.py", true, "m.cover");
    assert_name("/a\n", "m.x.py", true, "m.x.cover");
    assert_name("/a\n", "/a/.hidden", true, ".hidden.cover");
}

/* Two modules, one of which has a miss; a file without source; code without a file; a
 * file that nothing ran of; a module without code. */
static void
make_program(struct session_build *b)
{
    char path[300];
    codes_id code;

    session_build_start(b, "3.11.2");
    code = session_build_code(b, session_build_file(b, "main.py", "a\nb\nc\n"),
                              "<module>", 1);
    session_build_line(b, code, 1, 1, 0);
    session_build_line(b, code, 2, 2, 0);
    session_build_line(b, code, 3, 0, 0);
    snprintf(path, sizeof(path), "%s/pkg/mod.py", b->dir);
    code = session_build_code(b, session_build_file(b, path, "x\n"), "<module>", 1);
    session_build_line(b, code, 1, 7, 0);
    code = session_build_code(b, session_build_file(b, "gone.py", NULL), "<module>", 1);
    session_build_line(b, code, 1, 1, 0);
    code = session_build_code(b, session_build_file(b, "<string>", "x"), "<module>", 1);
    session_build_line(b, code, 1, 1, 0);
    code = session_build_code(b, session_build_file(b, "idle.py", "x"), "f", 1);
    session_build_line(b, code, 1, 0, 0);
    session_build_code(b, session_build_file(b, "empty.py", ""), "<module>", 1);
    session_build_read(b);
}

static void
assert_file(const char *dir, const char *name, const char *want)
{
    struct buf path = {0}, text = {0};
    struct err err;

    buf_printf(&path, "%s/%s", dir, name);
    if (!file_read(buf_str(&path), 1u << 20, &text, &err))
        fail_msg("%s", err.text);
    assert_string_equal(buf_str(&text), want);
    buf_release(&path);
    buf_release(&text);
}

static bool
is_there(const char *dir, const char *name)
{
    char path[600];

    snprintf(path, sizeof(path), "%s/%s", dir, name);
    return access(path, F_OK) == 0;
}

static void
test_cover_writes_a_file_for_each_source_that_ran(void **state)
{
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {.flags = COVER_MISSING | COVER_SUMMARY};
    char dir[400], want[1024];
    struct err err;

    (void)state;
    make_program(&b);
    snprintf(dir, sizeof(dir), "%s/deep/cov", b.dir);
    o.dir = dir;
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_int_equal(result.n_written, 3);
    assert_int_equal(result.n_skipped, 1);
    assert_file(dir, "main.cover", "    1: a\n    2: b\n>>>>>> c\n");
    assert_file(dir, "pkg.mod.cover", "    7: x\n");
    assert_file(dir, "empty.cover", "");
    assert_false(is_there(dir, "idle.cover"));
    assert_false(is_there(dir, "gone.cover"));
    snprintf(want, sizeof(want), "%s/gone.py: no source in the session, so no .cover\n",
             b.dir);
    assert_string_equal(buf_str(&result.notes), want);
    snprintf(want, sizeof(want),
             "lines   cov%%   module   (path)\n"
             "    3    66%%   main   (%s/main.py)\n"
             "    1   100%%   pkg.mod   (%s/pkg/mod.py)\n",
             b.dir, b.dir);
    assert_string_equal(buf_str(&result.summary), want);
    cover_result_release(&result);
    session_build_end(&b);
}

static void
set_words(struct session_build *b, const char *cwd, const char *paths)
{
    struct format_header *h = writer_header(b->writer);

    h->cwd = session_build_string(b, cwd);
    h->paths = session_build_string(b, paths);
}

/* A parent that knows the script by a relative path, and a child that knows it by its
 * whole one, has lines the parent has not, and a module of its own. */
static void
test_cover_sums_the_sessions_of_a_run(void **state)
{
    struct session_build b[2];
    struct reader *readers[2];
    struct cover_result result;
    struct cover_options o = {.flags = COVER_MISSING};
    const char *scripts[] = {"../app/main.py", "/srv/app/main.py"};
    codes_id code;
    struct err err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        session_build_start(&b[i], "3.11.2");
        set_words(&b[i], "/srv/www", i == 0 ? "/srv/app\n" : "/usr/lib\n");
        code = session_build_code(
            &b[i], session_build_file(&b[i], scripts[i], "a\nb\nc\nd\n"), "f", 1);
        session_build_line(&b[i], code, 1, 1, 0);
        session_build_line(&b[i], code, 2, i == 0 ? 0 : 40, 0);
        session_build_line(&b[i], code, 3, 0, 0);
    }
    session_build_line(&b[1], code, 4, 5, 0);
    code = session_build_code(
        &b[1], session_build_file(&b[1], "/srv/app/part.py", "x\n"), "g", 1);
    session_build_line(&b[1], code, 1, 2, 0);
    for (int i = 0; i < 2; i++)
        readers[i] = session_build_read(&b[i]);
    o.dir = b[0].dir;
    assert_true(cover_write(readers, 2, &o, &result, &err));
    assert_int_equal(result.n_written, 2);
    assert_string_equal(buf_str(&result.notes), "");
    assert_file(b[0].dir, "app.main.cover", "    2: a\n   40: b\n>>>>>> c\n    5: d\n");
    assert_file(b[0].dir, "part.cover", "    2: x\n");
    cover_result_release(&result);
    session_build_end(&b[0]);
    session_build_end(&b[1]);
}

/* A child of another version has modules of the same names. */
static void
test_cover_of_a_child_writes_over_nothing(void **state)
{
    struct session_build b[2];
    struct reader *readers[2];
    struct cover_result result;
    struct cover_options o = {0};
    const char *files[] = {"/lib/3.11/re.py", "/lib/3.12/re.py"};
    struct err err;

    (void)state;
    for (int i = 0; i < 2; i++) {
        session_build_start(&b[i], "3.11.2");
        set_words(&b[i], "/srv", i == 0 ? "/lib/3.11\n" : "/lib/3.12\n");
        session_build_line(
            &b[i],
            session_build_code(&b[i], session_build_file(&b[i], files[i], "a\n"), "f",
                               1),
            1, (uint64_t)i + 1, 0);
        readers[i] = session_build_read(&b[i]);
    }
    o.dir = b[0].dir;
    assert_true(cover_write(readers, 2, &o, &result, &err));
    assert_file(b[0].dir, "re.cover", "    1: a\n");
    assert_file(b[0].dir, "lib.3.12.re.cover", "    2: a\n");
    cover_result_release(&result);
    session_build_end(&b[0]);
    session_build_end(&b[1]);
}

static void
test_cover_goes_beside_the_source_without_a_folder(void **state)
{
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {.flags = COVER_MISSING};
    char path[300];
    struct err err;

    (void)state;
    make_program(&b);
    snprintf(path, sizeof(path), "%s/pkg", b.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_file(b.dir, "main.cover", "    1: a\n    2: b\n>>>>>> c\n");
    assert_file(b.dir, "pkg/mod.cover", "    7: x\n");
    assert_string_equal(buf_str(&result.summary), "");
    cover_result_release(&result);
    session_build_end(&b);
}

static void
test_cover_of_a_relative_path_goes_into_the_programs_folder(void **state)
{
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {0};
    char path[300];
    codes_id code;
    struct err err;

    (void)state;
    session_build_start(&b, "3.11.2");
    snprintf(path, sizeof(path), "%s/sub", b.dir);
    assert_int_equal(mkdir(path, 0700), 0);
    code = session_build_code(&b, session_build_file(&b, "sub/m.py", "x"), "f", 1);
    session_build_line(&b, code, 1, 1, 0);
    session_build_read(&b);
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_file(b.dir, "sub/m.cover", "    1: x\n");
    cover_result_release(&result);
    session_build_end(&b);
}

static void
test_cover_says_when_two_files_have_one_name(void **state)
{
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {.flags = COVER_SUMMARY};
    codes_id code;
    struct err err;

    (void)state;
    session_build_start(&b, "3.11.2");
    code = session_build_code(&b, session_build_file(&b, "/x/a/m.py", "1"), "f", 1);
    session_build_line(&b, code, 1, 1, 0);
    code = session_build_code(&b, session_build_file(&b, "/x/a.m.py", "2"), "f", 1);
    session_build_line(&b, code, 1, 5, 0);
    session_build_read(&b);
    o.dir = b.dir;
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_file(b.dir, "x.a.m.cover", "    5: 2\n");
    assert_non_null(strstr(buf_str(&result.notes), "/x/a.m.py: another file had"));
    assert_string_equal(buf_str(&result.summary),
                        "lines   cov%   module   (path)\n"
                        "    1   100%   x.a.m   (/x/a.m.py)\n");
    cover_result_release(&result);
    session_build_end(&b);
}

static void
test_cover_stays_in_the_folder_whatever_the_path(void **state)
{
    static const char *const paths[] = {"/../../../etc/passwd.py", "../../up.py",
                                        "/x/\x1b[2Jm.py", "//.."};
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {0};
    char dir[400];
    struct err err;

    (void)state;
    session_build_start(&b, "3.11.2");
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
        codes_id code =
            session_build_code(&b, session_build_file(&b, paths[i], "x"), "f", 1);

        session_build_line(&b, code, 1, 1, 0);
    }
    session_build_read(&b);
    snprintf(dir, sizeof(dir), "%s/cov", b.dir);
    o.dir = dir;
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_int_equal(result.n_written, 4);
    assert_true(is_there(dir, "etc.passwd.cover"));
    assert_true(is_there(dir, "up.cover"));
    assert_true(is_there(dir, "x.\x1b[2Jm.cover"));
    assert_true(is_there(dir, ".cover"));
    cover_result_release(&result);
    session_build_end(&b);
}

static void
test_cover_notes_a_file_that_cannot_be_written(void **state)
{
    struct session_build b;
    struct cover_result result;
    struct cover_options o = {0};
    char dir[400];
    struct err err;

    (void)state;
    make_program(&b);
    snprintf(dir, sizeof(dir), "%s/main.cover", b.dir);
    assert_int_equal(mkdir(dir, 0700), 0); /* a folder has the name */
    o.dir = b.dir;
    assert_true(cover_write(&b.reader, 1, &o, &result, &err));
    assert_int_equal(result.n_written, 2);
    assert_int_equal(result.n_skipped, 2);
    assert_non_null(strstr(buf_str(&result.notes), "main.py: "));
    cover_result_release(&result);
    o.dir = "/dev/null/cov";
    assert_false(cover_write(&b.reader, 1, &o, &result, &err));
    assert_non_null(strstr(err.text, "/dev/null"));
    cover_result_release(&result);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_cover_marks_hits_misses_and_the_rest),
        cmocka_unit_test(test_cover_marks_no_misses_unasked),
        cmocka_unit_test(test_cover_expands_tabs_from_the_column_of_the_source),
        cmocka_unit_test(test_cover_ends_every_line_with_a_newline),
        cmocka_unit_test(test_cover_does_not_miss_docstrings),
        cmocka_unit_test(test_cover_takes_f_strings_for_docstrings_up_to_3_11),
        cmocka_unit_test(test_cover_does_not_miss_what_a_pragma_excuses),
        cmocka_unit_test(test_cover_keeps_the_encoding),
        cmocka_unit_test(test_cover_of_an_empty_file_has_a_line_from_3_13_on),
        cmocka_unit_test(test_cover_of_what_cannot_be_decoded_is_empty),
        cmocka_unit_test(test_cover_is_named_by_the_longest_entry_of_sys_path),
        cmocka_unit_test(test_cover_beside_its_source_has_its_name),
        cmocka_unit_test(test_cover_writes_a_file_for_each_source_that_ran),
        cmocka_unit_test(test_cover_sums_the_sessions_of_a_run),
        cmocka_unit_test(test_cover_of_a_child_writes_over_nothing),
        cmocka_unit_test(test_cover_goes_beside_the_source_without_a_folder),
        cmocka_unit_test(test_cover_of_a_relative_path_goes_into_the_programs_folder),
        cmocka_unit_test(test_cover_says_when_two_files_have_one_name),
        cmocka_unit_test(test_cover_stays_in_the_folder_whatever_the_path),
        cmocka_unit_test(test_cover_notes_a_file_that_cannot_be_written),
    };

    return cmocka_run_group_tests_name("cover", tests, NULL, NULL);
}
