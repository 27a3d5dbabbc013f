#include "trainer/settings.h"

#include <string.h>

#include "trainer/members.h"

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

static const struct nn_member members[] = {
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
    return nn_members_to_json(members, MEMBERS, s);
}

int nn_settings_from_json(struct nn_settings *s, const char *text, const char *where,
                          struct nn_err *err)
{
    return nn_members_from_json(members, MEMBERS, s, sizeof *s, text, where, err);
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
    return nn_members_read(members, MEMBERS, s, sizeof *s, path, err);
}
