#include "tui/place.h"

#include <string.h>

#include "base/utf8.h"

void
place_add_file(const struct reader *r, files_id file, struct buf *out)
{
    const struct format_file *f = reader_file(r, file);
    const char *path = f ? reader_string(r, f->path, NULL) : "";
    size_t len;
    const char *cwd = reader_string(r, reader_header(r)->cwd, &len);

    if (len && !strncmp(path, cwd, len) && path[len] == '/')
        path += len + 1;
    utf8_show(out, path, strlen(path), 0);
}

void
place_add(const struct reader *r, files_id file, uint32_t line, struct buf *out)
{
    place_add_file(r, file, out);
    buf_printf(out, ":%u", line);
}

static void
add_module(const struct reader *r, files_id id, struct buf *out)
{
    const struct format_file *file = reader_file(r, id);
    size_t len = 0;
    const char *module = file ? reader_string(r, file->module, &len) : "";

    buf_add_char(out, ' ');
    if (len && strcmp(module, "__main__") != 0)
        utf8_show(out, module, len, 0);
    else
        place_add_file(r, id, out);
}

void
place_add_name(const struct reader *r, codes_id id, struct buf *out)
{
    const struct format_code *code = reader_code(r, id);
    const char *name;
    size_t len;

    if (!code)
        return;
    name = reader_string(r, code->qualname, &len);
    utf8_show(out, name, len, 0);
    if (reader_load32(&code->flags) & FORMAT_CODE_MODULE)
        add_module(r, code->file, out);
}
