/* Reads settings from YAML. A small part of the language is enough for them, and the
 * rest is refused: files can come with a stranger's project. No anchors, aliases, tags
 * or directives, one document, no key twice. */
#ifndef CLI_CONF_YAML_H
#define CLI_CONF_YAML_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"
#include "cli/conf.h"

#define CONF_YAML_SIZE_MAX (64u << 10)

/* Takes the values in `text` into `c`. `name` is the file, for messages
 * ("name:line:column: what is wrong") and origins. On failure `c` holds what came
 * before the error. */
bool conf_yaml_read(struct conf *c, const char *name, const char *text, size_t len,
                    enum conf_place place, struct err *err);

#endif
