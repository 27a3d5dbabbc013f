/* record_replay.c - a live show rendered again, by its log. */
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/session.h"

/* The files of a patch are meant from where it was when the show was played. */
static int find_files(struct nn_patch *patch, const char *path, struct nn_err *err)
{
    const char *slash = strrchr(path, '/');
    char file[NN_PATH];

    for (int i = 0; i < patch->count && slash; i++) {
        char *to = patch->link[i].file;
        memcpy(file, to, sizeof file);
        if (*file && *file != '/' && nn_path(to, err, "%.*s/%s", (int)(slash - path), path, file))
            return -1;
    }
    return 0;
}

static struct nn_patch *read_patch(const struct nn_log *l, struct nn_err *err)
{
    cJSON *root = cJSON_Parse(l->json);
    struct nn_patch *patch = NULL;

    if (!root) {
        nn_fail(err, NN_EFORMAT, "%s: its patch %s is no JSON", l->path, l->patch_path);
        return NULL;
    }
    patch = nn_patch_parse(root, err);
    cJSON_Delete(root);
    if (!patch)
        nn_fail_in(err, "%s: %s", l->path, l->patch_path);
    return patch;
}

static int fits(const struct nn_log *l, const struct nn_patch *patch, struct nn_err *err)
{
    int same = l->effects == patch->count;

    for (int i = 0; same && i < patch->count; i++)
        same = !strcmp(l->effect[i], patch->link[i].effect->name);
    return same ? 1 : nn_fail(err, NN_EFORMAT, "%s: the log's patch %s has other effects than it "
                              "says", l->path, l->patch_path);
}

/* The show's patch begins; with --patch it is another one that plays all the time. */
static int change_patch(struct nn_session *s, struct nn_err *err)
{
    struct nn_player *p = &s->player;
    struct nn_patch *patch;
    struct nn_rig rig;

    if (s->o->patch)
        return 0;
    if (!(patch = read_patch(s->replay, err)))
        return -1;
    if (fits(s->replay, patch, err) < 0 || find_files(patch, s->replay->patch_path, err)) {
        nn_patch_free(patch);
        return -1;
    }
    if (s->replay->goes_on && p->patch && nn_patch_same_effects(p->patch, patch)) {
        nn_patch_free(p->patch);
        p->patch = patch;
        return 0;
    }
    if (nn_rig_make(&rig, p, patch, err))
        return -1;
    nn_rig_swap(&rig, p);
    nn_rig_release(&rig);
    return 0;
}

/* Foreign values must be what a patch could have said. */
static int check_values(const struct nn_log *l, const struct nn_patch *patch, struct nn_err *err)
{
    for (int i = 0; i < patch->count; i++)
        for (int k = 0; k < nn_effect_params(patch->link[i].effect); k++) {
            const struct nn_param *param = &patch->link[i].effect->param[k];
            float v = l->drive.value[i][k];
            if (!(v >= (k ? param->min : 0) && v <= param->max))
                return nn_fail(err, NN_EFORMAT, "%s: frame %lld: %s.%s was %g, which it cannot be",
                               l->path, (long long)l->frame.number, patch->link[i].effect->name,
                               param->name, (double)v);
        }
    return 0;
}

/* Reads on to the log's next frame: a film's by its place, a camera's recording has them all. */
static int find_frame(struct nn_session *s, int64_t *at, struct nn_source_frame *f,
                      struct nn_err *err)
{
    int64_t want = s->replay->head.camera ? s->player.frames : s->replay->frame.number;
    int got = NN_SOURCE_FRAME;

    for (; *at < want && got == NN_SOURCE_FRAME; ++*at)
        got = nn_source_next(s->source, NULL, err);
    if (got == NN_SOURCE_FRAME)
        got = nn_source_next(s->source, f, err);
    ++*at;
    if (got == NN_SOURCE_END)
        return nn_fail(err, NN_EFORMAT, "%s ends before frame %lld of the show", s->o->input,
                       (long long)want);
    return got;
}

static void remember(struct nn_session *s, struct nn_moment *now)
{
    const struct nn_log *l = s->replay;
    struct nn_bus *b = &s->player.bus;

    for (int i = 0; i < NN_SIGNALS; i++)
        nn_bus_set(b, i, l->value[i], l->frame.t);
    now->number = l->frame.number;
    now->present = b->value[NN_SIG_PRESENT];
    memcpy(now->mood, &b->value[NN_SIG_EMOTION], sizeof now->mood);
    now->valence = b->value[NN_SIG_VALENCE];
    now->arousal = b->value[NN_SIG_AROUSAL];
    memcpy(now->ms, l->frame.ms, sizeof now->ms);
    now->latency_ms = l->frame.latency_ms;
}

static int replay_frame(struct nn_session *s, const struct nn_source_frame *f, struct nn_err *err)
{
    const struct nn_log *l = s->replay;
    struct nn_player *p = &s->player;
    struct nn_moment *now;
    double dt;

    if (nn_shots_feed(p->analyst.shots, f->img, err) < 0 ||
        !(now = nn_player_begin(p, l->frame.t, &dt, err)))
        return -1;
    remember(s, now);
    p->seen = l->seen;
    memcpy(s->frame.px, f->img->px, nn_image_size(f->img));
    if (s->o->patch)
        nn_player_modulate(p, dt);
    else if (check_values(l, p->patch, err))
        return -1;
    else
        memcpy(p->drive.value, l->drive.value, sizeof p->drive.value);
    p->drive.fade = nn_player_fade(&p->bus);
    p->drive.who = l->drive.who;
    nn_player_feel(&p->bus, &p->drive.who);
    nn_player_draw(p, &s->frame);
    if (nn_picture_hash(&s->frame) == l->frame.hash)
        s->same++;
    else if (!s->different++ && !s->o->patch)
        nn_warn("frame %lld is not what it was in the show: another film, or another version",
                (long long)l->frame.number);
    if (s->sheet)
        nn_sheet_look(s->sheet, p, f->img, &s->frame);
    if (s->o->debug)
        nn_hud_draw(s->hud, p, &s->frame);
    if (nn_sinks_frame(&s->sinks, f->img, &s->frame, l->frame.pts, err))
        return -1;
    if (s->log.file.f)
        nn_signal_log_row(&s->log, &p->bus, l->frame.number, l->frame.t);
    return nn_session_left(s, err);
}

/* The outputs wait for the show's first patch, which may have something to say in them. */
static int next_frame(struct nn_session *s, int64_t *at, struct nn_err *err)
{
    struct nn_source_frame f;
    int got;

    if (!s->player.frames && nn_session_sinks(s, err))
        return -1;
    got = find_frame(s, at, &f, err);
    return got == NN_SOURCE_FRAME ? replay_frame(s, &f, err) : got;
}

static int play(struct nn_session *s, struct nn_err *err)
{
    struct nn_progress bar;
    int64_t at = 0;
    int got = 0;

    nn_progress_start(&bar, "replay", 0);
    while (got >= 0 && !(got = nn_check_stop("replay", err)) &&
           (got = nn_log_next(s->replay, err)) > 0) {
        if (got == NN_LOG_PATCH)
            got = change_patch(s, err);
        else if (got == NN_LOG_FRAME)
            got = next_frame(s, &at, err);
        nn_progress_update(&bar, s->player.frames, NULL);
    }
    nn_progress_stop(&bar);
    if (got >= 0 && s->replay->cut)
        nn_warn("%s breaks off behind frame %lld", s->replay->path,
                (long long)s->replay->frame.number);
    return got;
}

int nn_session_replay(struct nn_session *s, struct nn_err *err)
{
    double start = nn_now();

    if (play(s, err))
        return -1;
    s->wall = nn_now() - start;
    if (!s->player.frames)
        return nn_fail(err, NN_EFORMAT, "%s has no frames", s->o->replay);
    return nn_session_finish(s, err);
}
