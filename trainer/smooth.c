#include "trainer/smooth.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"

static const double STEP = 0.01;

void nn_slerp(const float *a, const float *b, int n, double t, float *out)
{
    double aa = 0, bb = 0, ab = 0, angle, wa = 1 - t, wb = t;

    for (int i = 0; i < n; i++) {
        aa += (double)a[i] * a[i];
        bb += (double)b[i] * b[i];
        ab += (double)a[i] * b[i];
    }
    angle = aa > 0 && bb > 0 ? acos(fmax(-1, fmin(1, ab / sqrt(aa * bb)))) : 0;
    if (sin(angle) > 1e-6) {
        wa = sin((1 - t) * angle) / sin(angle);
        wb = sin(t * angle) / sin(angle);
    }
    for (int i = 0; i < n; i++)
        out[i] = (float)(wa * a[i] + wb * b[i]);
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return x < y ? -1 : x > y;
}

struct work {
    float *ends, *z, *c, *image, *seen;     /* ends: two latents; the others: two of each */
};

/* The squared speed of one walk at a random place. */
static int step_of(struct nn_sampler *g, struct nn_eyes *e, uint64_t seed, int64_t i,
                   const struct work *w, double *out, struct nn_err *err)
{
    struct nn_rng rng;
    double t;

    nn_rng_seed(&rng, seed, (uint64_t)i);
    nn_sampler_latent(g, &rng, w->ends);
    nn_sampler_latent(g, &rng, w->ends + g->z);
    nn_sampler_condition(g, &rng, w->c);
    memcpy(w->c + g->c, w->c, (size_t)g->c * sizeof *w->c);
    t = nn_rng_float(&rng) * (1 - STEP);
    nn_slerp(w->ends, w->ends + g->z, g->z, t, w->z);
    nn_slerp(w->ends, w->ends + g->z, g->z, t + STEP, w->z + g->z);
    if (nn_sampler_run(g, w->z, w->c, 2, w->image, err) ||
        nn_eyes_see(e, w->image, 2, g->size, w->seen, err))
        return -1;
    *out = 0;
    for (int k = 0; k < nn_eyes_floats(e); k++) {
        double d = (w->seen[k] - w->seen[nn_eyes_floats(e) + k]) / STEP;
        *out += d * d;
    }
    return 0;
}

int nn_smooth(struct nn_sampler *g, struct nn_eyes *e, int64_t n, uint64_t seed,
              struct nn_smooth *out, struct nn_err *err)
{
    size_t z = (size_t)g->z, c = (size_t)g->c, f = (size_t)nn_sampler_floats(g);
    size_t d = (size_t)nn_eyes_floats(e);
    float *all = malloc((4 * z + 2 * c + 2 * f + 2 * d) * sizeof *all);
    double *v = malloc((size_t)n * sizeof *v), sum = 0;
    struct work w = { all, all + 2 * z, all + 4 * z, all + 4 * z + 2 * c,
                      all + 4 * z + 2 * c + 2 * f };
    struct nn_progress bar;
    int ret = all && v ? 0 : nn_fail_mem(err, "walks");

    nn_progress_start(&bar, "walking", n);
    for (int64_t i = 0; i < n && !ret; i++) {
        ret = step_of(g, e, seed, i, &w, &v[i], err) || nn_check_stop("walking", err) ? -1 : 0;
        sum += ret ? 0 : v[i];
        nn_progress_update(&bar, i + 1, NULL);
    }
    nn_progress_stop(&bar);
    *out = (struct nn_smooth){ .n = n };
    if (!ret) {
        qsort(v, (size_t)n, sizeof *v, by_value);
        out->length = sum / (double)n;
        out->evenness = sum > 0 ? v[n / 2] / out->length : 1;
    }
    free(all);
    free(v);
    return ret;
}
