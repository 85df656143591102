/* Hostile settings must be refused with a place, or read; both quickly. libFuzzer:
 *   clang -fsanitize=fuzzer,address,undefined -std=c17 -Isrc -I. -D_GNU_SOURCE \
 *       tests/fuzz/fuzz_yaml.c src/cli/{conf,conf_yaml,texts}.c src/session/scope.c \
 *       tui/{actions,keys,theme}.c src/base/{buf,err,nearest,utf8,xalloc}.c -lyaml
 * The first byte says whose file it is. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/conf_yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum conf_place place = size > 0 && data[0] & 1 ? CONF_PROJECT : CONF_USER;
    struct err err = {""};
    struct conf c;

    if (size == 0)
        return 0;
    conf_init(&c);
    if (!conf_yaml_read(&c, "f", (const char *)data + 1, size - 1, place, &err) &&
        strncmp(err.text, "f:", 2) != 0)
        abort();
    /* What was taken can be asked for. */
    for (enum conf_id id = 0; id < CONF_N; id++) {
        enum conf_type type = conf_setting(id)->type;

        if (type != CONF_LIST && type != CONF_MAP)
            conf_text(&c, id);
    }
    conf_release(&c);
    return 0;
}
