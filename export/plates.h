/*
 * plates.h - what a network looks for and what it sees, as small pictures.
 *
 * A plate is one kernel of a layer or one map that it makes, a pixel a value,
 * in the palette of everything we draw: cyan below zero, magenta above, dark at
 * zero; kernels over three channels in their own colours about grey. Each plate
 * is scaled by its own largest absolute value, so zero always has one colour; maps
 * without values below zero glow instead, from their least to their largest.
 */
#ifndef NN_EXPORT_PLATES_H
#define NN_EXPORT_PLATES_H

#include "common/image.h"
#include "runtime/engine/engine.h"
#include "runtime/onnx/graph.h"

struct nn_plate {
    struct nn_image img;    /* RGB, a pixel a value */
    int index;              /* of the kernel or channel */
    float strength;         /* root of the mean square of its values */
};

struct nn_plates {
    char layer[80];         /* the layer's name, its end when it is longer */
    char shape[64];         /* of the weights or of the map: "16x1x3x3" */
    char note[120];         /* what one plate is, in words */
    int n;
    struct nn_plate *plate;
};

/* The node that `--layer` means: a node's or its output's name, or N, the N-th
 * layer with weights, from 0; NULL is 0. A node's index, or -1. */
int nn_plates_layer(const struct nn_graph *g, const char *which, struct nn_err *err);
/* The first `max` layers that make maps (convolutions); how many. */
int nn_plates_first(const struct nn_graph *g, int *node, int max);

/* Kernels of node `node` (Conv, ConvTranspose, Gemm, MatMul) in order. Weights
 * may stand behind a DequantizeLinear. Release with nn_plates_release(). */
int nn_plates_kernels(struct nn_plates *p, const struct nn_graph *g, int node, struct nn_err *err);

/* Maps of a 1 x C x H x W value, strongest first. */
int nn_plates_maps(struct nn_plates *p, const struct nn_value *v, struct nn_err *err);
void nn_plates_release(struct nn_plates *p);    /* a zeroed one is fine */

/* Colours: v in -1..1, and 0..1. */
void nn_neon_diverging(float v, uint8_t rgb[3]);
void nn_neon_glow(float v, uint8_t rgb[3]);

#endif
