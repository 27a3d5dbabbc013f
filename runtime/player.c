#include <math.h>
#include <string.h>

#include "common/progress.h"
#include "runtime/run.h"

/* Whose face an effect uses must stand in the files that show it (runtime/morph/consent.h). */
static int check_says(const struct nn_scenes *scenes, const char *written, struct nn_err *err)
{
    char says[NN_SAYS] = "";

    nn_scenes_says(scenes, says, sizeof says);
    return !written || strstr(written, says)
               ? 0 : nn_fail(err, NN_EUSAGE, "the files that are being written do not say \"%s\", "
                             "which this patch asks for: begin with it", says);
}

int nn_rig_make(struct nn_rig *rig, const struct nn_player *p, struct nn_patch *patch,
                struct nn_err *err)
{
    *rig = (struct nn_rig){ .patch = patch };
    if (!patch)
        return -1;
    nn_patch_seed(patch, p->seed);
    if ((rig->scenes = nn_scenes_new(patch, p->w, p->h, p->seed, p->pool, err)) &&
        !check_says(rig->scenes, p->written, err) &&
        (!p->history.live || !nn_scenes_live(rig->scenes, err)) &&
        (!nn_scenes_want_mask(patch) ||
         (rig->mask = nn_mask_new(p->w, p->h, NULL, &p->engine, p->pool, err))))
        return 0;
    nn_rig_release(rig);
    return -1;
}

void nn_rig_release(struct nn_rig *rig)
{
    nn_mask_free(rig->mask);
    nn_scenes_free(rig->scenes);
    nn_patch_free(rig->patch);
    *rig = (struct nn_rig){ NULL, NULL, NULL };
}

void nn_rig_swap(struct nn_rig *rig, struct nn_player *p)
{
    struct nn_rig old = { p->patch, p->scenes, p->mask };

    p->patch = rig->patch;
    p->scenes = rig->scenes;
    p->mask = rig->mask;
    *rig = old;
}

int nn_patch_same_effects(const struct nn_patch *a, const struct nn_patch *b)
{
    int same = a->count == b->count && a->scenes == b->scenes;

    for (int i = 0; same && i < a->scenes; i++)
        same = a->scene[i].count == b->scene[i].count;
    for (int i = 0; same && i < a->count; i++)
        same = a->link[i].effect == b->link[i].effect &&
               !strcmp(a->link[i].file, b->link[i].file);
    return same;
}

static int open_patch(struct nn_player *p, const char *word, struct nn_err *err)
{
    struct nn_rig rig;

    if (nn_rig_make(&rig, p, nn_patch_load(word, err), err))
        return -1;
    nn_rig_swap(&rig, p);
    return 0;
}

int nn_player_init(struct nn_player *p, const struct nn_player_opts *o, struct nn_err *err)
{
    struct nn_analyst_opts ao = { .model = o->model, .face_model = o->face_model,
                                  .live = o->live, .baseline = o->baseline,
                                  .engine = { .kind = o->engine, .max_memory = o->max_memory } };

    memset(p, 0, sizeof *p);
    nn_bus_init(&p->bus);
    p->vitals.celsius = NAN;
    p->w = o->w;
    p->h = o->h;
    p->seed = o->seed;
    if (o->live && nn_history_live(&p->history, err))
        return -1;
    if (!(p->pool = nn_pool_new(o->threads, err)))
        return -1;
    p->engine = ao.engine;
    p->engine.pool = p->pool;
    if (!(p->limit = nn_limit_new(o->w, o->h, p->pool, err)))
        return -1;
    p->flash_free = o->no_flash_limit;
    if (o->patch && open_patch(p, o->patch, err))
        return -1;
    if (o->blind)
        return (p->analyst.shots = nn_shots_new(err)) ? 0 : -1;
    /* Live, looking has threads of its own: drawing must not wait for it. */
    if (o->live && !(p->look_pool = nn_pool_new(nn_pool_threads(p->pool) < 4 ? 1 :
                                                nn_pool_threads(p->pool) / 2, err)))
        return -1;
    ao.engine.pool = o->live ? p->look_pool : p->pool;
    return nn_analyst_init(&p->analyst, &ao, err);
}

void nn_player_release(struct nn_player *p)
{
    struct nn_rig rig = { NULL, NULL, NULL };

    nn_rig_swap(&rig, p);
    nn_rig_release(&rig);
    nn_feed_free(p->outside.feed);
    nn_osc_in_close(p->outside.in);
    nn_osc_out_close(p->outside.out);
    nn_limit_free(p->limit);
    nn_analyst_release(&p->analyst);
    nn_pool_free(p->look_pool);
    nn_pool_free(p->pool);
    nn_history_release(&p->history);
    memset(p, 0, sizeof *p);
}

/* Puts what was seen on the bus, and into the moment. */
static void signal_faces(struct nn_player *p, const struct nn_track *lead, int w, int h,
                         struct nn_moment *now)
{
    struct nn_bus *b = &p->bus;
    double t = now->t;
    float believed;
    int seen = 0;

    for (int i = 0; i < p->seen.faces.count; i++)
        seen += p->seen.faces.track[i].presence > 0.5f;
    now->present = lead ? lead->presence : 0;
    believed = lead ? lead->presence * lead->sure : 0;
    for (int e = 0; e < NN_EMOTIONS && lead; e++)
        now->mood[e] = lead->mood[e] * believed;
    now->valence = lead ? lead->affect[0] * believed : 0;
    now->arousal = lead ? lead->affect[1] * believed : 0;
    nn_bus_set(b, NN_SIG_SURE, lead ? lead->sure : 0, t);
    nn_bus_set(b, NN_SIG_MICRO, lead ? lead->micro * lead->presence : 0, t);
    nn_bus_set(b, NN_SIG_PRESENT, now->present, t);
    nn_bus_set(b, NN_SIG_COUNT, (float)seen, t);
    if (lead) {
        nn_bus_set(b, NN_SIG_X, (lead->box.x + lead->box.w / 2) / (float)w, t);
        nn_bus_set(b, NN_SIG_Y, (lead->box.y + lead->box.h / 2) / (float)h, t);
        nn_bus_set(b, NN_SIG_SIZE, lead->box.h / (float)h, t);
    }
    for (int i = 0; i < 3 && lead && lead->points; i++)
        nn_bus_set(b, NN_SIG_HEAD_YAW + i, lead->pose[i], t);
    for (int e = 0; e < NN_EMOTIONS; e++)
        nn_bus_set(b, NN_SIG_EMOTION + e, now->mood[e], t);
    nn_bus_set(b, NN_SIG_VALENCE, now->valence, t);
    nn_bus_set(b, NN_SIG_AROUSAL, now->arousal, t);
}

static void signal_time(struct nn_player *p, double t)
{
    double shot = t - p->seen.cut_t;

    nn_bus_set(&p->bus, NN_SIG_CUT, p->seen.cuts && shot < 0.5 ? (float)(1 - shot / 0.5) : 0, t);
    nn_bus_set(&p->bus, NN_SIG_SHOT, (float)shot, t);
    nn_bus_set(&p->bus, NN_SIG_TIME, (float)t, t);
    nn_bus_set(&p->bus, NN_SIG_BREATH, (float)(0.5 - 0.5 * cos(t * 6.283185307 / 4)), t);
}

/* Who matters in the picture. */
static void point_out(struct nn_person *who, const struct nn_track *lead)
{
    memset(who, 0, sizeof *who);
    if (!lead)
        return;
    who->presence = lead->presence;
    who->face = lead->box;
    who->points = lead->points;
    memcpy(who->point, lead->point, sizeof who->point);
    if (lead->points)
        memcpy(who->pose, lead->pose, sizeof who->pose);
}

struct nn_moment *nn_player_begin(struct nn_player *p, double t, double *dt, struct nn_err *err)
{
    struct nn_moment *now = nn_history_add(&p->history);

    if (!now) {
        nn_fail_mem(err, "history of the film");
        return NULL;
    }
    *dt = p->frames ? t - p->t : 0;
    now->number = p->frames++;
    now->t = p->t = t;
    return now;
}

struct nn_fade nn_player_fade(const struct nn_bus *bus)
{
    return (struct nn_fade){ (int)bus->value[NN_SIG_SCENE], (int)bus->value[NN_SIG_SCENE_LAST],
                             bus->value[NN_SIG_SCENE_FADE] };
}

void nn_player_feel(const struct nn_bus *bus, struct nn_person *who)
{
    struct nn_mood *m = &who->mood;

    memcpy(m->emotion, &bus->value[NN_SIG_EMOTION], sizeof m->emotion);
    m->valence = bus->value[NN_SIG_VALENCE];
    m->arousal = bus->value[NN_SIG_AROUSAL];
    m->presence = bus->value[NN_SIG_PRESENT];
    m->micro = bus->value[NN_SIG_MICRO];
    m->beat = who->beat = bus->value[NN_SIG_PULSE_BEAT];
}

void nn_player_modulate(struct nn_player *p, double dt)
{
    const struct nn_change *c = &p->patch->change;

    nn_bus_pulse(&p->bus, dt);
    nn_patch_update(p->patch, &p->bus, dt);
    nn_bus_set(&p->bus, NN_SIG_SCENE, (float)c->now, p->t);
    nn_bus_set(&p->bus, NN_SIG_SCENE_LAST, (float)(c->last < 0 ? c->now : c->last), p->t);
    nn_bus_set(&p->bus, NN_SIG_SCENE_FADE, c->x, p->t);
    p->drive.fade = nn_player_fade(&p->bus);
    for (int i = 0; i < p->patch->count; i++)
        memcpy(p->drive.value[i], p->patch->link[i].value, sizeof p->drive.value[i]);
}

/* What others say overrules what was seen. */
static void listen(struct nn_player *p, double t)
{
    struct nn_outside *o = &p->outside;
    int n = o->in ? nn_osc_in_take(o->in, o->control) : 0;

    if (o->feed)
        nn_feed_play(o->feed, p->patch, &p->bus, t);
    for (int i = 0; i < n; i++)
        switch (nn_control_apply(&o->control[i], p->patch, &p->bus, t)) {
        case NN_ASKED_PATCH: memcpy(o->patch, o->control[i].text, sizeof o->patch); break;
        case NN_ASKED_NEXT: o->step++; break;
        case NN_ASKED_PREVIOUS: o->step--; break;
        case NN_ASKED_NOTHING: case NN_ASKED_DONE: break;
        }
}

int nn_player_steer(struct nn_player *p, int w, int h, double t, struct nn_err *err)
{
    const struct nn_track *lead = nn_tracker_lead(&p->seen.faces);
    struct nn_moment *now;
    double dt;

    if (!(now = nn_player_begin(p, t, &dt, err)))
        return -1;
    signal_faces(p, lead, w, h, now);
    signal_time(p, t);
    if (p->patch) {
        listen(p, t);
        nn_player_modulate(p, dt);
    }
    if (p->patch && p->outside.out)
        nn_osc_out_frame(p->outside.out, p->patch, &p->bus, p->drive.value, t);
    point_out(&p->drive.who, lead);
    nn_player_feel(&p->bus, &p->drive.who);
    return 0;
}

/* How much of a link's scene is in the picture. */
static float share(const struct nn_player *p, int link)
{
    const struct nn_fade *f = &p->drive.fade;

    for (int i = 0; i < p->patch->scenes; i++) {
        const struct nn_scene_links *s = &p->patch->scene[i];
        if (link >= s->first && link < s->first + s->count)
            return i == f->now ? f->now == f->last ? 1 : f->x : i == f->last ? 1 - f->x : 0;
    }
    return 0;
}

/* Where a dream went, on the bus and into the moment. */
static void report(struct nn_player *p, struct nn_moment *now)
{
    float told[NN_TOLD];

    if (!nn_scenes_tell(p->scenes, p->drive.fade, told))
        return;
    for (int i = 0; i < NN_TOLD; i++)
        nn_bus_set(&p->bus, NN_SIG_DREAM_MOVED + i, told[i], p->t);
    now->pace = told[NN_TOLD_PACE];
    now->push = told[NN_TOLD_PUSH];
}

void nn_player_draw(struct nn_player *p, struct nn_image *out)
{
    struct nn_moment *now = nn_history_last(&p->history);
    struct nn_person who = p->drive.who;
    double t0 = nn_now();

    if (p->mask)            /* of this very frame, which looking may be behind; none: no mask */
        who.mask = nn_mask_next(p->mask, out, &who, p->t, NULL);
    for (int i = 0; i < p->patch->count; i++)
        now->level[i] = p->drive.value[i][0] * share(p, i);
    if (p->history.live)
        nn_scenes_poll(p->scenes, p->drive.value);
    nn_scenes_run(p->scenes, p->drive.value, p->drive.fade, &who, out, p->t);
    report(p, now);
    nn_limit_run(p->limit, out, p->t, !p->flash_free);
    now->ms[NN_STAGE_EFFECTS] = (float)(1e3 * (nn_now() - t0));
}

int nn_player_frame(struct nn_player *p, const struct nn_image *in, struct nn_image *out, double t,
                    struct nn_err *err)
{
    struct nn_moment *now;

    if (nn_analyst_look(&p->analyst, in, t, err))
        return -1;
    p->seen = p->analyst.seen;
    if (nn_player_steer(p, in->w, in->h, t, err))
        return -1;
    now = nn_history_last(&p->history);
    now->ms[NN_STAGE_DETECT] = p->seen.detect_ms;
    now->ms[NN_STAGE_EMOTION] = p->seen.emotion_ms;
    nn_player_draw(p, out);
    return 0;
}
