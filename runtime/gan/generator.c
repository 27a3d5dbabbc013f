#include "runtime/gan/generator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/json.h"
#include "runtime/onnx/graph.h"

enum { STEPS = 4096 };          /* of the table from codes to light */

static const char *meta(const struct nn_generator *g, const char *key)
{
    return nn_graph_meta(nn_engine_graph(g->engine), key);
}

/* A whole number of the metadata within 1..most, or -1. */
static int read_number(const struct nn_generator *g, const char *key, int most, struct nn_err *err)
{
    const char *text = meta(g, key);
    char *end;
    long v;

    if (!text)
        return nn_fail(err, NN_EFORMAT, "no %s in its metadata: it is no generator of ours", key);
    v = strtol(text, &end, 10);
    if (*end || end == text || v < 1 || v > most)
        return nn_fail(err, NN_EFORMAT, "%s is \"%.20s\", not 1 to %d", key, text, most);
    return (int)v;
}

static int fail_list(const char *key, struct nn_err *err)
{
    return nn_fail(err, NN_EFORMAT, "%s is not what it should be", key);
}

/* n numbers of a JSON array into the arena; NULL: they are not there. */
static const float *read_floats(struct nn_generator *g, const cJSON *list, int n)
{
    float *v = nn_arena_array(&g->arena, (size_t)n + 1, sizeof *v);
    const cJSON *at;
    int i = 0;

    if (!v || !cJSON_IsArray(list) || cJSON_GetArraySize(list) != n)
        return NULL;
    cJSON_ArrayForEach(at, list) {
        if (!cJSON_IsNumber(at) || !(fabs(at->valuedouble) < 1e6))
            return NULL;
        v[i++] = (float)at->valuedouble;
    }
    return v;
}

static int read_names(struct nn_generator *g, const cJSON *list, struct nn_err *err)
{
    static const char key[] = "neonnoir.conditions";
    const cJSON *at;

    if (!cJSON_IsArray(list) || cJSON_GetArraySize(list) > NN_GAN_CONDITIONS)
        return fail_list(key, err);
    cJSON_ArrayForEach(at, list) {
        if (!cJSON_IsString(at))
            return fail_list(key, err);
        if (!(g->condition[g->conditions++] = nn_arena_strdup(&g->arena, at->valuestring)))
            return nn_fail_mem(err, "a generator");
    }
    return 0;
}

static int read_directions(struct nn_generator *g, const cJSON *all, struct nn_err *err)
{
    static const char key[] = "neonnoir.directions";

    if (!cJSON_IsObject(all) || cJSON_GetArraySize(all) > NN_GAN_DIRECTIONS)
        return fail_list(key, err);
    for (const cJSON *at = all->child; at; at = at->next) {
        struct nn_direction *d = &g->direction[g->directions];
        const cJSON *v = cJSON_GetObjectItemCaseSensitive(at, "v");
        d->name = nn_arena_strdup(&g->arena, at->string);
        if (!d->name || !(d->v = read_floats(g, v, g->latent + g->conditions)))
            return nn_fail(err, NN_EFORMAT, "%s: \"%.40s\" is not %d numbers", key, at->string,
                           g->latent + g->conditions);
        g->directions++;
    }
    return 0;
}

/* Calls read() with what `key` holds as JSON; nothing where it is not there. */
static int read_json(struct nn_generator *g, const char *key,
                     int (*read)(struct nn_generator *, const cJSON *, struct nn_err *),
                     struct nn_err *err)
{
    const char *text = meta(g, key);
    cJSON *root;
    int ret;

    if (!text)
        return 0;
    if (!(root = cJSON_Parse(text)))
        return nn_fail(err, NN_EFORMAT, "%s is no JSON", key);
    ret = read(g, root, err);
    cJSON_Delete(root);
    return ret;
}

static int read_mean(struct nn_generator *g, const cJSON *list, struct nn_err *err)
{
    static const char key[] = "neonnoir.condition_mean";

    return (g->mean = read_floats(g, list, g->conditions)) ? 0 : fail_list(key, err);
}

/* Whether value v can be one row of n floats called `name`. */
static int is_row(const struct nn_value *v, const char *name, int n)
{
    return !strcmp(v->name, name) && v->type == NN_F32 && v->ndim == 2 && v->dim[0] <= 1 &&
           (v->dim[1] == n || v->dim[1] == NN_DYNAMIC);
}

static int check_inputs(const struct nn_generator *g, struct nn_err *err)
{
    struct nn_value v;
    int i = 0, z = 0, c = 0;

    for (; !nn_engine_input(g->engine, i, &v); i++) {
        z += is_row(&v, "z", g->latent);
        c += g->conditions && is_row(&v, "c", g->conditions);
    }
    if (z != 1 || c != (g->conditions > 0) || i != z + c)
        return nn_fail(err, NN_EFORMAT, "a generator takes z (1 x %d)%s, and this takes "
                       "something else", g->latent, g->conditions ? " and c, its conditions" : "");
    return 0;
}

static int fill_light(struct nn_generator *g, struct nn_err *err)
{
    float *light = nn_arena_array(&g->arena, STEPS + 1, sizeof *light);

    if (!light)
        return nn_fail_mem(err, "a generator");
    for (int i = 0; i <= STEPS; i++) {          /* IEC 61966-2-1 */
        double v = (double)i / STEPS;
        light[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    g->light = light;
    return 0;
}

static int read_all(struct nn_generator *g, struct nn_err *err)
{
    const char *kind = meta(g, "neonnoir.kind");

    if (!kind || strcmp(kind, "generator"))
        return nn_fail(err, NN_EFORMAT, "it is no generator: its neonnoir.kind is %.30s",
                       kind ? kind : "missing");
    if ((g->size = read_number(g, "neonnoir.size", NN_GAN_SIZE, err)) < 0 ||
        (g->latent = read_number(g, "neonnoir.latent", NN_GAN_LATENT, err)) < 0 ||
        read_json(g, "neonnoir.conditions", read_names, err) ||
        read_json(g, "neonnoir.condition_mean", read_mean, err) ||
        read_json(g, "neonnoir.directions", read_directions, err))
        return -1;
    if (!g->mean && !(g->mean = nn_arena_array(&g->arena, (size_t)g->conditions + 1,
                                               sizeof *g->mean)))
        return nn_fail_mem(err, "a generator");
    return check_inputs(g, err) || fill_light(g, err) ? -1 : 0;
}

/* Once, on the middle of its space: a picture of the wrong size is known now or never. */
static int try_it(struct nn_generator *g, struct nn_err *err)
{
    float *zc = calloc((size_t)(g->latent + g->conditions), sizeof *zc);
    float *rgb = malloc(3 * (size_t)g->size * (size_t)g->size * sizeof *rgb);
    int ret;

    if (!zc || !rgb)
        ret = nn_fail_mem(err, "a generator");
    else
        ret = nn_generator_run(g, zc, rgb, err);
    free(zc);
    free(rgb);
    return ret;
}

struct nn_generator *nn_generator_open(const char *path, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_engine_opts opts = { .pool = pool };
    struct nn_generator *g = calloc(1, sizeof *g);

    if (!g) {
        nn_fail_mem(err, "a generator");
        return NULL;
    }
    if (!(g->engine = nn_engine_load(path, &opts, err)))
        goto fail;
    if (!read_all(g, err) && !try_it(g, err))
        return g;
    nn_fail_in(err, "%s", path);
fail:
    nn_generator_free(g);
    return NULL;
}

void nn_generator_free(struct nn_generator *g)
{
    if (!g)
        return;
    nn_engine_free(g->engine);
    nn_arena_release(&g->arena);
    free(g);
}

int nn_generator_run(struct nn_generator *g, const float *zc, float *rgb, struct nn_err *err)
{
    /* data is only read; the engine takes pointers that could write */
    struct nn_value in[2] = {
        { .name = "z", .type = NN_F32, .ndim = 2, .dim = { 1, g->latent }, .data = (void *)zc },
        { .name = "c", .type = NN_F32, .ndim = 2, .dim = { 1, g->conditions },
          .data = (void *)(zc + g->latent) },
    };
    size_t n = 3 * (size_t)g->size * (size_t)g->size;
    const struct nn_value *out;
    const float *code;

    if (nn_engine_run(g->engine, in, 1 + (g->conditions > 0), err))
        return -1;
    out = nn_engine_output_named(g->engine, "image");
    if (!out || out->type != NN_F32 || out->ndim != 4 || out->dim[0] != 1 || out->dim[1] != 3 ||
        out->dim[2] != g->size || out->dim[3] != g->size)
        return nn_fail(err, NN_EFORMAT, "it gives no image of 1 x 3 x %d x %d", g->size, g->size);
    code = out->data;
    for (size_t i = 0; i < n; i++) {            /* NaN, too, is black */
        float v = (code[i] + 1) * (0.5f * STEPS);
        float x = v > 0 ? v < STEPS ? v : STEPS : 0;
        int at = x < STEPS ? (int)x : STEPS - 1;
        rgb[i] = g->light[at] + (x - (float)at) * (g->light[at + 1] - g->light[at]);
    }
    return 0;
}

/* Whether two words mean the same. */
static int same(const char *a, const char *b)
{
    int e = nn_emotion_find(a);

    return !strcmp(a, b) || (e >= 0 && e == nn_emotion_find(b));
}

int nn_generator_direction(const struct nn_generator *g, const char *name)
{
    for (int i = 0; i < g->directions; i++)
        if (same(g->direction[i].name, name))
            return i;
    return -1;
}

int nn_generator_condition(const struct nn_generator *g, const char *name)
{
    for (int i = 0; i < g->conditions; i++)
        if (same(g->condition[i], name))
            return i;
    return -1;
}
