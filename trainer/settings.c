#include "trainer/settings.h"

#include <math.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"

const struct nn_settings nn_settings_default = {
    .epochs = 26, .batch = 128, .seed = 1, .threads = 2,
    .rate = 0.1, .warmup = 0.15, .drop = 0.1, .stale = 5, .momentum = 0.9, .beta2 = 0.999,
    .weight_decay = 5e-4, .smoothing = 0.1,
    .ema = 0.998,
    .size = 48, .width = 32, .blocks = { 1, 1, 1 }, .dropout = 0.2,
    .augment = { .flip = 0.5, .rotate = 14, .scale = 0.15, .shift = 0.1, .contrast = 0.3,
                 .brightness = 0.15, .erase = 0.1, .magnitude = 0.5 },
    .heat = 1, .mix = { .share = 0.5 },
    .normal = { 0.5, 0.25 },
};

static const char *const schedules[] = { "cosine", "step", "plateau", "constant", NULL };
static const char *const optimisers[] = { "sgd", "adamw", NULL };

/* One list for both ways. Whole numbers may have names, real ones and whole ones limits. */
static const struct member {
    const char *name;
    size_t at;
    int whole;
    const char *const *names;
    double min, max;
} members[] = {
#define INT(m, lo, hi) { #m, offsetof(struct nn_settings, m), 1, NULL, lo, hi }
#define REAL(m, lo, hi) { #m, offsetof(struct nn_settings, m), 0, NULL, lo, hi }
    INT(epochs, 1, 2000), INT(batch, 2, 4096), INT(seed, 0, 1e9), INT(threads, 1, 256),
    REAL(rate, 1e-7, 10), REAL(warmup, 0, .9),
    { "schedule", offsetof(struct nn_settings, schedule), 1, schedules, 0, 0 },
    REAL(drop, 0, 1), INT(stale, 1, 2000), INT(patience, 0, 2000),
    { "optimiser", offsetof(struct nn_settings, adamw), 1, optimisers, 0, 0 },
    REAL(momentum, 0, .9999), REAL(beta2, 0, .99999), REAL(weight_decay, 0, 1),
    REAL(smoothing, 0, .9), REAL(ema, 0, .99999), REAL(clip, 0, 1e6), REAL(focal, 0, 10),
    REAL(balance, 0, 2), REAL(mix.mixup, 0, 4), REAL(mix.cutmix, 0, 4), REAL(mix.share, 0, 1),
    INT(size, 16, 224), INT(width, 4, 512), INT(blocks[0], 0, 16),
    INT(blocks[1], 0, 16), INT(blocks[2], 0, 16), REAL(dropout, 0, .9), REAL(votes, 0, 10),
    REAL(teacher, 0, 1), REAL(heat, .1, 20), REAL(augment.shear, 0, 60), INT(augment.ops, 0, 8),
    REAL(augment.magnitude, 0, 1),
    REAL(augment.flip, 0, 1), REAL(augment.rotate, 0, 180), REAL(augment.scale, 0, .9),
    REAL(augment.shift, 0, .5), REAL(augment.contrast, 0, 1), REAL(augment.brightness, 0, 1),
    REAL(augment.erase, 0, 1), REAL(normal.mean, -1e3, 1e3), REAL(normal.std, 1e-6, 1e3),
#undef INT
#undef REAL
};
enum { MEMBERS = sizeof members / sizeof *members };

cJSON *nn_settings_to_json(const struct nn_settings *s)
{
    cJSON *root = cJSON_CreateObject();

    for (int i = 0; i < MEMBERS; i++) {
        const char *p = (const char *)s + members[i].at;
        double v = members[i].whole ? (double)*(const int64_t *)(const void *)p
                                    : *(const double *)(const void *)p;
        if (members[i].names)
            cJSON_AddStringToObject(root, members[i].name, members[i].names[(int)v]);
        else
            cJSON_AddNumberToObject(root, members[i].name, v);
    }
    return root;
}

static int put(struct nn_settings *s, const struct member *m, const cJSON *value,
               const char *where, struct nn_err *err)
{
    char *p = (char *)s + m->at;
    double v = value->valuedouble;
    int k = 0;

    if (m->names) {
        while (m->names[k] && (!cJSON_IsString(value) || strcmp(m->names[k], value->valuestring)))
            k++;
        if (!m->names[k])
            return nn_fail(err, NN_EFORMAT, "%s: %s is none of its names (%s, %s, ...)", where,
                           m->name, m->names[0], m->names[1]);
        v = k;
    } else if (!cJSON_IsNumber(value) || !(v >= m->min && v <= m->max) ||
               (m->whole && v != floor(v))) {
        return nn_fail(err, NN_EFORMAT, "%s: %s is no %s from %g to %g", where, m->name,
                       m->whole ? "whole number" : "number", m->min, m->max);
    }
    if (m->whole)
        *(int64_t *)(void *)p = (int64_t)v;
    else
        *(double *)(void *)p = v;
    return 0;
}

int nn_settings_from_json(struct nn_settings *s, const char *text, const char *where,
                          struct nn_err *err)
{
    struct nn_settings to = *s;
    cJSON *root = cJSON_Parse(text);
    int ret = 0;

    if (!cJSON_IsObject(root)) {
        cJSON_Delete(root);
        return nn_fail(err, NN_EFORMAT, "%s is no JSON object", where);
    }
    for (const cJSON *v = root->child; v && !ret; v = v->next) {
        int i = 0;
        while (i < MEMBERS && strcmp(members[i].name, v->string))
            i++;
        if (i < MEMBERS)
            ret = put(&to, &members[i], v, where, err);
        else if (strcmp(v->string, "about"))
            ret = nn_fail(err, NN_EFORMAT, "%s: no setting is called \"%.60s\"", where, v->string);
    }
    cJSON_Delete(root);
    if (!ret)
        *s = to;
    return ret;
}

int nn_settings_whole(const char *name)
{
    for (int i = 0; i < MEMBERS; i++)
        if (!strcmp(members[i].name, name))
            return members[i].whole;
    return 0;
}

int nn_settings_read(struct nn_settings *s, const char *path, struct nn_err *err)
{
    size_t size;
    char *text = nn_file_read(path, 1 << 16, &size, err);
    int ret = text ? nn_settings_from_json(s, text, path, err) : -1;

    free(text);
    return ret;
}
