/*
 * source_film.c - what libav opens: film files, pipes of any container that streams, and
 * network addresses, which are live unless they have an end.
 */
#include <string.h>

#include "common/log.h"
#include "runtime/media/feed.h"
#include "runtime/media/pipe.h"

static const double SILENCE = 5;        /* seconds without a byte after which a URL is lost */

static int open_as(struct nn_feed *f, enum nn_reader_kind kind, struct nn_err *err)
{
    struct nn_reader_opts o = { .kind = kind, .timeout = SILENCE, .hardware = !f->opts.software,
                                .quit = &f->quit };

    if (!(f->state = nn_reader_open_as(f->word, &o, err)))
        return -1;
    f->info = *nn_reader_info(f->state);
    f->live = nn_reader_live(f->state);
    if (*f->info.hdr && !f->hushed)
        nn_info("%s is %s: its light is mapped to a standard display's", f->word, f->info.hdr);
    return 0;
}

static int open_film(struct nn_feed *f, struct nn_err *err)
{
    return open_as(f, NN_READ_FILE, err);
}

static int open_pipe(struct nn_feed *f, struct nn_err *err)
{
    return open_as(f, NN_READ_PIPE, err);
}

static int open_url(struct nn_feed *f, struct nn_err *err)
{
    return open_as(f, NN_READ_URL, err);
}

static void close_film(struct nn_feed *f)
{
    nn_reader_close(f->state);
    f->state = NULL;
}

static int next(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err)
{
    int got = nn_reader_into(f->state, img, pts, err);

    (void)captured;
    if (got > 0 || !f->live || err->code == NN_EIO || err->code == NN_EINTR)
        return got;
    return nn_fail(err, NN_EIO, "%s has ended", f->word);   /* whatever was damaged before */
}

static int rewind_film(struct nn_feed *f, struct nn_err *err)
{
    return nn_reader_rewind(f->state, err);
}

static const struct nn_err *fault(const struct nn_feed *f)
{
    return nn_reader_fault(f->state);
}

static int is_url(const char *word)
{
    static const char *const scheme[] = { "http", "https", "rtsp", "rtmp", "rtp", "udp", "tcp",
                                          "srt" };
    const char *colon = strstr(word, "://");

    for (size_t i = 0; colon && i < sizeof scheme / sizeof *scheme; i++)
        if (strlen(scheme[i]) == (size_t)(colon - word) &&
            !strncmp(word, scheme[i], (size_t)(colon - word)))
            return 1;
    return 0;
}

static int is_film(const char *word)
{
    (void)word;
    return 1;
}

const struct nn_feed_type nn_feed_film = { is_film, open_film, close_film, next, rewind_film,
                                           fault };
const struct nn_feed_type nn_feed_pipe = { nn_pipe_is, open_pipe, close_film, next, NULL, fault };
const struct nn_feed_type nn_feed_url = { is_url, open_url, close_film, next, rewind_film, fault };
