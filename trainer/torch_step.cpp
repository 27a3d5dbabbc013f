/* A step of training: losses, gradients, optimisers, the average of the weights. */
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>

#include <cmath>

#include "trainer/torch_session.hpp"

using at::Tensor;

/* Of soft targets, without any of the options; this share's part of the batch's mean. */
static Tensor plain_cross_entropy(const nn_torch *t, const Tensor &logits, const Tensor &target)
{
    return -(target * at::log_softmax(logits, 1)).sum() / (double)t->share.all;
}

/* Of soft targets; what is rare weighs more, what is certain less, where the options say so. */
static Tensor cross_entropy(const nn_torch *t, const Tensor &logits, const Tensor &target)
{
    TORCH_CHECK(logits.dim() == 2, "the output is not (batch, classes)");
    TORCH_CHECK(logits.size(1) == target.size(1), "the output has ", logits.size(1),
                " classes, the targets ", target.size(1));
    double s = t->opts.label_smoothing;
    Tensor log_p = at::log_softmax(logits, 1);
    Tensor q = target * (1 - s) + s / (double)target.size(1);
    if (t->class_weight.defined())
        q = q * t->class_weight;
    if (t->opts.focal > 0)
        q = q * (1 - log_p.exp()).pow(t->opts.focal);
    return -(q * log_p).sum() / (double)t->share.all;
}

/* SGD with Nesterov momentum, as torch.optim.SGD has it. */
static void descend_sgd(const nn_torch *t, nn_torch_slot &s, Tensor &w, Tensor g, double lr)
{
    if (s.decay && t->opts.weight_decay > 0)
        g = g.add(w, t->opts.weight_decay);
    s.momentum.mul_(t->opts.momentum).add_(g);
    w.sub_(g.add(s.momentum, t->opts.momentum), lr);
}

/* I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization" (arXiv 1711.05101). */
static void descend_adamw(const nn_torch *t, nn_torch_slot &s, Tensor &w, const Tensor &g,
                          double lr)
{
    double b1 = t->opts.momentum, b2 = t->opts.beta2, n = (double)t->steps + 1;

    if (s.decay && t->opts.weight_decay > 0)
        w.mul_(1 - lr * t->opts.weight_decay);
    s.momentum.mul_(b1).add_(g, 1 - b1);
    s.second.mul_(b2).addcmul_(g, g, 1 - b2);
    w.addcdiv_(s.momentum, (s.second / (1 - std::pow(b2, n))).sqrt_().add_(1e-8),
               -lr / (1 - std::pow(b1, n)));
}

void nn_torch_descend(nn_torch *t, double lr, double norm)
{
    at::NoGradGuard no_grad;
    double scale = t->opts.clip > 0 && norm > t->opts.clip ? t->opts.clip / norm : 1;

    for (nn_torch_slot &s : t->slot) {
        Tensor &w = t->value[s.tensor];
        if (!s.trainable || !w.grad().defined())
            continue;
        Tensor g = scale < 1 ? w.grad() * scale : w.grad();
        if (t->opts.adamw)
            descend_adamw(t, s, w, g, lr);
        else
            descend_sgd(t, s, w, g, lr);
    }
    t->steps++;
}

void nn_torch_average(nn_torch *t)
{
    at::NoGradGuard no_grad;
    /* The average follows quickly at first, when the weights still race. */
    double decay = std::min(t->opts.ema, (1.0 + (double)t->steps) / (10.0 + (double)t->steps));

    for (nn_torch_slot &s : t->slot)
        if (s.average.defined())
            s.average.mul_(decay).add_(t->value[s.tensor], 1 - decay);
}

double nn_torch_gradient_norm(nn_torch *t)
{
    double sum = 0;

    for (nn_torch_slot &s : t->slot) {
        const Tensor &g = t->value[s.tensor].grad();
        if (s.trainable && g.defined()) {
            double n = g.norm().item<double>();
            sum += n * n;
        }
    }
    return std::sqrt(sum);
}

/* This process's samples of a batch of n. */
static nn_torch_share share_of(const nn_torch *t, int64_t n)
{
    int64_t rank = nn_peers_rank(t->opts.peers), count = nn_peers_count(t->opts.peers);
    int64_t first = n * rank / count;

    return { t->opts.peers, first, n * (rank + 1) / count - first, n };
}

/* Gradients, and what the processes tell each other of the step, summed over all in one go. */
static void sum_up(nn_torch *t, nn_step *out)
{
    at::NoGradGuard no_grad;
    std::vector<Tensor> part;
    int64_t at = 0;

    if (!t->share.peers)
        return;
    for (nn_torch_slot &s : t->slot) {
        Tensor &w = t->value[s.tensor];
        if (s.trainable && w.grad().defined()) {
            w.mutable_grad() = w.grad().contiguous();
            part.push_back(w.grad().view(-1));
        }
    }
    part.push_back(at::tensor({ (float)out->loss, (float)out->correct, (float)out->stop }));
    Tensor all = at::cat(part);
    nn_torch_sum(t->share.peers, all);
    for (Tensor &p : part) {
        p.copy_(all.narrow(0, at, p.numel()));
        at += p.numel();
    }
    out->loss = part.back()[0].item<double>();
    out->correct = part.back()[1].item<int64_t>();
    out->stop = part.back()[2].item<float>() > 0;
}

/* Fills the gradients and *out. */
static void differentiate(nn_torch *t, nn_torch_values &values, const Tensor &x,
                          const Tensor &target, nn_step *out)
{
    Tensor first = target, logits = nn_torch_forward(t, values, x, true), loss;

    if (t->opts.second > 0)
        first = target.narrow(1, 0, logits.size(1));
    loss = cross_entropy(t, logits, first);
    out->loss = loss.item<double>();
    out->correct = logits.detach().argmax(1).eq(first.argmax(1)).sum().item<int64_t>();
    if (t->opts.second > 0) {
        const Tensor &also = values[t->graph->out[1]];
        loss = loss + t->opts.second *
               plain_cross_entropy(t, also, target.narrow(1, logits.size(1), also.size(1)));
    }
    loss.backward();
    sum_up(t, out);
}

static int step(nn_torch *t, const float *x, const Tensor &targets, int64_t n, double lr,
                nn_step *out, nn_err *err)
{
    nn_torch_values values = { t->value, {} };
    Tensor dice = t->generator.get_state();

    t->share = share_of(t, n);
    if (!t->share.count)
        return nn_fail(err, NN_EARG, "a batch of %lld for %d processes", (long long)n,
                       nn_peers_count(t->opts.peers));
    /* Running statistics move in the forward pass: on copies, until the step counts. */
    for (nn_torch_slot &s : t->slot) {
        if (s.trainable)
            t->value[s.tensor].mutable_grad().reset();
        else
            values[s.tensor] = t->value[s.tensor].clone();
    }
    try {
        differentiate(t, values,
                      nn_torch_input(t, x + t->share.first * nn_torch_in_floats(t), t->share.count),
                      targets.narrow(0, t->share.first, t->share.count), out);
    } catch (const nn_torch_gone &) {
        t->generator.set_state(dice);
        throw;
    }
    if (!std::isfinite(out->loss))
        return nn_fail(err, NN_ETORCH, "the loss is no longer a number; lower the learning rate");
    out->grad_norm = nn_torch_gradient_norm(t);
    if (!std::isfinite(out->grad_norm))
        return nn_fail(err, NN_ETORCH, "a gradient is no longer a number; lower the learning rate");
    for (nn_torch_slot &s : t->slot)
        if (!s.trainable)
            t->value[s.tensor] = values[s.tensor];
    nn_torch_descend(t, lr, out->grad_norm);
    nn_torch_average(t);
    return 0;
}

int nn_torch_step(struct nn_torch *t, const float *x, const int64_t *label, int64_t n, double lr,
                  struct nn_step *out, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        Tensor y = at::from_blob((void *)label, {n}, at::kLong);
        Tensor target = at::one_hot(y, nn_torch_target_floats(t)).to(at::kFloat);
        return step(t, x, target, n, lr, out, err);
    });
}

int nn_torch_step_soft(struct nn_torch *t, const float *x, const float *target, int64_t n,
                       double lr, struct nn_step *out, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        Tensor y = at::from_blob((void *)target, {n, nn_torch_target_floats(t)}, at::kFloat);
        return step(t, x, y, n, lr, out, err);
    });
}
