/*
 * spread.h - numpy's broadcasting, walked: rows of the output in which every
 * input either runs along or stands still.
 */
#ifndef NN_RUNTIME_ENGINE_SPREAD_H
#define NN_RUNTIME_ENGINE_SPREAD_H

#include "runtime/onnx/graph.h"

enum { NN_MAX_SPREAD = 3 };

struct nn_spread {
    int64_t rows, inner;                /* rows of `inner` elements make the output */
    int ndim;                           /* dimensions that count the rows */
    int64_t dim[NN_MAX_DIMS];
    int64_t step[NN_MAX_SPREAD];        /* of input k inside a row: 0 or 1 */
    int64_t stride[NN_MAX_SPREAD][NN_MAX_DIMS];
};

/* For n inputs that broadcast to `out`. 0, or -1 where one does not. */
int nn_spread_init(struct nn_spread *s, const struct nn_tensor *out, int n,
                   struct nn_tensor *const *in);
/* Where input k stands when `row` begins. */
int64_t nn_spread_at(const struct nn_spread *s, int k, int64_t row);

#endif
