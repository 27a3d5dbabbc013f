/* run_film.c - a film to its end: every frame is analysed, the same bits on every run. */
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/picture.h"
#include "runtime/session.h"

static int play_frame(struct nn_session *s, const struct nn_image *img, int64_t pts, double t,
                      double read_ms, struct nn_err *err)
{
    struct nn_moment *now;
    double t0;

    memcpy(s->frame.px, img->px, nn_image_size(img));
    if (nn_player_frame(&s->player, img, &s->frame, t, err))
        return -1;
    now = &s->player.history.moment[s->player.history.count - 1];
    now->ms[NN_STAGE_READ] = (float)read_ms;
    if (s->sheet)
        nn_sheet_look(s->sheet, &s->player, img, &s->frame);
    if (s->o->debug)
        nn_hud_draw(s->hud, &s->player, &s->frame);
    t0 = nn_now();
    if (nn_sinks_frame(&s->sinks, img, &s->frame, pts, err))
        return -1;
    now->ms[NN_STAGE_WRITE] = (float)(1e3 * (nn_now() - t0));
    if (s->log.file.f)
        nn_signal_log_row(&s->log, &s->player.bus, s->player.history.count - 1, t);
    return 0;
}

int nn_session_left(struct nn_session *s, struct nn_err *err)
{
    int key;

    while ((key = nn_sinks_key(&s->sinks)))
        if (key == NN_KEY_CLOSE || key == 27 || key == 'q')
            return nn_fail(err, NN_EINTR, "the window was closed");
    return 0;
}

static int play(struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);
    const struct nn_history *history = &s->player.history;
    double rate = info->frame_rate.den && info->frame_rate.num > 0 ?
                  (double)info->frame_rate.num / (double)info->frame_rate.den : 0;
    struct nn_progress bar;
    struct nn_source_frame f;
    int64_t first = 0;
    double start = nn_now(), t0;
    int got;

    nn_progress_start(&bar, "run", (int64_t)(info->duration * rate + 0.5));
    for (;;) {
        t0 = nn_now();
        got = nn_check_stop("run", err) ? -1 : nn_source_next(s->source, &f, err);
        if (got <= 0)
            break;
        if (got == NN_SOURCE_NOTHING)
            continue;
        if (!history->count)
            first = f.pts;
        if (play_frame(s, f.img, f.pts, nn_session_seconds(s, f.pts - first),
                       1e3 * (nn_now() - t0), err)) {
            got = -1;
            break;
        }
        nn_progress_update(&bar, history->count, NULL);
        if (nn_session_left(s, err)) {
            got = -1;
            break;
        }
    }
    nn_progress_stop(&bar);
    s->wall = nn_now() - start;
    if (!got && !history->count)
        return nn_fail(err, NN_EFORMAT, "%s has no frames", s->o->input);
    if (got < 0 && err->code == NN_EINTR)
        nn_fail(err, NN_EINTR, "run interrupted; %s is left as it was", s->o->output.value[0]);
    return got;
}

int nn_session_finish(struct nn_session *s, struct nn_err *err)
{
    if (nn_shots_finish(s->player.analyst.shots, &s->shot, &s->shots, err))
        return -1;
    if ((s->o->signals && nn_signal_log_close(&s->log, err)) ||
        (s->o->sheet && (nn_sheet_write(s->sheet, &s->player, s->o->input, s->o->sheet, err) ||
                         nn_picture_note(s->o->sheet, s->says, err))) ||
        (s->o->timeline && nn_timeline_film(&s->player, s->source, s->shot, s->shots, s->o->input,
                                            s->o->timeline, err)))
        return -1;
    return nn_sinks_finish(&s->sinks, err);
}

int nn_session_film(struct nn_session *s, struct nn_err *err)
{
    return play(s, err) || nn_session_finish(s, err) ? -1 : 0;
}
