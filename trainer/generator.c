#include "trainer/generator.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"

enum { BATCH = 8, MOST_SIZE = 1024, MOST_LATENT = 4096 };

static int number_of(const struct nn_graph *m, const char *key, int most, int *out,
                     struct nn_err *err)
{
    const char *text = nn_graph_meta(m, key);
    char *end;
    long v = text ? strtol(text, &end, 10) : 0;

    if (!text || *end || v < 1 || v > most)
        return nn_fail(err, NN_EFORMAT, "%s is \"%.60s\", not a number from 1 to %d", key,
                       text ? text : "", most);
    *out = (int)v;
    return 0;
}

static int names_of(struct nn_generator *g, const cJSON *names, const cJSON *means,
                    struct nn_err *err)
{
    int n = cJSON_GetArraySize(names);

    if (!cJSON_IsArray(names) || n > NN_CONDITIONS ||
        (means && (!cJSON_IsArray(means) || cJSON_GetArraySize(means) != n)))
        return nn_fail(err, NN_EFORMAT, "neonnoir.conditions and neonnoir.condition_mean are not "
                       "arrays of the same length, at most %d", NN_CONDITIONS);
    g->name = calloc((size_t)n + 1, sizeof *g->name);
    g->mean = calloc((size_t)n + 1, sizeof *g->mean);
    if (!g->name || !g->mean)
        return nn_fail_mem(err, "conditions");
    for (int i = 0; i < n; i++) {
        const char *name = cJSON_GetStringValue(cJSON_GetArrayItem(names, i));
        const cJSON *mean = means ? cJSON_GetArrayItem(means, i) : NULL;
        if (!name || !*name || strlen(name) >= NN_CONDITION_NAME || (mean && !cJSON_IsNumber(mean)))
            return nn_fail(err, NN_EFORMAT, "condition %d has no name, too long a one or no mean",
                           i);
        snprintf(g->name[i], sizeof *g->name, "%s", name);
        g->mean[i] = mean ? (float)mean->valuedouble : 0;
    }
    g->c = n;
    return 0;
}

static int read_meta(struct nn_generator *g, struct nn_err *err)
{
    const struct nn_graph *m = nn_engine_graph(g->net);
    const char *kind = nn_graph_meta(m, "neonnoir.kind");
    const char *names = nn_graph_meta(m, "neonnoir.conditions");
    const char *means = nn_graph_meta(m, "neonnoir.condition_mean");
    cJSON *n = names ? cJSON_Parse(names) : NULL, *v = means ? cJSON_Parse(means) : NULL;
    int ret;

    if (!kind || strcmp(kind, "generator"))
        ret = nn_fail(err, NN_EUNSUPPORTED, "no generator: neonnoir.kind is \"%.40s\"",
                      kind ? kind : "");
    else
        ret = number_of(m, "neonnoir.size", MOST_SIZE, &g->size, err) ||
              number_of(m, "neonnoir.latent", MOST_LATENT, &g->z, err) ||
              (names && names_of(g, n, v, err)) ? -1 : 0;
    cJSON_Delete(n);
    cJSON_Delete(v);
    return ret;
}

/* What the metadata say must be what the graph does. */
static int try_it(struct nn_generator *g, struct nn_err *err)
{
    float *z = calloc((size_t)g->z + 1, sizeof *z), *c = calloc((size_t)g->c + 1, sizeof *c);
    float *image = calloc((size_t)nn_generator_floats(g), sizeof *image);
    int ret = z && c && image ? nn_generator_run(g, z, c, 1, image, err)
                              : nn_fail_mem(err, "a picture");

    free(z);
    free(c);
    free(image);
    return ret;
}

struct nn_generator *nn_generator_new(const char *path, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_generator *g = calloc(1, sizeof *g);
    struct nn_engine_opts opts = { .pool = pool };

    if (!g) {
        nn_fail_mem(err, "generator");
        return NULL;
    }
    if (!(g->net = nn_engine_load(path, &opts, err)))
        goto bad;
    if (!read_meta(g, err) && !try_it(g, err))
        return g;
    nn_fail_in(err, "%s", path);
bad:
    nn_generator_free(g);
    return NULL;
}

void nn_generator_free(struct nn_generator *g)
{
    if (!g)
        return;
    nn_engine_free(g->net);
    free(g->name);
    free(g->mean);
    free(g);
}

int nn_generator_floats(const struct nn_generator *g)
{
    return 3 * g->size * g->size;
}

int nn_generator_find(const struct nn_generator *g, const char *condition)
{
    for (int i = 0; i < g->c; i++)
        if (!strcmp(g->name[i], condition))
            return i;
    return -1;
}

void nn_generator_latent(const struct nn_generator *g, struct nn_rng *rng, float *z)
{
    for (int i = 0; i < g->z; i++)
        z[i] = nn_rng_normal(rng);
}

void nn_generator_condition(const struct nn_generator *g, struct nn_rng *rng, float *c)
{
    float all = 0, dice;

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

int nn_generator_run(struct nn_generator *g, const float *z, const float *c, int64_t n,
                     float *image, struct nn_err *err)
{
    for (int64_t i = 0; i < n; i += BATCH) {
        int64_t b = n - i < BATCH ? n - i : BATCH;
        struct nn_value in[2] = {
            { .name = "z", .type = NN_F32, .ndim = 2, .dim = { b, g->z },
              .data = (float *)z + i * g->z },
            { .name = "c", .type = NN_F32, .ndim = 2, .dim = { b, g->c },
              .data = g->c ? (float *)c + i * g->c : NULL },
        };
        const struct nn_value *out;
        if (nn_engine_run(g->net, in, g->c ? 2 : 1, err))
            return -1;
        out = nn_engine_output_named(g->net, "image");
        if (!out || out->type != NN_F32 || out->ndim != 4 || out->dim[0] != b ||
            out->dim[1] != 3 || out->dim[2] != g->size || out->dim[3] != g->size)
            return nn_fail(err, NN_EFORMAT, "its \"image\" is not %lld x 3 x %d x %d",
                           (long long)b, g->size, g->size);
        memcpy(image + i * nn_generator_floats(g), out->data,
               (size_t)b * (size_t)nn_generator_floats(g) * sizeof *image);
    }
    return 0;
}

void nn_generator_bytes(const float *image, int size, uint8_t *px)
{
    size_t plane = (size_t)size * (size_t)size;

    for (size_t i = 0; i < plane; i++)
        for (size_t c = 0; c < 3; c++) {
            float v = (image[c * plane + i] + 1) * 127.5f + 0.5f;
            px[3 * i + c] = (uint8_t)(v >= 0 ? v < 255 ? v : 255 : 0);
        }
}

static int make_batch(struct nn_generator *g, int64_t first, int64_t n, uint64_t seed,
                      const float *given, float *z, float *c, float *image, struct nn_err *err)
{
    for (int64_t k = 0; k < n; k++) {
        struct nn_rng rng;
        nn_rng_seed(&rng, seed, (uint64_t)(first + k));
        nn_generator_latent(g, &rng, z + k * g->z);
        if (given)
            memcpy(c + k * g->c, given, (size_t)g->c * sizeof *c);
        else
            nn_generator_condition(g, &rng, c + k * g->c);
    }
    return nn_generator_run(g, z, c, n, image, err);
}

int nn_generator_pictures(struct nn_generator *g, int64_t n, uint64_t seed, const float *c,
                          struct nn_pictures *p, struct nn_err *err)
{
    int floats = nn_generator_floats(g);
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
            nn_generator_bytes(image + k * floats, g->size, img.px);
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
