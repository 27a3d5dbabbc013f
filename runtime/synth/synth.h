/*
 * synth.h - neon-noir scenes out of a seed: wet streets, signs, rain, fog, people, cars.
 *
 * A scene is thrown by dice once, in metres; it is rendered at any size and time, in linear light,
 * and always knows what it shows: tags, mood, boxes. The same seed, look, size and time give the
 * same bits at any number of threads. What stands in it, and how it is lit: scene.h.
 *
 *   struct nn_synth *s = nn_synth_scene(7, NULL, &err);
 *   struct nn_synth_view *v = nn_synth_view_new(1280, 720, pool, &err);
 *   nn_synth_render(v, s, 0.0, &img);          // img: RGB, 1280 x 720
 *   nn_synth_truth(v, s, 0.0, &truth);
 */
#ifndef NN_RUNTIME_SYNTH_SYNTH_H
#define NN_RUNTIME_SYNTH_SYNTH_H

#include <stdint.h>

#include "common/emotion.h"
#include "common/err.h"
#include "common/image.h"
#include "common/pool.h"

enum nn_synth_place {
    NN_PLACE_STREET, NN_PLACE_ALLEY, NN_PLACE_AVENUE, NN_PLACE_DINER, NN_PLACE_WATERFRONT,
    NN_PLACE_DOORWAY, NN_PLACES
};
extern const char *const nn_synth_places[NN_PLACES];

/* The colours of tubes. */
enum nn_synth_hue {
    NN_HUE_PINK, NN_HUE_RED, NN_HUE_AMBER, NN_HUE_GREEN, NN_HUE_CYAN, NN_HUE_BLUE, NN_HUE_VIOLET,
    NN_HUE_WHITE, NN_HUES
};
extern const char *const nn_synth_hues[NN_HUES];

/* Families of colours that a scene keeps to. By name; -1. */
enum { NN_PALETTES = 8 };
const char *nn_synth_palette_name(int palette);
int nn_synth_palette_find(const char *name);

/* What a scene shall have, 0..1; below 0: as the dice, or the mood, have it. */
struct nn_synth_look {
    float rain, fog, smoke, neon, people, cars;
    int place, palette;         /* enum nn_synth_place; a palette's number */
    int mood;                   /* enum nn_emotion: what the dice lean to */
};
/* All left to the dice. */
struct nn_synth_look nn_synth_look_any(void);

struct nn_synth;
/* `look` NULL: all by dice. NULL and `err` when out of memory. Free with nn_synth_free(). */
struct nn_synth *nn_synth_scene(uint64_t seed, const struct nn_synth_look *look,
                                struct nn_err *err);
void nn_synth_free(struct nn_synth *s);         /* NULL is fine */

/* What rendering needs at one size, 16..4096 a side; one thread's. The pool may be NULL. */
struct nn_synth_view;
struct nn_synth_view *nn_synth_view_new(int w, int h, struct nn_pool *pool, struct nn_err *err);
void nn_synth_view_free(struct nn_synth_view *v);       /* NULL is fine */

/* The scene at t seconds (0..3600) into `img`: RGB, of the view's size. Allocates nothing. */
void nn_synth_render(struct nn_synth_view *v, struct nn_synth *s, double t, struct nn_image *img);

enum nn_synth_tag {
    NN_TAG_RAIN, NN_TAG_WET_STREET, NN_TAG_PUDDLES, NN_TAG_FOG, NN_TAG_SMOKE,
    NN_TAG_NEON, NN_TAG_NEON_PINK, NN_TAG_NEON_RED, NN_TAG_NEON_AMBER, NN_TAG_NEON_GREEN,
    NN_TAG_NEON_CYAN, NN_TAG_NEON_BLUE, NN_TAG_NEON_VIOLET, NN_TAG_LIT_WINDOWS,
    NN_TAG_STREET_LAMP, NN_TAG_HEADLIGHTS, NN_TAG_TAIL_LIGHTS, NN_TAG_LANTERNS,
    NN_TAG_SILHOUETTE, NN_TAG_ALONE, NN_TAG_CROWD, NN_TAG_UMBRELLA, NN_TAG_HAT, NN_TAG_SMOKING,
    NN_TAG_CAR, NN_TAG_STREET, NN_TAG_ALLEY, NN_TAG_AVENUE, NN_TAG_DINER, NN_TAG_WATERFRONT,
    NN_TAG_DOORWAY, NN_TAGS
};
/* A tag's name in the catalog, "texture/rain", and when it is given, in words. */
struct nn_synth_tag_info {
    const char *name, *when;
};
extern const struct nn_synth_tag_info nn_synth_tags[NN_TAGS];

enum { NN_SYNTH_BOXES = 64 };

struct nn_synth_thing {
    enum { NN_THING_SIGN, NN_THING_PERSON, NN_THING_CAR } kind;
    struct nn_box box;          /* pixels, within the frame */
    float visible;              /* share of it in the frame and behind no wall, 0..1 */
    int hue;                    /* of a sign */
    char text[24];              /* a sign's word or shape; a person's "hat umbrella smoking" */
};

/* What a picture shows. Only what can be seen counts: two fifths of it within the frame, behind no
 * wall, not lost in the fog, and two pixels wide and high. */
struct nn_synth_truth {
    uint8_t tag[NN_TAGS];
    float rain, fog, smoke;     /* as it was thrown */
    int signs, people, cars;    /* that can be seen */
    int place, palette;
    float warm, red;            /* shares of the light that signs and windows give */
    float valence, arousal;     /* nn_synth_mood() of all this */
    int mood;                   /* the emotion nearest to it (emotion.h) */
    struct nn_synth_thing thing[NN_SYNTH_BOXES];
    int things;                 /* the largest first */
};
/* Of the scene as nn_synth_render() shows it at t; `v` is worked in. */
void nn_synth_truth(struct nn_synth_view *v, struct nn_synth *s, double t,
                    struct nn_synth_truth *truth);

/*
 * Valence and arousal, -1..1, as a function of what is in the picture. With company = people / 8
 * (0 for a lone one), alone = 1 for exactly one, signs = signs / 10, cars = cars / 3, all at most
 * 1, narrow = 1 in an alley or a doorway:
 *   valence = 0.05 + 0.9 (warm - 0.4) + 0.4 company + 0.3 signs - 0.4 rain - 0.5 fog
 *             - 0.3 alone - 0.9 red - 0.2 smoke
 *   arousal = -0.5 + 0.75 signs + 0.35 company + 0.3 cars + 0.7 red + 0.3 rain^2 - 0.25 fog
 *             - 0.15 alone + 0.3 narrow
 * The weights are ours: what cinematographers say of colour, weather and crowding, as a sum.
 */
void nn_synth_mood(struct nn_synth_truth *truth);

#endif
