#include "trainer/gan_settings.h"

#include "trainer/members.h"

const struct nn_gan_settings nn_gan_settings_default = {
    .images = 200000, .snap = 5000, .batch = 16, .seed = 1, .threads = 2,
    .size = 64, .latent = 128, .width = 24, .widest = 160,
    .rate = 1e-3, .beta1 = 0, .beta2 = 0.99, .ema = 10000,
    .gamma = 0.5, .every = 4, .adaptive = 1, .target = 0.6, .ramp = 50000, .drop = 0.1, .flip = 0.5,
};

static const char *const losses[] = { "pairs", "hinge", NULL };
static const char *const no_yes[] = { "no", "yes", NULL };

static const struct nn_member members[] = {
#define INT(m, lo, hi) { #m, offsetof(struct nn_gan_settings, m), 1, NULL, lo, hi }
#define REAL(m, lo, hi) { #m, offsetof(struct nn_gan_settings, m), 0, NULL, lo, hi }
    INT(images, 1, 1e10), INT(snap, 1, 1e9), INT(batch, 2, 1024), INT(seed, 0, 1e9),
    INT(threads, 1, 256), INT(size, 16, 512), INT(latent, 1, 4096), INT(width, 4, 512),
    INT(widest, 8, 2048), REAL(rate, 1e-7, 1), REAL(beta1, 0, .9999), REAL(beta2, 0, .99999),
    INT(ema, 0, 1e8), { "loss", offsetof(struct nn_gan_settings, hinge), 1, losses, 0, 0 },
    REAL(gamma, 0, 1e6), INT(every, 1, 1000), REAL(modes, 0, 100),
    { "adaptive", offsetof(struct nn_gan_settings, adaptive), 1, no_yes, 0, 0 },
    REAL(augment, 0, 1), REAL(target, 0, 1), INT(ramp, 1, 1e9), REAL(drop, 0, 1), REAL(flip, 0, 1),
#undef INT
#undef REAL
};
enum { MEMBERS = sizeof members / sizeof *members };

cJSON *nn_gan_settings_to_json(const struct nn_gan_settings *s)
{
    return nn_members_to_json(members, MEMBERS, s);
}

int nn_gan_settings_from_json(struct nn_gan_settings *s, const char *text, const char *where,
                              struct nn_err *err)
{
    return nn_members_from_json(members, MEMBERS, s, sizeof *s, text, where, err);
}

int nn_gan_settings_read(struct nn_gan_settings *s, const char *path, struct nn_err *err)
{
    return nn_members_read(members, MEMBERS, s, sizeof *s, path, err);
}
