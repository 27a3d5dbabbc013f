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
/* A copy in the memory format that weights and pictures have here. */
at::Tensor nn_torch_channels_last(const at::Tensor &t);

#endif
