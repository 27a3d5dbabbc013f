#include "trainer/sampler.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"

enum { BATCH = 8 };

struct nn_sampler *nn_sampler_new(const char *path, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_sampler *g = calloc(1, sizeof *g);
    struct nn_value in;

    if (!g) {
        nn_fail_mem(err, "generator");
        return NULL;
    }
    if (!(g->of = nn_generator_open(path, pool, err))) {
        free(g);
        return NULL;
    }
    g->size = g->of->size;
    g->z = g->of->latent;
    g->c = g->of->conditions;
    g->name = g->of->condition;
    g->mean = g->of->mean;
    g->batch = !nn_engine_input(g->of->engine, 0, &in) && in.dim[0] == 1 ? 1 : BATCH;
    return g;
}

void nn_sampler_free(struct nn_sampler *g)
{
    if (!g)
        return;
    nn_generator_free(g->of);
    free(g);
}

int nn_sampler_floats(const struct nn_sampler *g)
{
    return 3 * g->size * g->size;
}

void nn_sampler_latent(const struct nn_sampler *g, struct nn_rng *rng, float *z)
{
    for (int i = 0; i < g->z; i++)
        z[i] = nn_rng_normal(rng);
}

void nn_sampler_condition(const struct nn_sampler *g, struct nn_rng *rng, float *c)
{
    float all = 0, dice;

    if (g->row && g->rows) {
        int64_t at = nn_rng_below(rng, (uint32_t)g->rows);
        memcpy(c, g->row + at * g->c, (size_t)g->c * sizeof *c);
        return;
    }
    for (int i = 0; i < g->c; i++)
        all += strncmp(g->name[i], "class/", 6) ? 0 : g->mean[i];
    dice = nn_rng_float(rng) * all;
    for (int i = 0; i < g->c; i++) {
        c[i] = g->mean[i];
        if (!strncmp(g->name[i], "class/", 6)) {
            c[i] = dice >= 0 && dice < g->mean[i];
            dice -= g->mean[i];
        } else if (!strncmp(g->name[i], "tag/", 4)) {
            c[i] = nn_rng_float(rng) < g->mean[i];
        }
    }
}

int nn_sampler_run(struct nn_sampler *g, const float *z, const float *c, int64_t n,
                     float *image, struct nn_err *err)
{
    for (int64_t i = 0; i < n; i += g->batch) {
        int64_t b = n - i < g->batch ? n - i : g->batch;
        struct nn_value in[2] = {
            { .name = "z", .type = NN_F32, .ndim = 2, .dim = { b, g->z },
              .data = (float *)z + i * g->z },
            { .name = "c", .type = NN_F32, .ndim = 2, .dim = { b, g->c },
              .data = g->c ? (float *)c + i * g->c : NULL },
        };
        const struct nn_value *out;
        if (nn_engine_run(g->of->engine, in, g->c ? 2 : 1, err))
            return -1;
        out = nn_engine_output_named(g->of->engine, "image");
        if (!out || out->type != NN_F32 || out->ndim != 4 || out->dim[0] != b ||
            out->dim[1] != 3 || out->dim[2] != g->size || out->dim[3] != g->size)
            return nn_fail(err, NN_EFORMAT, "its \"image\" is not %lld x 3 x %d x %d",
                           (long long)b, g->size, g->size);
        memcpy(image + i * nn_sampler_floats(g), out->data,
               (size_t)b * (size_t)nn_sampler_floats(g) * sizeof *image);
    }
    return 0;
}

void nn_sampler_bytes(const float *image, int size, uint8_t *px)
{
    size_t plane = (size_t)size * (size_t)size;

    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++) {
            float v = (image[c * plane + i] + 1) * 127.5f + 0.5f;
            px[3 * i + c] = (uint8_t)(v >= 0 ? v < 255 ? v : 255 : 0);
        }
}

static int make_batch(struct nn_sampler *g, int64_t first, int64_t n, uint64_t seed,
                      const float *given, float *z, float *c, float *image, struct nn_err *err)
{
    for (int64_t k = 0; k < n; k++) {
        struct nn_rng rng;
        nn_rng_seed(&rng, seed, (uint64_t)(first + k));
        nn_sampler_latent(g, &rng, z + k * g->z);
        if (given)
            memcpy(c + k * g->c, given, (size_t)g->c * sizeof *c);
        else
            nn_sampler_condition(g, &rng, c + k * g->c);
    }
    return nn_sampler_run(g, z, c, n, image, err);
}

int nn_sampler_pictures(struct nn_sampler *g, int64_t n, uint64_t seed, const float *c,
                          struct nn_pictures *p, struct nn_err *err)
{
    int floats = nn_sampler_floats(g);
    float *z = malloc(BATCH * (size_t)g->z * sizeof *z);
    float *some = malloc(BATCH * ((size_t)g->c + 1) * sizeof *some);
    float *image = malloc(BATCH * (size_t)floats * sizeof *image);
    struct nn_image img = { 0 };
    struct nn_progress bar;
    char name[32];
    int ret = z && some && image ? nn_image_init(&img, g->size, g->size, 3, err)
                                 : nn_fail_mem(err, "pictures");

    nn_progress_start(&bar, "dreaming", n);
    for (int64_t i = 0; i < n && !ret; i += BATCH) {
        int64_t b = n - i < BATCH ? n - i : BATCH;
        ret = make_batch(g, i, b, seed, c, z, some, image, err);
        for (int64_t k = 0; k < b && !ret; k++) {
            nn_sampler_bytes(image + k * floats, g->size, img.px);
            snprintf(name, sizeof name, "sample %lld", (long long)(i + k));
            ret = nn_pictures_add(p, &img, name, err);
        }
        if (!ret)
            ret = nn_check_stop("dreaming", err);
        nn_progress_update(&bar, i + b, NULL);
    }
    nn_progress_stop(&bar);
    nn_image_release(&img);
    free(z);
    free(some);
    free(image);
    return ret;
}
