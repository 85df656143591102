/* Where a test plays: a scratch folder with programs in it, and ttrace on a terminal
 * there. What a test says here either holds within the time limit, or the test fails
 * and the screen is shown. */
#ifndef HARNESS_STAGE_H
#define HARNESS_STAGE_H

#include <stdbool.h>

#include "tests/harness/box.h"
#include "tests/harness/terminal.h"

struct stage;

/* A new scratch folder. `programs` are paths below tests/programs, each copied into it
 * under its last name; NULL ends them. The folder is HOME and TMPDIR of what runs
 * there, so that nobody's settings are read and what is left over can be seen. */
struct stage *stage_new(const char *const *programs);
void stage_free(struct stage *s); /* ends what runs and removes the folder */

char *stage_path(const struct stage *s, const char *name); /* to be freed */
void stage_write(struct stage *s, const char *name, const char *text);

/* The file's content, to be freed; NULL: there is none. */
char *stage_read(struct stage *s, const char *name);

/* Starts ./ttrace (or $TTRACE) with these arguments. One at a time; starting again
 * closes the terminal of before. */
void stage_start(struct stage *s, int cols, int rows, const char *const *args);

/* The same with everything a terminal can be started with; argv are ttrace's arguments
 * and dir is the scratch folder. */
void stage_start_setup(struct stage *s, const struct terminal_setup *setup);

struct terminal *stage_terminal(const struct stage *s);
struct display *stage_display(const struct stage *s);

void stage_type(struct stage *s, const char *keys);
#define STAGE_SEE(s, text) stage_see(s, text, __FILE__, __LINE__)
#define STAGE_GONE(s, text) stage_gone(s, text, __FILE__, __LINE__)
#define STAGE_UNTIL(s, condition, arg) \
    stage_until(s, condition, arg, #condition, __FILE__, __LINE__)
void stage_see(struct stage *s, const char *text, const char *file, int line);
void stage_gone(struct stage *s, const char *text, const char *file, int line);
void stage_until(struct stage *s, terminal_condition holds, void *arg, const char *what,
                 const char *file, int line);

/* Waits until the pane with this digit is on the screen, and says where. */
#define STAGE_BOX(s, digit) stage_box(s, digit, __FILE__, __LINE__)
struct box stage_box(struct stage *s, char digit, const char *file, int line);

/* Waits until the pane with this digit has `text` in a row. */
#define STAGE_SEE_IN(s, digit, text) stage_see_in(s, digit, text, __FILE__, __LINE__)
void stage_see_in(struct stage *s, char digit, const char *text, const char *file,
                  int line);

/* Waits until the arrow of the Source pane is on this line. */
#define STAGE_AT(s, number) stage_at(s, number, __FILE__, __LINE__)
void stage_at(struct stage *s, int number, const char *file, int line);

/* Waits until the line whose source has `text` has these hits in the Source pane. */
#define STAGE_HITS(s, text, hits) stage_hits(s, text, hits, __FILE__, __LINE__)
void stage_hits(struct stage *s, const char *text, long hits, const char *file,
                int line);

/* Fails the test with the screen shown, unless `ok`. */
#define STAGE_CHECK(s, ok) stage_check(s, ok, #ok, __FILE__, __LINE__)
void stage_check(struct stage *s, bool ok, const char *what, const char *file,
                 int line);

/* Waits for the end of ttrace; its exit status, or 128 + the signal. Checks that the
 * terminal is as it was: settings, main screen, cursor. */
#define STAGE_EXIT(s) stage_exit(s, __FILE__, __LINE__)
int stage_exit(struct stage *s, const char *file, int line);

/* Quits when the program is over, without saving anything; then the same. */
#define STAGE_QUIT(s) stage_quit(s, __FILE__, __LINE__)
int stage_quit(struct stage *s, const char *file, int line);

/* Checks that a .cover file is what `python -m trace --count --missing` writes for the
 * program, run with `input` as its standard input (NULL: none). */
void stage_same_cover(struct stage *s, const char *cover, const char *program,
                      const char *input);

/* Lists for the functions above. */
#define STAGE_LIST(...) ((const char *const[]){__VA_ARGS__, NULL})

/* The interpreter the tests run with: $PYTHON or python3. */
const char *stage_python(void);

#endif
