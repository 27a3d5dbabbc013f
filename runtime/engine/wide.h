/*
 * wide.h - elements of any type, a run at a time, as one of three wide types.
 *
 * float32 has kernels of its own. Everything else is rarely on a hot path, so
 * kernels exist once for double (all float types), once for int64 (signed) and
 * once for uint64 (unsigned and bool), and values are converted on the way in
 * and out: arithmetic in the wide type, cut to the element's width, is exactly
 * the element's own wrapping arithmetic.
 */
#ifndef NN_RUNTIME_ENGINE_WIDE_H
#define NN_RUNTIME_ENGINE_WIDE_H

#include <stdint.h>

#include "runtime/onnx/graph.h"

enum nn_wide { NN_REAL, NN_SIGNED, NN_UNSIGNED };   /* double, int64_t, uint64_t */
enum { NN_RUN = 256 };              /* elements converted at a time */

/* The wide type that holds every value of `type`. */
enum nn_wide nn_wide_of(enum nn_dtype type);

/* Elements at, at + step, ... of data into to[n] of the wide type `as`. */
void nn_wide_read(enum nn_dtype type, const void *data, int64_t at, int64_t step, int64_t n,
                  enum nn_wide as, void *to);
/* The way back. Reals that do not fit an integer become the nearest that does,
 * towards zero, NaN becomes 0; integers wrap; bool is "not 0". */
void nn_wide_write(enum nn_dtype type, void *data, int64_t at, int64_t step, int64_t n,
                   enum nn_wide as, const void *from);

/* Element i as a double or an int64; for scalars. */
double nn_wide_real(const struct nn_tensor *t, int64_t i);
int64_t nn_wide_int(const struct nn_tensor *t, int64_t i);

/* IEEE 754 binary16 and bfloat16, rounded to nearest, ties to even. */
double nn_from_half(uint16_t h);
uint16_t nn_to_half(double v);
float nn_from_bf16(uint16_t h);
uint16_t nn_to_bf16(double v);

#endif
