/* Prints the words of a file, for lexer_against_tokenize.py: "line at len kind", and
 * "line doc flags" for lines of docstrings. */
#include <stdio.h>

#include "base/buf.h"
#include "base/file.h"
#include "report/lexer.h"

static void
dump(const struct lexer_line *line, unsigned number)
{
    for (size_t i = 0; i < line->n; i++)
        printf("%u %u %u %u\n", number, line->spans[i].at, line->spans[i].len,
               line->spans[i].kind);
    if (line->flags)
        printf("%u doc %u\n", number, line->flags);
}

int
main(int argc, char **argv)
{
    struct buf text = {0};
    struct lexer x = {0};
    struct lexer_line line = {0};
    struct err err;
    unsigned number = 0;
    size_t at = 0, end;

    if (argc != 2 || !file_read(argv[1], 1u << 30, &text, &err))
        return 2;
    while (at < text.len) {
        for (end = at; end < text.len && text.data[end] != '\n';)
            end++;
        lexer_take(&x, text.data + at, end - at, &line);
        dump(&line, ++number);
        at = end + 1;
    }
    lexer_line_release(&line);
    buf_release(&text);
    return 0;
}
