/*
 * torch_session.hpp - what torch.h's struct nn_torch is. C++, for trainer/torch*.cpp alone.
 */
#ifndef NN_TRAINER_TORCH_SESSION_HPP
#define NN_TRAINER_TORCH_SESSION_HPP

#include "trainer/torch.h"
#include "trainer/torch_ops.hpp"
#include "trainer/torch_peers.hpp"

/* A weight or running statistic: what steps change and checkpoints hold. */
struct nn_torch_slot {
    int tensor;                 /* index in the graph */
    bool trainable, decay;
    at::Tensor momentum, second;    /* undefined where not used; of gradients and their squares */
    at::Tensor average;
};

struct nn_torch {
    nn_graph *graph = nullptr;
    nn_torch_opts opts;
    std::vector<at::Tensor> value;      /* constants; others undefined between calls */
    std::vector<int> last_use;      /* node that reads a tensor last; -1: output or none */
    std::vector<nn_torch_op> op;    /* of each node */
    std::vector<nn_torch_slot> slot;
    at::Tensor class_weight;            /* undefined: alike */
    at::Generator generator;
    int64_t steps = 0;
    nn_torch_share share = {};      /* of the batch in work */
    bool twice = false;             /* gradients will be differentiated, too */

    ~nn_torch() { nn_graph_free(graph); }
};

/* The body's status; what it throws becomes an error. */
template <class F> static int nn_torch_guard(nn_err *err, F body) noexcept
{
    try {
        return body();
    } catch (const std::bad_alloc &) {
        return nn_fail(err, NN_EMEM, "libtorch: out of memory");
    } catch (const nn_torch_gone &e) {
        return nn_fail(err, NN_EIO, "another process of the group is gone: %s", e.what());
    } catch (const c10::Error &e) {
        return nn_fail(err, NN_ETORCH, "libtorch: %s", e.what_without_backtrace());
    } catch (const std::exception &e) {
        return nn_fail(err, NN_ETORCH, "libtorch: %s", e.what());
    } catch (...) {
        return nn_fail(err, NN_ETORCH, "libtorch: unknown exception");
    }
}

/* n samples as the network takes them. */
at::Tensor nn_torch_input(nn_torch *t, const float *x, int64_t n);
/* Runs the graph on `values` (constants filled in); returns the first output. */
at::Tensor nn_torch_forward(nn_torch *t, nn_torch_values &values, const at::Tensor &x,
                            bool training);
/* The same with all inputs filled in; other outputs are in `values`. */
void nn_torch_run(nn_torch *t, nn_torch_values &values, bool training);
/* nn_torch_new() for graphs of any inputs and outputs; may throw. */
nn_torch *nn_torch_open(const nn_graph *g, const nn_torch_opts *o, nn_err *err);

/* Parts of a step: the L2 norm of all gradients; the optimiser, which counts t->steps; the
 * average of the weights. */
double nn_torch_gradient_norm(nn_torch *t);
void nn_torch_descend(nn_torch *t, double lr, double norm);
void nn_torch_average(nn_torch *t);

/* Checkpoints of one or several networks, whose tensors' names begin with `prefix`. */
struct nn_torch_part {
    nn_torch *t;
    const char *prefix;
};
int nn_torch_save_parts(const std::vector<nn_torch_part> &parts, const char *path,
                        const char *note, nn_err *err);
int nn_torch_load_parts(const std::vector<nn_torch_part> &parts, const char *path, char *note,
                        size_t size, nn_err *err);
/* A copy in the memory format that weights and pictures have here. */
at::Tensor nn_torch_channels_last(const at::Tensor &t);

#endif
