/* The settings as YAML that conf_yaml.h reads back. */
#ifndef CLI_CONF_PRINT_H
#define CLI_CONF_PRINT_H

#include "base/buf.h"
#include "cli/conf.h"

/* With a comment that says where each value came from: --print-config. */
void conf_print_origins(const struct conf *c, struct buf *out);

/* With a comment that says what each setting is for, and where it is allowed:
 * config/ttrace.yaml. */
void conf_print_help(const struct conf *c, struct buf *out);

#endif
