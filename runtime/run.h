/*
 * run.h - the parts of neonnoir-run: command, player, history, and what is
 * drawn from it. A player is one thread's; its pool works for everybody.
 */
#ifndef NN_RUNTIME_RUN_H
#define NN_RUNTIME_RUN_H

#include "common/cli.h"
#include "common/pool.h"
#include "runtime/analyst.h"
#include "runtime/effects/limit.h"
#include "runtime/face/mask.h"
#include "runtime/scenes.h"
#include "runtime/signals/feed.h"
#include "runtime/signals/osc.h"

extern const struct nn_cmd nn_run_cmds[], nn_analyze_cmds[];

/* The stages of a frame, in order. */
enum nn_stage { NN_STAGE_READ, NN_STAGE_DETECT, NN_STAGE_EMOTION, NN_STAGE_EFFECTS, NN_STAGE_WRITE,
                NN_STAGES };
extern const char *const nn_stage_name[NN_STAGES];

/* What is remembered of every frame. */
struct nn_moment {
    int64_t number;                     /* of the frame in its source */
    double t;                           /* seconds */
    float mood[NN_EMOTIONS];            /* of the strongest face, times its presence */
    float present, valence, arousal;
    float micro;                        /* of a micro-expression that it belongs to; analyze only */
    float pace, push;                   /* of a dream's latent, as the signals dream.* */
    float level[NN_MAX_CHAIN];          /* amount of each link of the patch, 0..1 */
    float ms[NN_STAGES];
    float latency_ms;                   /* live: from the camera's shutter until it was shown */
};

struct nn_history {
    struct nn_moment *moment;
    int64_t count, room;
    int live;                           /* older moments are let go of, nothing grows */
};

/* Live: takes all the memory that is ever needed. Before the first moment. */
int nn_history_live(struct nn_history *h, struct nn_err *err);

/* A new last moment, zeroed; NULL when out of memory. */
struct nn_moment *nn_history_add(struct nn_history *h);
/* The last one; there must be one. */
struct nn_moment *nn_history_last(struct nn_history *h);
void nn_history_release(struct nn_history *h);
/* Milliseconds of a stage that a share q (0..1) of the frames stays within. 0 without frames. */
double nn_history_ms(const struct nn_history *h, enum nn_stage stage, double q);
/* The same of the last moments, at most NN_RECENT, without allocating; stage NN_STAGES: of the
 * latency. */
enum { NN_RECENT = 256 };
double nn_history_recent(const struct nn_history *h, int stage, double q);
/* Mean mood over moments [from, to); -1 when no face was there, else the strongest
 * emotion, whose mean goes into *mean. */
int nn_history_mood(const struct nn_history *h, int64_t from, int64_t to, float *mean);

/* How a live show is doing, for the debug display. */
struct nn_vitals {
    int live;
    double budget_ms;
    int64_t missed;             /* frames that came and were never shown: a newer one was there */
    int64_t looks;              /* frames that were analysed */
    char dropped[80];           /* "analysis 1/4, no area effects"; "": nothing */
    double celsius;             /* of the processor; NAN: not known */
};

/* What the effects of one frame go by: all that the picture depends on but the frame itself. */
struct nn_drive {
    float value[NN_MAX_CHAIN][NN_MAX_PARAMS];
    struct nn_fade fade;
    struct nn_person who;
};

/* What comes from and goes to other programs; all may be NULL. */
struct nn_outside {
    struct nn_feed *feed;
    struct nn_osc_in *in;
    struct nn_osc_out *out;
    struct nn_control control[NN_OSC_BOX];
    char patch[NN_ADDRESS];     /* that was asked for; the caller's to empty */
    int step;                   /* patches to go on by; the same */
};

/* Everything between a frame read and a frame written. */
struct nn_player {
    struct nn_pool *pool, *look_pool;   /* look_pool: live alone */
    struct nn_analyst analyst;
    struct nn_seen seen;        /* the newest that is known: what the picture follows */
    struct nn_patch *patch;
    struct nn_scenes *scenes;
    struct nn_limit *limit;     /* after the scenes */
    int flash_free;             /* it only counts */
    struct nn_mask *mask;       /* NULL: no effect of the patch wants one */
    const char *written;        /* what the files being written say in their comments; NULL: there
                                 * are none. A patch that has more to say is refused */
    struct nn_bus bus;
    struct nn_drive drive;      /* of the last frame */
    struct nn_outside outside;
    struct nn_history history;
    struct nn_vitals vitals;
    int64_t frames;             /* played so far */
    double t;                   /* seconds: of the last frame */
    int w, h;
    uint64_t seed;
    struct nn_engine_opts engine;       /* of what draws: the mask's */
};

struct nn_player_opts {
    const char *patch;          /* NULL: none, or it comes later: p->patch and p->scenes */
    const char *model;          /* NULL: the bundled one */
    const char *face_model;     /* NULL: one that is found, or the cascade (detect.h) */
    enum nn_engine_kind engine; /* that runs the model */
    int threads;                /* 0: one for each core */
    size_t max_memory;          /* of the model's engine; 0: its default */
    uint64_t seed;
    int w, h;
    int no_flash_limit;         /* count flashes and let them be */
    int live;                   /* what is remembered stays bounded */
    int baseline;               /* analyst.h */
    int blind;                  /* no models: what was seen comes from elsewhere */
};

/* Zeroes and fills `p`; nn_player_release() it in any case. */
int nn_player_init(struct nn_player *p, const struct nn_player_opts *o, struct nn_err *err);
void nn_player_release(struct nn_player *p);

/* A patch with all that it needs to play: made by any thread, swapped with the player's in
 * no time. */
struct nn_rig {
    struct nn_patch *patch;
    struct nn_scenes *scenes;
    struct nn_mask *mask;
};
/* Takes `patch`, also when it fails; NULL fails. */
int nn_rig_make(struct nn_rig *rig, const struct nn_player *p, struct nn_patch *patch,
                struct nn_err *err);
void nn_rig_release(struct nn_rig *rig);        /* a zeroed one is fine */
void nn_rig_swap(struct nn_rig *rig, struct nn_player *p);
/* Whether one patch's effects can go on with the other: the same scenes of the same effects with
 * the same files. */
int nn_patch_same_effects(const struct nn_patch *a, const struct nn_patch *b);

/* The three steps of a frame. Looking is nn_analyst_look(); its p->analyst.seen, or a newer
 * or older one, is put into p->seen. Steering turns that into signals and p->drive, for a
 * frame of w x h pixels shown at t seconds, and adds a moment to the history. Drawing turns
 * `out`, a copy of the frame, into what is shown, by p->drive alone. */
int nn_player_steer(struct nn_player *p, int w, int h, double t, struct nn_err *err);
void nn_player_draw(struct nn_player *p, struct nn_image *out);
/* The parts of steering: a new moment of the history, *dt seconds after the last; and the
 * patch's turn, from the bus to p->drive.value. */
struct nn_moment *nn_player_begin(struct nn_player *p, double t, double *dt, struct nn_err *err);
void nn_player_modulate(struct nn_player *p, double dt);
/* The person's mood and heart as the bus has them, where others had their say. */
void nn_player_feel(const struct nn_bus *bus, struct nn_person *who);
/* Which scenes are on, from the bus, where logs have it too. */
struct nn_fade nn_player_fade(const struct nn_bus *bus);
/* All three on the same frame, one after the other. */
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
/* The same with the posters fetched from `source`, which is rewound and read again. */
struct nn_source;
int nn_timeline_film(const struct nn_player *p, struct nn_source *source,
                     const struct nn_shot *shot, int shots, const char *title, const char *path,
                     struct nn_err *err);

#endif
