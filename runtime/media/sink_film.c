/*
 * sink_film.c - films, by writer.h.
 */
#include "runtime/media/outlet.h"
#include "runtime/media/writer.h"

static int is_film(const char *word)
{
    (void)word;
    return 1;
}

static int open_film(struct nn_sink *s, struct nn_err *err)
{
    const struct nn_sink_opts *o = &s->opts;
    struct nn_writer_opts wo = { .time_base = o->time_base, .frame_rate = o->frame_rate,
                                 .audio_from = o->audio_from, .quality = o->quality,
                                 .codec = o->codec, .alpha = s->overlay, .live = o->live,
                                 .comment = o->comment };

    s->state = nn_writer_open(s->word, o->w, o->h, &wo, err);
    return s->state ? 0 : -1;
}

static int frame(struct nn_sink *s, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    return nn_writer_frame(s->state, img, pts, err);
}

static int finish(struct nn_sink *s, struct nn_err *err)
{
    return nn_writer_finish(s->state, err);
}

static void abort_film(struct nn_sink *s)
{
    nn_writer_abort(s->state);
}

const struct nn_outlet_type nn_outlet_film = { is_film, 0, 1, open_film, frame, NULL, finish,
                                               abort_film };
