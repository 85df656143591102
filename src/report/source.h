/* A file's text, as the session keeps it: decoded and split into lines as Python does
 * it, with what is known about each line. */
#ifndef REPORT_SOURCE_H
#define REPORT_SOURCE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "report/encoding.h"
#include "report/lexer.h"
#include "report/spent.h"
#include "session/reader.h"

struct source;

enum source_line_flag {
    SOURCE_EXECUTABLE = 1, /* has a line record */
    SOURCE_DOC = 2,        /* part of a docstring, in the words of `trace` */
    SOURCE_MISSED = 4,     /* `trace` marks it: could have run, did not */
};

struct source_line {
    lines_id id; /* FORMAT_NONE if no code has it */
    unsigned flags;
    uint64_t hits;
    uint64_t self_ticks;
};

struct source_count { /* as in a summary of `trace` */
    uint32_t n_run;
    uint32_t n_lines;    /* that ran or could have */
    uint64_t most_hits;  /* of any line, */
    uint64_t most_ticks; /* and the most self time of any */
};

/* Never NULL: a file without text has no lines. The reader must outlive it. */
struct source *source_new(const struct reader *r, files_id file);
void source_free(struct source *s);

/* Adds the counts of another session that knows the same file; it must outlive this. */
void source_add(struct source *s, const struct reader *r, files_id file);

files_id source_file(const struct source *s);

/* Whether the session has the text; whether it could be decoded (if not, its bytes are
 * the text). */
bool source_has_text(const struct source *s);
bool source_is_decoded(const struct source *s);
const struct encoding *source_encoding(const struct source *s);

uint32_t source_n_lines(const struct source *s);

/* The text of a line, from 1, in UTF-8 and without its end. "" beyond the file.
 * Borrowed until source_free(); not NUL-terminated. */
const char *source_text(const struct source *s, uint32_t line, size_t *len);

/* What is known about a line. `spent` may be NULL: no time then. */
struct source_line source_line(const struct source *s, const struct spent *spent,
                               uint32_t line);

/* Counts the lines of the file. `spent` may be NULL: no times then. */
struct source_count source_count(const struct source *s, const struct spent *spent);

/* Reads the words of at most `budget` more lines, for source_words() and the docstring
 * flags; UINT32_MAX reads all. True while there are more. */
bool source_read(struct source *s, uint32_t budget);

/* The words of a line that was read; none, if it was not. Borrowed until the next
 * call. */
const struct lexer_line *source_words(struct source *s, uint32_t line);

#endif
