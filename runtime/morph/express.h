/*
 * express.h - how a face departs from its own rest, and the same with more or less of it.
 *
 * Between a crop of the resting face and one of now, the skin's motion beside the head's own is
 * measured (runtime/face/micro_flow.h), made smooth over the face and over time, and multiplied:
 * 0 brings the face back to rest, 1 leaves it, 2 is a caricature. What a face at rest does not
 * show, teeth and tongue, can be moved, not invented.
 */
#ifndef NN_RUNTIME_MORPH_EXPRESS_H
#define NN_RUNTIME_MORPH_EXPRESS_H

#include "common/image.h"
#include "runtime/face/micro_flow.h"
#include "runtime/morph/spline.h"

enum { NN_EXPRESS_GRID = 33 };      /* points a side of the warp that comes of it */

/* A square window about a face, turned clockwise by `roll` degrees. */
struct nn_face_window {
    float x, y, side, roll;         /* its middle, pixels of the picture */
};

/* A plain value; zeroed when a person is new. */
struct nn_express {
    int rested;                     /* whether the next line is known */
    struct nn_flow_face rest;
    struct nn_flow_face now;        /* to work in */
    struct nn_flow flow;
    float move[2][NN_FLOW_BLOCKS];  /* smooth: pixels of the crop */
    float from[2][NN_EXPRESS_GRID * NN_EXPRESS_GRID];   /* in the window: sides of it */
};

/* The window of a face's box. */
struct nn_face_window nn_face_window_of(struct nn_box box, float roll);

/* `grey`: the window cut out, NN_FLOW_SIDE a side. The resting face; and the one of now, `dt`
 * seconds after the last. */
void nn_express_rest(struct nn_express *e, const uint8_t *grey);
void nn_express_look(struct nn_express *e, const uint8_t *grey, double dt);

/* Lays out the warp by which the face is drawn with `factor` times its departure, 0..3. */
void nn_express_aim(struct nn_express *e, float factor);

/* What of a w x h picture is drawn anew: x, y, width and height. */
void nn_express_box(const struct nn_face_window *at, int w, int h, int box[4]);
/* Where pixels x0 .. x0 + n - 1 of row y come from, in pixels of the picture. */
void nn_express_row(const struct nn_express *e, const struct nn_face_window *at, int y, int x0,
                    int n, float *x, float *down);

#endif
