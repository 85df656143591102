#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "report/lexer.h"

/* A letter for each kind, in the order of enum lexer_kind. */
static const char letters[] = "nksbfcdNS#o";

/* The kinds of all bytes of a text, line by line; '.' where there is no word. */
static void
lex(const char *text, struct buf *out, struct buf *docs)
{
    struct lexer x = {0};
    struct lexer_line line = {0};

    for (;;) {
        size_t len = strcspn(text, "\n"), from = out->len;

        lexer_take(&x, text, len, &line);
        for (size_t i = 0; i < len; i++)
            buf_add_char(out, '.');
        for (size_t i = 0; i < line.n; i++) {
            const struct lexer_span *s = &line.spans[i];

            assert_true(s->len > 0 && s->at + s->len <= len);
            assert_true(i == 0 ||
                        s->at >= line.spans[i - 1].at + line.spans[i - 1].len);
            memset(out->data + from + s->at, letters[s->kind], s->len);
        }
        buf_add_char(docs, (char)('0' + line.flags));
        if (!text[len])
            break;
        buf_add_char(out, '\n');
        text += len + 1;
    }
    lexer_line_release(&line);
}

static void
assert_kinds(const char *text, const char *want)
{
    struct buf out = {0}, docs = {0};

    lex(text, &out, &docs);
    assert_string_equal(buf_str(&out), want);
    buf_release(&out);
    buf_release(&docs);
}

/* `want` has a digit for each line: 1 in a docstring, 2 in an f-string in its place. */
static void
assert_docs(const char *text, const char *want)
{
    struct buf out = {0}, docs = {0};

    lex(text, &out, &docs);
    assert_string_equal(buf_str(&docs), want);
    buf_release(&out);
    buf_release(&docs);
}

static void
test_lexer_knows_words(void **state)
{
    (void)state;
    assert_kinds("if x is None: print(y) # c", "kk.n.kk.kkkko.bbbbbono.###");
    assert_kinds("def f(self): return len", "kkk.fonnnnoo.kkkkkk.bbb");
    assert_kinds("class A(B): pass", "kkkkk.conoo.kkkk");
    assert_kinds("async def g(): await h", "kkkkk.kkk.fooo.kkkkk.n");
    assert_kinds("a.print a.if", "nonnnnn.nokk");
    assert_kinds("f(type=1, id==2)", "nonnnnoNo.bbooNo");
}

static void
test_lexer_knows_decorators(void **state)
{
    (void)state;
    assert_kinds("@a.b(c)\nx @ y", "ddodono\nn.o.n");
}

static void
test_lexer_knows_numbers(void **state)
{
    (void)state;
    assert_kinds("0x1F 0b1_0 0o17 1_000", "NNNN.NNNNN.NNNN.NNNNN");
    assert_kinds("1. .5 1.5e-3 2E+4 3j 1e5J", "NN.NN.NNNNNN.NNNN.NN.NNNN");
    assert_kinds("1if x else 2", "Nkk.n.kkkk.N");
    assert_kinds("1..real 1.e a1", "NNonnnn.NNn.nn");
    assert_kinds("0xfor", "NNNkk");
}

static void
test_lexer_knows_strings(void **state)
{
    (void)state;
    assert_kinds("'a' \"b'\" r'\\' b''", "SSS.SSSS.SSSSSSSS");
    assert_kinds("Rb'x' uR'y' u'z' bu'w'", "SSSSS.nnSSS.SSSS.nnSSS");
    assert_kinds("'a\\'b' c", "SSSSSS.n");
    assert_kinds("'''a'b''c''' d", "SSSSSSSSSSSS.n");
    assert_kinds("'a\\\nb' c", "SSS\nSS.n");
    assert_kinds("\"\"\"a\n#b\n\"\"\" c", "SSSS\nSS\nSSS.n");
    assert_kinds("'' '' ''''''", "SS.SS.SSSSSS");
}

static void
test_lexer_goes_on_behind_a_broken_string(void **state)
{
    (void)state;
    assert_kinds("x = 'abc\nif y", "n.o.SSSS\nkk.n");
    assert_kinds("x = f'ab{c\n}d'\nif y", "n.o.SSSSon\noSS\nkk.n");
}

static void
test_lexer_looks_into_f_strings(void **state)
{
    (void)state;
    assert_kinds("f'a{b}c'", "SSSonoSS");
    assert_kinds("f'{{a}}{b!r:>{w}}' c", "SSSSSSSononoSonooS.n");
    assert_kinds("f'{x[\"a\"]:d}'", "SSonoSSSooSoS");
}

static void
test_lexer_looks_into_nested_f_strings(void **state)
{
    (void)state;
    assert_kinds("f'{f'{f'{1}'}'}' x", "SSoSSoSSoNoSoSoS.n");
    assert_kinds("f'{a['b']}' x", "SSonoSSSooS.n");
    assert_kinds("f'''{\na # c }\n}''' x", "SSSSo\nn.#####\noSSS.n");
    assert_kinds("f'\\N{DASH}{a}\\{b}' x", "SSSSSSSSSSonoSonoS.n");
    assert_kinds("rf'\\{a}\\'' x", "SSSSonoSSS.n");
    assert_kinds("f'{a:{{b}}}' x", "SSonooonoooS.n");
}

static void
test_lexer_knows_soft_keywords(void **state)
{
    (void)state;
    assert_kinds("match x:", "sssss.no");
    assert_kinds("match (x, y): # z", "sssss.ono.noo.###");
    assert_kinds("case [a, *_]:", "ssss.ono.onoo");
    assert_kinds("match = 1", "nnnnn.o.N");
    assert_kinds("match(x)", "nnnnnono");
    assert_kinds("match.x: int", "nnnnnono.bbb");
    assert_kinds("type X = int", "ssss.n.o.bbb");
    assert_kinds("type(x)", "bbbbono");
    assert_kinds("x = match", "n.o.nnnnn");
}

static void
test_lexer_finds_docstrings(void **state)
{
    (void)state;
    assert_docs("'doc'\n'no'", "10");
    assert_docs("# c\n'no'", "00");
    assert_docs("\n'no'", "00");
    assert_docs("def f():\n  # c\n\n  'doc'\n  'no'", "00010");
    assert_docs("def f():\n  '''a\n\n  b''' 'c'\n  x", "01110");
    assert_docs("def f(): 'no'", "0");
    assert_docs("if x:\n  'yes'\n  if y:\n    r'yes'\n  'no'", "01010");
    assert_docs("f'x'", "2");
    assert_docs("if x:\n  rF'''{\n1}'''\ny", "0220");
    assert_docs("if x:\n  \\\n  'yes'", "001");
    assert_docs("x = (\n  'no')", "00");
    assert_docs("x = \\\n  'no'", "00");
    assert_docs("if x:\n\t'yes'\n        'no'", "010");
}

/* Whatever comes, spans are in order and inside their line, and what follows a fresh
 * start is lexed afresh. */
static void
test_lexer_survives_noise(void **state)
{
    static const char alphabet[] = "'\"\"\"{}()[]:\\fFrRbN=#.@ \t\f\n0eExjif_\xc3\xa9";
    unsigned seed = (unsigned)time(NULL);
    char text[200];

    (void)state;
    print_message("seed %u\n", seed);
    srand(seed);
    for (int round = 0; round < 20000; round++) {
        struct buf out = {0}, docs = {0};
        size_t len = (size_t)rand() % (sizeof(text) - 1);

        for (size_t i = 0; i < len; i++)
            text[i] = alphabet[(size_t)rand() % (sizeof(alphabet) - 1)];
        text[len] = '\0';
        lex(text, &out, &docs);
        buf_release(&out);
        buf_release(&docs);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_lexer_knows_words),
        cmocka_unit_test(test_lexer_knows_decorators),
        cmocka_unit_test(test_lexer_knows_numbers),
        cmocka_unit_test(test_lexer_knows_strings),
        cmocka_unit_test(test_lexer_goes_on_behind_a_broken_string),
        cmocka_unit_test(test_lexer_looks_into_f_strings),
        cmocka_unit_test(test_lexer_looks_into_nested_f_strings),
        cmocka_unit_test(test_lexer_knows_soft_keywords),
        cmocka_unit_test(test_lexer_finds_docstrings),
        cmocka_unit_test(test_lexer_survives_noise),
    };

    return cmocka_run_group_tests_name("lexer", tests, NULL, NULL);
}
