/* libFuzzer: tables of votes, plain or gzipped. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "trainer/votes.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/fuzz-votes-XXXXXX";
    int fd = mkstemp(path);
    struct nn_votes v;
    FILE *f = fd < 0 ? NULL : fdopen(fd, "wb");

    if (!f)
        return 0;
    fwrite(data, 1, size, f);
    fclose(f);
    if (!nn_votes_read(&v, path, NULL))
        for (int64_t i = 0; i < v.n; i++)
            if (nn_votes_find(&v, v.row[i].name) == NULL)
                abort();        /* what was read can be found */
    nn_votes_release(&v);
    unlink(path);
    return 0;
}
