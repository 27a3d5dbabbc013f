#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "runtime/run.h"

const char *const nn_stage_name[NN_STAGES] = { "read", "detect", "emotion", "effects", "write" };

struct nn_moment *nn_history_add(struct nn_history *h)
{
    if (h->count == h->room) {
        int64_t room = h->room ? 2 * h->room : 1024;
        struct nn_moment *more = realloc(h->moment, (size_t)room * sizeof *more);
        if (!more)
            return NULL;
        h->moment = more;
        h->room = room;
    }
    memset(&h->moment[h->count], 0, sizeof *h->moment);
    return &h->moment[h->count++];
}

void nn_history_release(struct nn_history *h)
{
    free(h->moment);
    memset(h, 0, sizeof *h);
}

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

double nn_history_ms(const struct nn_history *h, enum nn_stage stage, double q)
{
    float *ms = malloc((size_t)(h->count + 1) * sizeof *ms);
    double out;

    if (!ms || !h->count) {
        free(ms);
        return 0;
    }
    for (int64_t i = 0; i < h->count; i++)
        ms[i] = h->moment[i].ms[stage];
    qsort(ms, (size_t)h->count, sizeof *ms, by_value);
    out = (double)ms[(int64_t)(q * (double)(h->count - 1) + 0.5)];
    free(ms);
    return out;
}

int nn_history_mood(const struct nn_history *h, int64_t from, int64_t to, float *mean)
{
    float sum[NN_EMOTIONS] = { 0 }, present = 0;
    int best = -1;

    for (int64_t i = from; i < to && i < h->count; i++) {
        present += h->moment[i].present;
        for (int e = 0; e < NN_EMOTIONS; e++)
            sum[e] += h->moment[i].mood[e];
    }
    *mean = 0;
    for (int e = 0; e < NN_EMOTIONS && present > 0.5f; e++)
        if (sum[e] / present > *mean) {
            *mean = sum[e] / present;
            best = e;
        }
    return best;
}

int nn_player_init(struct nn_player *p, const struct nn_player_opts *o, struct nn_err *err)
{
    struct nn_slot slot[NN_MAX_CHAIN];
    struct nn_engine_opts eo = { .kind = o->engine, .max_memory = o->max_memory };
    char path[NN_PATH];

    memset(p, 0, sizeof *p);
    nn_bus_init(&p->bus);
    nn_tracker_init(&p->tracker);
    if (!(p->patch = nn_patch_load(o->patch, err)))
        return -1;
    if (!o->model && nn_data_path(path, "models/emotion.onnx", NULL))
        return nn_fail(err, NN_ENOTFOUND, "the bundled model models/emotion.onnx is missing; name "
                       "an emotion model with --model FILE");
    if (!(eo.pool = p->pool = nn_pool_new(o->threads, err)) ||
        !(p->detector = nn_detector_new(o->face_model, &eo, err)) ||
        !(p->recogniser = nn_recogniser_new(o->model, &eo, err)) ||
        !(p->shots = nn_shots_new(err)))
        return -1;
    for (int i = 0; i < p->patch->count; i++)
        slot[i] = (struct nn_slot){ p->patch->link[i].effect,
                                    *p->patch->link[i].file ? p->patch->link[i].file : NULL };
    p->chain = nn_chain_new(slot, p->patch->count, o->w, o->h, o->seed, p->pool, err);
    return p->chain ? 0 : -1;
}

void nn_player_release(struct nn_player *p)
{
    nn_chain_free(p->chain);
    nn_patch_free(p->patch);
    nn_shots_free(p->shots);
    nn_recogniser_free(p->recogniser);
    nn_detector_free(p->detector);
    nn_pool_free(p->pool);
    nn_history_release(&p->history);
    memset(p, 0, sizeof *p);
}

/* Moods of the faces found now, cut by their smoothed boxes: a cascade's own jump
 * about, and the network would see another crop in every frame. */
static int feel(struct nn_player *p, const struct nn_image *in, int n, const int *of, double dt,
                struct nn_err *err)
{
    float prob[NN_MAX_FACES][NN_EMOTIONS], affect[NN_MAX_FACES][2];
    struct nn_box box[NN_MAX_FACES];
    int track[NN_MAX_FACES], m = 0;

    for (int i = 0; i < n; i++)
        if (of[i] >= 0) {
            track[m] = of[i];
            box[m++] = p->tracker.track[of[i]].box;
        }
    if (m && nn_recognise(p->recogniser, in, box, m, prob, affect, err))
        return -1;
    for (int i = 0; i < m; i++)
        nn_track_feel(&p->tracker.track[track[i]], prob[i], affect[i], dt);
    return 0;
}

/* Puts what the tracker knows on the bus, and into the moment. */
static void signal_faces(struct nn_player *p, const struct nn_track *lead, int w, int h,
                         struct nn_moment *now)
{
    struct nn_bus *b = &p->bus;
    double t = now->t;
    int seen = 0;

    for (int i = 0; i < p->tracker.count; i++)
        seen += p->tracker.track[i].presence > 0.5f;
    now->present = lead ? lead->presence : 0;
    for (int e = 0; e < NN_EMOTIONS && lead; e++)
        now->mood[e] = lead->mood[e] * lead->presence;
    now->valence = lead ? lead->affect[0] * lead->presence : 0;
    now->arousal = lead ? lead->affect[1] * lead->presence : 0;
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

static void signal_time(struct nn_player *p, double t, int cut, int first)
{
    if (cut || first)
        p->cut_t = t;
    nn_bus_set(&p->bus, NN_SIG_CUT, first || t - p->cut_t > 0.5 || p->cut_t <= 0 ? 0
                                    : (float)(1 - (t - p->cut_t) / 0.5), t);
    nn_bus_set(&p->bus, NN_SIG_SHOT, (float)(t - p->cut_t), t);
    nn_bus_set(&p->bus, NN_SIG_TIME, (float)t, t);
    nn_bus_set(&p->bus, NN_SIG_BREATH, (float)(0.5 - 0.5 * cos(t * 6.283185307 / 4)), t);
}

int nn_player_frame(struct nn_player *p, const struct nn_image *in, struct nn_image *out, double t,
                    struct nn_err *err)
{
    int first = p->history.count == 0, cut = nn_shots_feed(p->shots, in, err), n;
    double dt = first ? 0 : t - p->t, t0 = nn_now(), t1, t2;
    struct nn_moment *now = nn_history_add(&p->history);
    struct nn_face face[NN_MAX_FACES];
    struct nn_person who = { .presence = 0 };
    const struct nn_track *lead;
    int of[NN_MAX_FACES];

    if (!now)
        return nn_fail_mem(err, "history of the film");
    if (cut < 0 || (n = nn_follow(&p->follow, p->detector, in, cut, face, err)) < 0)
        return -1;
    t1 = nn_now();
    now->t = p->t = t;
    if (cut)
        nn_tracker_cut(&p->tracker);
    nn_tracker_update(&p->tracker, face, n, dt, of);
    if (feel(p, in, n, of, dt, err))
        return -1;
    t2 = nn_now();
    lead = nn_tracker_lead(&p->tracker);
    signal_faces(p, lead, in->w, in->h, now);
    signal_time(p, t, cut, first);
    nn_patch_update(p->patch, &p->bus, dt);
    for (int i = 0; i < p->patch->count; i++) {
        nn_chain_set(p->chain, i, p->patch->link[i].value);
        now->level[i] = p->patch->link[i].value[0];
    }
    who.presence = now->present;
    if (lead) {
        who.face = lead->box;
        who.points = lead->points;
        memcpy(who.point, lead->point, sizeof who.point);
        if (lead->points)
            memcpy(who.pose, lead->pose, sizeof who.pose);
    }
    nn_chain_person(p->chain, &who);
    nn_chain_run(p->chain, out, t);
    now->ms[NN_STAGE_DETECT] = (float)(1e3 * (t1 - t0));
    now->ms[NN_STAGE_EMOTION] = (float)(1e3 * (t2 - t1));
    now->ms[NN_STAGE_EFFECTS] = (float)(1e3 * (nn_now() - t2));
    return 0;
}
