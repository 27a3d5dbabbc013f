/*
 * Batch normalisation in training, and what follows it, in as few passes over memory as can be.
 *
 * A normalised value is x * scale + shift with a scale and a shift for each channel. Nothing is
 * computed until somebody wants the pixels: channel weights only change scale and shift, a mean
 * over the picture follows from that of x, a residual and a Relu ride along with the one pass
 * that writes. On the way back the same: one pass for the sums, one for the gradient of x.
 */
#include <ATen/Parallel.h>
#include <torch/csrc/autograd/custom_function.h>

#include "trainer/torch_ops.hpp"
#include "trainer/torch_peers.hpp"

extern "C" {
#include "runtime/engine/simd/simd.h"
}

using at::Tensor;
using torch::autograd::AutogradContext;

/* What Apply's way back found out and Sums' way back, which comes later, turns into the gradient
 * of x: without this each would write one, and autograd add them. */
struct nn_torch_pending : torch::CustomClassHolder {
    std::vector<std::pair<Tensor, Tensor>> part;    /* gradient of the outputs, and their scale */
};

typedef c10::intrusive_ptr<nn_torch_pending> Pending;

static const float *data(const Tensor &t)
{
    return t.defined() ? t.data_ptr<float>() : nullptr;
}

static const float *row(const Tensor &t, int64_t i)
{
    return data(t) + (t.size(0) > 1 ? i * t.size(1) : 0);
}

static Tensor like(const Tensor &x)
{
    return at::empty(x.sizes(), x.options(), at::MemoryFormat::ChannelsLast);
}

/* part(i, n) for each picture i of x, with n's sizes and x filled in. */
template <class F> static void each_picture(const Tensor &x, F part)
{
    int64_t channels = x.size(1), pixels = x.size(2) * x.size(3), size = channels * pixels;

    at::parallel_for(0, x.size(0), 1, [&](int64_t first, int64_t last) {
        for (int64_t i = first; i < last; i++) {
            nn_norm n = {};
            n.pixels = pixels;
            n.channels = channels;
            n.x = data(x) + i * size;
            part(i, n);
        }
    });
}

/* Sums over each picture of x and of its squares: two of (N, C). */
struct Sums : torch::autograd::Function<Sums> {
    static std::vector<Tensor> forward(AutogradContext *ctx, const Tensor &x,
                                       const Pending &pending)
    {
        const nn_simd *simd = nn_simd_choose();
        int64_t c = x.size(1);
        Tensor sum = at::empty({ x.size(0), c }, x.options()), squares = at::empty_like(sum);

        each_picture(x, [&](int64_t i, const nn_norm &n) {
            simd->norm_sums(n.x, n.pixels, n.channels, sum.data_ptr<float>() + i * c,
                            squares.data_ptr<float>() + i * c);
        });
        ctx->save_for_backward({ x });
        ctx->saved_data["pending"] = c10::IValue::make_capsule(pending);
        return { sum, squares };
    }

    static std::vector<Tensor> backward(AutogradContext *ctx, std::vector<Tensor> grad)
    {
        const nn_simd *simd = nn_simd_choose();
        Tensor x = ctx->get_saved_variables()[0], dx = like(x);
        auto pending = c10::static_intrusive_pointer_cast<nn_torch_pending>(
            ctx->saved_data["pending"].toCapsule());
        Tensor shift = grad[0].contiguous(), scale = (grad[1] * 2).contiguous();

        if (pending->part.empty())
            pending->part.push_back({ at::zeros_like(x),
                                      at::zeros({ 1, x.size(1) }, x.options()) });
        const Tensor &g = pending->part[0].first, &s = pending->part[0].second;
        each_picture(x, [&](int64_t i, nn_norm &n) {
            int64_t at = i * n.pixels * n.channels;
            n.g = data(g) + at;
            n.to = dx.data_ptr<float>() + at;
            n.scale = row(s, i);
            n.dscale = scale.data_ptr<float>() + i * n.channels;
            n.dshift = shift.data_ptr<float>() + i * n.channels;
            simd->norm_back(&n);
        });
        for (size_t k = 1; k < pending->part.size(); k++)
            dx.addcmul_(pending->part[k].first, pending->part[k].second.unsqueeze(2).unsqueeze(3));
        pending->part.clear();
        return { dx, Tensor() };
    }
};

/* x * scale + shift (+ res, where that has pixels), then Relu where asked: scale and shift
 * (N or 1, C). */
struct Apply : torch::autograd::Function<Apply> {
    static Tensor forward(AutogradContext *ctx, const Tensor &x, const Tensor &scale,
                          const Tensor &shift, const Tensor &res, bool relu, const Pending &pending)
    {
        const nn_simd *simd = nn_simd_choose();
        Tensor y = like(x), a = scale.contiguous(), b = shift.contiguous(), r = res;

        if (r.dim() == 4)
            r = r.contiguous(at::MemoryFormat::ChannelsLast);
        each_picture(x, [&](int64_t i, nn_norm &n) {
            int64_t at = i * n.pixels * n.channels;
            n.y = y.data_ptr<float>() + at;
            n.res = r.dim() == 4 ? data(r) + at : nullptr;
            n.scale = row(a, i);
            n.shift = row(b, i);
            n.relu = relu;
            simd->norm_apply(&n);
        });
        ctx->save_for_backward({ x, a, relu ? y : Tensor() });
        ctx->saved_data["pending"] = c10::IValue::make_capsule(pending);
        ctx->saved_data["each"] = b.size(0) > 1;
        return y;
    }

    static std::vector<Tensor> backward(AutogradContext *ctx, std::vector<Tensor> grad)
    {
        const nn_simd *simd = nn_simd_choose();
        auto saved = ctx->get_saved_variables();
        const Tensor &x = saved[0], &scale = saved[1], &y = saved[2];
        auto pending = c10::static_intrusive_pointer_cast<nn_torch_pending>(
            ctx->saved_data["pending"].toCapsule());
        Tensor dy = grad[0].contiguous(at::MemoryFormat::ChannelsLast);
        Tensor g = y.defined() ? like(x) : dy;
        Tensor dscale = at::empty({ x.size(0), x.size(1) }, x.options());
        Tensor dshift = at::empty_like(dscale);

        each_picture(x, [&](int64_t i, nn_norm &n) {
            int64_t at = i * n.pixels * n.channels;
            n.g = data(dy) + at;
            n.relu = y.defined();
            n.y = n.relu ? y.data_ptr<float>() + at : nullptr;
            n.to = g.data_ptr<float>() + at;
            n.dscale = dscale.data_ptr<float>() + i * n.channels;
            n.dshift = dshift.data_ptr<float>() + i * n.channels;
            simd->norm_grad(&n);
        });
        pending->part.push_back({ g, scale });
        return { Tensor(), scale.size(0) > 1 ? dscale : dscale.sum(0, true),
                 ctx->saved_data["each"].toBool() ? dshift : dshift.sum(0, true),
                 ctx->needs_input_grad(3) ? g : Tensor(), Tensor(), Tensor() };
    }
};

struct nn_torch_lazy {
    Tensor x, scale, shift;     /* scale, shift: (N or 1, C) */
    Tensor mean;                /* of each picture of x: (N, C) */
    Tensor res;
    Pending pending;
};

static Tensor finish(const nn_torch_lazy &l, bool relu)
{
    Tensor res = l.res.defined() ? l.res : at::empty({ 0 }, l.x.options());

    return Apply::apply(l.x.detach(), l.scale, l.shift, res, relu, l.pending);
}

Tensor nn_torch_finish(const std::shared_ptr<nn_torch_lazy> &l)
{
    return finish(*l, false);
}

/* As at::batch_norm() in training: the batch's mean and variance, a step of the running ones. */
static void normalise(nn_torch_lazy &l, const nn_torch_node &n)
{
    double momentum = 1 - nn_attr_float(n.node, "momentum", 0.9f);
    double pixels = (double)(l.x.size(2) * l.x.size(3)), count = (double)n.share.all * pixels;
    std::vector<Tensor> sums = Sums::apply(l.x, l.pending);
    Tensor both = at::stack({ sums[0].sum({ 0 }, false, at::kDouble),
                               sums[1].sum({ 0 }, false, at::kDouble) });
    Tensor moments = nn_torch_sum_of(both, n.share.peers) / count;
    Tensor mean = moments.narrow(0, 0, 1);
    Tensor var = (moments.narrow(0, 1, 1) - mean * mean).clamp_min(0);
    Tensor dev = (var + (double)nn_attr_float(n.node, "epsilon", 1e-5f)).rsqrt();

    l.scale = (n.in(1) * dev).to(at::kFloat);
    l.shift = (n.in(2) - n.in(1) * dev * mean).to(at::kFloat);
    l.mean = sums[0] / pixels;
    at::NoGradGuard no_grad;
    n.in(3).mul_(1 - momentum).add_(mean[0].to(at::kFloat), momentum);
    n.in(4).mul_(1 - momentum).add_((var[0] * (count / (count - 1))).to(at::kFloat), momentum);
}

bool nn_torch_lazy_norm(const nn_torch_node &n)
{
    Tensor x = n.in(0);

    if (!n.training || x.dim() != 4 || x.scalar_type() != at::kFloat ||
        x.size(0) * x.size(2) * x.size(3) < 2)
        return false;
    auto l = std::make_shared<nn_torch_lazy>();
    l->x = x.contiguous(at::MemoryFormat::ChannelsLast);
    l->pending = c10::make_intrusive<nn_torch_pending>();
    normalise(*l, n);
    n.out() = l;
    return true;
}

Tensor nn_torch_lazy_relu(const nn_torch_node &n)
{
    return n.is_lazy(0) ? finish(*n.lazy_in(0), true) : at::relu(n.in(0));
}

Tensor nn_torch_lazy_mean(const nn_torch_node &n)
{
    if (!n.is_lazy(0) || n.lazy_in(0)->res.defined())
        return n.in(0).mean({ 2, 3 }, true);
    const nn_torch_lazy &l = *n.lazy_in(0);
    return (l.mean * l.scale + l.shift).unsqueeze(2).unsqueeze(3);
}

/* The operand that waits, if the other is fit to join it; -1. */
static int waiting(const nn_torch_node &n)
{
    for (int i = 0; i < 2; i++)
        if (n.is_lazy(i) && n.node->in[0] != n.node->in[1] && !n.lazy_in(i)->res.defined())
            return i;
    return -1;
}

Tensor nn_torch_lazy_mul(const nn_torch_node &n)
{
    int i = waiting(n);

    if (i < 0)
        return at::mul(n.in(0), n.in(1));
    const Tensor &w = n.in(!i), &x = n.lazy_in(i)->x;
    if (w.dim() != 4 || w.size(1) != x.size(1) || w.size(2) != 1 || w.size(3) != 1 ||
        (w.size(0) != 1 && w.size(0) != x.size(0)))
        return at::mul(n.in(0), n.in(1));
    auto l = std::make_shared<nn_torch_lazy>(*n.lazy_in(i));
    Tensor flat = w.flatten(1);
    l->scale = l->scale * flat;
    l->shift = l->shift * flat;
    n.out() = l;
    return Tensor();
}

Tensor nn_torch_lazy_add(const nn_torch_node &n)
{
    int i = waiting(n);

    if (i < 0 || n.in(!i).sizes() != n.lazy_in(i)->x.sizes())
        return at::add(n.in(0), n.in(1));
    auto l = std::make_shared<nn_torch_lazy>(*n.lazy_in(i));
    l->res = n.in(!i);
    n.out() = l;
    return Tensor();
}
