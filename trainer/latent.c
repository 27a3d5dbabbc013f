#include "trainer/latent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TRIED = 16 };                    /* samples by which it is seen what a way changes */

/*                 brightness contrast saturation warmth magenta detail neon */
const struct nn_latent_mix nn_latent_mixes[NN_LATENT_MIXES] = {
    { "valence",  { 1,    0,    0.6,  0.8,  0,    0,    0    } },
    { "arousal",  { 0,    0.8,  0.7,  0,    0,    0.5,  0.8  } },
    { "angry",    { -0.4, 1,    0.5,  1,    0.3,  0.3,  0    } },
    { "disgust",  { -0.3, 0,    0.3,  -0.2, -1,   0,    0    } },
    { "fear",     { -0.9, 0.7,  -0.4, -0.7, 0,    0.4,  0    } },
    { "happy",    { 1,    0,    0.7,  0.8,  0,    0,    0.3  } },
    { "neutral",  { 0,    -0.5, -0.6, 0,    0,    -0.3, -0.5 } },
    { "sad",      { -0.8, -0.4, -0.6, -0.9, 0,    -0.3, 0    } },
    { "surprise", { 0.6,  0.8,  0.3,  0,    0.4,  0.7,  0.7  } },
};

void nn_latent_base(const struct nn_sampler *g, float *c)
{
    for (int i = 0; i < g->c; i++)
        c[i] = g->mean[i];
}

void nn_latent_refuse(struct nn_latent *l, const char *name)
{
    size_t at = strlen(l->refused);

    snprintf(l->refused + at, sizeof l->refused - at, "%s%s", at ? ", " : "", name);
}

static struct nn_latent_way *add_way(struct nn_latent *l, const char *name, int by_look,
                                     struct nn_err *err)
{
    struct nn_latent_way *w = &l->way[l->n];

    if (l->n == NN_LATENT_MOST) {
        nn_fail(err, NN_EUNSUPPORTED, "more than %d directions", NN_LATENT_MOST);
        return NULL;
    }
    snprintf(w->name, sizeof w->name, "%s", name);
    w->by_look = by_look;
    if (!(w->v = calloc((size_t)l->floats, sizeof *w->v))) {
        nn_fail_mem(err, "a direction");
        return NULL;
    }
    l->n++;
    return w;
}

static int add_mix(struct nn_latent *l, int d, double *const unit[NN_LOOKS],
                   const struct nn_latent_mix *mix, struct nn_err *err)
{
    struct nn_latent_way *w;
    double squares = 0;

    for (int k = 0; k < NN_LOOKS; k++)
        squares += l->look[k].kept ? mix->look[k] * mix->look[k] : 0;
    if (!(squares > 0)) {
        nn_latent_refuse(l, mix->name);
        return 0;
    }
    if (!(w = add_way(l, mix->name, 1, err)))
        return -1;
    for (int k = 0; k < NN_LOOKS; k++)
        for (int i = 0; i < d && l->look[k].kept; i++)
            w->v[i] += (float)(NN_LATENT_LENGTH * mix->look[k] / sqrt(squares) * unit[k][i]);
    return 0;
}

/* The condition of a name as it may stand there: "happy", "class/happy", "tag/x". */
static int condition_of(const struct nn_sampler *g, const char *name)
{
    for (int i = 0; i < g->c; i++) {
        const char *has = strncmp(g->name[i], "class/", 6) ? g->name[i] : g->name[i] + 6;
        if (!strcmp(has, name))
            return i;
    }
    return -1;
}

static int is_exclusive(const struct nn_sampler *g, int i)
{
    return !strncmp(g->name[i], "class/", 6) || nn_emotion_find(g->name[i]) >= 0;
}

/* From the means to this condition alone: other classes or emotions go to 0. */
static int add_condition(struct nn_latent *l, const struct nn_sampler *g, int at,
                         const char *name, struct nn_err *err)
{
    struct nn_latent_way *w = add_way(l, name, 0, err);
    int signed_one = !strcmp(name, "valence") || !strcmp(name, "arousal");

    if (!w)
        return -1;
    for (int i = 0; i < g->c && is_exclusive(g, at); i++)
        w->v[g->z + i] = is_exclusive(g, i) ? -g->mean[i] : 0;
    w->v[g->z + at] = signed_one ? 1 : 1 - g->mean[at];
    return 0;
}

/* An emotion by its place in a space of valence and arousal. */
static int add_place(struct nn_latent *l, const struct nn_sampler *g, int emotion, int valence,
                     int arousal, struct nn_err *err)
{
    struct nn_latent_way *w = add_way(l, nn_emotions[emotion].name, 0, err);

    if (!w)
        return -1;
    w->v[g->z + valence] = nn_emotions[emotion].valence - g->mean[valence];
    w->v[g->z + arousal] = nn_emotions[emotion].arousal - g->mean[arousal];
    return 0;
}

static int add_ways(struct nn_latent *l, const struct nn_sampler *g, double *const unit[NN_LOOKS],
                    const struct nn_latent_opts *o, struct nn_err *err)
{
    int valence = condition_of(g, "valence"), arousal = condition_of(g, "arousal"), ret = 0;

    for (int m = 0; m < NN_LATENT_MIXES && !ret; m++) {
        const struct nn_latent_mix *mix = &nn_latent_mixes[m];
        int at = condition_of(g, mix->name), emotion = nn_emotion_find(mix->name);
        if (at >= 0)
            ret = add_condition(l, g, at, mix->name, err);
        else if (emotion >= 0 && valence >= 0 && arousal >= 0)
            ret = add_place(l, g, emotion, valence, arousal, err);
        else
            ret = add_mix(l, g->z, unit, mix, err);
    }
    for (int k = 0; k < NN_LOOKS && !ret; k++) {
        struct nn_latent_mix alone = { nn_look_names[k], { 0 } };
        alone.look[k] = 1;
        if (l->look[k].kept)
            ret = add_mix(l, g->z, unit, &alone, err);
    }
    for (int i = 0; i < g->c && !ret; i++)
        if (!strncmp(g->name[i], "tag/", 4) && l->n < NN_LATENT_MOST)
            ret = add_condition(l, g, i, g->name[i], err);
    for (int b = 0; b < o->blends && !ret; b++)
        ret = nn_latent_blend(l, o->blend[b], err);
    return ret;
}

static double difference(const float *a, const float *b, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += ((double)a[i] - b[i]) * ((double)a[i] - b[i]);
    return sum / n;
}

/* What each way changes; those that change next to nothing go. */
static int try_ways(struct nn_latent *l, struct nn_sampler *g, const struct nn_latent_opts *o,
                    struct nn_err *err)
{
    int f = nn_sampler_floats(g), kept = 0, ret = 0;
    float *zc = malloc((size_t)(3 * l->floats) * sizeof *zc);
    float *image = malloc(3 * (size_t)f * sizeof *image);
    double between = 0;

    if (!zc || !image)
        ret = nn_fail_mem(err, "a picture");
    for (int w = -1; w < l->n && !ret; w++) {
        double sum = 0;
        for (int t = 0; t < TRIED && !ret; t++) {
            struct nn_rng rng;
            nn_rng_seed(&rng, o->seed + 1, (uint64_t)t);
            for (int k = 0; k < 2; k++) {
                float *z = zc + k * l->floats;
                if (!k || w < 0)
                    nn_sampler_latent(g, &rng, z);
                else
                    memcpy(z, zc + 2 * l->floats, (size_t)l->floats * sizeof *z);
                nn_latent_base(g, z + g->z);
                memcpy(zc + 2 * l->floats, z, (size_t)l->floats * sizeof *z);
                for (int i = 0; i < l->floats && w >= 0; i++)
                    z[i] += (k ? 1 : -1) * l->way[w].v[i];
                ret = ret || nn_sampler_run(g, z, z + g->z, 1, image + k * f, err) ? -1 : 0;
            }
            sum += ret ? 0 : difference(image, image + f, f) / TRIED;
        }
        if (w < 0)
            between = sqrt(sum);
        else
            l->way[w].moves = between > 0 ? sqrt(sum) / between : 0;
    }
    for (int w = 0; w < l->n && !ret; w++) {
        if (l->way[w].moves >= o->least_moves) {
            struct nn_latent_way swap = l->way[kept];
            l->way[kept++] = l->way[w];
            if (kept - 1 != w)
                l->way[w] = swap;
        } else {
            nn_latent_refuse(l, l->way[w].name);
        }
    }
    for (int w = kept; w < l->n && !ret; w++) {
        free(l->way[w].v);
        l->way[w].v = NULL;
    }
    if (!ret)
        l->n = kept;
    free(zc);
    free(image);
    return ret;
}

int nn_latent_find(struct nn_sampler *g, const struct nn_latent_opts *o, struct nn_latent *out,
                   struct nn_err *err)
{
    double *all = calloc((size_t)g->z * NN_LOOKS, sizeof *all), *unit[NN_LOOKS];
    int ret = -1;

    *out = (struct nn_latent){ .samples = o->samples, .floats = g->z + g->c };
    for (int k = 0; k < NN_LOOKS; k++)
        unit[k] = all + (size_t)k * (size_t)g->z;
    if (!all)
        nn_fail_mem(err, "directions");
    else if (o->samples < 5 * (int64_t)g->z)
        nn_fail(err, NN_EUSAGE, "%lld samples are too few for a latent of %d: five times as many "
                "at least", (long long)o->samples, g->z);
    else if (!nn_latent_looks(g, o, out, unit, err) && !add_ways(out, g, unit, o, err) &&
             !try_ways(out, g, o, err))
        ret = 0;
    free(all);
    return ret;
}

void nn_latent_release(struct nn_latent *l)
{
    for (int w = 0; w < l->n; w++)
        free(l->way[w].v);
    l->n = 0;
}
