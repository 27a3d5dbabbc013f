/*
 * effect.h - what an effect is: one file, fx_NAME.c, that exports one const
 * table entry, and a line in list.c, the only place that names them all.
 *
 * Effects see a frame as three planes of floats in linear light (sRGB decoded,
 * 1.0 is the screen's white, more is allowed and rolls off softly when the
 * chain encodes). They know time, seed, the strongest face and its mood; they touch no
 * clock or camera, and allocate nothing. What one needs from a file (a look, a picture,
 * a generator) its open() reads and makes room for before the first frame.
 *
 * Rules that tests hold every effect to: parameter 0 is "amount", and at 0 the
 * frame keeps its bits; the same seed and frames give the same bits at any
 * number of threads; any frame size from 1 x 1 works; nothing strobes (general
 * flashes stay below three a second, as WCAG 2.3.1 asks).
 *
 * To add one: copy the shortest fx_*.c, name it in list.c, run the tests.
 */
#ifndef NN_RUNTIME_EFFECTS_EFFECT_H
#define NN_RUNTIME_EFFECTS_EFFECT_H

#include <stddef.h>
#include <stdint.h>

#include "common/emotion.h"
#include "common/err.h"
#include "common/image.h"
#include "common/pool.h"

/* Named ones are at most NN_PARAM_SHOWN; the one behind them is what an effect's poll() said. */
enum { NN_MAX_PARAMS = 9, NN_PARAM_SHOWN = 8 };

/* What an effect with a way of its own tells of it. */
enum { NN_TOLD_MOVED, NN_TOLD_PACE, NN_TOLD_PUSH, NN_TOLD };

/* Before a function of plain loops over pixels: compiled for wider vectors too, and chosen as the
 * program starts. The bits stay the same, for nothing here is fused or reordered. */
#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__clang__) && \
    !defined(__SANITIZE_ADDRESS__)
#define NN_WIDE __attribute__((target_clones("avx2", "default")))
#else
#define NN_WIDE
#endif

/* What such a function calls must be compiled into it, or it changes between two kinds of vectors
 * at each pixel, which costs ten times what the width gains. */
#define NN_INLINE static inline __attribute__((always_inline))

enum nn_touch {
    NN_POINT,       /* a pixel from itself */
    NN_WARP,        /* a pixel from elsewhere */
    NN_AREA,        /* a pixel from its surroundings */
    NN_SPRITE       /* things drawn over the frame */
};

struct nn_param {
    const char *name;
    float min, max, preset;
    const char *brief;
};

struct nn_frame {
    int w, h;
    float *plane[3];        /* red, green, blue; rows of w, 64-aligned at the start */
};

/* What is known of the person that matters. */
struct nn_person {
    struct nn_box face;     /* pixels; w = 0: there never was one */
    float presence;         /* how much it is there, 0..1 */
    int points;             /* 5 when the next line is known, else 0 */
    float point[5][2];      /* pixels: eyes (the picture's left one first), nose, mouth's corners */
    float pose[3];          /* yaw, pitch, roll in degrees; 0 when not known. Positive: turned to
                             * the picture's right, up, clockwise */
    const uint8_t *mask;    /* w x h bytes of the frame: 255 where the person is; NULL: not known */
    float beat;             /* of the heart: 1 when it beats, falling until the next, 0..1 */
    struct nn_mood mood;
};

/* What is going on in this frame. */
struct nn_scene {
    int w, h;               /* pixels, never changes */
    int64_t frame;          /* number, from 0 */
    double t, dt;           /* seconds since the start and since the last frame */
    uint64_t seed;
    float unit;             /* h / 720: sizes in it look alike at any resolution */
    struct nn_person who;   /* the strongest face */
    void *asset;            /* what open() made, this effect's alone; NULL without */
    struct nn_pool *pool;   /* for render(); may be NULL */
};

struct nn_effect_type {
    const char *name, *brief;
    enum nn_touch touch;
    struct nn_param param[NN_MAX_PARAMS];       /* [0] is amount; ended by a name of NULL */

    /* Reads the file that the patch names ("file"; NULL: it names none, which may be an error),
     * into memory of its own, which becomes scene.asset; NULL and `err`. Both or neither. Of the
     * scene it sees size, seed and pool. */
    void *(*open)(const char *file, const struct nn_scene *sc, struct nn_err *err);
    void (*close)(void *asset);

    /* What files that show it must say in their comment; NULL, or "": nothing. */
    const char *(*says)(const void *asset);

    /* What comes at a pace of its own, all three or none. live(): the show is live, a thread may
     * begin. poll(): which of its results is there, live; it is logged, and is what advance()
     * gets as p[NN_PARAM_SHOWN], here and in a replay (0 in a film: all are there). tell(): for
     * the signals dream.*. */
    int (*live)(void *asset, struct nn_err *err);
    float (*poll)(void *asset);
    void (*tell)(const void *asset, float out[NN_TOLD]);

    /* It looks at who.mask, which costs too much to be made for nobody. */
    int wants_mask;

    /* Bytes of state, which start zeroed and 64-aligned; then init() once. NULL: none. */
    size_t (*state_size)(int w, int h);
    void (*init)(void *state, const struct nn_scene *sc);

    /* Once a frame, on one thread, whatever the amount: moves things, throws dice. */
    void (*advance)(void *state, const struct nn_scene *sc, const float *p);

    /* One of these two, called while amount > 0. row(): row y alone, in place, from
     * any thread; neighbouring row effects of a chain share one pass. `tmp` has
     * 4 w floats. */
    void (*row)(const void *state, const struct nn_scene *sc, const float *p, int y,
                float *const rgb[3], float *tmp);
    /* render(): the whole frame; `spare` is another one to work in, its content is
     * undefined, and the two may swap planes. May use sc->pool. */
    void (*render)(void *state, const struct nn_scene *sc, const float *p,
                   struct nn_frame *f, struct nn_frame *spare);
};

/* All effects, ended by NULL. */
extern const struct nn_effect_type *const nn_effects[];

/* By name; NULL when there is none. */
const struct nn_effect_type *nn_effect_find(const char *name);
/* Number of parameters, and the index of one by name or -1. */
int nn_effect_params(const struct nn_effect_type *fx);
int nn_effect_param(const struct nn_effect_type *fx, const char *name);

/* 0 at a, 1 at b, smooth (3x^2 - 2x^3) between; a != b. */
NN_INLINE float nn_smooth(float a, float b, float x)
{
    float t = (x - a) / (b - a);

    t = t < 0 ? 0 : t > 1 ? 1 : t;
    return t * t * (3 - 2 * t);
}

#endif
