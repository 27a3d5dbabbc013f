/*
 * source_raw.c - a pipe (or file) of raw RGB frames without any header.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/media/feed.h"
#include "runtime/media/pipe.h"

struct raw {
    int fd;
    int64_t n;
    struct nn_image skipped;
};

static int is_raw(const char *word)
{
    return nn_pipe_is(word);
}

static void close_raw(struct nn_feed *f)
{
    struct raw *s = f->state;

    if (s) {
        nn_pipe_close(s->fd);
        nn_image_release(&s->skipped);
    }
    free(s);
    f->state = NULL;
}

static int open_raw(struct nn_feed *f, struct nn_err *err)
{
    const struct nn_source_opts *o = &f->opts;
    struct nn_rational rate = nn_feed_rate(f, 25);
    struct raw *s;

    if (strcmp(o->format, "rgb24"))
        return nn_fail(err, NN_EUSAGE, "a pipe that comes in is rgb24, or without a format "
                       "what its header says, not '%s'", o->format);
    if (o->w < 1 || o->h < 1 || o->w > 16384 || o->h > 16384)
        return nn_fail(err, NN_EUSAGE, "%s: a raw pipe needs its frames' size", f->word);
    if (!(s = f->state = calloc(1, sizeof *s)))
        return nn_fail_mem(err, "pipe");
    if ((s->fd = nn_pipe_open_read(f->word, err)) < 0)
        return -1;
    f->info = (struct nn_media_info){ .container = "raw", .codec = "rawvideo",
                                      .pixel_format = "rgb24", .w = o->w, .h = o->h };
    f->info.time_base = (struct nn_rational){ rate.den, rate.num };
    f->info.frame_rate = rate;
    return nn_image_init(&s->skipped, o->w, o->h, 3, err);
}

static int next(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err)
{
    struct raw *s = f->state;
    struct nn_image *to = img ? img : &s->skipped;
    size_t size, got = 0;

    (void)captured;
    if (!to->px && nn_image_init(to, f->info.w, f->info.h, 3, err))
        return -1;
    for (size = nn_image_size(to); got < size;) {
        long n = nn_pipe_read(s->fd, to->px + got, size - got, &f->quit, err);
        if (n < 0)
            return nn_fail_in(err, "%s", f->word);
        if (!n)
            break;
        got += (size_t)n;
    }
    if (!got)
        return NN_SOURCE_END;
    if (got < size)
        return nn_fail(err, NN_EFORMAT, "%s: frame %lld has %zu of %zu bytes", f->word,
                       (long long)s->n, got, size);
    *pts = s->n++;
    return NN_SOURCE_FRAME;
}

const struct nn_feed_type nn_feed_raw = { is_raw, open_raw, close_raw, next, NULL, NULL };
