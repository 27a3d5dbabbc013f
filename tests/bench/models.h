/*
 * models.h - the networks that the engine is measured on, with random weights,
 * as exporters write them: every BatchNormalization a node of its own.
 */
#ifndef NN_TESTS_BENCH_MODELS_H
#define NN_TESTS_BENCH_MODELS_H

#include "runtime/onnx/graph.h"

/* NULL and `err` on failure; freed with nn_graph_free(). The same weights every time. */
typedef struct nn_graph *nn_bench_model(struct nn_err *err);

nn_bench_model
    nn_bench_xception,          /* mini-Xception (Arriaga et al., arXiv 1710.07557), 1x1x48x48 */
    nn_bench_mobilenet,         /* MobileNetV2 (arXiv 1801.04381), width 0.5, 1x3x112x112 */
    nn_bench_resnet,            /* ResNet-18 (arXiv 1512.03385), half as wide, no first pooling */
    nn_bench_dcgan,             /* DCGAN's generator (arXiv 1511.06434), 100 -> 1x3x128x128 */
    nn_bench_upsample,          /* nearest x2 and 3x3 convolutions, 100 -> 1x3x128x128 */
    nn_bench_chain,             /* six operators, value by value, 1x16x320x320 */
    nn_bench_lstm, nn_bench_gru;    /* 64 steps of 64 values, 128 units; as PyTorch exports them */

#endif
