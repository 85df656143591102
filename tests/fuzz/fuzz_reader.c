/* Damaged sessions must neither crash the reader nor stall it. libFuzzer:
 *   clang -fsanitize=fuzzer,address,undefined -Isrc -I. -D_GNU_SOURCE \
 *       tests/fuzz/fuzz_reader.c src/session/{reader,image,replay,sections,sums}.c
 * src/base/{err,mono,xalloc}.c With a folder of saved sessions as its argument it
 * begins with these. */
#include <stdlib.h>
#include <string.h>

#include "tests/session/walk.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    uint8_t *bytes = malloc(size ? size : 1); /* aligned, and ends where it ends */
    struct reader *r;
    struct err err = {""};

    if (!bytes)
        return 0;
    memcpy(bytes, data, size);
    if (reader_open_memory(&r, bytes, size, &err)) {
        walk_all(r);
        reader_close(r);
    } else if (!err.text[0]) {
        abort();
    }
    free(bytes);
    return 0;
}
