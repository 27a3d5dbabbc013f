/*
 * run.h - the parts of neonnoir-run: command, player, history, and what is
 * drawn from it. A player is one thread's; its pool works for everybody.
 */
#ifndef NN_RUNTIME_RUN_H
#define NN_RUNTIME_RUN_H

#include "common/cli.h"
#include "common/pool.h"
#include "runtime/effects/chain.h"
#include "runtime/face/detect.h"
#include "runtime/face/follow.h"
#include "runtime/face/recognise.h"
#include "runtime/face/track.h"
#include "runtime/media/shots.h"
#include "runtime/signals/bus.h"
#include "runtime/signals/patch.h"

extern const struct nn_cmd nn_run_cmds[];

/* The stages of a frame, in order. */
enum nn_stage { NN_STAGE_READ, NN_STAGE_DETECT, NN_STAGE_EMOTION, NN_STAGE_EFFECTS, NN_STAGE_WRITE,
                NN_STAGES };
extern const char *const nn_stage_name[NN_STAGES];

/* What is remembered of every frame. */
struct nn_moment {
    double t;                           /* seconds */
    float mood[NN_EMOTIONS];            /* of the strongest face, times its presence */
    float present, valence, arousal;
    float level[NN_MAX_CHAIN];          /* amount of each link of the patch, 0..1 */
    float ms[NN_STAGES];
};

struct nn_history {
    struct nn_moment *moment;
    int64_t count, room;
};

/* A new last moment, zeroed; NULL when out of memory. */
struct nn_moment *nn_history_add(struct nn_history *h);
void nn_history_release(struct nn_history *h);
/* Milliseconds of a stage that a share q (0..1) of the frames stays within. 0 without frames. */
double nn_history_ms(const struct nn_history *h, enum nn_stage stage, double q);
/* Mean mood over moments [from, to); -1 when no face was there, else the strongest
 * emotion, whose mean goes into *mean. */
int nn_history_mood(const struct nn_history *h, int64_t from, int64_t to, float *mean);

/* Everything between a frame read and a frame written. */
struct nn_player {
    struct nn_pool *pool;
    struct nn_detector *detector;
    struct nn_recogniser *recogniser;
    struct nn_follow follow;
    struct nn_tracker tracker;
    struct nn_shots *shots;
    struct nn_patch *patch;
    struct nn_chain *chain;
    struct nn_bus bus;
    struct nn_history history;
    double t, cut_t;            /* seconds: of the last frame, and of its shot's start */
};

struct nn_player_opts {
    const char *patch, *model;  /* model NULL: the bundled one */
    const char *face_model;     /* NULL: one that is found, or the cascade (detect.h) */
    enum nn_engine_kind engine; /* that runs the model */
    int threads;                /* 0: one for each core */
    size_t max_memory;          /* of the model's engine; 0: its default */
    uint64_t seed;
    int w, h;
};

/* Zeroes and fills `p`; nn_player_release() it in any case. */
int nn_player_init(struct nn_player *p, const struct nn_player_opts *o, struct nn_err *err);
void nn_player_release(struct nn_player *p);
/* Looks at `in`, shown at t seconds, and turns `out` (a copy of it) into what is
 * shown. Adds a moment to the history, all but its read and write times. */
int nn_player_frame(struct nn_player *p, const struct nn_image *in, struct nn_image *out, double t,
                    struct nn_err *err);

/* The debug display over `img`: faces, moods, effects, time code, milliseconds. */
struct nn_hud;
struct nn_hud *nn_hud_new(int w, int h, struct nn_err *err);    /* free with nn_hud_free() */
void nn_hud_free(struct nn_hud *hud);                           /* NULL is fine */
void nn_hud_draw(struct nn_hud *hud, const struct nn_player *p, struct nn_image *img);

/* Before and after, kept where each effect was strongest, drawn as one sheet. */
struct nn_sheet;
struct nn_sheet *nn_sheet_new(int w, int h, struct nn_err *err); /* free with nn_sheet_free() */
void nn_sheet_free(struct nn_sheet *s);                          /* NULL is fine */
/* Looks at the frame just played; copies it when it is the best yet for an effect. */
void nn_sheet_look(struct nn_sheet *s, const struct nn_player *p, const struct nn_image *before,
                   const struct nn_image *after);
int nn_sheet_write(struct nn_sheet *s, const struct nn_player *p, const char *title,
                   const char *path, struct nn_err *err);

/* The film as a chart: posters of the shots over the curves of its moods and
 * effects. poster[i] (RGB) belongs to shot[i]. */
int nn_timeline_write(const struct nn_player *p, const struct nn_shot *shot,
                      const struct nn_image *poster, int shots, const char *title,
                      const char *path, struct nn_err *err);

#endif
