#include "runtime/face/track.h"

#include <math.h>
#include <string.h>

static const double KEEP = 0.6;             /* seconds that an unseen face is remembered */
static const double HIDE = 0.15;            /* and after which it begins to fade */
static const float STEADY = 1.2f;           /* Hz: One-Euro cut-off of a still face */
static const float EAGER = 3.0f;            /* Hz more for each face side a second; a fifth of
                                             * it for the side, which cascades guess roughly */
static const double UP = 0.10, DOWN = 0.30; /* seconds: moods rise and fall */

void nn_tracker_init(struct nn_tracker *t)
{
    memset(t, 0, sizeof *t);
}

void nn_tracker_cut(struct nn_tracker *t)
{
    t->count = 0;
}

/* Share of the way to go in `dt` for a time constant of `tau` seconds. */
static float step(double dt, double tau)
{
    return dt <= 0 ? 1.0f : (float)(1 - exp(-dt / tau));
}

static void follow(struct nn_track *k, struct nn_box b, double dt)
{
    float now[3] = { b.x + b.w / 2, b.y + b.h / 2, b.w };
    float side = k->value[2] > 1 ? k->value[2] : 1;

    for (int i = 0; i < 3 && dt > 0; i++) {
        float speed = (now[i] - k->value[i]) / (float)dt, cutoff;
        k->speed[i] += step(dt, 1 / 6.2831853) * (speed - k->speed[i]);
        cutoff = STEADY + (i == 2 ? 0.2f : 1) * EAGER * fabsf(k->speed[i]) / side;
        k->value[i] += step(dt, 1 / (6.2831853 * (double)cutoff)) * (now[i] - k->value[i]);
    }
    k->box = (struct nn_box){ k->value[0] - k->value[2] / 2, k->value[1] - k->value[2] / 2,
                              k->value[2], k->value[2] };
}

/* 0: cannot be the same face; else larger is likelier. */
static float likeness(const struct nn_track *k, const struct nn_face *f)
{
    float side = f->box.w, ratio = side / k->value[2];
    float dx = f->box.x + f->box.w / 2 - k->value[0], dy = f->box.y + f->box.h / 2 - k->value[1];
    float reach = side > k->value[2] ? side : k->value[2];
    float near = 1 - sqrtf(dx * dx + dy * dy) / (0.8f * reach);

    if (ratio > 1)
        ratio = 1 / ratio;
    return near <= 0 || ratio < 0.3f ? 0 : near * ratio;
}

static void begin(struct nn_track *k, int id, const struct nn_face *f)
{
    *k = (struct nn_track){ .id = id, .box = f->box, .score = f->score, .sightings = 1 };
    k->value[0] = f->box.x + f->box.w / 2;
    k->value[1] = f->box.y + f->box.h / 2;
    k->value[2] = f->box.w;
}

/* Likeliest pairs first; what is left over begins anew. */
static void match(struct nn_tracker *t, const struct nn_face *faces, int n, double dt,
                  int of[NN_MAX_FACES])
{
    int old = t->count, taken[NN_MAX_TRACKS] = { 0 };

    for (int i = 0; i < n; i++)
        of[i] = -1;
    for (;;) {
        float best = 0;
        int bi = -1, bk = -1;
        for (int i = 0; i < n; i++)
            for (int k = 0; k < old && of[i] < 0; k++) {
                float l = taken[k] ? 0 : likeness(&t->track[k], &faces[i]);
                if (l > best) {
                    best = l;
                    bi = i;
                    bk = k;
                }
            }
        if (bi < 0)
            break;
        taken[bk] = 1;
        of[bi] = bk;
        follow(&t->track[bk], faces[bi].box, dt);
        t->track[bk].score = faces[bi].score;
        t->track[bk].sightings++;
        t->track[bk].unseen = 0;
    }
    for (int i = 0; i < n; i++)
        if (of[i] < 0 && t->count < NN_MAX_TRACKS) {
            of[i] = t->count;
            begin(&t->track[t->count++], ++t->last_id, &faces[i]);
        }
}

/* A face that was found anew elsewhere on the same head leaves a ghost behind. */
static int is_ghost(const struct nn_tracker *t, int i)
{
    const struct nn_track *k = &t->track[i];

    for (int j = 0; j < t->count && k->unseen > 0; j++) {
        const struct nn_box *b = &t->track[j].box;
        if (t->track[j].unseen <= 0 && k->value[0] > b->x && k->value[0] < b->x + b->w &&
            k->value[1] > b->y && k->value[1] < b->y + b->h)
            return 1;
    }
    return 0;
}

void nn_tracker_update(struct nn_tracker *t, const struct nn_face *faces, int n, double dt,
                       int of[NN_MAX_FACES])
{
    int live = 0, ghost[NN_MAX_TRACKS];

    for (int i = 0; i < t->count; i++)
        ghost[i] = is_ghost(t, i);
    for (int i = 0; i < t->count; i++) {
        struct nn_track *k = &t->track[i];
        k->age += dt;
        k->unseen += dt;
        if (k->unseen <= (k->sightings > 1 ? KEEP : HIDE) && !ghost[i])
            t->track[live++] = *k;
    }
    t->count = live;
    match(t, faces, n < NN_MAX_FACES ? n : NN_MAX_FACES, dt, of);
    for (int i = 0; i < t->count; i++) {
        struct nn_track *k = &t->track[i];
        float want = k->sightings > 1 && k->unseen <= HIDE ? 1 : 0;
        k->presence += step(dt, want > 0 ? 0.08 : 0.15) * (want - k->presence) * (dt > 0);
    }
}

void nn_track_feel(struct nn_track *k, const float prob[NN_EMOTIONS], const float affect[2],
                   double dt)
{
    float sum = 0;

    for (int i = 0; i < NN_EMOTIONS; i++) {
        double tau = prob[i] > k->mood[i] ? UP : DOWN;
        k->mood[i] += (k->has_mood ? step(dt, tau) : 1) * (prob[i] - k->mood[i]);
        sum += k->mood[i];
    }
    for (int i = 0; i < NN_EMOTIONS && sum > 0; i++)
        k->mood[i] /= sum;
    for (int i = 0; i < 2; i++) {
        double tau = fabsf(affect[i]) > fabsf(k->affect[i]) ? UP : DOWN;
        k->affect[i] += (k->has_mood ? step(dt, tau) : 1) * (affect[i] - k->affect[i]);
    }
    k->has_mood = 1;
}

const struct nn_track *nn_tracker_lead(const struct nn_tracker *t)
{
    const struct nn_track *lead = NULL;
    float best = 0;

    for (int i = 0; i < t->count; i++) {
        float weight = t->track[i].presence * t->track[i].value[2];
        if (weight > best) {
            best = weight;
            lead = &t->track[i];
        }
    }
    return lead;
}
