#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/source.h"
#include "tests/harness/session_build.h"

static struct source *
load(struct session_build *b, const char *text, size_t len)
{
    session_build_start(b, "3.11.2");
    session_build_file_n(b, "a.py", text, len);
    session_build_read(b);
    return source_new(b->reader, 0);
}

/* `want` has the lines, each with a "|" behind it. */
static void
assert_lines(const char *text, size_t text_len, const char *want)
{
    struct session_build b;
    struct source *s = load(&b, text, text_len);
    struct buf out = {0};
    size_t len;

    for (uint32_t i = 1; i <= source_n_lines(s); i++) {
        const char *line = source_text(s, i, &len);

        buf_add(&out, line, len);
        buf_add_char(&out, '|');
    }
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
    source_free(s);
    session_build_end(&b);
}

#define LINES(text, want) assert_lines(text, sizeof(text) - 1, want)

static void
test_source_ends_lines_as_python_does(void **state)
{
    (void)state;
    LINES("", "");
    LINES("a", "a|");
    LINES("a\n", "a|");
    LINES("a\n\nb", "a||b|");
    LINES("a\r\nb\rc\n\rd\r", "a|b|c||d|");
    LINES("a\r\r\nb", "a||b|");
    LINES("a\x0b\x0c\x1c\xe2\x80\xa8z\n", "a\x0b\x0c\x1c\xe2\x80\xa8z|");
}

static void
test_source_decodes(void **state)
{
    (void)state;
    LINES("\xef\xbb\xbfx\n", "x|");
    LINES("\xef\xbb\xbf", "");
    LINES("#coding=latin1\n\xe9", "#coding=latin1|\xc3\xa9|");
    LINES("#!x\n# vim: fileencoding=iso-8859-15 :\n\xa4",
          "#!x|# vim: fileencoding=iso-8859-15 :|\xe2\x82\xac|");
    LINES("# -*- coding: euc_jp -*-\n\xc6\xfc\n",
          "# -*- coding: euc_jp -*-|\xe6\x97\xa5|");
    /* Only a comment counts, only in the first two lines. */
    LINES("x = 'coding: latin1'\n\xc3\xa9", "x = 'coding: latin1'|\xc3\xa9|");
    LINES("x\n# coding: latin1\n\xc3\xa9", "x|# coding: latin1|\xc3\xa9|");
    LINES("\n\n# coding: latin1\n\xc3\xa9", "||# coding: latin1|\xc3\xa9|");
    /* What nobody knows stays as its bytes. */
    LINES("# coding: klingon\n\xe9", "# coding: klingon|\xc3\xa9|");
}

static void
test_source_shows_bytes_that_cannot_be_decoded(void **state)
{
    struct session_build b;
    struct source *s = load(&b, "a\n\xff\n", 4);
    size_t len;

    (void)state;
    assert_true(source_has_text(s));
    assert_false(source_is_decoded(s));
    assert_memory_equal(source_text(s, 2, &len), "\xff", 1);
    assert_int_equal(len, 1);
    source_free(s);
    session_build_end(&b);
}

static void
test_source_answers_beyond_the_file(void **state)
{
    struct session_build b;
    struct source *s = load(&b, "a\n", 2);
    size_t len = 9;

    (void)state;
    assert_string_equal(source_text(s, 0, &len), "");
    assert_int_equal(len, 0);
    assert_string_equal(source_text(s, 2, &len), "");
    assert_int_equal(source_words(s, 7)->n, 0);
    assert_int_equal(source_line(s, NULL, 7).id, FORMAT_NONE);
    source_free(s);
    s = source_new(b.reader, 99);
    assert_false(source_has_text(s));
    assert_int_equal(source_n_lines(s), 0);
    assert_false(source_read(s, UINT32_MAX));
    source_free(s);
    session_build_end(&b);
}

static void
test_source_knows_what_ran(void **state)
{
    struct session_build b;
    struct spent spent;
    struct source *s =
        load(&b, "def f():\n    'doc'\n    a\n    b #pragma NO COVER\n    c\n", 52);
    codes_id code = session_build_code(&b, 0, "f", 1);
    struct source_line line;
    struct source_count count;

    (void)state;
    writer_header(b.writer)->line_cost_ticks = 10;
    session_build_line(&b, code, 1, 3, 100);
    session_build_line(&b, code, 2, 0, 0);
    session_build_line(&b, code, 4, 0, 0);
    session_build_line(&b, code, 5, 0, 0);
    session_build_line(&b, code, 77, 1, 0);
    session_build_exit(&b, 0);
    session_build_read(&b);
    spent_init(&spent, b.reader);
    spent_update(&spent, 0);
    source_read(s, UINT32_MAX);
    line = source_line(s, &spent, 1);
    assert_int_equal(line.hits, 3);
    assert_int_equal(line.self_ticks, 70);
    assert_int_equal(line.flags, SOURCE_EXECUTABLE);
    assert_int_equal(source_line(s, &spent, 2).flags, SOURCE_EXECUTABLE | SOURCE_DOC);
    assert_int_equal(source_line(s, &spent, 3).flags, 0);
    assert_int_equal(source_line(s, &spent, 4).flags, SOURCE_EXECUTABLE);
    assert_int_equal(source_line(s, &spent, 5).flags,
                     SOURCE_EXECUTABLE | SOURCE_MISSED);
    count = source_count(s, &spent);
    assert_int_equal(count.n_run, 1);
    assert_int_equal(count.n_lines, 2);
    assert_int_equal(count.most_hits, 3);
    assert_int_equal(count.most_ticks, 70);
    spent_release(&spent);
    source_free(s);
    session_build_end(&b);
}

/* Read in pieces, asked for in any order: the words of each line are those of a walk
 * from the start. */
static void
test_source_finds_the_words_of_any_line(void **state)
{
    struct session_build b;
    struct buf text = {0};
    struct source *s;
    struct lexer x = {0};
    struct lexer_line line = {0};
    uint32_t pieces = 0, n;
    size_t len;

    (void)state;
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, i % 7 ? "  more' text\n" : "x = '''text\n''' + f(1)\n");
    s = load(&b, buf_str(&text), text.len);
    n = source_n_lines(s);
    assert_int_equal(source_words(s, 1)->n, 0);
    while (source_read(s, 100))
        pieces++;
    assert_int_equal(pieces, (n - 1) / 100);
    for (uint32_t i = n; i >= 1; i -= i > 600 ? 37 : 1) {
        const struct lexer_line *got;

        x = (struct lexer){0};
        for (uint32_t k = 1; k <= i; k++) {
            const char *t = source_text(s, k, &len);

            lexer_take(&x, t, len, &line);
        }
        got = source_words(s, i);
        assert_int_equal(got->n, line.n);
        for (size_t k = 0; k < line.n; k++) {
            assert_int_equal(got->spans[k].at, line.spans[k].at);
            assert_int_equal(got->spans[k].kind, line.spans[k].kind);
        }
    }
    lexer_line_release(&line);
    buf_release(&text);
    source_free(s);
    session_build_end(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_source_ends_lines_as_python_does),
        cmocka_unit_test(test_source_decodes),
        cmocka_unit_test(test_source_shows_bytes_that_cannot_be_decoded),
        cmocka_unit_test(test_source_answers_beyond_the_file),
        cmocka_unit_test(test_source_knows_what_ran),
        cmocka_unit_test(test_source_finds_the_words_of_any_line),
    };

    return cmocka_run_group_tests_name("source", tests, NULL, NULL);
}
