/* conv3.h inside libtorch's autograd. */
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "trainer/torch_ops.hpp"

extern "C" {
#include "trainer/conv3.h"
}

using at::Tensor;

static void each(int units, void (*part)(void *arg, int unit), void *arg)
{
    at::parallel_for(0, units, 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++)
            part(arg, (int)i);
    });
}

static nn_conv3 sizes(const Tensor &x, int64_t cout)
{
    return { x.size(0), x.size(2), x.size(3), x.size(1), cout, at::get_num_threads(), each };
}

static Tensor pictures(const Tensor &like, int64_t channels)
{
    return at::empty({ like.size(0), channels, like.size(2), like.size(3) }, like.options(),
                     at::MemoryFormat::ChannelsLast);
}

typedef int Way(const nn_conv3 *, const float *, const float *, float *);

static void go(Way *way, const nn_conv3 &c, const Tensor &a, const Tensor &b, const Tensor &to)
{
    if (way(&c, a.data_ptr<float>(), b.data_ptr<float>(), to.data_ptr<float>()))
        throw std::bad_alloc();
}

struct Conv3 : torch::autograd::Function<Conv3> {
    static Tensor forward(torch::autograd::AutogradContext *ctx, const Tensor &x, const Tensor &w)
    {
        Tensor in = x.contiguous(at::MemoryFormat::ChannelsLast);
        Tensor weight = w.contiguous(at::MemoryFormat::ChannelsLast);
        Tensor y = pictures(x, w.size(0));

        ctx->save_for_backward({ in, weight });
        go(nn_conv3_run, sizes(x, w.size(0)), in, weight, y);
        return y;
    }

    static std::vector<Tensor> backward(torch::autograd::AutogradContext *ctx,
                                        std::vector<Tensor> grad)
    {
        auto saved = ctx->get_saved_variables();
        const Tensor &x = saved[0], &w = saved[1];
        Tensor dy = grad[0].contiguous(at::MemoryFormat::ChannelsLast), dx, dw;
        nn_conv3 c = sizes(x, w.size(0));

        if (ctx->needs_input_grad(1)) {
            dw = at::empty_like(w);
            go(nn_conv3_weights, c, x, dy, dw);
        }
        if (ctx->needs_input_grad(0)) {
            dx = pictures(x, x.size(1));
            go(nn_conv3_back, c, dy, w, dx);
        }
        return { dx, dw };
    }
};

bool nn_torch_conv3_fits(const Tensor &x, const Tensor &w)
{
    if (x.dim() != 4 || w.dim() != 4 || w.size(2) != 3 || w.size(3) != 3 ||
        x.scalar_type() != at::kFloat || w.scalar_type() != at::kFloat || x.size(1) != w.size(1))
        return false;
    nn_conv3 c = sizes(x, w.size(0));
    return nn_conv3_fits(&c);
}

Tensor nn_torch_conv3(const Tensor &x, const Tensor &w)
{
    return Conv3::apply(x, w);
}
