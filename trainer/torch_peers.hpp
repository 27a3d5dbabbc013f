/*
 * torch_peers.hpp - sums over the processes of a group. C++, for trainer/torch*.cpp alone.
 */
#ifndef NN_TRAINER_TORCH_PEERS_HPP
#define NN_TRAINER_TORCH_PEERS_HPP

#include <ATen/ATen.h>
#include <torch/csrc/autograd/custom_function.h>

#include <stdexcept>

struct nn_peers;

/* Another process has ended, or the way to it. */
struct nn_torch_gone : std::runtime_error {
    explicit nn_torch_gone(const std::string &why) : std::runtime_error(why) {}
};

/* In place, over all processes; contiguous. Nothing when p is NULL. */
void nn_torch_sum(struct nn_peers *p, at::Tensor t);
/* The same as a new value that gradients go back through. */
at::Tensor nn_torch_sum_of(const at::Tensor &x, struct nn_peers *p);

#endif
