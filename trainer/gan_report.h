/*
 * gan_report.h - all figures of one set of generated pictures, as JSON, text and sheets.
 */
#ifndef NN_TRAINER_GAN_REPORT_H
#define NN_TRAINER_GAN_REPORT_H

#include <stdio.h>

#include <cjson/cJSON.h>

#include "trainer/gan_judge.h"
#include "trainer/smooth.h"
#include "trainer/told.h"

struct nn_gan_report {
    const char *model, *on;     /* what was judged, beside what */
    const char *eyes;           /* nn_eyes_id() */
    uint64_t seed;
    struct nn_pictures real, fake;
    struct nn_traits seen[2];   /* of real, fake */
    double fid;
    double fid_halves;          /* of two random halves of the real ones: what chance alone makes of
                                 * half as many pictures; -1: fewer than 4 */
    struct nn_kid kid;
    struct nn_manifold manifold;
    double diversity[2];        /* real, fake */
    struct nn_nearest nearest;
    struct nn_smooth smooth;    /* n 0: pictures of a folder have no latent */
    struct nn_told told;        /* n 0: not asked */
    double seconds;
};

/* The figures of seen[]; release with nn_gan_report_release(), also after a failure. */
int nn_gan_report_measure(struct nn_gan_report *r, struct nn_pool *pool, struct nn_err *err);
void nn_gan_report_release(struct nn_gan_report *r);

/* Half the width of the kernel distance's 95 % interval; 0 where it has none. */
double nn_gan_kid_margin(const struct nn_kid *k);
cJSON *nn_gan_report_json(const struct nn_gan_report *r);
void nn_gan_report_print(const struct nn_gan_report *r);

/* samples.png, nearest.png and judge.json into a folder, which is made. */
int nn_gan_report_write(const struct nn_gan_report *r, const char *dir, struct nn_err *err);

#endif
