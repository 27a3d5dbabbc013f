/* torch_gan.hpp - what torch_gan.cpp and torch_augment.cpp share. C++, for these alone. */
#ifndef NN_TRAINER_TORCH_GAN_HPP
#define NN_TRAINER_TORCH_GAN_HPP

#include <ATen/ATen.h>

#include <vector>

/* Pictures (n, 3, s, s), each changed in each way with probability p; 0: x itself. */
at::Tensor nn_torch_augment(const at::Tensor &x, double p, at::Generator &g);

#endif
