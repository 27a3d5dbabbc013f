/*
 * view.h - a scene seen at one size: its camera, planes and working memory.
 */
#ifndef NN_RUNTIME_SYNTH_VIEW_H
#define NN_RUNTIME_SYNTH_VIEW_H

#include "runtime/effects/effect.h"
#include "runtime/synth/scene.h"

enum { TILE = 16, BLOOMS = 7 };

struct camera {
    float x, z, sin, cos;       /* of its yaw */
    float mid, horizon, focal;  /* pixels */
};

struct lit {
    float at[3], rgb[3], size, through;
};

/* Where a column meets a panel. */
struct meet {
    float t, u, du, cover;
};

struct nn_synth_view {
    int w, h;
    struct nn_pool *pool;
    struct nn_synth *s;
    double t;
    struct camera cam;
    struct panel panel[MAX_PANELS];     /* where they are now */
    struct lit lit[MAX_LIGHTS];

    int ground;                         /* first row that can show ground */
    float *tall[3];                     /* the picture by columns: w times h rows */
    float *sum[3];                      /* the ground's mirror: for each column the light of rows
                                         * ground to h, summed downwards from 0: one row more */
    float *depth;                       /* column-major, w h */
    struct nn_frame frame;              /* linear light */
    int step;                           /* pixels between points of the air's light */
    struct nn_grid air[3];
    struct { int w, h; float *v[3], *tmp[3]; } bloom[BLOOMS];
    int blooms;
    void *rain;                         /* the effect's state */
    struct nn_scene sight;              /* what it goes by */
    float *row;                         /* w words for each strip of the finish */
    void *memory;
};

/* view.c */
void nn_synth_paint(struct nn_synth_view *v, struct nn_synth *s, double t);
/* The camera and all that moves, at t. */
void nn_synth_aim(struct nn_synth_view *v, struct nn_synth *s, double t);
/* The height below which walls nearer than t metres hide everything at pixel column x. */
float nn_synth_hidden(const struct nn_synth_view *v, float x, float t);
/* Shares of the picture that lit panes take: warm ones, cool ones. */
void nn_synth_panes(const struct nn_synth_view *v, float share[2]);
/* air.c: point (i, j) of v->air. */
void nn_synth_air_point(struct nn_synth_view *v, const struct nn_synth *s, int i, int j);
/* ground.c: column x from row `from` to the bottom; out[c][row], depth too. */
void nn_synth_ground_sum(struct nn_synth_view *v, int x);
void nn_synth_ground(struct nn_synth_view *v, int x, int from, float *const out[3], float *depth);
/* finish.c: rain, glare of the lens, film; `img` of the view's size. */
void nn_synth_finish(struct nn_synth_view *v, struct nn_image *img);
float nn_synth_expose(struct nn_synth_view *v);

#endif
