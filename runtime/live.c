/* live.c - the rendering of a live show, on the caller's thread. */
#include "runtime/live.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"

static const double WAIT = 0.05;                /* seconds: keys are looked at that often */
static const double LEAST = 33, UNKNOWN = 66;   /* ms: budgets without --budget */

/* Two frames' time, which is what capturing and rendering one after the other may take. */
static double budget_of(const struct nn_session *s)
{
    struct nn_rational r = nn_source_info(s->source)->frame_rate;

    if (s->o->budget > 0)
        return s->o->budget;
    if (r.num <= 0 || r.den <= 0)
        return UNKNOWN;
    return fmin(fmax(2e3 * (double)r.den / (double)r.num, LEAST), 3 * UNKNOWN);
}

static int prepare(struct nn_show *show, struct nn_session *s, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(s->source);

    memset(show, 0, sizeof *show);
    show->s = s;
    for (int i = 0; i < 3; i++)
        if (nn_image_init(&show->frame[i].img, info->w, info->h, 3, err) ||
            nn_image_init(&show->look_frame[i].img, info->w, info->h, 3, err))
            return -1;
    nn_mailbox_init(&show->frames, &show->frame[0], &show->frame[1], &show->frame[2]);
    nn_mailbox_init(&show->look, &show->look_frame[0], &show->look_frame[1],
                    &show->look_frame[2]);
    nn_mailbox_init(&show->news, &show->seen[0], &show->seen[1], &show->seen[2]);
    atomic_init(&show->every, 1);
    atomic_init(&show->celsius, NAN);
    show->debug = s->o->debug;
    if (nn_session_patch_path(s, show->path, err))
        return -1;
    nn_load_init(&show->load, budget_of(s));
    s->player.vitals.live = 1;
    s->player.vitals.budget_ms = show->load.budget;
    return 0;
}

/* The newest analysis, if there is news. */
static void learn(struct nn_show *show)
{
    struct nn_player *p = &show->s->player;
    const struct nn_seen *news = nn_mailbox_take(&show->news, 0);

    if (!news)
        return;
    p->seen = *news;
    p->vitals.looks = news->looks;
    if (show->s->recorder)
        nn_recorder_seen(show->s->recorder, news);
    show->looked_at++;
}

/* Takes back what there is no time for. */
static void relieve(struct nn_show *show)
{
    struct nn_player *p = &show->s->player;

    for (int i = 0; i < p->patch->count; i++)
        p->drive.value[i][0] *= show->load.keep[p->patch->link[i].effect->touch];
}

static void record(struct nn_show *show, const struct nn_captured *f)
{
    const struct nn_player *p = &show->s->player;
    const struct nn_moment *now = &p->history.moment[p->history.count - 1];
    struct nn_log_frame frame = { .number = f->number, .pts = f->pts, .t = f->t,
                                  .level = show->load.level, .hash = nn_picture_hash(&f->img) };

    memcpy(frame.ms, now->ms, sizeof frame.ms);
    if (p->history.count > 1)
        frame.latency_ms = now[-1].latency_ms;
    nn_recorder_frame(show->s->recorder, p, &frame);
}

static void measure(struct nn_show *show, const struct nn_captured *f, double dt)
{
    struct nn_player *p = &show->s->player;
    struct nn_moment *now = nn_history_last(&p->history);
    double ms = 1e3 * (nn_now() - f->captured);

    now->latency_ms = (float)ms;
    nn_times_add(&show->latency, ms);
    for (int i = 0; i < NN_STAGES; i++)
        nn_times_add(&show->stage[i], (double)now->ms[i]);
    p->vitals.celsius = atomic_load(&show->celsius);
    p->vitals.missed = nn_mailbox_missed(&show->frames) + nn_source_missed(show->s->source);
    if (!nn_load_frame(&show->load, ms, dt))
        return;
    atomic_store(&show->every, nn_load_every(&show->load));
    nn_load_words(&show->load, p->vitals.dropped);
    nn_debug("%.2f s: %s", f->t, *p->vitals.dropped ? p->vitals.dropped : "nothing is dropped");
}

/* Patches that other programs asked for are the stagehand's. */
static void pass_on(struct nn_show *show)
{
    struct nn_outside *o = &show->s->player.outside;

    if (o->step)
        atomic_fetch_add(&show->order, o->step);
    o->step = 0;
    if (!*o->patch || atomic_load(&show->wished))
        return;
    memcpy(show->wish, o->patch, sizeof o->patch);
    *o->patch = 0;
    atomic_store(&show->wished, 1);
}

static int render(struct nn_show *show, struct nn_captured *f, struct nn_err *err)
{
    struct nn_session *s = show->s;
    struct nn_player *p = &s->player;
    const struct nn_image *before = NULL;
    double dt = p->frames ? f->t - p->t : 0, t0;
    struct nn_moment *now;

    learn(show);
    nn_stage_take(show, f->t);
    if (nn_sinks_overlay(&s->sinks)) {
        memcpy(s->frame.px, f->img.px, nn_image_size(&f->img));
        before = &s->frame;
    }
    if (s->kept.count && nn_sinks_frame(&s->kept, NULL, &f->img, f->pts, err))
        return -1;
    if (nn_player_steer(p, f->img.w, f->img.h, f->t, err))
        return -1;
    pass_on(show);
    relieve(show);
    nn_player_draw(p, &f->img);
    now = nn_history_last(&p->history);
    now->number = f->number;
    now->ms[NN_STAGE_READ] = f->read_ms;
    now->ms[NN_STAGE_DETECT] = p->seen.detect_ms;
    now->ms[NN_STAGE_EMOTION] = p->seen.emotion_ms;
    if (s->recorder)
        record(show, f);
    if (show->debug)
        nn_hud_draw(s->hud, p, &f->img);
    t0 = nn_now();
    if (s->sinks.count && nn_sinks_frame(&s->sinks, before, &f->img, f->pts, err))
        return -1;
    now->ms[NN_STAGE_WRITE] = (float)(1e3 * (nn_now() - t0));
    if (s->log.file.f)
        nn_signal_log_row(&s->log, &p->bus, f->number, f->t);
    measure(show, f, dt);
    return 0;
}

static void go_to_scene(struct nn_show *show, int i)
{
    struct nn_patch *p = show->s->player.patch;
    char what[32];

    if (i >= p->scenes)
        return;
    nn_patch_go(p, i);
    snprintf(what, sizeof what, "scene %d", i);
    if (show->s->recorder)
        nn_recorder_event(show->s->recorder, show->s->player.t, what);
}

/* 0 when the show is to end. */
static int obey_keys(struct nn_show *show)
{
    int key;

    while ((key = nn_sinks_key(&show->s->sinks))) {
        switch (key) {
        case NN_KEY_CLOSE: case 27: case 'q': return 0;
        case 'n': atomic_fetch_add(&show->order, 1); break;
        case 'b': atomic_fetch_sub(&show->order, 1); break;
        case 's': {
            const struct nn_patch *p = show->s->player.patch;
            go_to_scene(show, (p->change.now + 1) % p->scenes);
            break;
        }
        case '1': case '2': case '3': case '4': case '5': case '6': case '7': case '8': case '9':
            go_to_scene(show, key - '1');
            break;
        case 'd': show->debug = !show->debug && show->s->hud; break;
        default: break;
        }
    }
    return 1;
}

static int play(struct nn_show *show, struct nn_err *err)
{
    double last = 0;

    while (obey_keys(show)) {
        struct nn_captured *f = nn_mailbox_take(&show->frames, WAIT);
        if (!f && nn_mailbox_closed(&show->frames))
            break;
        if (!f)
            continue;
        if (render(show, f, err)) {     /* Ctrl-C ends a pipe in the middle of a frame */
            int ended = err->code == NN_EINTR && nn_stopping();
            err->code = ended ? NN_OK : err->code;
            return ended ? 0 : -1;
        }
        if (last > 0)
            show->longest = fmax(show->longest, 1e3 * (nn_now() - last));
        last = nn_now();
    }
    return 0;
}

int nn_show_run(struct nn_show *show, struct nn_session *s, struct nn_err *err)
{
    double start = nn_now();
    int ret = -1;

    if (prepare(show, s, err) || nn_stage_start(show, err) || nn_show_start(show, err))
        goto out;
    ret = play(show, err);
out:
    nn_show_stop(show);
    nn_stage_stop(show);
    s->wall = nn_now() - start;
    if (!ret && show->why.code)
        ret = nn_fail(err, show->why.code, "%s", show->why.msg);
    if (!ret && !s->player.frames && !nn_stopping())
        ret = nn_fail(err, NN_EFORMAT, "%s has no frames", s->o->input);
    /* Also after a failure: what was recorded until then is wanted. */
    if (s->log.file.f && nn_signal_log_close(&s->log, ret ? NULL : err))
        ret = -1;
    if (nn_recorder_close(s->recorder, s->player.frames, s->player.vitals.missed,
                          s->player.vitals.looks, ret ? NULL : err))
        ret = -1;
    s->recorder = NULL;
    if (nn_sinks_finish(&s->kept, ret ? NULL : err))
        ret = -1;
    if (nn_sinks_finish(&s->sinks, ret ? NULL : err))
        ret = -1;
    return ret;
}

void nn_show_release(struct nn_show *show)
{
    for (int i = 0; i < 3; i++) {
        nn_image_release(&show->frame[i].img);
        nn_image_release(&show->look_frame[i].img);
    }
}
