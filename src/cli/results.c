#include "cli/results.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/xalloc.h"
#include "cli/ask.h"
#include "report/calls.h"
#include "report/counts.h"
#include "report/cover.h"
#include "session/family.h"
#include "session/request.h"

enum { READ_MS = 3600000 }; /* for a counts file and all it names */

/* All that counts: the sessions of the run, and that of the counts file and others. */
struct sources {
    struct family_readers run;
    struct reader *filed; /* what was read afterwards; NULL: nothing */
    struct reader **all;
    size_t n;
    bool is_other; /* what lies where the counts file should be is none */
};

static void
add_lines(void *argv, const char *path)
{
    texts_take(argv, xalloc_printf("--lines=%s", path));
}

/* Has the runner make a session of what it has to read: the counts file, and files of
 * which not all lines are known. It says itself what it cannot read. NULL: there is
 * nothing. */
static struct reader *
read_more(struct sources *s, const struct launch *l, const struct plan *plan,
          const struct request *request)
{
    char *session = xalloc_printf("%s/counts", l->folder);
    struct texts argv = {0};
    struct buf said = {0};
    struct reader *reader = NULL;
    size_t n_wanted = 3;

    texts_add(&argv, plan->runner);
    texts_take(&argv, xalloc_printf("--session=%s", session));
    texts_take(&argv, xalloc_printf("--exe=%s", plan->python.exe));
    if (request->counts)
        texts_take(&argv, xalloc_printf("--counts=%s", request->counts));
    if (request->flags & REQUEST_MISSING && !(request->flags & REQUEST_QUIET))
        cover_each_partial(s->run.at, s->run.n, add_lines, &argv);
    n_wanted = argv.n - n_wanted;
    texts_add(&argv, "--");
    texts_add(&argv, "-I"); /* no module of the current folder takes part */
    if (n_wanted > 0 && ask_program(texts_argv(&argv), READ_MS, &said, NULL))
        reader_open(&reader, session, READER_LIVE, NULL);
    s->is_other = said.len > 0;
    free(session);
    texts_release(&argv);
    buf_release(&said);
    return reader;
}

static bool
open_sources(struct sources *s, const struct launch *l, const struct plan *plan,
             const struct request *request, struct err *err)
{
    if (!family_open(&s->run, l->session, READER_LIVE, err))
        return false;
    s->filed = read_more(s, l, plan, request);
    s->all = xalloc_array(s->run.n + 1, sizeof(*s->all));
    for (size_t i = 0; i < s->run.n; i++)
        s->all[s->n++] = s->run.at[i];
    if (s->filed)
        s->all[s->n++] = s->filed;
    return true;
}

static void
close_sources(struct sources *s)
{
    free(s->all);
    reader_close(s->filed);
    family_close(&s->run);
}

static void
collect_calls(struct calls *c, const struct sources *s, const struct request *request)
{
    const struct calls_function tracer = {request->tracer, (char[]){"trace"},
                                          (char[]){"Trace.runctx"}};

    for (size_t i = 0; i < s->run.n; i++) {
        if (request->flags & REQUEST_FUNCTIONS)
            calls_add(c, s->run.at[i], CALLS_FUNCTIONS, NULL);
        if (request->flags & REQUEST_CALLERS)
            calls_add(c, s->run.at[i], CALLS_PAIRS, i ? NULL : &tracer);
    }
    if (s->filed)
        calls_add(c, s->filed, CALLS_FILED, NULL);
    calls_sort(c);
}

static bool
print(const struct buf *text, struct err *err)
{
    if (fputs(buf_str(text), stdout) != EOF && fflush(stdout) != EOF)
        return true;
    return err_sys(err, errno, "standard output");
}

static bool
print_calls(const struct calls *c, struct err *err)
{
    struct buf out = {0};
    bool ok;

    calls_print_functions(c, &out);
    calls_print_pairs(c, &out);
    ok = print(&out, err);
    buf_release(&out);
    return ok;
}

static void
say_lost(const struct sources *s)
{
    uint64_t lost = 0;

    for (size_t i = 0; i < s->n; i++)
        lost += reader_load(&reader_header(s->all[i])->n_dropped);
    if (lost)
        fprintf(stderr, "ttrace: %llu records are lost: the disk was full\n",
                (unsigned long long)lost);
}

static bool
write_covers(const struct sources *s, const struct request *request, struct err *err)
{
    struct cover_options options = {.dir = request->cover_dir};
    struct cover_result result = {0};
    bool ok;

    if (request->flags & REQUEST_MISSING)
        options.flags |= COVER_MISSING;
    if (request->flags & REQUEST_SUMMARY)
        options.flags |= COVER_SUMMARY;
    ok = cover_write(s->all, s->n, &options, &result, err);
    fputs(buf_str(&result.notes), stderr);
    ok = ok && print(&result.summary, err);
    cover_result_release(&result);
    return ok;
}

/* A file that cannot be written is no error, as `trace` has it. */
static void
save_counts(const struct sources *s, const struct calls *calls, const char *path)
{
    struct merge merge;
    struct err why;

    if (s->is_other) {
        fprintf(stderr, "ttrace: %s is no counts file, and is left as it is\n", path);
        return;
    }
    merge_make(&merge, s->all, s->n);
    if (!counts_write(path, &merge, calls, &why))
        fprintf(stderr, "Can't save counts files because %s\n", why.text);
    merge_release(&merge);
}

static bool
fulfil(const struct sources *s, const struct request *request, struct err *err)
{
    struct calls calls = {0};
    bool ok = true;

    collect_calls(&calls, s, request);
    say_lost(s);
    if (!(request->flags & REQUEST_QUIET))
        ok = print_calls(&calls, err) && write_covers(s, request, err);
    if (request->counts)
        save_counts(s, &calls, request->counts);
    calls_release(&calls);
    return ok;
}

bool
results_write(const struct launch *l, const struct plan *plan, struct err *err)
{
    struct sources s = {0};
    struct reader *reader;
    struct request request;
    const char *text;
    size_t len;
    bool ok;

    if (!reader_open(&reader, l->session, READER_LIVE, err))
        return false;
    text = reader_string(reader, reader_header(reader)->request, &len);
    request = request_parse(text, len);
    ok = len == 0 || open_sources(&s, l, plan, &request, err);
    if (ok && len > 0) {
        ok = fulfil(&s, &request, err);
        close_sources(&s);
    }
    reader_close(reader);
    return ok;
}
