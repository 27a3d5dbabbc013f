/*
 * recurrent.h - LSTM, GRU and RNN as ref_recurrent.c reads them off a node, for
 * it and for the vector path.
 */
#ifndef NN_RUNTIME_ENGINE_RECURRENT_H
#define NN_RUNTIME_ENGINE_RECURRENT_H

#include "runtime/engine/kernel.h"

enum nn_function { NN_AFFINE, NN_ELU, NN_HARD_SIGMOID, NN_LEAKY_RELU, NN_RELU, NN_SCALED_TANH,
                   NN_SIGMOID, NN_SOFTPLUS, NN_SOFTSIGN, NN_TANH, NN_THRESHOLDED_RELU,
                   NN_FUNCTIONS };

struct nn_activation {
    enum nn_function f;
    float alpha, beta;
};

struct nn_recurrent {
    int gates, ways, swap, backward, first_reset, coupled;
    int64_t steps, batch, in, h;
    float clip;                 /* INFINITY: none */
    struct nn_activation act[2][3];
    struct nn_cells *cells;     /* the vector path's */
};

/* Takes an LSTM or GRU over from the reference, t->state being its nn_recurrent: constant
 * weights, the usual activations, no clip, peepholes, coupled gates or lengths. 1 when taken, 0
 * when not, -1 without memory. */
int nn_recurrent_fast(struct nn_task *t);

#endif
