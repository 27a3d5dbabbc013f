/*
 * torch.h - libtorch behind C: a graph interpreted with autograd.
 *
 * One call a batch; no C++ type, no exception and no global mode crosses this
 * header. A struct nn_torch holds the weights of one graph as tensors, the
 * optimiser's state and an average of the weights. One thread uses it at a
 * time. Tensors here are NCHW floats in the caller's memory; inside they are
 * channels-last.
 */
#ifndef NN_TRAINER_TORCH_H
#define NN_TRAINER_TORCH_H

#include <stddef.h>
#include <stdint.h>


#ifdef __cplusplus
extern "C" {
#endif

#include "common/err.h"
#include "runtime/onnx/graph.h"
#include "trainer/peers.h"

struct nn_torch;

struct nn_torch_opts {
    int threads;                /* of libtorch, >= 1 */
    uint64_t seed;              /* dropout */
    int adamw;                  /* else SGD with Nesterov momentum */
    double momentum;            /* of SGD; the first beta of AdamW */
    double beta2;               /* of AdamW */
    double weight_decay;        /* on Conv, Gemm and MatMul weights alone, not biases or norms */
    double label_smoothing;     /* 0..1 */
    double clip;                /* the largest L2 norm of all gradients; 0: any */
    double focal;               /* gamma of the focal loss (arXiv 1708.02002); 0: cross-entropy */
    const float *class_weight;  /* one a class, copied; NULL: alike */
    double second;              /* weight of the second output's plain cross-entropy; 0: none */
    double ema;                 /* decay of the averaged weights a step; 0: none */
    struct nn_peers *peers;     /* processes that share each batch; NULL: none (peers.h) */
};

struct nn_step {
    double loss;                /* mean cross-entropy of the batch */
    int64_t correct;            /* arg max equals label */
    double grad_norm;           /* L2 over all gradients, before clipping */
    int stop;                   /* in: this process is asked to stop; out: some process is */
};

/* Once, before anything else: allocator settings and threads (TRAINER notes). */
int nn_torch_setup(int threads, struct nn_err *err);
/* "libtorch 1.13.1, 2 threads, AVX2" into buf, for the log and the run. */
const char *nn_torch_describe(char *buf, size_t size);

/* Whether the interpreter knows an operator ("Conv"). */
int nn_torch_interprets(const char *op);

/* Takes a graph with one F32 input whose first output is class logits; it is copied. Refuses, by
 * node, operators that the interpreter lacks. Free with nn_torch_free(). */
struct nn_torch *nn_torch_new(const struct nn_graph *g, const struct nn_torch_opts *o,
                              struct nn_err *err);
void nn_torch_free(struct nn_torch *t);         /* NULL is fine */

/* Forward, cross-entropy, backward, the optimiser's step at learning rate `lr`, average.
 * x: (n, C, H, W), label: (n). A loss that is not finite is an error and leaves
 * the weights as they were. With opts.peers all give the same batch and each works on its
 * share of it: weights, loss and all else come out as of one process, but for rounding. One
 * that is gone is NN_EIO; the others' state is as before the step. */
int nn_torch_step(struct nn_torch *t, const float *x, const int64_t *label, int64_t n, double lr,
                  struct nn_step *out, struct nn_err *err);
/* The same towards shares of the classes: target (n, classes), rows of sum 1. With opts.second,
 * (n, classes + classes of the second output); the latter's sum may be 0 where nothing is known. */
int nn_torch_step_soft(struct nn_torch *t, const float *x, const float *target, int64_t n,
                       double lr, struct nn_step *out, struct nn_err *err);

/* The graph's first output for n inputs in evaluation mode, without gradients; with
 * the averaged weights when `average` (and opts.ema). `out` has n * outputs floats. */
int nn_torch_eval(struct nn_torch *t, const float *x, int64_t n, int average, float *out,
                  struct nn_err *err);
/* Floats of one sample's input, of its first output, and of its targets. */
int64_t nn_torch_in_floats(const struct nn_torch *t);
int64_t nn_torch_out_floats(const struct nn_torch *t);
int64_t nn_torch_target_floats(const struct nn_torch *t);

/* Writes weights (and running statistics) into the constants of a graph made
 * the same way. */
int nn_torch_store(struct nn_torch *t, int average, struct nn_graph *g, struct nn_err *err);

/* All that a step depends on: weights, momentum, average, generator state, and
 * the caller's `note`, in one safetensors file, written atomically. Loading
 * checks names and shapes and copies the note into note[size]. */
int nn_torch_save(struct nn_torch *t, const char *path, const char *note, struct nn_err *err);
int nn_torch_load(struct nn_torch *t, const char *path, char *note, size_t size,
                  struct nn_err *err);

/* Throws each kind of C++ exception inside the guard and returns what came out:
 * kind 0 std::bad_alloc, 1 c10::Error, 2 std::runtime_error, 3 an int. For tests. */
int nn_torch_provoke(int kind, struct nn_err *err);

#ifdef __cplusplus
}
#endif

#endif
