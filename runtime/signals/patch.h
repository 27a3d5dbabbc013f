/*
 * patch.h - patches: which signal moves which effect, as a JSON file.
 *
 *   {
 *     "name": "rage",
 *     "description": "anger tears the picture",
 *     "chain": [
 *       { "effect": "rednoise",
 *         "params": { "tear": 0.4 },
 *         "map": [
 *           { "param": "amount", "signal": "face.anger",
 *             "from": [0.2, 0.8], "range": [0, 1], "curve": "smooth",
 *             "attack": 0.1, "release": 0.8,
 *             "threshold": 0.3, "hysteresis": 0.1, "hold": 0.5 } ] } ]
 *   }
 *
 * The frame goes through `chain` from first to last (1..16 effects; the same
 * effect may stand twice). `neonnoir-run --list-effects` and `--list-signals`
 * tell what there is.
 *   file       a file that the effect needs (a look, a picture); relative to the patch's folder
 *   params     fixed values; what is not named has the effect's preset
 *   map        0..16 links; a mapped parameter is moved by its links alone, by
 *              the largest when there are several
 *     param, signal   needed
 *     from       signal values at the two ends; default the signal's range; the
 *                first may be the larger one, which inverts
 *     range      parameter values at the two ends; default 0..1 inside the
 *                parameter's limits
 *     curve      "linear" (default), "smooth" (3x^2-2x^3), "square" (late),
 *                "root" (early)
 *     attack     seconds that a rise takes (time constant), 0..60, default 0.1
 *     release    seconds that a fall takes, default 0.4
 *     threshold  the link opens when the signal reaches it; without it, it is
 *                always open. Closed, it rests at range's first value
 *     hysteresis the signal must fall this far below the threshold to close it,
 *                default 0; and at the earliest `hold` seconds after it opened,
 *                default 0
 * Everything is checked when it is read: unknown members, effects, parameters
 * and signals, wrong types and values out of a parameter's limits are errors
 * that name the place, "chain[0].map[1].signal".
 */
#ifndef NN_RUNTIME_SIGNALS_PATCH_H
#define NN_RUNTIME_SIGNALS_PATCH_H

#include "common/json.h"
#include "runtime/effects/effect.h"
#include "runtime/signals/bus.h"

enum { NN_MAX_CHAIN = 16, NN_MAX_MAPS = 16 };

enum nn_curve { NN_CURVE_LINEAR, NN_CURVE_SMOOTH, NN_CURVE_SQUARE, NN_CURVE_ROOT };

struct nn_mapping {
    int param;                  /* index in the effect's table */
    int signal;
    float from[2], range[2];
    enum nn_curve curve;
    float attack, release;      /* seconds */
    int gated;                  /* whether there is a threshold */
    float threshold, hysteresis, hold;
    int open, started;          /* running state, of nn_patch_update() */
    double open_for;            /* seconds */
    float x;                    /* the smoothed position between the ends, 0..1 */
};

struct nn_link {
    const struct nn_effect_type *effect;
    char file[NN_PATH];                 /* that it opens; "": none */
    float value[NN_MAX_PARAMS];         /* now */
    int nmap;
    struct nn_mapping map[NN_MAX_MAPS];
};

struct nn_patch {
    char name[64], description[256];
    int count;
    struct nn_link link[NN_MAX_CHAIN];
};

/* A file, or the name of one that ships with us ("neon-noir"). Free with
 * nn_patch_free(). NULL and `err`. */
struct nn_patch *nn_patch_load(const char *file_or_name, struct nn_err *err);
/* The same from parsed JSON, which stays the caller's. */
struct nn_patch *nn_patch_parse(const cJSON *root, struct nn_err *err);
void nn_patch_free(struct nn_patch *p);         /* NULL is fine */

/* Moves every link's values by the bus, `dt` seconds after the last call. The
 * first call settles at once. */
void nn_patch_update(struct nn_patch *p, const struct nn_bus *bus, double dt);

#endif
