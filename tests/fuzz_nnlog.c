/* libFuzzer: any bytes as the log of a live show. Checksums are set right first, so that what
 * is behind them is reached too. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/record.h"
#include "runtime/record_pack.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The first byte says whether sums are mended; the rest is the log behind its magic. */
static size_t mend(uint8_t *out, const uint8_t *data, size_t size)
{
    size_t at = sizeof nn_log_magic;

    memcpy(out, nn_log_magic, sizeof nn_log_magic);
    memcpy(out + at, data + 1, size - 1);
    size += sizeof nn_log_magic - 1;
    while (data[0] & 1 && size - at >= 9) {
        size_t n = (size_t)out[at] | (size_t)out[at + 1] << 8;
        struct nn_pack k = { .p = out + at + 4, .room = 4 };
        n = n < size - at - 9 ? n : size - at - 9;
        out[at] = (uint8_t)n;
        out[at + 1] = (uint8_t)(n >> 8);
        out[at + 2] = out[at + 3] = 0;
        nn_pack_int(&k, nn_log_crc(out[at + 8], out + at + 9, n), 4);
        at += 9 + n;
    }
    return size;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static uint8_t bytes[1 << 16];
    struct nn_err err = { 0 };
    struct nn_log l;
    FILE *f;
    int got;

    if (size < 2 || size > sizeof bytes - 16)
        return 0;
    size = mend(bytes, data, size);
    if (!(f = fmemopen(bytes, size, "rb")))
        return 0;
    got = nn_log_open(&l, "fuzz", f, &err);
    while (!got && (got = nn_log_next(&l, &err)) > 0) {
        if (got == NN_LOG_FRAME && (!l.json || l.frame.number < 0))
            abort();
        got = 0;
    }
    if (got < 0 && !*err.msg)
        abort();
    nn_log_release(&l);
    return 0;
}
