/*
 * latent.h - directions of a generator's latent space that follow emotions and looks.
 *
 * A direction is a vector to add to (z, c), Z + C floats; strength 1 is a strong but plausible
 * change:
 * - by look: the look of some thousands of samples is regressed on their latents. Only looks of
 *   which the held-out R^2 is high enough count. They are made orthogonal in the order of their
 *   R^2, the best first; one of which too little is left, or whose own direction no longer says
 *   enough, goes. Each is 2 long: two standard deviations of what the latent has along it.
 * - by condition: the way in c from the training set's mean to the condition alone: emotion and
 *   tag in full, valence and arousal to +1. z stays.
 * - blends: a direction takes others in, times a strength, as its user says ("angry=tag/crimson").
 * - emotions without a condition: valence and arousal by the emotion's place where these are
 *   conditions, else a mixture of looks (nn_latent_mixes), 2 long as well.
 */
#ifndef NN_TRAINER_LATENT_H
#define NN_TRAINER_LATENT_H

#include "common/emotion.h"
#include "trainer/looks.h"
#include "trainer/sampler.h"

enum { NN_LATENT_MOST = 64, NN_LATENT_NAME = 64 };

#define NN_LATENT_LENGTH 2.0    /* of a direction in z */
#define NN_LATENT_LEFT 0.5      /* of a look's direction must be left when others are taken off */

/* What each emotion is by looks, for generators that know none: of ours, from the habits of film
 * (joy bright and warm, sorrow dark and drained, anger hard and hot). */
struct nn_latent_mix {
    const char *name;           /* an emotion, or "valence", "arousal" */
    double look[NN_LOOKS];
};
enum { NN_LATENT_MIXES = NN_EMOTIONS + 2 };
extern const struct nn_latent_mix nn_latent_mixes[NN_LATENT_MIXES];

struct nn_latent_look {
    double mean, deviation;     /* over the samples */
    double r2;                  /* held out, of the full regression */
    double own;                 /* held out, of the orthogonal direction alone */
    double left;                /* share of the regression's direction that others left, 0..1 */
    int kept;
};

struct nn_latent_way {
    char name[NN_LATENT_NAME];
    int by_look;                /* else by condition */
    float *v;                   /* Z + C */
    double moves;               /* change of the picture from strength -1 to 1, root mean square,
                                 * in shares of that between two random samples */
};

struct nn_latent {
    int64_t samples;
    int floats;                 /* Z + C */
    struct nn_latent_look look[NN_LOOKS];
    int n;
    struct nn_latent_way way[NN_LATENT_MOST];
    char refused[400];          /* names of those that do nothing or are not known well enough */
};

struct nn_latent_opts {
    int64_t samples;            /* a fifth of them held out */
    uint64_t seed;
    double least;               /* R^2 */
    double least_moves;         /* ways that change less are refused */
    const char *const *blend;   /* as nn_latent_blend() takes them, in this order */
    int blends;
};

/* Release `out` with nn_latent_release(), also after a failure. */
int nn_latent_find(struct nn_sampler *g, const struct nn_latent_opts *o, struct nn_latent *out,
                   struct nn_err *err);
void nn_latent_release(struct nn_latent *l);

/* The JSON of neonnoir.directions; free(). NULL when out of memory. */
char *nn_latent_format(const struct nn_latent *l);

/* A row for each way: the same sample from strength -1 to 1. */
int nn_latent_sheet(const struct nn_latent *l, struct nn_sampler *g, const char *title,
                    uint64_t seed, const char *path, struct nn_err *err);

/* The part of it that looks alone: fills l->look; unit[k] (Z) becomes the direction of length 1 of
 * each look that is kept. */
int nn_latent_looks(struct nn_sampler *g, const struct nn_latent_opts *o, struct nn_latent *l,
                    double *const unit[NN_LOOKS], struct nn_err *err);
void nn_latent_refuse(struct nn_latent *l, const char *name);  /* adds a name to l->refused */

/* "angry=tag/crimson+brightness*-0.5": the direction takes in others, each times a strength of -4
 * to 4. NN_EUSAGE: it is not like that, or one of them is not there. */
int nn_latent_blend(struct nn_latent *l, const char *blend, struct nn_err *err);

/* The condition that ways by look start from: the means. c (C). */
void nn_latent_base(const struct nn_sampler *g, float *c);

/* Least squares of y (n) on x (n, d) with a constant, by Cholesky's factors of the normal
 * equations and a ridge of `ridge` times n: w (d), *constant. NN_EARG: it has no solution. */
int nn_regress(const double *x, const double *y, int64_t n, int d, double ridge, double *w,
               double *constant, struct nn_err *err);

#endif
