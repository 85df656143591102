#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/file.h"
#include "cli/conf_print.h"
#include "cli/conf_yaml.h"

/* Reads the text over the defaults and checks that nothing is different from `want`. */
static void
assert_reads_as(const char *text, const struct conf *want)
{
    struct conf c;
    struct err err = {""};

    conf_init(&c);
    if (!conf_yaml_read(&c, "printed", text, strlen(text), CONF_USER, &err))
        fail_msg("%s\n%s", err.text, text);
    for (enum conf_id id = 0; id < CONF_N; id++) {
        const struct conf_value *a = conf_value(&c, id), *b = conf_value(want, id);

        assert_int_equal(a->n, b->n);
        for (size_t i = 0; i < a->n; i++) {
            assert_string_equal(a->items[i].text, b->items[i].text);
            if (conf_setting(id)->type == CONF_MAP)
                assert_string_equal(a->items[i].key, b->items[i].key);
        }
    }
    conf_release(&c);
}

static void
test_conf_print_sample_is_made_from_the_table(void **state)
{
    const char *path = "config/ttrace.yaml";
    struct buf made = {0}, file = {0};
    struct err err = {""};
    struct conf c;

    (void)state;
    conf_init(&c);
    conf_print_help(&c, &made);
    if (getenv("GENERATE"))
        assert_true(file_write(path, made.data, made.len, &err));
    if (!file_read(path, CONF_YAML_SIZE_MAX, &file, &err))
        fail_msg("%s (GENERATE=1 writes it)", err.text);
    assert_string_equal(buf_str(&file), buf_str(&made));
    assert_reads_as(buf_str(&file), &c);
    buf_release(&made);
    buf_release(&file);
    conf_release(&c);
}

static void
test_conf_print_names_every_origin(void **state)
{
    const char yaml[] = "ui: {fps: 30}\n"
                        "filters: {exclude: [a, b]}\n"
                        "keys: {quit: []}\n";
    struct buf out = {0};
    struct conf c;

    (void)state;
    conf_init(&c);
    assert_true(conf_yaml_read(&c, "x.yaml", yaml, sizeof(yaml) - 1, CONF_USER, NULL));
    conf_add_option(&c, CONF_EXCLUDE, "c", "--exclude");
    conf_print_origins(&c, &out);
    assert_string_equal(buf_str(&out),
                        "filters:\n"
                        "  include:\n"
                        "    - mine                              # default\n"
                        "  exclude:\n"
                        "    - a                                 # x.yaml:2:21\n"
                        "    - b                                 # x.yaml:2:24\n"
                        "    - c                                 # --exclude\n"
                        "ui:\n"
                        "  theme: default                        # default\n"
                        "  ascii: false                          # default\n"
                        "  color: auto                           # default\n"
                        "  fps: 30                               # x.yaml:1:11\n"
                        "keys:\n"
                        "  quit: []                              # x.yaml:3:8\n"
                        "exit: ask                               # default\n"
                        "save:\n"
                        "  dir: cov                              # default\n"
                        "io: auto                                # default\n");
    assert_reads_as(buf_str(&out), &c);
    buf_release(&out);
    conf_release(&c);
}

static void
test_conf_print_quotes_what_yaml_would_take_otherwise(void **state)
{
    static const char *const words[] = {"*.py",   "**/x.py", "a b/#c.py", "\"'\\\\/",
                                        "é/ü.py", "- x/",    "{a/}",      "a: b/",
                                        "%a/",    "@x/",     "!t/",       "&a/"};
    struct buf out = {0};
    struct conf c;

    (void)state;
    conf_init(&c);
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
        conf_add(&c, CONF_EXCLUDE, NULL, words[i], "--exclude");
    conf_add(&c, CONF_KEYS, "quit", "\"", "file");
    conf_add(&c, CONF_KEYS, "quit", "\\", "file");
    conf_add(&c, CONF_KEYS, "zoom", ",", "file");
    conf_print_origins(&c, &out);
    assert_reads_as(buf_str(&out), &c);
    buf_release(&out);
    conf_release(&c);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_conf_print_sample_is_made_from_the_table),
        cmocka_unit_test(test_conf_print_names_every_origin),
        cmocka_unit_test(test_conf_print_quotes_what_yaml_would_take_otherwise),
    };

    setlocale(LC_ALL, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
