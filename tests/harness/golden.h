/* Screens kept as text files: what is shown now must be what was shown when somebody
 * last looked at it and found it right. */
#ifndef HARNESS_GOLDEN_H
#define HARNESS_GOLDEN_H

#include "tests/harness/stage.h"

/* Waits until the screen equals tests/screens/NAME.txt, or fails the test with both
 * shown. Times, and what is drawn by them, are no part of it: they are masked. With
 * GENERATE=1 in the environment the file is written anew instead. */
#define GOLDEN_CHECK(s, name) golden_check(s, name, __FILE__, __LINE__)
void golden_check(struct stage *s, const char *name, const char *file, int line);

#endif
