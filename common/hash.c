#include "common/hash.h"

#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>

void nn_hasher_init(struct nn_hasher *h)
{
    sha256_init(&h->ctx);
}

void nn_hasher_add(struct nn_hasher *h, const void *data, size_t size)
{
    sha256_update(&h->ctx, size, data);
}

void nn_hasher_finish(struct nn_hasher *h, nn_hash out)
{
    static const char digit[] = "0123456789abcdef";
    uint8_t sum[SHA256_DIGEST_SIZE];

    sha256_digest(&h->ctx, sizeof sum, sum);
    for (size_t i = 0; i < sizeof sum; i++) {
        out[2 * i] = digit[sum[i] >> 4];
        out[2 * i + 1] = digit[sum[i] & 15];
    }
    out[NN_HASH_HEX] = 0;
}

void nn_hash_bytes(const void *data, size_t size, nn_hash out)
{
    struct nn_hasher h;

    nn_hasher_init(&h);
    nn_hasher_add(&h, data, size);
    nn_hasher_finish(&h, out);
}

int nn_hash_file(const char *path, nn_hash out, struct nn_err *err)
{
    static _Thread_local char buf[1 << 16];
    struct nn_hasher h;
    struct stat st;
    FILE *f;
    size_t n;
    int bad;

    if (stat(path, &st))
        return nn_fail_errno(err, "cannot open %s", path);
    if (!S_ISREG(st.st_mode))       /* a pipe never opens, /dev/zero never ends */
        return nn_fail(err, NN_EIO, "%s is not a plain file", path);
    if (!(f = fopen(path, "rb")))
        return nn_fail_errno(err, "cannot open %s", path);
    nn_hasher_init(&h);
    while ((n = fread(buf, 1, sizeof buf, f)) > 0)
        nn_hasher_add(&h, buf, n);
    bad = ferror(f);
    fclose(f);
    if (bad)
        return nn_fail_errno(err, "cannot read %s", path);
    nn_hasher_finish(&h, out);
    return 0;
}
