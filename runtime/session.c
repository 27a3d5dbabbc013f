/* session.c - a run's source, player and outputs, opened and closed. */
#include "runtime/session.h"

#include <stdio.h>
#include <stdlib.h>
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

/* Where there are keys, the debug display can be switched on. */
static int shows_window(const struct nn_run_opts *o)
{
    for (int i = 0; i < o->output.count; i++)
        if (!strcmp(o->output.value[i], "window"))
            return 1;
    return 0;
}

int nn_session_sinks(struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    const struct nn_run_opts *o = s->o;
    int sound = info->has_audio && nn_source_is_file(o->input);
    struct nn_sink_opts so = { .w = info->w, .h = info->h, .time_base = info->time_base,
                               .frame_rate = info->frame_rate,
                               .audio_from = sound ? o->input : NULL,
                               .codec = o->codec, .format = o->format,
                               .live = s->live, .fullscreen = o->fullscreen,
                               .display = (int)o->display };

    if (s->replay) {                /* pipes shall repeat and pass over the same frames */
        so.time_base = s->replay->head.time_base;
        so.frame_rate = s->replay->head.frame_rate;
    }
    if (o->keep) {                  /* as they came: nothing is done, nothing laid over */
        struct nn_sink_opts ko = so;
        ko.audio_from = NULL;
        ko.quality = 1;
        if (nn_sinks_add(&s->kept, o->keep, &ko, err))
            return -1;
    }
    if (s->player.scenes)
        nn_scenes_says(s->player.scenes, s->says, sizeof s->says);
    so.comment = s->says;
    for (int i = 0; i < o->output.count; i++)
        if (nn_sinks_add(&s->sinks, o->output.value[i], &so, err))
            return -1;
    s->player.written = nn_sinks_stay(&s->sinks) ? s->says : NULL;
    return 0;
}

int nn_session_patch_path(const struct nn_session *s, char out[NN_PATH], struct nn_err *err)
{
    return nn_patch_path(s->o->patch ? s->o->patch : "neon-noir", out, err);
}

static int log_patch(struct nn_session *s, struct nn_err *err)
{
    char path[NN_PATH], *json;
    size_t size;

    if (nn_session_patch_path(s, path, err) ||
        !(json = nn_file_read(path, NN_LOG_TEXT, &size, err)))
        return -1;
    nn_recorder_patch(s->recorder, s->player.patch, path, json, 0, 0);
    free(json);
    return 0;
}

static int open_record(struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    struct nn_log_head head = { .w = info->w, .h = info->h, .time_base = info->time_base,
                                .frame_rate = info->frame_rate, .seed = s->player.seed,
                                .camera = nn_source_live(s->source),
                                .flash_free = s->player.flash_free, .program = "neonnoir-run" };

    snprintf(head.input, sizeof head.input, "%s", s->o->input);
    if (!(s->recorder = nn_recorder_open(s->o->record, &head, err)))
        return -1;
    return log_patch(s, err);
}

static int open_replay(struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);

    if (!(s->replay = calloc(1, sizeof *s->replay)))
        return nn_fail_mem(err, "log");
    if (nn_log_open(s->replay, s->o->replay, NULL, err))
        return -1;
    if (nn_source_live(s->source))
        return nn_fail(err, NN_EUSAGE, "a replay needs the film that was played, not a camera");
    if (info->w != s->replay->head.w || info->h != s->replay->head.h)
        return nn_fail(err, NN_EUSAGE, "%s is of a show of %d x %d, %s is %d x %d", s->o->replay,
                       s->replay->head.w, s->replay->head.h, s->o->input, info->w, info->h);
    return 0;
}

/* Other programs, and what was recorded by them. */
static int open_outside(struct nn_session *s, struct nn_err *err)
{
    struct nn_outside *to = &s->player.outside;

    if (s->o->signals_in) {
        if (!(to->feed = nn_feed_open(s->o->signals_in, err)))
            return -1;
        nn_feed_check(to->feed, s->player.patch);
    }
    if (s->o->osc_in && !(to->in = nn_osc_in_open((int)s->o->osc_in, err)))
        return -1;
    return s->o->osc_out && !(to->out = nn_osc_out_open(s->o->osc_out, err)) ? -1 : 0;
}

int nn_session_open(struct nn_session *s, const struct nn_run_opts *o, struct nn_err *err)
{
    const struct nn_media_info *info;
    struct nn_own_signals own = { 0, NULL };
    struct nn_player_opts po = { .patch = o->patch ? o->patch : "neon-noir", .model = o->model,
                                 .face_model = o->face_model, .threads = (int)o->threads,
                                 .seed = (uint64_t)o->seed,
                                 .no_flash_limit = o->no_flash_limit,
                                 .baseline = o->baseline - o->no_baseline,
                                 .max_memory = (size_t)o->max_memory,
                                 .engine = strcmp(o->engine, "ort") ? NN_ENGINE_OURS
                                                                   : NN_ENGINE_ORT };

    memset(s, 0, sizeof *s);
    s->o = o;
    if (open_source(s, err) || (o->replay && open_replay(s, err)))
        return -1;
    info = nn_source_info(s->source);
    s->live = po.live = !o->replay && (o->live || nn_source_live(s->source));
    if (o->replay) {
        po.patch = o->patch;
        po.blind = 1;
        po.seed = s->replay->head.seed;
        po.no_flash_limit = s->replay->head.flash_free;
    }
    if (o->replay && (o->signals_in || o->osc_in || o->osc_out))
        return nn_fail(err, NN_EUSAGE, "a replay goes by its log alone: no --%s",
                       o->signals_in ? "signals-in" : o->osc_in ? "osc-in" : "osc-out");
    if ((o->record || o->keep) && !s->live)
        return nn_fail(err, NN_EUSAGE, "--%s is for live shows: a camera, or a film with --live",
                       o->record ? "record" : "keep");
    if (s->live && (o->timeline || o->sheet))
        return nn_fail(err, NN_EUSAGE, "--%s needs the whole film: --record the live show, and "
                       "draw it from its --replay", o->timeline ? "timeline" : "sheet");
    po.w = info->w;
    po.h = info->h;
    if (nn_player_init(&s->player, &po, err))
        return -1;
    if (open_outside(s, err))
        return -1;
    if (s->player.patch && !s->live)    /* live, another patch may bring others along */
        own = nn_patch_own(s->player.patch);
    if (nn_image_init(&s->frame, info->w, info->h, 3, err) ||
        ((o->debug || shows_window(o)) && !(s->hud = nn_hud_new(info->w, info->h, err))) ||
        (o->sheet && !(s->sheet = nn_sheet_new(info->w, info->h, err))) ||
        (o->signals && nn_signal_log_open(&s->log, o->signals, &own, err)))
        return -1;
    return (!o->replay && nn_session_sinks(s, err)) || (o->record && open_record(s, err)) ? -1 : 0;
}

void nn_session_close(struct nn_session *s)
{
    nn_sinks_abort(&s->sinks);
    nn_sinks_abort(&s->kept);
    nn_recorder_close(s->recorder, 0, 0, 0, NULL);
    if (s->replay)
        nn_log_release(s->replay);
    free(s->replay);
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
