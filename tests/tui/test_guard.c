#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/utf8.h"
#include "tui/guard.h"

/* What passes, whole and byte by byte. */
static void
assert_passes(const char *in, const char *want)
{
    struct guard whole = {0}, pieces = {0};
    struct buf out = {0}, bytes = {0};

    guard_feed(&whole, in, strlen(in), &out);
    assert_string_equal(buf_str(&out), want);
    for (const char *c = in; *c != '\0'; c++)
        guard_feed(&pieces, c, 1, &bytes);
    assert_string_equal(buf_str(&bytes), want);
    buf_release(&out);
    buf_release(&bytes);
}

static void
test_guard_lets_text_through(void **state)
{
    (void)state;
    assert_passes("plain\r\n\ttext\b", "plain\r\n\ttext\b");
    assert_passes("é日本e\u0301😀", "é日本e\u0301😀");
}

static void
test_guard_lets_colours_and_cursor_through(void **state)
{
    (void)state;
    assert_passes("\033[1;38;5;208mx\033[0m", "\033[1;38;5;208mx\033[0m");
    assert_passes("\033[2J\033[H\033[3;4H\033[K", "\033[2J\033[H\033[3;4H\033[K");
    assert_passes("\033[?1049h\033[?25h", "\033[?1049h\033[?25h");
    assert_passes("\0337\033M\033(0\033(B", "\0337\033M\033(0\033(B");
}

/* A saved place may be that of a larger screen; see guard.c. */
static void
test_guard_makes_the_emulator_look_at_a_place_brought_back(void **state)
{
    (void)state;
    assert_passes("\0338", "\0338\033[10m");
    assert_passes("\033[?1049l", "\033[?1049l\033[10m");
}

static void
test_guard_repairs_utf8(void **state)
{
    (void)state;
    assert_passes("a\xff"
                  "b",
                  "a\ufffdb");
    assert_passes("\xc3(", "\ufffd(");           /* cut off */
    assert_passes("\xc0\xaf", "\ufffd\ufffd");   /* overlong */
    assert_passes("\xed\xa0\x80", "\ufffd");     /* a surrogate */
    assert_passes("\xf4\x90\x80\x80", "\ufffd"); /* beyond the last one */
    assert_passes("\xe6\x97\033[m", "\ufffd\033[m");
}

static void
test_guard_drops_what_hides_or_turns_text(void **state)
{
    (void)state;
    assert_passes("a\u202eb\u2066c\u200bd\ufeffe", "abcde");
    assert_passes("a\xc2\x9b"
                  "31mb",
                  "a31mb"); /* an 8-bit CSI */
    assert_passes("a\x01\x05\x7f"
                  "b",
                  "ab");
}

static void
test_guard_drops_strings(void **state)
{
    (void)state;
    assert_passes("a\033]0;title\007b", "ab");
    assert_passes("a\033]52;c;Zm9v\033\\b", "ab");
    assert_passes("a\033P$qm\033\\b", "ab");
    assert_passes("a\033_x\033^y\033Xz\033\\b", "ab");
    assert_passes("a\033]0;cut off\033[1mb", "a\033[1mb");
    assert_passes("a\033]0;cut off\030b", "ab");
}

static void
test_guard_drops_queries_and_repeats(void **state)
{
    (void)state;
    assert_passes("\033[c\033[>c\033[6n\033[?6n\033[5b\033[18t", "");
    assert_passes("\033[?1000h\033[?1006;25h", "\033[?25h");
    assert_passes("\033[!p\033[1$p\033[4 q\033Z\033#8", "");
}

static void
test_guard_limits_numbers(void **state)
{
    (void)state;
    assert_passes("\033[99999999999999999999S", "\033[9999S");
    assert_passes("\033[;5H", "\033[;5H");
    assert_passes("\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15;16;17;18m",
                  "\033[1;2;3;4;5;6;7;8;9;10;11;12;13;14;15m");
}

static void
test_guard_drops_a_sequence_that_is_too_long(void **state)
{
    char text[400];

    (void)state;
    strcpy(text, "\033[");
    for (int i = 0; i < 150; i++)
        strcat(text, "1;");
    strcat(text, "mx");
    assert_passes(text, "x");
}

static void
test_guard_ends_a_sequence_at_a_control_character(void **state)
{
    (void)state;
    assert_passes("\033[3\nx", "\nx");
    assert_passes("\033[3\033[1mx", "\033[1mx");
    assert_passes("\033\033[1mx", "\033[1mx");
    assert_passes("\033(\nx", "\nx");
}

/* Whatever comes in, what comes out is valid UTF-8, and holds no control character but
 * those the emulator knows. */
static void
test_guard_makes_anything_harmless(void **state)
{
    static const char start[] = "\033[]P?;0mhb\x9b\xe6\x97\xa5\xff";
    unsigned seed = 7;
    struct guard g = {0};
    struct buf out = {0};

    (void)state;
    print_message("seed %u\n", seed);
    for (int i = 0; i < 200000; i++) {
        char byte;

        seed = seed * 1103515245u + 12345u;
        byte = (seed >> 30) != 0 ? start[(seed >> 16) % (sizeof(start) - 1)]
                                 : (char)(seed >> 16);
        guard_feed(&g, &byte, 1, &out);
    }
    for (size_t at = 0; at < out.len;) {
        int32_t point;

        at += utf8_decode(out.data + at, out.len - at, &point);
        assert_true(point >= 8 && point != 0x7f && !(point >= 0x80 && point < 0xa0));
    }
    buf_release(&out);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_guard_lets_text_through),
        cmocka_unit_test(test_guard_lets_colours_and_cursor_through),
        cmocka_unit_test(test_guard_makes_the_emulator_look_at_a_place_brought_back),
        cmocka_unit_test(test_guard_repairs_utf8),
        cmocka_unit_test(test_guard_drops_what_hides_or_turns_text),
        cmocka_unit_test(test_guard_drops_strings),
        cmocka_unit_test(test_guard_drops_queries_and_repeats),
        cmocka_unit_test(test_guard_limits_numbers),
        cmocka_unit_test(test_guard_drops_a_sequence_that_is_too_long),
        cmocka_unit_test(test_guard_ends_a_sequence_at_a_control_character),
        cmocka_unit_test(test_guard_makes_anything_harmless),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
