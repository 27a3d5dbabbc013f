#include "runtime/media/sink.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "runtime/media/outlet.h"
#include "runtime/media/pipe.h"
#include "runtime/media/unmix.h"

/* The last takes whatever nobody else knows. */
static const struct nn_outlet_type *const types[] = {
    &nn_outlet_window, &nn_outlet_camera, &nn_outlet_pipe, &nn_outlet_pictures,
    &nn_outlet_film, NULL
};

static const char overlay[] = "overlay:";

const char *nn_sink_path(const char *word)
{
    return word + (strncmp(word, overlay, sizeof overlay - 1) ? 0 : sizeof overlay - 1);
}

static const struct nn_outlet_type *type_of(const char *word)
{
    int i = 0;

    while (types[i + 1] && !types[i]->is(nn_sink_path(word)))
        i++;
    return types[i];
}

int nn_sink_is_file(const char *word)
{
    const struct nn_outlet_type *t = type_of(word);

    return t == &nn_outlet_film || (t == &nn_outlet_pipe && !nn_pipe_is(nn_sink_path(word)));
}

int nn_sink_is_stdout(const char *word)
{
    return !strcmp(nn_sink_path(word), "-");
}

static void free_sink(struct nn_sink *s)
{
    nn_image_release(&s->laid);
    nn_image_release(&s->last);
    free(s->word);
    free(s);
}

int nn_sinks_add(struct nn_sinks *all, const char *word, const struct nn_sink_opts *opts,
                 struct nn_err *err)
{
    struct nn_sink *s;
    struct nn_rational *rate, *tb;

    if (all->count == NN_MAX_SINKS)
        return nn_fail(err, NN_EUSAGE, "%s: more than %d outputs", word, NN_MAX_SINKS);
    if (!(s = calloc(1, sizeof *s)) || !(s->word = strdup(nn_sink_path(word)))) {
        free(s);
        return nn_fail_mem(err, "output");
    }
    s->opts = *opts;
    s->overlay = nn_sink_path(word) != word;
    rate = &s->opts.frame_rate;
    tb = &s->opts.time_base;
    s->type = type_of(word);
    if (rate->num < 1 || rate->den < 1)
        *rate = (struct nn_rational){ s->type->steady ? 25 : 0, 1 };
    if (s->overlay && !s->type->alpha)
        nn_fail(err, NN_EUSAGE, "%s: an overlay goes to a .mov (ProRes 4444) or to PNG pictures",
                word);
    else if (tb->num < 1 || tb->den < 1 || tb->num > INT32_MAX || tb->den > INT32_MAX)
        nn_fail(err, NN_EARG, "%s: no time base", word);
    else if (opts->w < 1 || opts->h < 1 || opts->w > 16384 || opts->h > 16384)
        nn_fail(err, NN_EUNSUPPORTED, "%s: frames of %d x %d pixels", word, opts->w, opts->h);
    else if (!s->type->open(s, err)) {
        all->live |= opts->live;
        all->sink[all->count++] = s;
        return 0;
    }
    s->type->abort(s);
    free_sink(s);
    return -1;
}

static int keep(struct nn_sink *s, const struct nn_image *img, struct nn_err *err)
{
    if (!s->last.px && nn_image_init(&s->last, img->w, img->h, img->channels, err))
        return -1;
    memcpy(s->last.px, img->px, nn_image_size(img));
    return 0;
}

/* A slot of the even rate shows the frame that was newest then. */
static int steady(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    struct nn_rational rate = s->opts.frame_rate, tb = s->opts.time_base;
    double unit = (double)tb.num / (double)tb.den * (double)rate.num / (double)rate.den;
    int64_t slot = llrint((double)(pts - s->first) * unit);

    /* A camera was away: nobody waits for the frames that are missing. */
    if (s->opts.live && (double)(slot - s->given) * (double)rate.den > (double)rate.num) {
        s->first = pts - llrint((double)s->given / unit);
        slot = s->given;
    }
    for (; s->given < slot; s->given++)
        if (s->type->frame(s, &s->last, s->given, err))
            return -1;
    if (s->given == slot) {
        if (s->type->frame(s, img, s->given, err))
            return -1;
        s->given++;
    }
    return keep(s, img, err);
}

static int put(struct nn_sink *s, const struct nn_image *before, const struct nn_image *after,
               int64_t pts, struct nn_err *err)
{
    const struct nn_image *img = after;

    if (after->w != s->opts.w || after->h != s->opts.h)
        return nn_fail(err, NN_EARG, "%s: a frame of %d x %d among those of %d x %d", s->word,
                       after->w, after->h, s->opts.w, s->opts.h);
    if (s->overlay) {
        if (!before)
            return nn_fail(err, NN_EARG, "%s: an overlay needs the frame as it came", s->word);
        if (nn_unmix(before, after, &s->laid, err))
            return -1;
        img = &s->laid;
    }
    if (!s->taken++)
        s->first = pts;
    return s->type->steady ? steady(s, img, pts, err) : s->type->frame(s, img, pts, err);
}

int nn_sinks_stay(const struct nn_sinks *all)
{
    for (int i = 0; i < all->count; i++)
        if (all->sink[i]->type == &nn_outlet_film || all->sink[i]->type == &nn_outlet_pictures)
            return 1;
    return 0;
}

int nn_sinks_overlay(const struct nn_sinks *all)
{
    for (int i = 0; i < all->count; i++)
        if (all->sink[i]->overlay)
            return 1;
    return 0;
}

int nn_sinks_frame(struct nn_sinks *all, const struct nn_image *before,
                   const struct nn_image *after, int64_t pts, struct nn_err *err)
{
    int i = 0;

    while (i < all->count) {
        struct nn_sink *s = all->sink[i];
        struct nn_err why = { 0 };
        if (!put(s, before, after, pts, &why)) {
            i++;
            continue;
        }
        if (!all->live || all->count == 1 || why.code == NN_EINTR)
            return nn_fail(err, why.code, "%s", why.msg);
        nn_warn("%s; the other outputs go on", why.msg);
        s->type->abort(s);
        free_sink(s);
        memmove(&all->sink[i], &all->sink[i + 1],
                (size_t)(--all->count - i) * sizeof *all->sink);
    }
    return 0;
}

int nn_sinks_key(struct nn_sinks *all)
{
    for (int i = 0; i < all->count; i++) {
        int key = all->sink[i]->type->key ? all->sink[i]->type->key(all->sink[i]) : 0;
        if (key)
            return key;
    }
    return 0;
}

int nn_sinks_finish(struct nn_sinks *all, struct nn_err *err)
{
    int ret = 0;

    for (int i = 0; i < all->count; i++) {
        struct nn_sink *s = all->sink[i];
        if (s->type->finish(s, ret ? NULL : err))
            ret = -1;
        free_sink(s);
    }
    *all = (struct nn_sinks){ 0 };
    return ret;
}

void nn_sinks_abort(struct nn_sinks *all)
{
    for (int i = 0; i < all->count; i++) {
        all->sink[i]->type->abort(all->sink[i]);
        free_sink(all->sink[i]);
    }
    *all = (struct nn_sinks){ 0 };
}
