#include "runtime/media/source.h"

#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/convert.h"
#include "runtime/media/feed.h"
#include "runtime/media/live.h"

struct nn_source {
    char *word;
    struct nn_feed feed;
    struct nn_live *live;           /* only of live ones */
    struct nn_media_info info;      /* of the first opening: what was promised */
    struct nn_image img, fitted;
    int64_t frames;
    int scaled, told;
};

/* The last takes whatever nobody else knows. */
static const struct nn_feed_type *const types[] = {
    &nn_feed_synthetic, &nn_feed_camera, &nn_feed_url, &nn_feed_raw, &nn_feed_pipe,
    &nn_feed_pictures, &nn_feed_film, NULL
};

static const struct nn_feed_type *type_of(const struct nn_feed *f)
{
    int i = 0, raw = f->opts.format && strcmp(f->opts.format, "y4m");

    while (types[i + 1] && (!types[i]->is(f->word) || (types[i] == &nn_feed_raw && !raw)))
        i++;
    return types[i];
}

struct nn_rational nn_feed_rate(const struct nn_feed *f, int64_t otherwise)
{
    struct nn_rational r = f->opts.frame_rate;

    if (r.num < 1 || r.den < 1 || r.num > INT32_MAX || r.den > INT32_MAX)
        return (struct nn_rational){ otherwise, 1 };
    return r;
}

struct nn_source *nn_source_open(const char *word, const struct nn_source_opts *opts,
                                 struct nn_err *err)
{
    struct nn_source *s = calloc(1, sizeof *s);
    struct nn_feed *f;

    nn_libav_quiet();
    if (!s || !(s->word = strdup(word))) {
        free(s);
        nn_fail_mem(err, "source");
        return NULL;
    }
    f = &s->feed;
    f->word = s->word;
    f->opts = *opts;
    f->type = type_of(f);
    s->img.channels = s->fitted.channels = 3;
    if (f->type->open(f, err)) {
        nn_source_close(s);
        return NULL;
    }
    s->info = f->info;
    if (!f->live)
        return s;
    s->info.time_base = (struct nn_rational){ 1, 1000000 };
    if (!(s->live = nn_live_start(f, err))) {
        nn_source_close(s);
        return NULL;
    }
    return s;
}

void nn_source_close(struct nn_source *s)
{
    if (!s)
        return;
    if (s->live)
        nn_live_stop(s->live);
    else
        s->feed.type->close(&s->feed);
    nn_image_release(&s->img);
    nn_image_release(&s->fitted);
    free(s->word);
    free(s);
}

const struct nn_media_info *nn_source_info(const struct nn_source *s)
{
    return &s->info;
}

int nn_source_live(const struct nn_source *s)
{
    return s->live != NULL;
}

int64_t nn_source_missed(const struct nn_source *s)
{
    return s->live ? nn_live_missed(s->live) : 0;
}

int nn_source_lost(const struct nn_source *s)
{
    return s->live ? nn_live_lost(s->live) : 0;
}

/* Everything behind a source was made for frames of the size that it promised. */
static int fit(struct nn_source *s, struct nn_source_frame *f, struct nn_err *err)
{
    const struct nn_image *img = f->img;

    if (img->w == s->info.w && img->h == s->info.h)
        return 0;
    if (!s->scaled++)
        nn_warn("%s: a frame of %d x %d is scaled to %d x %d", s->word, img->w, img->h, s->info.w,
                s->info.h);
    if (!s->fitted.px && nn_image_init(&s->fitted, s->info.w, s->info.h, 3, err))
        return -1;
    nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, &s->fitted);
    f->img = &s->fitted;
    return 0;
}

/* At the end, or at damage behind which there is nothing. */
static int end(struct nn_source *s, int got, const struct nn_err *why, struct nn_err *err)
{
    const struct nn_err *fault = s->feed.type->fault ? s->feed.type->fault(&s->feed) : NULL;

    if (got < 0 && (!s->frames || why->code == NN_EINTR))
        return nn_fail(err, why->code, "%s", why->msg);
    if (got < 0)
        fault = why;
    if (fault && !s->told++)
        nn_warn("%s; what can be decoded is played", fault->msg);
    return NN_SOURCE_END;
}

int nn_source_next(struct nn_source *s, struct nn_source_frame *f, struct nn_err *err)
{
    struct nn_err why = { 0 };
    struct nn_source_frame skipped = { 0 };
    int got;

    if (s->live) {
        got = nn_live_next(s->live, f, err);
    } else {
        struct nn_source_frame *to = f ? f : &skipped;
        if (nn_check_stop("run", err))
            return -1;
        to->img = &s->img;
        to->captured = nn_now();
        got = s->feed.type->next(&s->feed, f ? &s->img : NULL, &to->pts, &to->captured, &why);
        if (got <= 0)
            return end(s, got, &why, err);
    }
    if (got != NN_SOURCE_FRAME)
        return got;
    s->frames++;
    return f && fit(s, f, err) ? -1 : NN_SOURCE_FRAME;
}

int nn_source_can_rewind(const struct nn_source *s)
{
    return !s->live && s->feed.type->rewind;
}

int nn_source_rewind(struct nn_source *s, struct nn_err *err)
{
    if (!nn_source_can_rewind(s))
        return nn_fail(err, NN_EUNSUPPORTED, "%s cannot be seen twice", s->word);
    return s->feed.type->rewind(&s->feed, err);
}

int nn_source_is_file(const char *word)
{
    struct nn_feed f = { .word = word };
    const struct nn_feed_type *t = type_of(&f);

    return t == &nn_feed_film || t == &nn_feed_pictures;
}
