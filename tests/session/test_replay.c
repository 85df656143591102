/* The event log, written and read back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <pthread.h>
#include <stdlib.h>

#include "session/events.h"
#include "session/packer.h"
#include "session/replay.h"
#include "tests/session/sample.h"

enum { N_THREADS = 3, DEPTH = 20 };

/* What the log is about: stacks that the test keeps itself. */
static struct {
    struct replay_frame frames[DEPTH];
    uint32_t n;
} stacks[N_THREADS];

static struct events events;

static void
put_stacks(struct events *e)
{
    for (threads_id t = 0; t < N_THREADS; t++) {
        events_put_stack_word(e, (uint64_t)t << 32 | stacks[t].n);
        events_put_stack_word(e, stacks[t].n);
        for (uint32_t i = 0; i < stacks[t].n; i++)
            events_put_stack_word(e, (uint64_t)stacks[t].frames[i].code << 32 |
                                         stacks[t].frames[i].line);
    }
}

/* What happens at moment `i`: always the same. */
static struct replay_event
event_at(uint64_t i)
{
    struct replay_event e = {.thread = (threads_id)(i / 7 % N_THREADS),
                             .ticks = i * 3 + (i / 5000 << 30) - (i % 11 == 10 ? 5 : 0),
                             .site = (uint32_t)(i * 2654435761u)};

    e.kind = (uint32_t)(i * 40503u) >> 7 & 3 ? FORMAT_EVENT_LINE : FORMAT_EVENT_ENTER;
    if (i * 7919 % 5 == 0)
        e.kind = FORMAT_EVENT_LEAVE;
    return e;
}

static void
follow(struct replay_event *e)
{
    struct replay_frame *top = stacks[e->thread].frames + stacks[e->thread].n;

    if (e->kind == FORMAT_EVENT_ENTER && stacks[e->thread].n == DEPTH)
        e->kind = FORMAT_EVENT_LINE;
    if (e->kind == FORMAT_EVENT_LEAVE && stacks[e->thread].n == 0)
        e->kind = FORMAT_EVENT_LINE;
    if (e->kind == FORMAT_EVENT_ENTER)
        *top = (struct replay_frame){e->site, FORMAT_NONE};
    else if (e->kind == FORMAT_EVENT_LINE && stacks[e->thread].n)
        top[-1].line = e->site;
    stacks[e->thread].n += e->kind == FORMAT_EVENT_ENTER;
    stacks[e->thread].n -= e->kind == FORMAT_EVENT_LEAVE;
}

static struct writer *
new_session(enum format_log log, uint64_t max_chunks)
{
    uint64_t limits[FORMAT_N_SECTIONS];
    struct writer *w;
    struct err err = {""};

    for (unsigned i = 0; i < FORMAT_N_SECTIONS; i++)
        limits[i] = 1 << 16;
    limits[FORMAT_CHUNKS] = max_chunks;
    if (!writer_open_limited(&w, scratch_path("log"), limits, &err))
        fail_msg("%s", err.text);
    for (int i = 0; i < N_THREADS; i++)
        sample_add(w, FORMAT_THREADS);
    memset(stacks, 0, sizeof(stacks));
    events_start(&events, w, log, put_stacks, 0);
    return w;
}

static void
write_events(uint64_t n)
{
    for (uint64_t i = 0; i < n; i++) {
        struct replay_event e = event_at(i);

        /* The log is written before the stacks change: a chunk begins with those that
         * were there before its first event. */
        struct replay_event kept = e;

        if (e.kind == FORMAT_EVENT_ENTER && stacks[e.thread].n == DEPTH)
            kept.kind = FORMAT_EVENT_LINE;
        if (e.kind == FORMAT_EVENT_LEAVE && stacks[e.thread].n == 0)
            kept.kind = FORMAT_EVENT_LINE;
        events_add(&events, kept.kind, e.site, e.thread, e.ticks);
        follow(&e);
    }
}

/* Reads up to the end and compares, from event `first` on; returns how many came. */
static uint64_t
compare_events(struct replay *p, uint64_t first)
{
    uint64_t i = 0, last_ticks = 0;
    struct replay_event e;

    memset(stacks, 0, sizeof(stacks));
    for (; i < first; i++) {
        struct replay_event wanted = event_at(i);

        follow(&wanted);
        if (wanted.ticks > last_ticks)
            last_ticks = wanted.ticks;
    }
    for (; replay_next(p, &e); i++) {
        struct replay_event wanted = event_at(i);
        struct replay_stack s;

        follow(&wanted);
        if (wanted.ticks > last_ticks) /* the log's clock never goes back */
            last_ticks = wanted.ticks;
        assert_int_equal(e.kind, wanted.kind);
        assert_int_equal(e.site, wanted.site);
        assert_int_equal(e.thread, wanted.thread);
        assert_int_equal(e.ticks, last_ticks);
        s = replay_stack(p, e.thread);
        assert_int_equal(s.n, stacks[e.thread].n);
        assert_memory_equal(s.frames, stacks[e.thread].frames, s.n * sizeof(*s.frames));
        assert_int_equal(replay_is_after_gap(p), first > 0 && i == first);
    }
    return i;
}

static void
test_replay_gives_back_every_event_and_all_stacks(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_ALL, 64);
    struct reader *r;
    struct replay *p;

    (void)state;
    write_events(100000);
    r = sample_read("log", READER_COPY);
    p = replay_new(r);
    assert_int_equal(compare_events(p, 0), 100000);
    assert_int_equal(reader_load(&reader_header(r)->n_lost_events), 0);
    replay_free(p);
    reader_close(r);
    writer_close(w);
}

static void
test_replay_knows_what_a_ring_has_lost(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_RING, 4);
    struct reader *r;
    struct replay *p;
    uint64_t lost;

    (void)state;
    write_events(100000);
    r = sample_read("log", READER_LIVE);
    lost = reader_load(&reader_header(r)->n_lost_events);
    assert_true(lost > 100000 - 4 * FORMAT_CHUNK_WORDS && lost < 100000);
    p = replay_new(r);
    assert_int_equal(compare_events(p, lost), 100000);
    replay_free(p);
    reader_close(r);
    writer_close(w);
}

static void
test_replay_goes_to_a_moment(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_ALL, 64);
    struct replay_event e = {0};
    struct reader *r;
    struct replay *p;

    (void)state;
    write_events(100000);
    r = sample_read("log", READER_LIVE);
    p = replay_new(r);
    replay_seek(p, event_at(50000).ticks);
    assert_true(replay_next(p, &e));
    assert_in_range(e.ticks, event_at(50000 - FORMAT_CHUNK_WORDS).ticks,
                    event_at(50000).ticks);
    replay_seek(p, 0);
    assert_true(replay_next(p, &e));
    assert_int_equal(e.ticks, 0);
    replay_free(p);
    reader_close(r);
    writer_close(w);
}

static void
test_replay_reads_a_packed_log(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_ALL, 64);
    struct err err = {""};
    struct reader *r;
    struct replay *p;

    (void)state;
    write_events(20000);
    r = sample_read("log", READER_LIVE);
    assert_true(packer_save(r, scratch_path("packed"), &err));
    reader_close(r);
    r = sample_read("packed", READER_COPY);
    p = replay_new(r);
    assert_int_equal(compare_events(p, 0), 20000);
    replay_free(p);
    reader_close(r);
    writer_close(w);
}

static atomic_bool is_written;

static void *
write_many(void *arg)
{
    (void)arg;
    for (uint32_t i = 0; i < 2000000; i++)
        events_add(&events, FORMAT_EVENT_LINE, i, 0, i);
    atomic_store(&is_written, true);
    return NULL;
}

/* While a ring is written to, what is read is whole: sites that rise one by one, but
 * for gaps between chunks. One mapping, so that ThreadSanitizer sees both. */
static void
test_replay_reads_what_is_being_written(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_RING, 4);
    struct replay_event e;
    struct err err = {""};
    uint64_t n_seen = 0;
    struct reader *r;
    pthread_t thread;

    (void)state;
    assert_true(
        reader_open_memory(&r, writer_header(w),
                           writer_header(w)->sections[FORMAT_CHUNKS].offset +
                               writer_header(w)->sections[FORMAT_CHUNKS].reserve,
                           &err));
    assert_int_equal(pthread_create(&thread, NULL, write_many, NULL), 0);
    for (bool last_round = false; !last_round;) {
        struct replay *p;
        uint32_t last = 0;

        last_round = atomic_load(&is_written);
        reader_refresh(r);
        p = replay_new(r);
        while (replay_next(p, &e)) {
            if (!replay_is_after_gap(p) && last)
                assert_int_equal(e.site, last + 1);
            assert_int_equal(e.ticks, e.site);
            last = e.site;
            n_seen++;
        }
        replay_free(p);
    }
    pthread_join(thread, NULL);
    assert_true(n_seen > 0);
    reader_close(r);
    writer_close(w);
}

static void
test_replay_cuts_the_outermost_frames_of_deep_stacks(void **state)
{
    struct writer *w = new_session(FORMAT_LOG_ALL, 4);
    struct format_chunk *chunk;
    struct replay_event e;
    struct reader *r;
    struct replay *p;

    (void)state;
    events_add(&events, FORMAT_EVENT_LEAVE, 5, 1, 10);
    chunk = writer_record(w, FORMAT_CHUNKS, 0);
    assert_int_equal(chunk->n_stack_words, 2 * N_THREADS);
    chunk->words[3] = 1000; /* the depth of thread 1, of which no frame follows */
    r = sample_read("log", READER_COPY);
    p = replay_new(r);
    assert_true(replay_next(p, &e));
    assert_int_equal(replay_stack(p, 1).n, 0);
    assert_int_equal(replay_stack(p, 1).n_cut, 999);
    replay_free(p);
    reader_close(r);
    writer_close(w);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(test_replay_gives_back_every_event_and_all_stacks,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_replay_knows_what_a_ring_has_lost,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_replay_goes_to_a_moment, scratch_clear),
        cmocka_unit_test_teardown(test_replay_reads_a_packed_log, scratch_clear),
        cmocka_unit_test_teardown(test_replay_reads_what_is_being_written,
                                  scratch_clear),
        cmocka_unit_test_teardown(test_replay_cuts_the_outermost_frames_of_deep_stacks,
                                  scratch_clear),
    };

    return cmocka_run_group_tests(tests, scratch_make, scratch_remove);
}
