/* Whether a program waits for someone to type. */
#ifndef TUI_WAITS_H
#define TUI_WAITS_H

#include <stdbool.h>
#include <sys/types.h>

/* True when the process's main thread is in a system call that reads its standard
 * input, a terminal, or waits for it alone. Asks the kernel; where that tells nothing,
 * the answer is no.
 */
bool waits_for_input(pid_t pid);

#endif
