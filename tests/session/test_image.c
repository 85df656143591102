#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/file.h"
#include "session/packer.h"
#include "tests/session/sample.h"
#include "tests/session/walk.h"

/* Damaged and hostile files, opened as a session is opened. */

/* A saved sample in memory. */
static void
load_packed(struct buf *out)
{
    struct writer *w = sample_open("live");
    struct reader *r = sample_read("live", READER_LIVE);

    assert_true(packer_save(r, scratch_path("packed"), NULL));
    reader_close(r);
    writer_close(w);
    assert_true(file_read(scratch_path("packed"), 1 << 20, out, NULL));
}

static struct format_header *
header_of(struct buf *b)
{
    return (struct format_header *)(void *)b->data;
}

static void
assert_refused(struct buf *b, const char *why)
{
    struct reader *r;
    struct err err = {""};

    assert_false(reader_open_memory(&r, b->data, b->len, &err));
    assert_null(r);
    if (!strstr(err.text, why) || !strstr(err.text, "offset"))
        fail_msg("'%s' does not say '%s'", err.text, why);
}

static void
test_image_refuses_a_damaged_header(void **state)
{
    struct buf good = {0}, b = {0};
    struct format_header *h;
    struct reader *r;
    struct err err = {""};

    (void)state;
    load_packed(&good);
#define DAMAGE(change, why)               \
    do {                                  \
        buf_clear(&b);                    \
        buf_add(&b, good.data, good.len); \
        h = header_of(&b);                \
        change;                           \
        assert_refused(&b, why);          \
    } while (0)
    DAMAGE(h->magic[3] ^= 1, "not a session");
    DAMAGE(h->byte_order = 0x04030201, "byte order");
    DAMAGE(h->header_size = 64, "header is damaged");
    DAMAGE(h->n_sections = 3, "header is damaged");
    DAMAGE(h->sections[FORMAT_LINES].record_size = 1, "'lines' is damaged");
    DAMAGE(h->sections[FORMAT_LINES].record_size = 0, "'lines' is damaged");
    DAMAGE(h->sections[FORMAT_NODES].offset = 8, "'nodes' is damaged");
    DAMAGE(h->sections[FORMAT_NODES].offset += 1, "'nodes' is damaged");
    DAMAGE(h->sections[FORMAT_NODES].offset = UINT64_MAX - 7, "cut short");
    DAMAGE(h->sections[FORMAT_NODES].reserve = UINT64_MAX, "cut short");
    DAMAGE(h->sections[FORMAT_NODES].reserve = UINT64_MAX - 8192, "cut short");
    DAMAGE(h->sections[FORMAT_NODES].count = UINT64_MAX, "cannot have");
    DAMAGE(h->sections[FORMAT_NODES].count = 4, "cannot have");
    DAMAGE(h->sections[FORMAT_CODES].count = UINT64_MAX / 24 + 2, "cannot have");
    DAMAGE(h->sections[FORMAT_CODES].offset = h->sections[FORMAT_FILES].offset,
           "'files' and 'codes' overlap");
    DAMAGE(h->sections[FORMAT_RULES].offset = h->sections[FORMAT_STRINGS].offset + 8,
           "'strings' and 'rules' overlap");
#undef DAMAGE
    buf_clear(&b);
    buf_add(&b, good.data, good.len);
    header_of(&b)->version++;
    assert_false(reader_open_memory(&r, b.data, b.len, &err));
    assert_non_null(strstr(err.text, "this is for version"));
    buf_release(&b);
    buf_release(&good);
}

/* As a file and in memory. */
static void
test_image_refuses_truncated_sessions(void **state)
{
    const char *path = scratch_path("cut");
    struct buf good = {0};
    struct reader *r;

    (void)state;
    load_packed(&good);
    for (size_t len = 0; len < good.len; len += 64) {
        uint8_t *exact = malloc(len ? len : 1);
        struct err err = {""};
        bool ok;

        memcpy(exact, good.data, len);
        ok = reader_open_memory(&r, exact, len, &err);
        assert_false(ok);
        assert_non_null(strstr(err.text, "offset"));
        free(exact);
        assert_true(file_write(path, good.data, len, NULL));
        for (int how = READER_LIVE; how <= READER_COPY; how++) {
            err.text[0] = '\0';
            assert_false(reader_open(&r, path, (enum reader_how)how, &err));
            assert_non_null(strstr(err.text, "cut: "));
            assert_non_null(strstr(err.text, "offset"));
        }
    }
    buf_release(&good);
}

static void
test_image_refuses_what_is_no_file(void **state)
{
    struct reader *r;
    struct err err = {""};

    (void)state;
    assert_int_equal(mkfifo(scratch_path("fifo"), 0600), 0);
    alarm(20);
    assert_false(reader_open(&r, scratch_path("fifo"), READER_COPY, &err));
    alarm(0);
    assert_non_null(strstr(err.text, "fifo: not a regular file"));
    assert_false(reader_open(&r, scratch_dir, READER_COPY, &err));
    assert_false(reader_open(&r, scratch_path("none"), READER_COPY, &err));
    assert_non_null(strstr(err.text, strerror(ENOENT)));
    assert_true(file_write(scratch_path("text"), "hello", 5, NULL));
    assert_false(reader_open(&r, scratch_path("text"), READER_COPY, &err));
    assert_non_null(strstr(err.text, "not a session"));
}

/* A hole that claims to be a gigabyte of strings takes no gigabyte of memory. */
static void
test_image_copies_holes_as_holes(void **state)
{
    enum { PAGE = 65536, N = 1 << 14 };
    static unsigned char resident[N * PAGE / 4096];
    struct writer *w = sample_open("s");
    struct reader *r;
    uintptr_t at;
    size_t size, n = 0;

    (void)state;
    writer_header(w)->sections[FORMAT_STRINGS].count = 1u << 30;
    writer_close(w);
    r = sample_read("s", READER_COPY);
    at = (uintptr_t)reader_bytes(r, FORMAT_STRINGS, &size);
    assert_int_equal(size, 1u << 30);
    at = (at + PAGE - 1) / PAGE * PAGE;
    assert_int_equal(mincore((void *)at, size - PAGE, resident), 0);
    for (size_t i = 0; i < sizeof(resident); i++)
        n += resident[i] & 1;
    assert_in_range(n, 0, 1000);
    assert_string_equal(reader_string(r, reader_file(r, 0)->path, NULL), "shop.py");
    assert_int_equal(reader_line(r, 2)->line, 3);
    assert_string_equal(reader_string(r, 1u << 29, NULL), "");
    reader_close(r);
}

static void
test_image_survives_a_file_that_shrinks(void **state)
{
    static const off_t sizes[] = {3000000000, 70000, 4096, 100, 0};
    struct writer *w = sample_open("s");
    struct reader *r = sample_read("s", READER_LIVE);

    (void)state;
    writer_close(w);
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
        assert_int_equal(truncate(scratch_path("s"), sizes[i]), 0);
        reader_refresh(r);
        walk_all(r);
    }
    assert_int_equal(reader_count(r, FORMAT_LINES), 3);
    assert_int_equal(reader_line(r, 2)->line, 0);
    assert_false(packer_save(r, scratch_path("packed"), NULL));
    reader_close(r);
}

static void
test_image_survives_bit_flips(void **state)
{
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 20240817);
    struct buf good = {0};
    uint8_t *bytes;
    size_t table = offsetof(struct format_header, sections) + 320;
    uint32_t n_opened = 0;

    (void)state;
    load_packed(&good);
    print_message("seed %u\n", seed);
    srand(seed);
    bytes = malloc(good.len);
    for (int round = 0; round < 20000; round++) {
        struct reader *r;

        memcpy(bytes, good.data, good.len);
        for (int n = rand() % 4; n >= 0; n--) {
            size_t at = (size_t)rand() % (good.len - FORMAT_HEADER_SIZE + table);

            if (at >= table)
                at += FORMAT_HEADER_SIZE - table;
            bytes[at] ^= (uint8_t)(1u << rand() % 8);
        }
        if (!reader_open_memory(&r, bytes, good.len, NULL))
            continue;
        n_opened++;
        walk_all(r);
        reader_close(r);
    }
    assert_in_range(n_opened, 5000, 20000); /* most hit records, some the table */
    free(bytes);
    buf_release(&good);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_image_refuses_a_damaged_header, scratch_clear),
        cmocka_unit_test_teardown(test_image_refuses_truncated_sessions, scratch_clear),
        cmocka_unit_test_teardown(test_image_refuses_what_is_no_file, scratch_clear),
        cmocka_unit_test_teardown(test_image_copies_holes_as_holes, scratch_clear),
        cmocka_unit_test_teardown(test_image_survives_a_file_that_shrinks,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_image_survives_bit_flips, scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
