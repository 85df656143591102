#include "tui/save.h"

#include <string.h>

#include "base/utf8.h"
#include "report/cover.h"
#include "session/family.h"
#include "session/packer.h"

static void
show(struct buf *out, const char *text)
{
    utf8_show(out, text, strlen(text), 0);
}

/* The name of the one file that was written. */
static void
add_only_name(const struct reader *r, struct buf *out)
{
    uint32_t n = reader_count(r, FORMAT_LINES);

    for (lines_id id = 0; id < n; id++) {
        const struct format_line *line = reader_line(r, id);
        const struct format_file *file = line != NULL && reader_load(&line->hits) > 0
                                             ? reader_file(r, line->file)
                                             : NULL;
        struct buf name = {0};

        if (file == NULL)
            continue;
        cover_name(r, reader_string(r, file->path, NULL), false, &name);
        show(out, buf_str(&name));
        buf_release(&name);
        return;
    }
}

static void
describe(const struct reader *r, const char *dir, const struct cover_result *result,
         struct buf *out)
{
    size_t len = strlen(dir);

    while (len > 1 && dir[len - 1] == '/')
        len--;
    if (result->n_written == 1) {
        buf_add_str(out, "wrote ");
        utf8_show(out, dir, len, 0);
        buf_add_str(out, len > 0 && dir[len - 1] == '/' ? "" : "/");
        add_only_name(r, out);
    } else {
        buf_printf(out, "wrote %u files to ", result->n_written);
        utf8_show(out, dir, len, 0);
    }
    if (result->n_skipped > 0)
        buf_printf(out, ", skipped %u: ", result->n_skipped);
    utf8_show(out, buf_str(&result->notes), strcspn(buf_str(&result->notes), "\n"), 0);
}

bool
save_cover(struct reader *const *readers, size_t n, const char *dir,
           struct buf *sentence)
{
    struct cover_options options = {.dir = dir, .flags = COVER_MISSING};
    struct cover_result result = {0};
    struct err err;
    bool ok = cover_write(readers, n, &options, &result, &err);

    if (!ok)
        show(sentence, err.text);
    else
        describe(readers[0], dir, &result, sentence);
    cover_result_release(&result);
    return ok;
}

bool
save_session(const struct reader *r, const char *session, const char *path,
             struct buf *sentence)
{
    struct err err;
    bool ok = session != NULL ? family_save(r, session, path, &err)
                              : packer_save(r, path, &err);

    if (ok)
        buf_add_str(sentence, "wrote ");
    show(sentence, ok ? path : err.text);
    return ok;
}
