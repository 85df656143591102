/* An error on its way to the user: one sentence, set where the cause is known. */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdbool.h>

#include "base/attr.h"

struct err {
    char text[512]; /* lower case, no full stop, object first; "" when unset */
};

/* Sets the sentence and returns false, so that `return err_set(err, ...)` is the one
 * way to fail. `err` may be NULL where the caller does not care. */
bool err_set(struct err *err, const char *fmt, ...) ATTR_PRINTF(2, 3);

/* Like err_set(), with ": " and the text of `errnum` behind the sentence. */
bool err_sys(struct err *err, int errnum, const char *fmt, ...) ATTR_PRINTF(3, 4);

#endif
