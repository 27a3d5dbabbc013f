#include "trainer/told.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/stop.h"

/* The condition that asks for an emotion, with nothing else said; -1: there is none. */
static int asks_for(const struct nn_sampler *g, int emotion)
{
    int at = -1;

    for (int i = 0; i < g->c; i++) {
        const char *name = strncmp(g->name[i], "class/", 6) ? g->name[i] : g->name[i] + 6;
        if (strncmp(g->name[i], "tag/", 4) && nn_emotion_find(name) == emotion)
            at = i;
    }
    return at;
}

static int recognise(struct nn_recogniser *r, const struct nn_pictures *p, int64_t said[],
                     struct nn_err *err)
{
    for (int64_t i = 0; i < p->n; i++) {
        struct nn_image img = { p->size, p->size, 3, nn_pictures_px(p, i) };
        const struct nn_image *one = &img;
        float prob[1][NN_EMOTIONS];
        int top = 0;
        if (nn_recognise_crops(r, &one, 1, prob, err) || nn_check_stop("recognising", err))
            return -1;
        for (int e = 1; e < NN_EMOTIONS; e++)
            top = prob[0][e] > prob[0][top] ? e : top;
        said[top]++;
    }
    return 0;
}

static int tell_emotions(struct nn_sampler *g, struct nn_recogniser *r, uint64_t seed, float *c,
                         struct nn_told *out, struct nn_err *err)
{
    for (int e = 0; e < NN_EMOTIONS; e++) {
        int at = asks_for(g, e), ret;
        struct nn_pictures p;
        if (at < 0)
            continue;
        memset(c, 0, (size_t)g->c * sizeof *c);
        c[at] = 1;
        nn_pictures_init(&p, g->size);
        ret = nn_sampler_pictures(g, out->n, seed + (uint64_t)e, c, &p, err) ||
              recognise(r, &p, out->said[e], err);
        nn_pictures_release(&p);
        if (ret)
            return -1;
        out->asked[e] = 1;
        out->emotions++;
    }
    return 0;
}

/* All looks of n pictures, (NN_LOOKS, n). */
static int measure(struct nn_sampler *g, int64_t n, uint64_t seed, const float *c, double *look,
                   struct nn_err *err)
{
    float *z = malloc((size_t)g->z * sizeof *z);
    float *image = malloc((size_t)nn_sampler_floats(g) * sizeof *image);
    int ret = z && image ? 0 : nn_fail_mem(err, "a picture");

    for (int64_t i = 0; i < n && !ret; i++) {
        struct nn_rng rng;
        double v[NN_LOOKS];
        nn_rng_seed(&rng, seed, (uint64_t)i);
        nn_sampler_latent(g, &rng, z);
        ret = nn_sampler_run(g, z, c, 1, image, err) || nn_check_stop("judging tags", err)
            ? -1 : 0;
        if (!ret)
            nn_looks(image, g->size, v);
        for (int k = 0; k < NN_LOOKS && !ret; k++)
            look[k * n + i] = v[k];
    }
    free(z);
    free(image);
    return ret;
}

/* The chance that one of `a` is larger than one of `b`, ties counted half. */
static double auc(const double *a, const double *b, int64_t n)
{
    double wins = 0;

    for (int64_t i = 0; i < n; i++)
        for (int64_t k = 0; k < n; k++)
            wins += a[i] > b[k] ? 1 : a[i] == b[k] ? 0.5 : 0;
    return wins / ((double)n * (double)n);
}

static double mean(const double *v, int64_t n)
{
    double sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += v[i];
    return sum / (double)n;
}

static int tell_tag(struct nn_sampler *g, int at, uint64_t seed, float *c, double *look,
                    struct nn_told *out, struct nn_err *err)
{
    struct nn_told_tag *t = &out->tag[out->tags];
    double *with = look, *without = look + NN_LOOKS * out->n;

    for (int i = 0; i < g->c; i++)
        c[i] = g->mean[i];
    c[at] = 1;
    if (measure(g, out->n, seed, c, with, err))
        return -1;
    c[at] = 0;
    if (measure(g, out->n, seed + 1, c, without, err))
        return -1;
    *t = (struct nn_told_tag){ .auc = 0.5 };
    snprintf(t->name, sizeof t->name, "%s", g->name[at] + 4);
    for (int k = 0; k < NN_LOOKS; k++) {
        double v = auc(with + k * out->n, without + k * out->n, out->n);
        if (k && !(fabs(v - 0.5) > fabs(t->auc - 0.5)))
            continue;
        t->look = k;
        t->auc = v;
        t->with = mean(with + k * out->n, out->n);
        t->without = mean(without + k * out->n, out->n);
    }
    out->tags++;
    return 0;
}

int nn_told(struct nn_sampler *g, struct nn_recogniser *r, int64_t n, uint64_t seed,
            struct nn_told *out, struct nn_err *err)
{
    float *c = calloc((size_t)g->c + 1, sizeof *c);
    double *look = malloc(2 * NN_LOOKS * (size_t)n * sizeof *look);
    int ret = c && look ? 0 : nn_fail_mem(err, "looks");

    *out = (struct nn_told){ .n = n };
    if (!ret && r)
        ret = tell_emotions(g, r, seed, c, out, err);
    for (int i = 0; i < g->c && !ret; i++)
        if (!strncmp(g->name[i], "tag/", 4))
            ret = tell_tag(g, i, seed + 100 + 2 * (uint64_t)i, c, look, out, err);
    free(c);
    free(look);
    return ret;
}

double nn_told_rate(const struct nn_told *t)
{
    int64_t right = 0;

    for (int e = 0; e < NN_EMOTIONS; e++)
        right += t->said[e][e];
    return t->emotions ? (double)right / ((double)t->emotions * (double)t->n) : 0;
}
