/* The processes of a run: those that came from the program beside the program itself,
 * found by their sessions, and the popup that lists them. */
#ifndef TUI_PROCESSES_H
#define TUI_PROCESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/buf.h"
#include "base/mono.h"
#include "session/reader.h"
#include "tui/glyphs.h"
#include "tui/grid.h"
#include "tui/keys.h"
#include "tui/list.h"

struct processes_row {
    uint64_t id; /* of the list: the order in which they were found */
    char *path;  /* of the session */
    char *what;  /* runs there, in words */
    uint32_t pid;
    uint32_t parent;
    uint64_t start; /* ns since 1970 */
    int depth;      /* below the program */
    bool is_known;  /* its session was there to be read */
    bool is_over;   /* the numbers are the last ones */
    enum format_state state;
    int status; /* where it has ended by itself */
    uint64_t hits;
    uint64_t ns;
};

struct processes {
    const char *path; /* of the program's session, borrowed; NULL: none */
    enum reader_how how;
    struct processes_row
        *rows; /* children behind their parents, the program in front */
    size_t n;
    size_t cap;
    uint64_t n_found;
    struct list list;
    struct buf missed; /* why some were not watched, a line for each reason */
    mono_ns looked_at;
};

enum processes_answer { PROCESSES_STAYS, PROCESSES_CLOSED, PROCESSES_SHOW };

/* `path` may be NULL: then there never is a row. */
void processes_init(struct processes *p, const char *path, enum reader_how how);
void processes_release(struct processes *p);

/* Looks for sessions, at most twice a second; and, if `numbers`, at all that may have
 * changed. True if something has. */
bool processes_look(struct processes *p, mono_ns now, bool numbers);

/* The next look is not put off. */
void processes_hurry(struct processes *p);

/* Whether one that came from the program ran when its numbers were last looked at. */
bool processes_is_any_alive(const struct processes *p);

/* The row of a process, the latest of its sessions; NULL if there is none. */
const struct processes_row *processes_find(const struct processes *p, uint32_t pid);

/* The popup. The row to show is the chosen one. */
void processes_open(struct processes *p, const char *shown);
enum processes_answer processes_key(struct processes *p, keys_code key);
const struct processes_row *processes_chosen(const struct processes *p);
void processes_draw(struct processes *p, const struct glyphs *glyphs, const char *shown,
                    const struct grid_part *part);

#endif
