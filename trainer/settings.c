#include "trainer/settings.h"

#include <stddef.h>

#include "common/json.h"

const struct nn_settings nn_settings_default = {
    .epochs = 26, .batch = 128, .seed = 1, .threads = 2,
    .rate = 0.1, .warmup = 0.15, .momentum = 0.9, .weight_decay = 5e-4, .smoothing = 0.1,
    .ema = 0.998,
    .size = 48, .width = 32, .blocks = 1, .dropout = 0.2,
    .augment = { .flip = 0.5, .rotate = 14, .scale = 0.15, .shift = 0.1, .contrast = 0.3,
                 .brightness = 0.15, .erase = 0.1 },
    .normal = { 0.5, 0.25 },
};

/* One list for both ways. */
static const struct { const char *name; size_t at; int whole; } members[] = {
#define INT(m) { #m, offsetof(struct nn_settings, m), 1 }
#define REAL(m) { #m, offsetof(struct nn_settings, m), 0 }
    INT(epochs), INT(batch), INT(seed), INT(threads),
    REAL(rate), REAL(warmup), REAL(momentum), REAL(weight_decay), REAL(smoothing), REAL(ema),
    INT(size), INT(width), INT(blocks), REAL(dropout),
    REAL(augment.flip), REAL(augment.rotate), REAL(augment.scale), REAL(augment.shift),
    REAL(augment.contrast), REAL(augment.brightness), REAL(augment.erase),
    REAL(normal.mean), REAL(normal.std),
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
        cJSON_AddNumberToObject(root, members[i].name, v);
    }
    return root;
}

int nn_settings_from_json(struct nn_settings *s, const char *text, struct nn_err *err)
{
    cJSON *root = cJSON_Parse(text);
    int ret = 0;

    if (!root)
        return nn_fail(err, NN_EFORMAT, "the run's settings are not JSON");
    for (int i = 0; i < MEMBERS && !ret; i++) {
        char *p = (char *)s + members[i].at;
        double v = 0;
        ret = nn_json_number(root, "settings", members[i].name, 1, &v, err);
        if (members[i].whole)
            *(int64_t *)(void *)p = (int64_t)v;
        else
            *(double *)(void *)p = v;
    }
    cJSON_Delete(root);
    return ret;
}
