/*
 * fuzz_source.c - libFuzzer: any bytes through a pipe, as a film (first byte even) or as
 * raw RGB, and any word as a source of our own making.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "common/log.h"
#include "runtime/media/source.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void play(const char *word, const struct nn_source_opts *opts)
{
    struct nn_err err = { 0 };
    struct nn_source *s = nn_source_open(word, opts, &err);
    struct nn_source_frame f;
    int64_t last = INT64_MIN;

    if (!s)
        return;
    for (int i = 0; i < 30 && nn_source_next(s, &f, &err) == NN_SOURCE_FRAME; i++) {
        if (f.img->w != nn_source_info(s)->w || f.img->h != nn_source_info(s)->h || f.pts <= last)
            __builtin_trap();
        last = f.pts;
    }
    nn_source_close(s);
}

static void through_pipe(const uint8_t *data, size_t size, const struct nn_source_opts *opts)
{
    char word[40];
    int fd[2];

    if (pipe(fd))
        return;
    fcntl(fd[1], F_SETFL, O_NONBLOCK);
    if (write(fd[1], data, size) == (ssize_t)size) {
        close(fd[1]);
        snprintf(word, sizeof word, "/dev/fd/%d", fd[0]);
        play(word, opts);
    } else {
        close(fd[1]);
    }
    close(fd[0]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct nn_source_opts opts = { 0 };
    char word[64] = "strobe:";

    nn_log_level(0);
    if (size < 4)
        return 0;
    if (data[0] % 2) {
        opts = (struct nn_source_opts){ .w = data[1] - 1, .h = data[2], .format = "rgb24" };
        opts.frame_rate = (struct nn_rational){ data[3], data[1] };
    }
    through_pipe(data + 1, size - 1, &opts);
    if (size < 24) {        /* sizes of at most three digits: not to paint all day */
        memcpy(word + 7, data, size);
        if (strspn(word + 7, "0123456789") < 4 && !strstr(word, "0000"))
            play(word, &opts);
    }
    return 0;
}
