/* The game of generator and discriminator behind torch_gan.h. */
#include "trainer/torch_gan.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/autograd/autograd.h>

#include <cmath>
#include <cstring>
#include <memory>

#include "trainer/torch_gan.hpp"
#include "trainer/torch_session.hpp"

using at::Tensor;

struct nn_gan {
    nn_torch *g = nullptr, *d = nullptr;
    nn_gan_opts opts;

    ~nn_gan()
    {
        nn_torch_free(g);
        nn_torch_free(d);
    }
};

static const nn_tensor *input(const nn_graph *g, int i)
{
    return &g->tensor[g->in[i]];
}

static int check(const nn_graph *g, const nn_graph *d, nn_err *err)
{
    if (g->nin < 1 || g->nin > 2 || g->nout < 1 || input(g, 0)->ndim != 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s is no generator: its input is not (batch, "
                       "numbers)", g->name);
    if (!d)
        return 0;
    if (d->nin != g->nin || d->nout < 1 || input(d, 0)->ndim != 4)
        return nn_fail(err, NN_EUNSUPPORTED, "%s is no discriminator for %s: its inputs are not "
                       "pictures and the same conditions", d->name, g->name);
    if (g->nin == 2 && (input(g, 1)->ndim != 2 || input(d, 1)->ndim != 2 ||
                        input(g, 1)->dim[1] != input(d, 1)->dim[1]))
        return nn_fail(err, NN_EUNSUPPORTED, "generator and discriminator take different "
                       "conditions");
    return 0;
}

struct nn_gan *nn_gan_new(const struct nn_graph *g, const struct nn_graph *d,
                          const struct nn_gan_opts *o, struct nn_err *err)
{
    std::unique_ptr<nn_gan> gan;
    int bad = nn_torch_guard(err, [&] {
        nn_torch_opts to = {};
        to.seed = o->seed;
        to.adamw = 1;
        to.momentum = o->beta1;
        to.beta2 = o->beta2;
        if (o->every < 1)
            return nn_fail(err, NN_EARG, "penalties come every 1, 2, ... steps, not %d", o->every);
        if (check(g, d, err))
            return -1;
        gan.reset(new nn_gan);
        gan->opts = *o;
        if (d && !(gan->d = nn_torch_open(d, &to, err)))
            return -1;
        to.ema = o->ema;
        return (gan->g = nn_torch_open(g, &to, err)) ? 0 : -1;
    });

    return bad ? nullptr : gan.release();
}

void nn_gan_free(struct nn_gan *gan)
{
    delete gan;
}

static Tensor rows(const nn_graph *g, int i, const float *from, int64_t n)
{
    return at::from_blob((void *)from, { n, input(g, i)->dim[1] }, at::kFloat).clone();
}

/* Weights as they are, running statistics as copies, which a step that fails leaves behind. */
static nn_torch_values begin(nn_torch *t, bool learns)
{
    nn_torch_values v = { t->value, {} };

    for (nn_torch_slot &s : t->slot)
        if (s.trainable)
            t->value[s.tensor].requires_grad_(learns);
        else
            v.now[s.tensor] = t->value[s.tensor].clone();
    return v;
}

/* What the discriminator makes of pictures: logits of each output, (n, ...). */
static std::vector<Tensor> judge(nn_gan *gan, const Tensor &x, const Tensor &c, bool learns,
                                 bool twice)
{
    nn_torch *d = gan->d;
    nn_torch_values v = begin(d, learns);
    std::vector<Tensor> logit;

    d->twice = twice;
    d->share = { nullptr, 0, x.size(0), x.size(0) };
    v.now[d->graph->in[0]] = x.contiguous(at::MemoryFormat::ChannelsLast);
    if (c.defined())
        v.now[d->graph->in[1]] = c;
    nn_torch_run(d, v, true);
    for (int i = 0; i < d->graph->nout; i++)
        logit.push_back(v[d->graph->out[i]].flatten(1));
    return logit;
}

struct Verdict {
    std::vector<Tensor> real, fake;
};

/* The mean over the outputs of term(real, fake). */
template <class F> static Tensor mean_of(const Verdict &v, F term)
{
    Tensor sum = term(v.real[0], v.fake[0]);

    for (size_t i = 1; i < v.real.size(); i++)
        sum = sum + term(v.real[i], v.fake[i]);
    return sum / (double)v.real.size();
}

static Tensor loss_d(const nn_gan *gan, const Verdict &v)
{
    return mean_of(v, [&](const Tensor &r, const Tensor &f) {
        return gan->opts.hinge ? (at::relu(1 - r).mean() + at::relu(1 + f).mean())
                               : at::softplus(f - r).mean();
    });
}

static Tensor loss_g(const nn_gan *gan, const Verdict &v)
{
    return mean_of(v, [&](const Tensor &r, const Tensor &f) {
        return gan->opts.hinge ? -f.mean() : at::softplus(r - f).mean();
    });
}

/* The mean squared norm of the gradients of each picture's logits (each output's mean). */
static Tensor squared_gradients(const std::vector<Tensor> &logit, const Tensor &x)
{
    Tensor sum = logit[0].mean(1).sum();

    for (size_t i = 1; i < logit.size(); i++)
        sum = sum + logit[i].mean(1).sum();
    Tensor g = torch::autograd::grad({ sum }, { x }, {}, true, true)[0];
    return g.square().sum({ 1, 2, 3 }).mean();
}

/* Fills the discriminator's gradients; its verdicts on real pictures stay for the generator. */
static Verdict learn_to_judge(nn_gan *gan, const Tensor &real, const Tensor &fake, const Tensor &c,
                              nn_gan_step *s)
{
    bool penalty = gan->opts.gamma > 0 && gan->d->steps % gan->opts.every == 0;
    Tensor x = at::cat({ real, fake }).contiguous(at::MemoryFormat::ChannelsLast), loss;
    Verdict v;
    int64_t n = real.size(0);

    x.requires_grad_(penalty);
    std::vector<Tensor> all = judge(gan, x, c.defined() ? at::cat({ c, c }) : c, true, penalty);
    for (Tensor &l : all) {
        v.real.push_back(l.narrow(0, 0, n));
        v.fake.push_back(l.narrow(0, n, n));
    }
    loss = loss_d(gan, v);
    s->loss_d = loss.item<double>();
    s->sure = (v.real[0].detach() - v.fake[0].detach()).sign().mean().item<double>();
    s->penalty = -1;
    if (penalty) {      /* R1 and R2 have n pictures each: their sum is twice the mean of all */
        Tensor p = squared_gradients(all, x);
        s->penalty = p.item<double>();
        loss = loss + gan->opts.gamma * gan->opts.every * p;
    }
    loss.backward();
    for (Tensor &l : v.real)
        l = l.detach();
    return v;
}

/* Pairs of latents whose pictures look alike cost: the latents' distance by the pictures'. */
static Tensor sameness(const Tensor &z, const Tensor &image)
{
    int64_t half = z.size(0) / 2;
    Tensor apart = (image.narrow(0, 0, half) - image.narrow(0, half, half)).abs().mean();
    Tensor from = (z.narrow(0, 0, half) - z.narrow(0, half, half)).abs().mean();

    return from / (apart + 1e-3);
}

static bool finite(nn_torch *t, double loss)
{
    return std::isfinite(loss) && std::isfinite(nn_torch_gradient_norm(t));
}

static void forget_gradients(nn_torch *t)
{
    for (nn_torch_slot &s : t->slot)
        if (s.trainable)
            t->value[s.tensor].mutable_grad().reset();
}

static int train(nn_gan *gan, const float *image, const float *cond, int64_t n, nn_gan_step *s,
                 nn_err *err)
{
    nn_torch *g = gan->g, *d = gan->d;
    Tensor dice = g->generator.get_state(), loss;
    Tensor real = nn_torch_input(d, image, n), c = g->graph->nin > 1 ? rows(g->graph, 1, cond, n)
                                                                     : Tensor();
    Tensor z = at::empty({ n, input(g->graph, 0)->dim[1] }).normal_(0, 1, g->generator);
    nn_torch_values v = begin(g, true);

    forget_gradients(g);
    forget_gradients(d);
    g->share = { nullptr, 0, n, n };
    v.now[g->graph->in[0]] = z;
    if (c.defined())
        v.now[g->graph->in[1]] = c;
    nn_torch_run(g, v, true);
    Tensor fake = v[g->graph->out[0]];
    TORCH_CHECK(fake.sizes() == real.sizes(), "the generator's pictures are ", fake.sizes(),
                ", the real ones ", real.sizes());
    Tensor seen = nn_torch_augment(fake, s->augment, g->generator);
    Verdict verdict = learn_to_judge(gan, nn_torch_augment(real, s->augment, g->generator),
                                     seen.detach(), c, s);
    verdict.fake = judge(gan, seen, c, false, false);
    loss = loss_g(gan, verdict);
    s->loss_g = loss.item<double>();
    if (gan->opts.modes > 0)
        loss = loss + gan->opts.modes * sameness(z, fake);
    loss.backward();
    if (!finite(g, s->loss_g) || !finite(d, s->loss_d)) {
        g->generator.set_state(dice);
        return nn_fail(err, NN_ETORCH, "step %lld: a loss or gradient is no longer a number; lower "
                       "the learning rates", (long long)g->steps);
    }
    for (nn_torch_slot &slot : g->slot)
        if (!slot.trainable)
            g->value[slot.tensor] = v.now[slot.tensor];
    nn_torch_descend(g, s->rate_g, 0);
    nn_torch_descend(d, s->rate_d, 0);
    nn_torch_average(g);
    return 0;
}

int nn_gan_train(struct nn_gan *gan, const float *image, const float *c, int64_t n,
                 struct nn_gan_step *s, struct nn_err *err)
{
    if (n < 2 || !gan->d)
        return nn_fail(err, NN_EARG, "a step takes a discriminator and 2 pictures or more");
    return nn_torch_guard(err, [&] { return train(gan, image, c, n, s, err); });
}

int nn_gan_sample(struct nn_gan *gan, const float *z, const float *c, int64_t n, int average,
                  float *image, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        nn_torch *g = gan->g;
        nn_torch_values v = { g->value, {} };
        for (nn_torch_slot &s : g->slot)
            if (average && s.average.defined())
                v.now[s.tensor] = s.average;
        v.now[g->graph->in[0]] = rows(g->graph, 0, z, n);
        if (g->graph->nin > 1)
            v.now[g->graph->in[1]] = rows(g->graph, 1, c, n);
        nn_torch_run(g, v, false);
        Tensor y = v[g->graph->out[0]].contiguous();
        memcpy(image, y.data_ptr<float>(), y.nbytes());
        return 0;
    });
}

int nn_gan_store(struct nn_gan *gan, int average, struct nn_graph *g, struct nn_err *err)
{
    return nn_torch_store(gan->g, average, g, err);
}

int nn_gan_save(struct nn_gan *gan, const char *path, const char *note, struct nn_err *err)
{
    return nn_torch_save_parts({ { gan->g, "generator." }, { gan->d, "discriminator." } }, path,
                               note, err);
}

int nn_gan_load(struct nn_gan *gan, const char *path, char *note, size_t size,
                struct nn_err *err)
{
    return nn_torch_load_parts({ { gan->g, "generator." }, { gan->d, "discriminator." } }, path,
                               note, size, err);
}
