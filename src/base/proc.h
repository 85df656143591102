/* Other processes, as far as the kernel says of them. */
#ifndef BASE_PROC_H
#define BASE_PROC_H

#include <stdbool.h>
#include <sys/types.h>

/* Whether the process has not ended. One that has, and was not waited for, is over. */
bool proc_is_alive(pid_t pid);

#endif
