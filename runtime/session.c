/* session.c - a run's source, player and outputs, opened and closed. */
#include "runtime/session.h"

#include <stdio.h>
#include <string.h>

static int open_source(struct nn_session *s, struct nn_err *err)
{
    struct nn_source_opts so = { .frame_rate = { (int64_t)(s->o->rate * 1000 + 0.5), 1000 },
                                 .format = s->o->format };
    char end;

    if (s->o->size && sscanf(s->o->size, "%5dx%5d%c", &so.w, &so.h, &end) != 2)
        return nn_fail(err, NN_EUSAGE, "--size is WIDTHxHEIGHT, not '%s'", s->o->size);
    return (s->source = nn_source_open(s->o->input, &so, err)) ? 0 : -1;
}

static int open_sinks(struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    const struct nn_run_opts *o = s->o;
    int sound = info->has_audio && nn_source_is_file(o->input);
    struct nn_sink_opts so = { .w = info->w, .h = info->h, .time_base = info->time_base,
                               .frame_rate = info->frame_rate,
                               .audio_from = sound ? o->input : NULL,
                               .codec = o->codec, .format = o->format, .overlay = o->overlay,
                               .live = s->live, .fullscreen = o->fullscreen,
                               .display = (int)o->display };

    for (int i = 0; i < o->output.count; i++)
        if (nn_sinks_add(&s->sinks, o->output.value[i], &so, err))
            return -1;
    return 0;
}

int nn_session_open(struct nn_session *s, const struct nn_run_opts *o, struct nn_err *err)
{
    const struct nn_media_info *info;
    struct nn_player_opts po = { .patch = o->patch, .model = o->model,
                                 .face_model = o->face_model, .threads = (int)o->threads,
                                 .seed = (uint64_t)o->seed,
                                 .max_memory = (size_t)o->max_memory,
                                 .engine = strcmp(o->engine, "ort") ? NN_ENGINE_OURS
                                                                   : NN_ENGINE_ORT };

    memset(s, 0, sizeof *s);
    s->o = o;
    if (open_source(s, err))
        return -1;
    info = nn_source_info(s->source);
    s->live = po.live = o->live || nn_source_live(s->source);
    if (s->live && (o->timeline || o->sheet))
        return nn_fail(err, NN_EUSAGE, "--%s needs the whole film: --record the live show, and "
                       "draw it from its --replay", o->timeline ? "timeline" : "sheet");
    po.w = info->w;
    po.h = info->h;
    if (nn_player_init(&s->player, &po, err) ||
        nn_image_init(&s->frame, info->w, info->h, 3, err) ||
        (o->debug && !(s->hud = nn_hud_new(info->w, info->h, err))) ||
        (o->sheet && !(s->sheet = nn_sheet_new(info->w, info->h, err))) ||
        (o->signals && nn_signal_log_open(&s->log, o->signals, err)))
        return -1;
    return open_sinks(s, err);
}

void nn_session_close(struct nn_session *s)
{
    nn_sinks_abort(&s->sinks);
    nn_signal_log_abort(&s->log);
    nn_sheet_free(s->sheet);
    nn_hud_free(s->hud);
    nn_image_release(&s->frame);
    nn_player_release(&s->player);
    nn_source_close(s->source);
}

double nn_session_seconds(const struct nn_session *s, int64_t pts)
{
    const struct nn_media_info *info = nn_source_info(s->source);

    return (double)pts * (double)info->time_base.num / (double)info->time_base.den;
}
