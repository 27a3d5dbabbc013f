/* What looks make of the latent: samples, regressions, and directions at right angles. */
#include <math.h>
#include <stdlib.h>

#include "common/progress.h"
#include "common/stop.h"
#include "trainer/latent.h"

static const double RIDGE = 1e-3;       /* of a latent's variance of 1 */

/* Samples as rows of latents and of looks. */
struct study {
    int64_t n, learn;           /* the first `learn` rows teach, the others judge */
    int d;
    double *z, *look[NN_LOOKS];
};

static void study_release(struct study *s)
{
    free(s->z);
    free(s->look[0]);
}

static int study(struct nn_sampler *g, const struct nn_latent_opts *o, struct study *s,
                 struct nn_err *err)
{
    float *zc = malloc((size_t)(g->z + g->c) * sizeof *zc);
    float *image = malloc((size_t)nn_sampler_floats(g) * sizeof *image);
    struct nn_progress bar;
    int ret = 0;

    *s = (struct study){ .n = o->samples, .learn = o->samples * 4 / 5, .d = g->z };
    s->z = malloc((size_t)(s->n * s->d) * sizeof *s->z);
    s->look[0] = malloc((size_t)s->n * NN_LOOKS * sizeof(double));
    if (!zc || !image || !s->z || !s->look[0])
        ret = nn_fail_mem(err, "samples");
    for (int k = 1; k < NN_LOOKS && !ret; k++)
        s->look[k] = s->look[0] + k * s->n;
    nn_progress_start(&bar, "looking", s->n);
    for (int64_t i = 0; i < s->n && !ret; i++) {
        struct nn_rng rng;
        double v[NN_LOOKS];
        nn_rng_seed(&rng, o->seed, (uint64_t)i);
        nn_sampler_latent(g, &rng, zc);
        nn_sampler_condition(g, &rng, zc + g->z);
        ret = nn_sampler_run(g, zc, zc + g->z, 1, image, err) || nn_check_stop("looking", err)
            ? -1 : 0;
        nn_looks(image, g->size, v);
        for (int k = 0; k < NN_LOOKS && !ret; k++)
            s->look[k][i] = v[k];
        for (int k = 0; k < s->d; k++)
            s->z[i * s->d + k] = zc[k];
        nn_progress_update(&bar, i + 1, NULL);
    }
    nn_progress_stop(&bar);
    free(zc);
    free(image);
    return ret;
}

/* On the held-out rows: how much of the look's variance constant + z.w foretells. */
static double r2_of(const struct study *s, const double *y, const double *w, double constant)
{
    double mean = 0, all = 0, missed = 0, n = (double)(s->n - s->learn);

    for (int64_t r = s->learn; r < s->n; r++)
        mean += y[r] / n;
    for (int64_t r = s->learn; r < s->n; r++) {
        double said = constant;
        for (int i = 0; i < s->d; i++)
            said += w[i] * s->z[r * s->d + i];
        all += (y[r] - mean) * (y[r] - mean);
        missed += (y[r] - said) * (y[r] - said);
    }
    return all > 1e-12 * n ? 1 - missed / all : 0;
}

static void spread_of(const struct study *s, const double *y, struct nn_latent_look *l)
{
    double squares = 0;

    for (int64_t r = 0; r < s->n; r++)
        l->mean += y[r] / (double)s->n;
    for (int64_t r = 0; r < s->n; r++)
        squares += (y[r] - l->mean) * (y[r] - l->mean);
    l->deviation = sqrt(squares / (double)(s->n - 1));
}

static double length(const double *v, int n)
{
    double sum = 0;

    for (int i = 0; i < n; i++)
        sum += v[i] * v[i];
    return sqrt(sum);
}

/* Takes off `v` what it has of the unit vectors, and makes it one; the share that was left. */
static double separate(double *v, int d, double *const unit[], int units)
{
    double before = length(v, d), after;

    for (int u = 0; u < units; u++) {
        double dot = 0;
        for (int i = 0; i < d; i++)
            dot += v[i] * unit[u][i];
        for (int i = 0; i < d; i++)
            v[i] -= dot * unit[u][i];
    }
    after = length(v, d);
    for (int i = 0; i < d && after > 0; i++)
        v[i] /= after;
    return before > 0 ? after / before : 0;
}

/* The held-out r^2 of one direction alone. */
static double own_r2(const struct study *s, const double *y, const double *unit)
{
    double mz = 0, my = 0, zz = 0, yy = 0, zy = 0, n = (double)(s->n - s->learn);

    for (int pass = 0; pass < 2; pass++)
        for (int64_t r = s->learn; r < s->n; r++) {
            double z = 0;
            for (int i = 0; i < s->d; i++)
                z += unit[i] * s->z[r * s->d + i];
            if (!pass) {
                mz += z / n;
                my += y[r] / n;
            } else {
                zz += (z - mz) * (z - mz);
                yy += (y[r] - my) * (y[r] - my);
                zy += (z - mz) * (y[r] - my);
            }
        }
    return zz > 0 && yy > 0 ? zy * zy / (zz * yy) : 0;
}

/* unit[k]: the direction of look k, of length 1, where it is kept. */
static int regress_all(const struct study *s, const struct nn_latent_opts *o, struct nn_latent *l,
                       double *const unit[NN_LOOKS], struct nn_err *err)
{
    double *taken[NN_LOOKS];
    int order[NN_LOOKS] = { 0 }, units = 0;

    for (int k = 0; k < NN_LOOKS; k++) {
        double constant;
        int at = k;
        spread_of(s, s->look[k], &l->look[k]);
        if (nn_regress(s->z, s->look[k], s->learn, s->d, RIDGE, unit[k], &constant, err))
            return -1;
        l->look[k].r2 = r2_of(s, s->look[k], unit[k], constant);
        for (; at > 0 && l->look[order[at - 1]].r2 < l->look[k].r2; at--)
            order[at] = order[at - 1];
        order[at] = k;
    }
    for (int i = 0; i < NN_LOOKS; i++) {
        struct nn_latent_look *look = &l->look[order[i]];
        double *v = unit[order[i]];
        if (look->r2 >= o->least) {
            look->left = separate(v, s->d, taken, units);
            look->own = own_r2(s, s->look[order[i]], v);
            look->kept = look->left >= NN_LATENT_LEFT && look->own >= o->least;
        }
        if (look->kept)
            taken[units++] = v;
        else
            nn_latent_refuse(l, nn_look_names[order[i]]);
    }
    return 0;
}

int nn_latent_looks(struct nn_sampler *g, const struct nn_latent_opts *o, struct nn_latent *l,
                    double *const unit[NN_LOOKS], struct nn_err *err)
{
    struct study s = { 0 };
    int ret = study(g, o, &s, err) || regress_all(&s, o, l, unit, err) ? -1 : 0;

    study_release(&s);
    return ret;
}
