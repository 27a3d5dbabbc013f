#include "runtime/gan/walk.h"

#include <math.h>
#include <string.h>

#include "common/rng.h"

/* Seconds in which what is felt comes and goes, heart and micro-expressions are followed. */
static const float COMES = 0.35f, GOES = 1.2f, HEART = 0.06f, TWITCH = 0.05f, CALMS = 0.5f;
/* Points that a heartbeat is ahead; radii that a kick and a direction by chance go. */
static const float AHEAD = 0.12f, KICK = 0.7f, STRAY = 0.45f;
enum { HOME = 1 << 30, SHOVE, STRAYS = SHOVE + (1 << 20) };     /* streams of dice */

static void throw_point(const struct nn_walk *w, uint64_t stream, float *z)
{
    struct nn_rng r;

    nn_rng_seed(&r, w->seed, stream);
    for (int i = 0; i < w->g->latent; i++)
        z[i] = nn_rng_normal(&r);
}

static float length(const float *v, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += (double)v[i] * (double)v[i];
    return (float)sqrt(sum);
}

/* To that length; nothing stays nothing. */
static void scale_to(float *v, int n, float want)
{
    float is = length(v, n), k = is > 0 ? want / is : 0;

    for (int i = 0; i < n; i++)
        v[i] *= k;
}

/* Whether a model says nothing of any emotion. */
static int knows_no_emotion(const struct nn_generator *g)
{
    for (int i = 0; i < g->directions; i++)
        if (nn_emotion_find(g->direction[i].name) >= 0)
            return 0;
    for (int i = 0; i < g->conditions; i++)
        if (nn_emotion_find(g->condition[i]) >= 0 || !strcmp(g->condition[i], "valence"))
            return 0;
    return 1;
}

int nn_walk_init(struct nn_walk *w, const struct nn_generator *g, uint64_t seed, int64_t loop,
                 struct nn_arena *arena, struct nn_err *err)
{
    size_t n = (size_t)g->latent + (size_t)g->conditions;
    float **row[] = { &w->point[0], &w->point[1], &w->point[2], &w->point[3], &w->home,
                      &w->shove, &w->last };

    *w = (struct nn_walk){ .g = g, .seed = seed, .loop = loop, .first = -1,
                           .strays = knows_no_emotion(g) };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        if (!(*row[i] = nn_arena_array(arena, n, sizeof(float))))
            return nn_fail_mem(err, "a walk");
    throw_point(w, HOME, w->home);
    for (int e = 0; e < NN_EMOTIONS && w->strays; e++) {
        if (!(w->stray[e] = nn_arena_array(arena, n, sizeof(float))))
            return nn_fail_mem(err, "a walk");
        throw_point(w, STRAYS + (uint64_t)e, w->stray[e]);
        scale_to(w->stray[e], g->latent, STRAY * sqrtf((float)g->latent));
    }
    return 0;
}

/* The four points from number `first` on; three of them are there when one was passed. */
static void hold(struct nn_walk *w, int64_t first)
{
    for (int i = 0; i < 4; i++) {
        int64_t n = first + i, at = w->loop ? n % w->loop : n;
        float *old = w->point[0];
        if (w->first >= 0 && n >= w->first && n < w->first + 4)
            continue;
        if (w->first < 0) {
            throw_point(w, (uint64_t)at, w->point[i]);
            continue;
        }
        memmove(&w->point[0], &w->point[1], 3 * sizeof w->point[0]);
        w->point[3] = old;
        throw_point(w, (uint64_t)at, old);
    }
    w->first = first;
}

void nn_walk_way(struct nn_walk *w, double s, float reach, float width, float *zc)
{
    int n = w->g->latent;
    int64_t first = (int64_t)s;
    double u = s - (double)first, v = 1 - u, dot = 0, angle;
    float b[4] = { (float)(v * v * v / 6), (float)((3 * u * u * u - 6 * u * u + 4) / 6),
                   (float)((3 * v * v * v - 6 * v * v + 4) / 6), (float)(u * u * u / 6) };
    float radius = sqrtf((float)n), far, near;

    if (first != w->first && (first < w->first || first > w->first + 1))
        w->first = -1;
    if (first != w->first)
        hold(w, first);
    for (int i = 0; i < n; i++)
        zc[i] = b[0] * w->point[0][i] + b[1] * w->point[1][i] + b[2] * w->point[2][i] +
                b[3] * w->point[3][i];
    scale_to(zc, n, radius);
    if (reach < 1) {            /* along the great circle from home */
        for (int i = 0; i < n; i++)
            dot += (double)zc[i] * (double)w->home[i];
        dot /= (double)(radius * length(w->home, n));
        angle = acos(dot < -0.999 ? -0.999 : dot > 0.999 ? 0.999 : dot);
        far = (float)sin(reach * angle);
        near = (float)sin((1 - reach) * angle);
        for (int i = 0; i < n; i++)
            zc[i] = near * w->home[i] + far * zc[i];
    }
    scale_to(zc, n, width * radius);
    memcpy(zc + n, w->g->mean, (size_t)w->g->conditions * sizeof *zc);
}

void nn_walk_push(const struct nn_walk *w, int direction, float strength, float *zc)
{
    const float *v = w->g->direction[direction].v;

    for (int i = 0; i < w->g->latent + w->g->conditions; i++)
        zc[i] += strength * v[i];
}

static void follow(float *x, float to, float dt, float comes, float goes)
{
    float tau = fabsf(to) > fabsf(*x) ? comes : goes;

    *x += (to - *x) * (1 - expf(-dt / tau));
}

void nn_walk_step(struct nn_walk *w, double dt, const struct nn_gait *gait,
                  const struct nn_mood *mood)
{
    struct nn_mood *m = &w->mood;
    float d = (float)dt, haste;

    w->gait = *gait;
    if (!w->started)
        *m = *mood;
    w->started = 1;
    if (mood->micro > 0.2f && m->micro < 0.1f)
        throw_point(w, SHOVE + (uint64_t)w->kicks++ % (STRAYS - SHOVE), w->shove);
    for (int e = 0; e < NN_EMOTIONS; e++)
        follow(&m->emotion[e], mood->emotion[e], d, COMES, GOES);
    follow(&m->valence, mood->valence, d, COMES, GOES);
    follow(&m->arousal, mood->arousal, d, COMES, GOES);
    follow(&m->presence, mood->presence, d, COMES, GOES);
    follow(&m->micro, mood->micro, d, TWITCH, CALMS);
    follow(&m->beat, mood->beat, d, HEART, HEART);
    haste = 1 + gait->mood * (1.5f * m->emotion[NN_ANGRY] + 0.5f * fmaxf(m->arousal, 0));
    w->s += dt * (double)(gait->speed * haste *
                          (1 - 0.7f * fminf(gait->mood * m->emotion[NN_SAD], 1)));
}

/* How far one of the model's directions or conditions is meant; 0: it is not a feeling. */
static float meant(const struct nn_mood *m, const char *name)
{
    int e = nn_emotion_find(name);

    /* The seven emotions say the same as valence and arousal, once more. */
    return e >= 0 ? e == NN_NEUTRAL ? 0 : m->emotion[e]
                  : !strcmp(name, "valence") ? 0.5f * m->valence
                  : !strcmp(name, "arousal") ? 0.5f * m->arousal : 0;
}

/* Conditions go from what is usual to what the face has. */
static void condition(const struct nn_walk *w, float *c)
{
    const struct nn_generator *g = w->g;
    float there = fminf(w->mood.presence * w->gait.mood, 1);

    for (int i = 0; i < g->conditions; i++) {
        int e = nn_emotion_find(!strncmp(g->condition[i], "class/", 6) ? g->condition[i] + 6
                                                                       : g->condition[i]);
        if (e >= 0)
            c[i] += there * (w->mood.emotion[e] - c[i]);
        else if (!strcmp(g->condition[i], "valence"))
            c[i] += there * (w->mood.valence - c[i]);
        else if (!strcmp(g->condition[i], "arousal"))
            c[i] += there * (w->mood.arousal - c[i]);
    }
}

static void push_all(struct nn_walk *w, float *zc)
{
    const struct nn_generator *g = w->g;
    float sum = 0, x;

    for (int i = 0; i < g->directions; i++) {
        if ((x = w->gait.mood * meant(&w->mood, g->direction[i].name)) == 0)
            continue;
        nn_walk_push(w, i, x, zc);
        sum += x * x;
    }
    for (int e = 0; e < NN_EMOTIONS && w->strays; e++) {
        x = e == NN_NEUTRAL ? 0 : w->gait.mood * w->mood.emotion[e];
        for (int i = 0; i < g->latent; i++)
            zc[i] += x * w->stray[e][i];
        sum += x * x;
    }
    w->push = sqrtf(sum);
}

void nn_walk_at(struct nn_walk *w, float *zc)
{
    int n = w->g->latent, all = n + w->g->conditions;
    float rage = w->gait.mood * w->mood.emotion[NN_ANGRY], kick = w->gait.kick * w->mood.micro;
    float width = 1 + 0.25f * fminf(rage, 1), radius = sqrtf((float)n), way = 0;

    nn_walk_way(w, w->s + (double)(w->gait.breath * AHEAD * w->mood.beat),
                fminf(w->gait.reach * (1 + rage), 1), width, zc);
    condition(w, zc + n);
    if (kick > 0) {
        for (int i = 0; i < n; i++)
            zc[i] += KICK * kick * w->shove[i];
        scale_to(zc, n, width * radius);
    }
    push_all(w, zc);
    for (int i = 0; i < n; i++)
        way += (zc[i] - w->last[i]) * (zc[i] - w->last[i]);
    if (w->places++)
        w->moved += sqrt((double)way) / (double)radius;
    memcpy(w->last, zc, (size_t)all * sizeof *zc);
}
