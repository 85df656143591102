#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "base/buf.h"
#include "base/mono.h"
#include "cli/conf_yaml.h"

static bool
read_bytes(struct conf *c, const char *text, size_t len, enum conf_place place,
           struct err *err)
{
    conf_init(c);
    return conf_yaml_read(c, "t.yaml", text, len, place, err);
}

static void
read_good(struct conf *c, const char *text)
{
    struct err err = {""};

    if (!read_bytes(c, text, strlen(text), CONF_USER, &err))
        fail_msg("%s\n%s", err.text, text);
}

static void
assert_refused_in(enum conf_place place, const char *text, const char *want)
{
    struct err err = {""};
    struct conf c;
    bool ok = read_bytes(&c, text, strlen(text), place, &err);

    conf_release(&c);
    if (ok || strcmp(err.text, want) != 0)
        fail_msg("%s\nwanted: %s\ngot: %s", text, want, ok ? "(no error)" : err.text);
}

static void
assert_refused(const char *text, const char *want)
{
    assert_refused_in(CONF_USER, text, want);
}

static void
test_conf_yaml_reads_every_setting(void **state)
{
    struct conf c;

    (void)state;
    read_good(&c, "---\n"
                  "filters:\n"
                  "  include: [mine, 'json.*']\n"
                  "  exclude:\n"
                  "    - \"**/generated/*.py\"\n"
                  "    - orders.noise\n"
                  "ui: {theme: light, ascii: true, color: never, fps: 5}\n"
                  "keys:\n"
                  "  step_over: [N, F8]\n"
                  "  quit: q\n"
                  "exit: detach\n"
                  "save: {dir: out}\n"
                  "io: inherit\n"
                  "...\n");
    assert_string_equal(conf_value(&c, CONF_INCLUDE)->items[1].text, "json.*");
    assert_string_equal(conf_value(&c, CONF_INCLUDE)->items[1].origin, "t.yaml:3:19");
    assert_int_equal(conf_value(&c, CONF_EXCLUDE)->n, 2);
    assert_string_equal(conf_value(&c, CONF_EXCLUDE)->origin, "t.yaml:4:3");
    assert_string_equal(conf_text(&c, CONF_THEME), "light");
    assert_true(conf_is_on(&c, CONF_ASCII));
    assert_string_equal(conf_text(&c, CONF_COLOR), "never");
    assert_int_equal(conf_int(&c, CONF_FPS), 5);
    assert_int_equal(conf_value(&c, CONF_KEYS)->n, 3);
    assert_string_equal(conf_value(&c, CONF_KEYS)->items[2].key, "quit");
    assert_string_equal(conf_text(&c, CONF_EXIT), "detach");
    assert_string_equal(conf_text(&c, CONF_SAVE_DIR), "out");
    assert_string_equal(conf_text(&c, CONF_IO), "inherit");
    conf_release(&c);
}

static void
test_conf_yaml_reads_nothing_as_nothing(void **state)
{
    static const char *const empty[] = {"",      "# only a comment\n", "---\n", "{}",
                                        "ui:\n", "ui: {}\nkeys: {}\n", "~"};

    (void)state;
    for (size_t i = 0; i < sizeof(empty) / sizeof(empty[0]); i++) {
        struct conf c;

        read_good(&c, empty[i]);
        for (enum conf_id id = 0; id < CONF_N; id++)
            assert_string_equal(conf_value(&c, id)->origin, "default");
        conf_release(&c);
    }
}

static void
test_conf_yaml_list_may_be_one_word_or_none(void **state)
{
    struct conf c;

    (void)state;
    read_good(&c, "filters: {include: all, exclude: []}\nkeys: {quit: []}");
    assert_int_equal(conf_value(&c, CONF_INCLUDE)->n, 1);
    assert_string_equal(conf_value(&c, CONF_INCLUDE)->items[0].text, "all");
    assert_int_equal(conf_value(&c, CONF_EXCLUDE)->n, 0);
    assert_int_equal(conf_value(&c, CONF_KEYS)->n, 1);
    assert_string_equal(conf_value(&c, CONF_KEYS)->items[0].text, "");
    conf_release(&c);
}

static void
test_conf_yaml_names_the_nearest_key(void **state)
{
    (void)state;
    assert_refused("ui:\n  colour: auto\n",
                   "t.yaml:2:3: unknown key 'colour' in ui; did you mean 'color'?");
    assert_refused("fliters: {}\n",
                   "t.yaml:1:1: unknown key 'fliters'; did you mean 'filters'?");
    assert_refused("exti: ask\n",
                   "t.yaml:1:1: unknown key 'exti'; did you mean 'exit'?");
    assert_refused("nothing: 1\n", "t.yaml:1:1: unknown key 'nothing'");
    assert_refused("theme: light\n", "t.yaml:1:1: unknown key 'theme'");
    assert_refused("ui.theme: light\n", "t.yaml:1:1: unknown key 'ui.theme'");
    assert_refused("ui: {ui.theme: light}\n",
                   "t.yaml:1:6: unknown key 'ui.theme' in ui");
    assert_refused("filters: {io: auto}", "t.yaml:1:11: unknown key 'io' in filters");
    assert_refused("'': 1", "t.yaml:1:1: unknown key ''");
    assert_refused("<<: {io: auto}", "t.yaml:1:1: unknown key '<<'");
}

static void
test_conf_yaml_wants_the_right_type(void **state)
{
    (void)state;
    assert_refused("ui:\n  fps: fast\n",
                   "t.yaml:2:8: 'ui.fps' takes a number from 1 to 60, not 'fast'");
    assert_refused("ui: {fps: 100}",
                   "t.yaml:1:11: 'ui.fps' takes a number from 1 to 60, not '100'");
    assert_refused("ui: {fps: '5'}", "t.yaml:1:11: 'ui.fps' takes no text in quotes");
    assert_refused("ui: {fps: 1_0}",
                   "t.yaml:1:11: 'ui.fps' takes a number from 1 to 60, not '1_0'");
    assert_refused("ui: {fps: 0x10}",
                   "t.yaml:1:11: 'ui.fps' takes a number from 1 to 60, not '0x10'");
    assert_refused("ui: {fps: [5]}",
                   "t.yaml:1:11: a number from 1 to 60 is wanted here, not a list");
    assert_refused("ui: {ascii: yes}",
                   "t.yaml:1:13: 'ui.ascii' takes true or false, not 'yes'");
    assert_refused("ui: {ascii: \"true\"}",
                   "t.yaml:1:13: 'ui.ascii' takes no text in quotes");
    assert_refused("exit: {a: b}", "t.yaml:1:7: one of ask, terminate, kill, detach is "
                                   "wanted here, not a mapping");
    assert_refused("exit:\n", "t.yaml:1:1: 'exit' has no value");
    assert_refused("save: {dir: ~}", "t.yaml:1:8: 'dir' has no value");
    assert_refused("filters: {include: }", "t.yaml:1:11: 'include' has no value");
    assert_refused("filters: {include: {a: b}}",
                   "t.yaml:1:20: a list of words is wanted here, not a mapping");
    assert_refused("filters: {include: [[a]]}",
                   "t.yaml:1:21: a list of words is wanted here, not a list");
    assert_refused("filters: [a]", "t.yaml:1:10: 'filters' is a mapping of settings");
    assert_refused("keys: [a]", "t.yaml:1:7: 'keys' is a mapping: {word: [word, ...]}");
    assert_refused("keys: {quit: }", "t.yaml:1:8: 'quit' has no value");
    assert_refused("[a]", "t.yaml:1:1: settings are wanted here, as in 'io: auto'");
    assert_refused("a", "t.yaml:1:1: settings are wanted here, as in 'io: auto'");
    assert_refused("? [a]\n: b\n", "t.yaml:1:3: a key is wanted here, not a list");
}

static void
test_conf_yaml_checks_words_where_they_stand(void **state)
{
    (void)state;
    assert_refused("filters:\n  exclude:\n    - fine\n    - a..b\n",
                   "t.yaml:4:7: rule 'a..b': a module's name has no empty part");
    assert_refused("keys:\n  quit: [q, Ctrl-Nothing]\n",
                   "t.yaml:2:13: no key is called 'Ctrl-Nothing'");
    assert_refused("keys: {quti: [q]}",
                   "t.yaml:1:8: no action is called 'quti' (quit?)");
    assert_refused("keys: {quti: []}",
                   "t.yaml:1:8: no action is called 'quti' (quit?)");
    assert_refused("save: {dir: \"a\\eb\"}",
                   "t.yaml:1:13: 'save.dir' has a control character");
    assert_refused("save: {dir: \"a\\0b\"}",
                   "t.yaml:1:13: a NUL character is not allowed");
}

static void
test_conf_yaml_project_cannot_do_more_than_filter_and_style(void **state)
{
    static const char *const texts[] = {"exit: kill", "io: inherit", "keys: {quit: a}",
                                        "keys: nonsense"};
    struct conf c;

    (void)state;
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        char want[128];
        int len = (int)strcspn(texts[i], ":");

        snprintf(want, sizeof(want),
                 "t.yaml:1:1: '%.*s' cannot be set by a project, only in your own "
                 "config.yaml",
                 len, texts[i]);
        assert_refused_in(CONF_PROJECT, texts[i], want);
    }
    assert_refused_in(CONF_PROJECT, "save:\n  dir: /etc",
                      "t.yaml:2:3: 'save.dir' cannot be set by a project, only in your "
                      "own config.yaml");
    assert_true(read_bytes(&c, "ui: {fps: 3}", 12, CONF_PROJECT, NULL));
    conf_release(&c);
}

static void
test_conf_yaml_refuses_duplicates(void **state)
{
    (void)state;
    assert_refused("io: auto\nio: auto\n",
                   "t.yaml:2:1: 'io' is here for the second time");
    assert_refused("ui: {fps: 1}\nui: {ascii: true}\n",
                   "t.yaml:2:1: 'ui' is here for the second time");
    assert_refused("ui: {fps: 1, 'fps': 2}",
                   "t.yaml:1:14: 'fps' is here for the second time");
    assert_refused("keys:\n  quit: a\n  quit: b\n",
                   "t.yaml:3:3: 'quit' is here for the second time");
}

static void
test_conf_yaml_refuses_the_rest_of_the_language(void **state)
{
    (void)state;
    assert_refused("ui: &a {fps: 1}", "t.yaml:1:5: anchors (&) are not allowed");
    assert_refused("&a ui: {fps: 1}", "t.yaml:1:1: anchors (&) are not allowed");
    assert_refused("&a\nui: {fps: 1}", "t.yaml:1:1: anchors (&) are not allowed");
    assert_refused("filters: {include: &a [x]}",
                   "t.yaml:1:20: anchors (&) are not allowed");
    assert_refused("io: *a", "t.yaml:1:5: aliases (*) are not allowed");
    assert_refused("*a : x", "t.yaml:1:1: aliases (*) are not allowed");
    assert_refused("io: !!str auto", "t.yaml:1:5: tags (!) are not allowed");
    assert_refused("ui: !x {fps: 1}", "t.yaml:1:5: tags (!) are not allowed");
    assert_refused("!!map\nio: auto", "t.yaml:1:1: tags (!) are not allowed");
    assert_refused("filters: {include: !!set [a]}",
                   "t.yaml:1:20: tags (!) are not allowed");
    assert_refused("%YAML 1.1\n---\nio: auto\n",
                   "t.yaml:1:1: directives (%) are not allowed");
    assert_refused("%TAG ! tag:x,2000:\n---\nio: auto\n",
                   "t.yaml:1:1: directives (%) are not allowed");
    assert_refused("io: auto\n---\nexit: ask\n",
                   "t.yaml:2:1: a second document is not allowed");
}

static void
test_conf_yaml_says_where_it_is_no_yaml(void **state)
{
    const char nul[] = "io: a\0b";
    struct err err = {""};
    struct conf c;

    (void)state;
    assert_refused("ui: {fps: 1\n", "t.yaml:2:1: did not find expected ',' or '}'");
    assert_refused("ui:\n\tfps: 1\n", "t.yaml:2:1: found character that cannot start "
                                      "any token");
    assert_refused("io: 'auto\n", "t.yaml:2:1: found unexpected end of stream");
    assert_refused("ui:\n  fps: 1\n bad: 2\n", "t.yaml:3:2: did not find expected key");
    assert_refused("io: auto\n# \xff\n", "t.yaml:2:3: invalid leading UTF-8 octet");
    assert_refused("# \xc3\xa9\xc3\xa9 \033\n",
                   "t.yaml:1:6: control characters are not "
                   "allowed");
    assert_false(read_bytes(&c, nul, sizeof(nul) - 1, CONF_USER, &err));
    assert_string_equal(err.text, "t.yaml:1:6: control characters are not allowed");
    conf_release(&c);
}

static void
test_conf_yaml_counts_columns_in_characters(void **state)
{
    (void)state;
    assert_refused("filters: {exclude: [\xc3\xa9\xc3\xa9, a..b]}",
                   "t.yaml:1:25: rule 'a..b': a module's name has no empty part");
}

static void
test_conf_yaml_messages_are_short_and_clean(void **state)
{
    struct buf text = {0};
    struct err err = {""};
    struct conf c;

    (void)state;
    assert_refused("\"\\e[31m\": 1", "t.yaml:1:1: unknown key '^[[31m'");
    assert_refused("\"a\\u202e\": 1", "t.yaml:1:1: unknown key 'a\\u{202E}'");
    for (int i = 0; i < 1000; i++)
        buf_add_str(&text, "k");
    buf_add_str(&text, ": 1");
    assert_false(read_bytes(&c, text.data, text.len, CONF_USER, &err));
    assert_true(strlen(err.text) < 80);
    conf_release(&c);
    buf_clear(&text);
    buf_add_str(&text, "ui: {theme: ");
    for (int i = 0; i < 20000; i++)
        buf_add_str(&text, "x");
    buf_add_str(&text, "}");
    assert_false(read_bytes(&c, text.data, text.len, CONF_USER, &err));
    assert_memory_equal(err.text, "t.yaml:1:13: ", 13);
    conf_release(&c);
    buf_release(&text);
}

/* Repeats a piece up to the size limit and reads it; the answer must be an error, soon.
 */
static void
assert_refused_soon(const char *before, const char *piece)
{
    struct buf text = {0};
    struct err err = {""};
    struct conf c;
    mono_ns began;

    buf_add_str(&text, before);
    while (text.len + strlen(piece) <= CONF_YAML_SIZE_MAX)
        buf_add_str(&text, piece);
    began = mono_clock();
    assert_false(read_bytes(&c, text.data, text.len, CONF_USER, &err));
    assert_true(mono_clock() - began < 2000000000u);
    assert_memory_equal(err.text, "t.yaml:", 7);
    conf_release(&c);
    buf_release(&text);
}

static void
test_conf_yaml_nesting_ends_at_once(void **state)
{
    (void)state;
    assert_refused_soon("", "[");
    assert_refused_soon("", "{");
    assert_refused_soon("", "{a: ");
    assert_refused_soon("", "- ");
    assert_refused_soon("", "? ");
    assert_refused_soon("ui: ", "{ui: ");
    assert_refused_soon("filters: {include: ", "[");
    assert_refused_soon("keys: {quit: ", "[");
    assert_refused_soon("keys: {quit: [a, ", "{");
    assert_refused_soon("a: ", "&a [*a, ");
    assert_refused_soon("io: |\n", "  x\n");
}

static void
test_conf_yaml_size_has_a_limit(void **state)
{
    struct buf text = {0};
    struct err err = {""};
    struct conf c;

    (void)state;
    while (text.len < CONF_YAML_SIZE_MAX)
        buf_add_str(&text, "#\n");
    assert_true(read_bytes(&c, text.data, text.len, CONF_USER, &err));
    conf_release(&c);
    buf_add_str(&text, "\n");
    assert_false(read_bytes(&c, text.data, text.len, CONF_USER, &err));
    assert_string_equal(err.text, "t.yaml: larger than 64 KiB");
    conf_release(&c);
    buf_release(&text);
}

static uint32_t
draw(uint32_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 17;
    *seed ^= *seed << 5;
    return *seed;
}

/* Texts put together from pieces of settings and of YAML: an error has a place, and
 * nothing is left behind (the sanitizers look). */
static void
test_conf_yaml_random_texts_are_read_or_refused(void **state)
{
    static const char *const pieces[] = {
        "filters", "include",  "exclude",    "ui",    "theme", "fps",   "keys",
        "quit",    ":",        ": ",         ",",     "[",     "]",     "{",
        "}",       "\n",       "\n  ",       "- ",    "mine",  "light", "7",
        "true",    "'",        "\"",         "&a",    "*a",    "!t",    "? ",
        "|\n",     "# c\n",    "---\n",      "...\n", "\t",    "io",    "auto",
        "~",       "\xc3\xa9", "%YAML 1.1\n"};
    uint32_t seed = (uint32_t)time(NULL) | 1u;

    (void)state;
    if (getenv("SEED"))
        seed = (uint32_t)strtoul(getenv("SEED"), NULL, 10) | 1u;
    print_message("SEED=%u\n", seed);
    for (int i = 0; i < 5000; i++) {
        struct buf text = {0};
        struct err err = {""};
        struct conf c;

        for (uint32_t n = draw(&seed) % 24; n > 0; n--)
            buf_add_str(&text,
                        pieces[draw(&seed) % (sizeof(pieces) / sizeof(pieces[0]))]);
        if (!read_bytes(&c, buf_str(&text), text.len, CONF_USER, &err) &&
            strncmp(err.text, "t.yaml:", 7) != 0)
            fail_msg("%s\n%s", err.text, buf_str(&text));
        conf_release(&c);
        buf_release(&text);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conf_yaml_reads_every_setting),
        cmocka_unit_test(test_conf_yaml_reads_nothing_as_nothing),
        cmocka_unit_test(test_conf_yaml_list_may_be_one_word_or_none),
        cmocka_unit_test(test_conf_yaml_names_the_nearest_key),
        cmocka_unit_test(test_conf_yaml_wants_the_right_type),
        cmocka_unit_test(test_conf_yaml_checks_words_where_they_stand),
        cmocka_unit_test(test_conf_yaml_project_cannot_do_more_than_filter_and_style),
        cmocka_unit_test(test_conf_yaml_refuses_duplicates),
        cmocka_unit_test(test_conf_yaml_refuses_the_rest_of_the_language),
        cmocka_unit_test(test_conf_yaml_says_where_it_is_no_yaml),
        cmocka_unit_test(test_conf_yaml_counts_columns_in_characters),
        cmocka_unit_test(test_conf_yaml_messages_are_short_and_clean),
        cmocka_unit_test(test_conf_yaml_nesting_ends_at_once),
        cmocka_unit_test(test_conf_yaml_size_has_a_limit),
        cmocka_unit_test(test_conf_yaml_random_texts_are_read_or_refused),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
