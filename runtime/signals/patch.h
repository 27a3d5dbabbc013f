/*
 * patch.h - patches: which signal moves which effect, as a JSON file.
 *
 *   {
 *     "name": "rage",
 *     "description": "anger tears the picture",
 *     "signals": { "heat": "lag(max(face.anger, 0.6 * face.disgust), 0.2, 1)" },
 *     "chain": [
 *       { "effect": "rednoise",
 *         "params": { "tear": 0.4 },
 *         "map": [
 *           { "param": "amount", "signal": "heat",
 *             "from": [0.2, 0.8], "range": [0, 1], "curve": "smooth",
 *             "attack": 0.1, "release": 0.8,
 *             "threshold": 0.3, "hysteresis": 0.1, "hold": 0.5 } ] } ]
 *   }
 *
 * docs/patches.md explains every member, docs/patch.schema.json is its JSON schema.
 * Everything is checked when it is read: unknown members, effects, parameters and
 * signals, wrong types and values out of a parameter's limits are errors that name the
 * place, "chain[0].map[1].signal", and what was probably meant.
 *
 * A patch is one thread's. It holds what moves (smoothed positions, scenes, values that
 * somebody set by hand); nothing of it allocates after it was read.
 */
#ifndef NN_RUNTIME_SIGNALS_PATCH_H
#define NN_RUNTIME_SIGNALS_PATCH_H

#include "common/json.h"
#include "runtime/effects/effect.h"
#include "runtime/signals/bus.h"
#include "runtime/signals/expr.h"

enum {
    NN_MAX_CHAIN = 32,      /* effects of all scenes */
    NN_MAX_MAPS = 16,       /* links of one effect */
    NN_MAX_SCENES = 16,
    NN_MAX_POINTS = 8       /* of a curve */
};

enum nn_curve { NN_CURVE_LINEAR, NN_CURVE_SMOOTH, NN_CURVE_SQUARE, NN_CURVE_ROOT,
                NN_CURVE_POINTS };
enum nn_combine { NN_COMBINE_MAX, NN_COMBINE_ADD, NN_COMBINE_MULTIPLY, NN_COMBINE_MEAN };

struct nn_gate {
    int used;                   /* whether there is a threshold; without, it is open */
    float threshold, hysteresis, hold;
    int open;
    double open_for;            /* seconds */
};

struct nn_mapping {
    int param;                  /* index in the effect's table */
    int signal;
    float from[2], range[2];
    enum nn_curve curve;
    int points;
    float point[NN_MAX_POINTS][2];
    float attack, release;      /* seconds */
    struct nn_gate gate;
    int started;
    float x;                    /* the smoothed position between the ends, 0..1 */
};

/* One effect of a chain. */
struct nn_link {
    const struct nn_effect_type *effect;
    char file[NN_PATH];                 /* that it opens; "": none */
    float value[NN_MAX_PARAMS];         /* now */
    float fixed[NN_MAX_PARAMS];         /* when nothing moves it */
    float hand[NN_MAX_PARAMS];          /* set from outside, where `held`: overrules the links */
    int held[NN_MAX_PARAMS];
    enum nn_combine combine[NN_MAX_PARAMS];
    int nmap;
    struct nn_mapping map[NN_MAX_MAPS];
};

/* A signal that the patch brings along: derived when there is an expression, else fed
 * from outside (its name begins with "osc." or "ext."). */
struct nn_own {
    char name[48], unit[16], brief[96];
    float rest;                 /* before anything was fed, and where there is no answer */
    struct nn_expr *expr;
};

/* links [first, first + count) */
struct nn_scene_links {
    char name[48];
    int first, count;
};

enum nn_order { NN_ORDER_NEXT, NN_ORDER_RANDOM };

/* Which scene is on. */
struct nn_change {
    float fade, every, rest;            /* seconds; every 0: by itself never */
    enum nn_order order;
    int signal;                         /* -1: none */
    struct nn_gate gate;                /* of the signal */
    int now, last;                      /* scenes; last: the one that fades out, or -1 */
    float x;                            /* how much of `now` is in the picture, 0..1 */
    double since;                       /* seconds since the last change began */
    int64_t changes;                    /* so far: the dice's number */
};

struct nn_patch {
    char name[64], description[256];
    int owns;
    struct nn_own own[NN_MAX_OWN];
    struct nn_signal_info own_info[NN_MAX_OWN];
    int count;
    struct nn_link link[NN_MAX_CHAIN];
    int scenes;                         /* at least 1 */
    struct nn_scene_links scene[NN_MAX_SCENES];
    struct nn_change change;
    uint64_t seed;
    int started;
};

/* A file, or the name of one that ships with us ("neon-noir"). Free with
 * nn_patch_free(). NULL and `err`. */
struct nn_patch *nn_patch_load(const char *file_or_name, struct nn_err *err);
/* Where that file is. 0 or -1. */
int nn_patch_path(const char *file_or_name, char out[NN_PATH], struct nn_err *err);
/* A patch from parsed JSON, which stays the caller's. */
struct nn_patch *nn_patch_parse(const cJSON *root, struct nn_err *err);
void nn_patch_free(struct nn_patch *p);         /* NULL is fine */

/* Of all its chance; 0 until then. Before the first update. */
void nn_patch_seed(struct nn_patch *p, uint64_t seed);

/* Signal `s` of the table or of the patch, 0 <= s < NN_SIGNALS + p->owns; and by name, -1
 * with `err`, which says what was probably meant. p may be NULL. */
const struct nn_signal_info *nn_patch_signal(const struct nn_patch *p, int s);
int nn_patch_find_signal(const struct nn_patch *p, const char *name, struct nn_err *err);
struct nn_own_signals nn_patch_own(const struct nn_patch *p);

/* Derives the patch's signals, writes them to the bus, moves every link's values and
 * goes on with the scenes, `dt` seconds after the last call. The first call settles at
 * once. */
void nn_patch_update(struct nn_patch *p, struct nn_bus *bus, double dt);

/* Begins to fade to scene i, 0 <= i < p->scenes, when it is not on already. */
void nn_patch_go(struct nn_patch *p, int i);

/* A new version of a patch goes on where the old one is: smoothed positions, expressions,
 * the scene and what is held by hand, wherever the two are alike; another patch begins anew,
 * with the old one's seed. What was fed from outside moves
 * to its new places on the bus. */
void nn_patch_adopt(struct nn_patch *p, struct nn_patch *old, struct nn_bus *bus);

#endif
