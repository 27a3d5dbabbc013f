/*
 * toy_generator.h - a generator whose truth is known: z[0] is its brightness, z[1] its warmth (red
 * over blue), condition "happy" its green, "tag/lamp" its red; the rest of z does nothing.
 */
#ifndef NN_TESTS_TOY_GENERATOR_H
#define NN_TESTS_TOY_GENERATOR_H

#include "runtime/onnx/onnx.h"

enum { TOY_Z = 6, TOY_C = 2, TOY_SIZE = 16 };

/* Without conditions when `plain`. */
static inline int toy_generator(const char *path, int plain, struct nn_err *err)
{
    static const float w[TOY_Z + TOY_C][3] = {
        { 0.1f, 0.1f, 0.1f }, { 0.08f, 0, -0.08f }, { 0 }, { 0 }, { 0 }, { 0 },
        { 0, 0.3f, 0 }, { 0.4f, 0, 0 },
    };
    static float texture[3][TOY_SIZE][TOY_SIZE];
    struct nn_graph *g = nn_graph_new("toy", err);
    int all = TOY_Z + (plain ? 0 : TOY_C), x, m, shape, t, ret;

    if (!g)
        return -1;
    g->opset = 17;
    for (int c = 0; c < 3; c++)
        for (int i = 0; i < TOY_SIZE * TOY_SIZE; i++)
            texture[c][i / TOY_SIZE][i % TOY_SIZE] = (float)((i * 7 + c * 3) % 11) / 40 - 0.25f;
    x = nn_graph_input(g, "z", 2, (int64_t[]){ NN_DYNAMIC, TOY_Z });
    if (!plain) {
        int c = nn_graph_input(g, "c", 2, (int64_t[]){ NN_DYNAMIC, TOY_C });
        x = nn_graph_node(g, "Concat", 2, (int[]){ x, c }, NULL);
        nn_graph_attr_int(g, "axis", 1);
    }
    m = nn_graph_const(g, "w", NN_F32, 2, (int64_t[]){ all, 3 }, w);
    x = nn_graph_node(g, "MatMul", 2, (int[]){ x, m }, NULL);
    shape = nn_graph_const(g, "shape", NN_I64, 1, (int64_t[]){ 4 }, (int64_t[]){ 0, 3, 1, 1 });
    x = nn_graph_node(g, "Reshape", 2, (int[]){ x, shape }, NULL);
    t = nn_graph_const(g, "texture", NN_F32, 4, (int64_t[]){ 1, 3, TOY_SIZE, TOY_SIZE }, texture);
    nn_graph_output(g, nn_graph_node(g, "Add", 2, (int[]){ x, t }, "image"));
    nn_graph_set_meta(g, "neonnoir.kind", "generator");
    nn_graph_set_meta(g, "neonnoir.size", "16");
    nn_graph_set_meta(g, "neonnoir.latent", "6");
    if (!plain) {
        nn_graph_set_meta(g, "neonnoir.conditions", "[\"happy\",\"tag/lamp\"]");
        nn_graph_set_meta(g, "neonnoir.condition_mean", "[0.25,0.5]");
    }
    ret = nn_graph_finish(g, err) || nn_onnx_write(g, path, err) ? -1 : 0;
    nn_graph_free(g);
    return ret;
}

#endif
