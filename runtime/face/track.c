#include "runtime/face/track.h"

#include <math.h>
#include <string.h>

#include "runtime/face/pose.h"
#include "runtime/face/track_assign.h"
#include "runtime/face/track_look.h"

static const double KEEP = 0.6;             /* seconds that an unseen face is remembered, */
static const double KEEP_LOOK = 1.5;        /* and when it can be known again by its looks */
static const double HIDE = 0.15;            /* and after which it begins to fade */
static const double JUMP = 0.3;             /* unseen as long, it is where it is found again */
static const double HOLD = 0.5;             /* points that are missed go along with the face */
static const float STEADY = 1.2f;           /* Hz: One-Euro cut-off of a still face */
static const float EAGER = 3.0f;            /* Hz more for each face side a second; a fifth of
                                             * it for the side, which cascades guess roughly */
static const float POSE_EAGER = 0.1f;       /* Hz more for each degree a second */
static const float SOMEBODY_ELSE = 0.25f;    /* less alike than this; half hidden is about 0.35 */
static const double LEARN = 0.5;            /* seconds: looks follow the light */
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

/* One step of a One-Euro filter; `eager` Hz for each unit a second. */
static void smooth(float *value, float *speed, float now, double dt, float eager)
{
    float cutoff;

    *speed += step(dt, 1 / 6.2831853) * ((now - *value) / (float)dt - *speed);
    cutoff = STEADY + eager * fabsf(*speed);
    *value += step(dt, 1 / (6.2831853 * (double)cutoff)) * (now - *value);
}

static void set_box(struct nn_track *k)
{
    k->box = (struct nn_box){ k->value[0] - k->value[2] / 2, k->value[1] - k->value[2] / 2,
                              k->value[2], k->value[2] };
}

/* Points and the pose they tell of; what comes anew starts unsmoothed. */
static void follow_points(struct nn_track *k, const struct nn_face *f, double dt, float eager)
{
    int fresh = !k->points || dt <= 0;
    float pose[3];

    memcpy(pose, f->pose, sizeof pose);
    if (f->points != 5 || (!f->posed && nn_pose_of_five(f->point, pose))) {
        k->blind += dt;
        k->points = k->blind > HOLD ? 0 : k->points;
        return;
    }
    k->blind = 0;
    for (int i = 0; i < 5; i++)
        for (int c = 0; c < 2; c++)
            if (fresh)
                k->point[i][c] = f->point[i][c];
            else
                smooth(&k->point[i][c], &k->point_speed[i][c], f->point[i][c], dt, eager);
    for (int c = 0; c < 3; c++)
        if (fresh)
            k->pose[c] = pose[c];
        else
            smooth(&k->pose[c], &k->pose_speed[c], pose[c], dt, POSE_EAGER);
    if (fresh) {
        memset(k->point_speed, 0, sizeof k->point_speed);
        memset(k->pose_speed, 0, sizeof k->pose_speed);
    }
    k->points = 5;
}

static void begin(struct nn_track *k, int id, const struct nn_face *f)
{
    *k = (struct nn_track){ .id = id, .box = f->box, .score = f->score, .sightings = 1,
                            .looked = f->looked };
    k->value[0] = k->last[0] = f->box.x + f->box.w / 2;
    k->value[1] = k->last[1] = f->box.y + f->box.h / 2;
    k->value[2] = f->box.w;
    memcpy(k->look, f->look, sizeof k->look);
    follow_points(k, f, 0, 0);
}

/* The track is seen again, dt seconds after the last time. */
static void follow(struct nn_track *k, const struct nn_face *f, double dt)
{
    float now[3] = { f->box.x + f->box.w / 2, f->box.y + f->box.h / 2, f->box.w };
    float eager = EAGER / (k->value[2] > 1 ? k->value[2] : 1);

    if (dt > JUMP) {
        memcpy(k->value, now, sizeof now);
        memset(k->speed, 0, sizeof k->speed);
        k->points = 0;
    }
    for (int i = 0; i < 5 && f->points != 5; i++) {
        k->point[i][0] += now[0] - k->last[0];
        k->point[i][1] += now[1] - k->last[1];
    }
    for (int i = 0; i < 3 && dt > 0; i++)
        smooth(&k->value[i], &k->speed[i], now[i], dt, i == 2 ? 0.2f * eager : eager);
    for (int i = 0; i < 2 && dt > 0; i++) {
        k->motion[i] += step(dt, 0.12) * ((now[i] - k->last[i]) / (float)dt - k->motion[i]);
        k->last[i] = now[i];
    }
    follow_points(k, f, dt, eager);
    if (f->looked && k->looked)
        nn_look_learn(k->look, f->look, step(dt, LEARN));
    else if (f->looked)
        memcpy(k->look, f->look, sizeof k->look);
    k->looked |= f->looked;
    k->score = f->score;
    k->sightings++;
    k->unseen = 0;
    set_box(k);
}

static float alike(const struct nn_track *k, const struct nn_face *f)
{
    return k->looked && f->looked ? nn_look_alike(k->look, f->look) : 0.5f;
}

/* 0: cannot be the same face; else larger is likelier. Who was hidden may have gone further,
 * but must look like before. */
static float likeness(const struct nn_track *k, const struct nn_face *f)
{
    float side = f->box.w, ratio = side / k->value[2], ahead = fminf((float)k->unseen, 0.4f);
    float dx = f->box.x + f->box.w / 2 - k->last[0] - ahead * k->motion[0];
    float dy = f->box.y + f->box.h / 2 - k->last[1] - ahead * k->motion[1];
    float reach = (0.8f + (float)k->unseen) * fmaxf(side, k->value[2]);
    float near = 1 - sqrtf(dx * dx + dy * dy) / reach, same = alike(k, f);

    if (ratio > 1)
        ratio = 1 / ratio;
    if (near <= 0 || ratio < 0.3f ||
        (k->unseen > JUMP && k->looked && f->looked && same < SOMEBODY_ELSE))
        return 0;
    return near * ratio * (0.3f + same);
}

/* A place for a newcomer: the next, or that of whoever is missed longest; -1: none. */
static int place_for(struct nn_tracker *t)
{
    int longest = -1;

    if (t->count < NN_MAX_TRACKS)
        return t->count++;
    for (int k = 0; k < t->count; k++)
        if (t->track[k].unseen > 0 &&
            (longest < 0 || t->track[k].unseen > t->track[longest].unseen))
            longest = k;
    return longest;
}

static void match(struct nn_tracker *t, const struct nn_face *faces, int n, int of[NN_MAX_FACES])
{
    float like[NN_MAX_FACES * NN_MAX_TRACKS] = { 0 };

    for (int i = 0; i < n; i++)
        for (int k = 0; k < t->count; k++)
            like[i * t->count + k] = likeness(&t->track[k], &faces[i]);
    nn_assign(like, n, t->count, of);
    for (int i = 0; i < n; i++)
        if (of[i] >= 0)
            follow(&t->track[of[i]], &faces[i], t->track[of[i]].unseen);
    for (int i = 0; i < n; i++)
        if (of[i] < 0 && (of[i] = place_for(t)) >= 0)
            begin(&t->track[of[i]], ++t->last_id, &faces[i]);
}

/* A face that was found anew elsewhere on the same head leaves a ghost behind; not so one
 * that somebody known before walks in front of. */
static int is_ghost(const struct nn_tracker *t, int i)
{
    const struct nn_track *k = &t->track[i];

    for (int j = 0; j < t->count && k->unseen > 0; j++) {
        const struct nn_track *o = &t->track[j];
        if (o->unseen <= 0 && o->age <= k->unseen && k->value[0] > o->box.x &&
            k->value[0] < o->box.x + o->box.w && k->value[1] > o->box.y &&
            k->value[1] < o->box.y + o->box.h &&
            !(k->looked && o->looked && nn_look_alike(k->look, o->look) < SOMEBODY_ELSE))
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
        if (k->unseen <= (k->sightings < 2 ? HIDE : k->looked ? KEEP_LOOK : KEEP) && !ghost[i])
            t->track[live++] = *k;
    }
    t->count = live;
    match(t, faces, n < NN_MAX_FACES ? n : NN_MAX_FACES, of);
    for (int i = 0; i < t->count; i++) {
        struct nn_track *k = &t->track[i];
        float want = k->sightings > 1 && k->unseen <= HIDE ? 1 : 0;
        k->presence += step(dt, want > 0 ? 0.08 : 0.15) * (want - k->presence) * (dt > 0);
    }
}

void nn_track_feel(struct nn_track *k, const float prob[NN_EMOTIONS], const float affect[2],
                   float silence, double dt)
{
    float sum = 0, top = 0, sure = 1;

    for (int i = 0; i < NN_EMOTIONS; i++)
        top = fmaxf(top, prob[i]);
    if (silence > 0)
        sure = fminf(fmaxf((top - 0.7f * silence) / (0.4f * silence), 0), 1);
    k->sure += (k->has_mood ? step(dt, sure > k->sure ? UP : DOWN) : 1) * (sure - k->sure);
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
