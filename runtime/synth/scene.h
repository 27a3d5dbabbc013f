/*
 * scene.h - what a scene is made of, for the files of this folder.
 *
 * Units are metres, seconds and linear light (1: the screen's white before exposure). x runs to the
 * right, y up, z away from the camera, which stands near the origin and never tilts: its horizon is
 * moved by shifting the lens, so what is upright stays upright. Everything but sky and ground is a
 * panel: an upright rectangle over a line of the plan. A picture's column meets each panel at one
 * distance, so a column is painted from the farthest panel to the nearest, and the wet ground's
 * mirror is the same column seen by a camera below the ground.
 */
#ifndef NN_RUNTIME_SYNTH_SCENE_H
#define NN_RUNTIME_SYNTH_SCENE_H

#include "common/rng.h"
#include "runtime/effects/field.h"
#include "runtime/synth/synth.h"

enum {
    MAX_PANELS = 320, MAX_LIGHTS = 96, MAX_WALLS = 128, MAX_SIGNS = 48, MAX_STROKES = 2600,
    MAX_FIGURES = 24, MAX_CARS = 12, MAX_LAMPS = 16, MAX_LINES = 12, MAX_PLUMES = 6,
    MAP_POINTS = 24000
};

enum panel_kind { P_WALL, P_SIGN, P_FIGURE, P_CAR, P_LAMP, P_LINE, P_PLUME };

struct panel {
    enum panel_kind kind;
    int of;                     /* index into the array of its kind */
    int opaque;                 /* hides all that is behind it, from the ground up */
    float x0, z0, x1, z1;       /* on the plan; u runs from 0 to its length */
    float y0, y1;
};

struct light {
    float at[3], rgb[3];
    float facing[3];            /* whereto it shines most; 0, 0, 0: everywhere */
    float size;                 /* metres: no point comes nearer */
    int sign, car;              /* that it belongs to, for flicker and motion; -1 */
};

struct wall {
    uint32_t seed;
    float normal[3];            /* of the side that is seen */
    float floor, bay;           /* height of a storey, width of a bay */
    float win_w, win_h, sill;   /* of a window, shares of bay and storey */
    float lit, warm, shop;      /* shares of lit windows, warm ones, lit shop bays */
    float shop_h;               /* height of the ground floor */
    float albedo[3], shop_rgb[3];
    float cell;                 /* metres between points of the light map */
    int mu, mv, map;            /* its points, and where it begins */
    int glass, escape, far;     /* curtain wall; fire escape on it; only a shape */
};

struct stroke {
    float x0, y0, x1, y1;       /* metres on the sign's panel, y up */
    int tube;                   /* 0, 1: which of the two colours */
};

struct sign {
    int first, strokes;
    int hue[2];
    float rgb[2][3];
    float radius;               /* of a tube */
    float w, h;
    int backing;                /* 0 none, 1 dark board, 2 lit from within */
    float flicker;              /* 0..1 */
    uint32_t seed;
    char text[20];
};

struct figure {
    float x, z, tall, walk;     /* where, its height, metres a second along x */
    float toward;               /* the same along z */
    int facing;                 /* -1, 1: which way it looks */
    int coat, dress, hat, umbrella, smoking, hair;
    float phase;
    float lit[5][3];            /* light from the left, right, above, front, behind */
};

struct car {
    float x, z, vx, vz;
    int side, rear;             /* seen from the side; else from behind or from ahead */
    int facing, on;
    float paint[3], lit[3];
};

struct lamp {
    float x, y, z, reach, rgb[3];
};

/* A cable that hangs, with lanterns or bare; or a railing. */
struct line {
    float sag, length, y;
    int lanterns, rail;
    float rgb[3];
};

struct plume {
    float x, z, y, w, h, drift, dense;
    float lit[3], near[3];
    uint32_t seed;
};

struct nn_synth {
    uint64_t seed;
    struct nn_synth_look look;          /* with nothing left open */
    const struct palette *pal;
    float eye, focal, horizon, aside;   /* camera height; focal length and horizon in heights */
    float yaw, dolly, truck, sway;      /* radians; metres a second */
    float beta;                         /* of the fog: 1/m */
    float haze[3], sky[3], glow[3];     /* light of the fog itself; zenith; near the horizon */
    float road, curb;                   /* half the road's width; the pavement's, beyond it */
    float puddles, rough, crosswalk;    /* crosswalk: where it begins, metres; < 0: none */
    int water;                          /* the ground is a river from here on, metres; 0: none */
    float wind, exposure;
    int exposed, moon;
    float moon_at[3];

    struct panel panel[MAX_PANELS];
    struct light light[MAX_LIGHTS];
    struct wall wall[MAX_WALLS];
    struct sign sign[MAX_SIGNS];
    struct stroke stroke[MAX_STROKES];
    struct figure figure[MAX_FIGURES];
    struct car car[MAX_CARS];
    struct lamp lamp[MAX_LAMPS];
    struct line line[MAX_LINES];
    struct plume plume[MAX_PLUMES];
    int panels, lights, walls, signs, strokes, figures, cars, lamps, lines, plumes;
    float map[MAP_POINTS][3];
    int maps;
    struct { float x0, z0, cell; int w, h, map; } floor;    /* the ground's light map */
};

/* palette.c */
struct palette {
    const char *name;
    float weight[NN_HUES];
    float haze[3];              /* its tint, luminance about 1 */
    float warm;                 /* share of warm windows */
    float shadow[3];            /* added to the blacks by the grade */
    float colour;               /* how much of the colour the grade keeps */
};
const struct palette *nn_synth_palette(int i);
extern const float nn_synth_tube[NN_HUES][3];
/* Throws what the look leaves open. */
void nn_synth_throw(struct nn_synth *s, struct nn_rng *r);
/* A hue of the palette. */
int nn_synth_throw_hue(const struct nn_synth *s, struct nn_rng *r);

/* build.c: things into the scene; each says whether there was room, and does nothing without. */
int nn_synth_add_panel(struct nn_synth *s, enum panel_kind kind, int of, float x0, float z0,
                       float x1, float z1, float y0, float y1);
struct wall *nn_synth_add_wall(struct nn_synth *s, struct nn_rng *r, float x0, float z0, float x1,
                               float z1, float tall);
void nn_synth_add_light(struct nn_synth *s, const float at[3], const float rgb[3], float power,
                        const float facing[3], float size, int sign, int car);
struct figure *nn_synth_add_figure(struct nn_synth *s, struct nn_rng *r, float x, float z);
struct car *nn_synth_add_car(struct nn_synth *s, struct nn_rng *r, float x, float z, int side);
void nn_synth_add_lamp(struct nn_synth *s, struct nn_rng *r, float x, float z, float reach);
struct line *nn_synth_add_line(struct nn_synth *s, struct nn_rng *r, float x0, float x1, float z,
                               float y, int lanterns);
struct plume *nn_synth_add_plume(struct nn_synth *s, struct nn_rng *r, float x, float z, float w,
                                 float h, float dense);
/* Light that falls at a point on a face with that normal, or from all sides for NULL. */
void nn_synth_light_at(const struct nn_synth *s, const float at[3], const float normal[3],
                       float out[3]);
/* When all stands: light maps, light on people and smoke. */
void nn_synth_illuminate(struct nn_synth *s);

/* signs.c: a sign on a panel of w x h metres; `upright`: its word runs down. Panel and lights. */
enum sign_make { SIGN_WORD, SIGN_UPRIGHT, SIGN_GLYPHS, SIGN_SHAPE, SIGN_BAR };
struct sign *nn_synth_add_sign(struct nn_synth *s, struct nn_rng *r, enum sign_make make, float x0,
                               float z0, float x1, float z1, float y0, float y1);

/* places.c */
void nn_synth_place(struct nn_synth *s, struct nn_rng *r);

/* One panel in one column: Y of row r is y + dy (r + 0.5). Shaders paint rows [r0, r1) over out. */
struct column {
    const struct nn_synth *s;
    const struct panel *p;
    float u, du, dv;            /* along the panel; metres to a pixel, across and up */
    float y, dy;
    float t;                    /* distance */
    float cover;                /* of the pixel's width, 0..1 */
    float through, air[3];      /* what the fog lets by, and adds */
    double time;
    int r0, r1, mirror;
    float *out[3];
    float *depth;               /* NULL in the mirror */
};
void nn_synth_shade_wall(const struct column *k);       /* wall.c */
void nn_synth_shade_sign(const struct column *k);       /* tubes.c */
void nn_synth_shade_line(const struct column *k);
void nn_synth_shade_lamp(const struct column *k);       /* car.c */
void nn_synth_shade_figure(const struct column *k);     /* figure.c */
void nn_synth_shade_car(const struct column *k);        /* car.c */
void nn_synth_shade_plume(const struct column *k);      /* air.c */

/* What is at height v of a wall: 1 a warm lit pane, 2 a cool one, 0 anything else. */
int nn_synth_wall_lit(const struct wall *w, float u, float v);

/* How much of the ground water covers at all, 0..1. */
NN_INLINE float nn_synth_wet(const struct nn_synth *s)
{
    return nn_clampf(0.55f + 0.4f * s->look.rain + 0.25f * s->puddles, 0, 1);
}

/* How bright a sign is at the moment, 0..1. */
float nn_synth_flicker(const struct sign *g, double t);

/* Where somebody is at time t, and which way he looks, -1 or 1. */
void nn_synth_walk(const struct nn_synth *s, const struct figure *f, double t, float *x, float *z,
                   int *way);

/* Where things are: a panel at time t. */
struct panel nn_synth_panel_at(const struct nn_synth *s, int i, double t);

/* a is laid over row r: colour c behind the panel's fog, alpha a. */
NN_INLINE void lay(const struct column *k, int r, float a, const float c[3])
{
    for (int i = 0; i < 3; i++) {
        float *px = &k->out[i][r];
        *px += a * (c[i] * k->through + k->air[i] - *px);
    }
}

/* The share of [x - w/2, x + w/2] that lies within [a, b]. */
NN_INLINE float within(float x, float w, float a, float b)
{
    float lo = nn_maxf(x - 0.5f * w, a), hi = nn_minf(x + 0.5f * w, b);

    return nn_maxf(hi - lo, 0) / w;
}

#endif
