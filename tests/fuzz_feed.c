/* libFuzzer: CSV files of recorded signals. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "runtime/signals/feed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[] = "/tmp/fuzz-feed-XXXXXX";
    int fd = mkstemp(path);
    FILE *out = fd < 0 ? NULL : fdopen(fd, "wb");
    struct nn_feed *f;
    struct nn_bus bus;

    if (!out)
        return 0;
    fwrite(data, 1, size, out);
    fclose(out);
    nn_bus_init(&bus);
    if ((f = nn_feed_open(path, NULL))) {
        for (int i = -5; i < 40; i++)
            nn_feed_play(f, NULL, &bus, i * 0.3);
        for (int s = 0; s < NN_SIGNALS; s++)
            if (!(bus.value[s] >= nn_signal_info(s)->min &&
                  bus.value[s] <= nn_signal_info(s)->max))
                abort();
    }
    nn_feed_free(f);
    unlink(path);
    return 0;
}
