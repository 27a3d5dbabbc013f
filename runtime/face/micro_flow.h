/*
 * micro_flow.h - how the skin of a face moves from one frame to the next, the head's own motion
 * taken away. Internal to micro.c.
 *
 * Lucas and Kanade's block motion ("An iterative image registration technique", IJCAI 1981), from
 * coarse to fine, on logarithms of grey without their local mean: light that comes and goes, or
 * wanders over the face, leaves those alone. The head's motion is what a plane and a dome with
 * a nose on it can do: for small turns a point's motion along each axis is a sum of 1, x, y and its
 * depth (Longuet-Higgins and Prazdny, "The interpretation of a moving retinal image", 1980,
 * without perspective), fitted by weighted least squares in which what departs counts little.
 * The fine level starts from the head's motion, and where the skin has no texture stays there.
 */
#ifndef NN_RUNTIME_FACE_MICRO_FLOW_H
#define NN_RUNTIME_FACE_MICRO_FLOW_H

#include <stdint.h>

enum { NN_FLOW_SIDE = 128, NN_FLOW_GRID = 14, NN_FLOW_BLOCKS = NN_FLOW_GRID * NN_FLOW_GRID };

/* A square crop of a face, made ready. */
struct nn_flow_face {
    float fine[NN_FLOW_SIDE * NN_FLOW_SIDE];
    float coarse[NN_FLOW_SIDE * NN_FLOW_SIDE / 4];
};

struct nn_flow {
    float at[NN_FLOW_BLOCKS][2];        /* middles of the blocks, pixels of the crop */
    float move[NN_FLOW_BLOCKS][2];      /* pixels of the crop, beside the head's motion */
    float trust[NN_FLOW_BLOCKS];        /* 0..1 */
    float shift, turn;                  /* the head's motion, pixels: the mean, and about it */
    float good;                         /* 0..1: the share of the face that could be followed */
};

/* `grey`: NN_FLOW_SIDE rows of as many. */
void nn_flow_face(const uint8_t *grey, struct nn_flow_face *out);

/* From face `a` to face `b`, two crops of the same window. */
void nn_flow_between(const struct nn_flow_face *a, const struct nn_flow_face *b,
                     struct nn_flow *out);

#endif
