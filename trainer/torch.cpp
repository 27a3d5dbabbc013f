/* The session behind torch.h: weights, forward, backward, optimiser, state. */
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>
#include <torch/version.h>

#include <climits>
#include <cmath>
#include <cstdio>
#include <cstring>
#include <memory>
#include <mutex>

#include "trainer/safetensors.h"
#include "trainer/torch.h"
#include "trainer/torch_ops.hpp"
#include "trainer/torch_peers.hpp"

using at::Tensor;

/* A weight or running statistic: what steps change and checkpoints hold. */
struct Slot {
    int tensor;                 /* index in the graph */
    bool trainable, decay;
    Tensor momentum, second;    /* undefined where not used; of gradients and their squares */
    Tensor average;
};

struct nn_torch {
    nn_graph *graph = nullptr;
    nn_torch_opts opts;
    std::vector<Tensor> value;      /* constants; others undefined between calls */
    std::vector<int> last_use;      /* node that reads a tensor last; -1: output or none */
    std::vector<nn_torch_op> op;    /* of each node */
    std::vector<Slot> slot;
    Tensor class_weight;            /* undefined: alike */
    at::Generator generator;
    int64_t steps = 0;
    nn_torch_share share = {};      /* of the batch in work */

    ~nn_torch() { nn_graph_free(graph); }
};

template <class F> static int guard(nn_err *err, F body) noexcept
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

int nn_torch_setup(int threads, struct nn_err *err)
{
    return guard(err, [&] {
        /* Page faults on every large temporary eat two thirds of a step: keep
         * the heap. A sanitizer's allocator ignores this. */
        mallopt(M_MMAP_THRESHOLD, 1 << 30);
        mallopt(M_TRIM_THRESHOLD, INT_MAX);
        mallopt(M_TOP_PAD, 64 << 20);
        at::set_num_threads(threads);
        return 0;
    });
}

const char *nn_torch_describe(char *buf, size_t size)
{
    const char *isa = __builtin_cpu_supports("avx512f") ? "AVX-512"
                      : __builtin_cpu_supports("avx2")  ? "AVX2"
                                                        : "baseline";

    snprintf(buf, size, "libtorch %s, %d threads, %s", TORCH_VERSION, at::get_num_threads(), isa);
    return buf;
}

int nn_torch_interprets(const char *op)
{
    return nn_torch_op_find(op) != nullptr;
}

/* 4-D tensors live channels-last; a 1-channel one only becomes so by being
 * allocated so. */
static Tensor channels_last(const Tensor &t)
{
    if (t.dim() != 4)
        return t.contiguous().clone();
    return at::empty(t.sizes(), t.options(), at::MemoryFormat::ChannelsLast).copy_(t);
}

static at::ScalarType scalar_type(enum nn_dtype type)
{
    switch (type) {
    case NN_F32: return at::kFloat;
    case NN_F64: return at::kDouble;
    case NN_I64: return at::kLong;
    case NN_I32: return at::kInt;
    case NN_BOOL: return at::kBool;
    default: TORCH_CHECK(false, "constants of type ", nn_dtype_name(type), " are not interpreted");
    }
}

static Tensor from_graph(const nn_tensor *t)
{
    at::IntArrayRef size(t->dim, (size_t)t->ndim);

    return channels_last(at::from_blob(t->data, size, scalar_type(t->type)));
}

/* Weight decay is for matrices and filters, not for biases and norms. */
static bool is_matrix(const nn_graph *g, int tensor)
{
    for (int i = 0; i < g->nnode; i++) {
        const nn_node *n = &g->node[i];
        if (n->nin > 1 && n->in[1] == tensor && g->tensor[tensor].ndim > 1)
            return true;
    }
    return false;
}

static void add_slot(nn_torch *t, int tensor, bool trainable)
{
    Slot s = { tensor, trainable, trainable && is_matrix(t->graph, tensor), Tensor(), Tensor(),
               Tensor() };
    Tensor &v = t->value[tensor];

    if (trainable)
        s.momentum = at::zeros_like(v);
    if (trainable && t->opts.adamw)
        s.second = at::zeros_like(v);
    if (t->opts.ema > 0)
        s.average = v.clone();
    if (trainable)
        v.requires_grad_(true);
    t->slot.push_back(s);
}

static int prepare(nn_torch *t, nn_err *err)
{
    const nn_graph *g = t->graph;

    if (g->nin != 1 || g->nout < 1 || g->tensor[g->in[0]].ndim < 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: training needs one input and an output, not %d "
                       "and %d", g->name, g->nin, g->nout);
    if (t->opts.second > 0 && g->nout < 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s has no second output to train", g->name);
    t->value.resize((size_t)g->ntensor);
    t->last_use.assign((size_t)g->ntensor, -1);
    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data)
            t->value[i] = from_graph(&g->tensor[i]);
    for (int i = 0; i < g->ntensor; i++)
        if (g->tensor[i].data && g->tensor[i].trainable && g->tensor[i].type == NN_F32)
            add_slot(t, i, true);
    for (int i = 0; i < g->nnode; i++) {
        const nn_node *n = &g->node[i];
        t->op.push_back(nn_torch_op_find(n->op));
        if (!t->op.back())
            return nn_fail(err, NN_EUNSUPPORTED, "%s: node %s: the trainer does not interpret %s",
                           g->name, n->name, n->op);
        for (int k = 0; k < n->nin; k++)
            if (n->in[k] >= 0)
                t->last_use[n->in[k]] = i;
        if (!strcmp(n->op, "BatchNormalization"))
            for (int k = 3; k < 5; k++)
                if (n->nin > k && g->tensor[n->in[k]].data)
                    add_slot(t, n->in[k], false);
    }
    for (int i = 0; i < g->nout; i++)
        t->last_use[g->out[i]] = -1;
    return 0;
}

struct nn_torch *nn_torch_new(const struct nn_graph *g, const struct nn_torch_opts *o,
                              struct nn_err *err)
{
    std::unique_ptr<nn_torch> t;
    int bad = guard(err, [&] {
        t.reset(new nn_torch);
        t->opts = *o;
        t->generator = at::detail::createCPUGenerator(o->seed);
        if (!(t->graph = nn_graph_copy(g, err)))
            return -1;
        at::NoGradGuard no_grad;
        if (prepare(t.get(), err))
            return -1;
        if (o->class_weight)
            t->class_weight = at::from_blob((void *)o->class_weight, {nn_torch_out_floats(t.get())},
                                            at::kFloat).clone();
        return 0;
    });

    return bad ? nullptr : t.release();
}

void nn_torch_free(struct nn_torch *t)
{
    delete t;
}

static int64_t floats_of(const nn_tensor *t)
{
    int64_t n = 1;

    for (int i = 1; i < t->ndim; i++)
        n *= t->dim[i];
    return n;
}

int64_t nn_torch_in_floats(const struct nn_torch *t)
{
    return floats_of(&t->graph->tensor[t->graph->in[0]]);
}

/* Of a sample: the width of the layer that makes it tells, where the graph does not. */
static int64_t width_of(const nn_graph *g, int tensor)
{
    for (int i = g->nnode; i-- > 0;) {
        const nn_node *n = &g->node[i];
        const nn_tensor *w = n->nin > 1 && n->in[1] >= 0 ? &g->tensor[n->in[1]] : nullptr;
        if (n->out[0] != tensor || !w || !w->data)
            continue;
        if (!strcmp(n->op, "Gemm"))
            return w->dim[nn_attr_int(n, "transB", 0) ? 0 : 1];
        if (!strcmp(n->op, "MatMul"))
            return w->dim[w->ndim - 1];
    }
    return floats_of(&g->tensor[tensor]);
}

int64_t nn_torch_out_floats(const struct nn_torch *t)
{
    return width_of(t->graph, t->graph->out[0]);
}

int64_t nn_torch_target_floats(const struct nn_torch *t)
{
    return nn_torch_out_floats(t) +
           (t->opts.second > 0 ? width_of(t->graph, t->graph->out[1]) : 0);
}

static Tensor input_of(nn_torch *t, const float *x, int64_t n)
{
    const nn_tensor *in = &t->graph->tensor[t->graph->in[0]];
    std::vector<int64_t> size(in->dim, in->dim + in->ndim);

    size[0] = n;
    return channels_last(at::from_blob((void *)x, size, at::kFloat));
}

/* Runs the graph on `values` (constants filled in); returns the output. */
static Tensor forward(nn_torch *t, nn_torch_values &values, const Tensor &x, bool training)
{
    const nn_graph *g = t->graph;

    values.lazy.resize(values.now.size());
    values[g->in[0]] = x;
    for (int i = 0; i < g->nnode; i++) {
        const nn_node *n = &g->node[i];
        nn_torch_node run = { g, n, &values, training, &t->generator, t->share };
        try {
            values.now[n->out[0]] = t->op[i](run);
        } catch (const c10::Error &e) {
            TORCH_CHECK(false, "node ", n->name, " (", n->op, "): ", e.what_without_backtrace());
        }
        for (int k = 0; !training && k < n->nin; k++)
            if (n->in[k] >= 0 && t->last_use[n->in[k]] == i)
                values[n->in[k]].reset();
    }
    return values[g->out[0]];
}

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
static void descend_sgd(const nn_torch *t, Slot &s, Tensor &w, Tensor g, double lr)
{
    if (s.decay && t->opts.weight_decay > 0)
        g = g.add(w, t->opts.weight_decay);
    s.momentum.mul_(t->opts.momentum).add_(g);
    w.sub_(g.add(s.momentum, t->opts.momentum), lr);
}

/* I. Loshchilov and F. Hutter, "Decoupled Weight Decay Regularization" (arXiv 1711.05101). */
static void descend_adamw(const nn_torch *t, Slot &s, Tensor &w, const Tensor &g, double lr)
{
    double b1 = t->opts.momentum, b2 = t->opts.beta2, n = (double)t->steps + 1;

    if (s.decay && t->opts.weight_decay > 0)
        w.mul_(1 - lr * t->opts.weight_decay);
    s.momentum.mul_(b1).add_(g, 1 - b1);
    s.second.mul_(b2).addcmul_(g, g, 1 - b2);
    w.addcdiv_(s.momentum, (s.second / (1 - std::pow(b2, n))).sqrt_().add_(1e-8),
               -lr / (1 - std::pow(b1, n)));
}

static void descend(nn_torch *t, double lr, double norm)
{
    at::NoGradGuard no_grad;
    double scale = t->opts.clip > 0 && norm > t->opts.clip ? t->opts.clip / norm : 1;

    for (Slot &s : t->slot) {
        Tensor &w = t->value[s.tensor];
        if (!s.trainable || !w.grad().defined())
            continue;
        Tensor g = scale < 1 ? w.grad() * scale : w.grad();
        if (t->opts.adamw)
            descend_adamw(t, s, w, g, lr);
        else
            descend_sgd(t, s, w, g, lr);
    }
}

static void average(nn_torch *t)
{
    at::NoGradGuard no_grad;
    /* The average follows quickly at first, when the weights still race. */
    double decay = std::min(t->opts.ema, (1.0 + (double)t->steps) / (10.0 + (double)t->steps));

    for (Slot &s : t->slot)
        if (s.average.defined())
            s.average.mul_(decay).add_(t->value[s.tensor], 1 - decay);
}

static double gradient_norm(nn_torch *t)
{
    double sum = 0;

    for (Slot &s : t->slot) {
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
    for (Slot &s : t->slot) {
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
    Tensor first = target, logits = forward(t, values, x, true), loss;

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
    for (Slot &s : t->slot) {
        if (s.trainable)
            t->value[s.tensor].mutable_grad().reset();
        else
            values[s.tensor] = t->value[s.tensor].clone();
    }
    try {
        differentiate(t, values,
                      input_of(t, x + t->share.first * nn_torch_in_floats(t), t->share.count),
                      targets.narrow(0, t->share.first, t->share.count), out);
    } catch (const nn_torch_gone &) {
        t->generator.set_state(dice);
        throw;
    }
    if (!std::isfinite(out->loss))
        return nn_fail(err, NN_ETORCH, "the loss is no longer a number; lower the learning rate");
    out->grad_norm = gradient_norm(t);
    if (!std::isfinite(out->grad_norm))
        return nn_fail(err, NN_ETORCH, "a gradient is no longer a number; lower the learning rate");
    for (Slot &s : t->slot)
        if (!s.trainable)
            t->value[s.tensor] = values[s.tensor];
    descend(t, lr, out->grad_norm);
    t->steps++;
    average(t);
    return 0;
}

int nn_torch_step(struct nn_torch *t, const float *x, const int64_t *label, int64_t n, double lr,
                  struct nn_step *out, struct nn_err *err)
{
    return guard(err, [&] {
        Tensor y = at::from_blob((void *)label, {n}, at::kLong);
        Tensor target = at::one_hot(y, nn_torch_target_floats(t)).to(at::kFloat);
        return step(t, x, target, n, lr, out, err);
    });
}

int nn_torch_step_soft(struct nn_torch *t, const float *x, const float *target, int64_t n,
                       double lr, struct nn_step *out, struct nn_err *err)
{
    return guard(err, [&] {
        Tensor y = at::from_blob((void *)target, {n, nn_torch_target_floats(t)}, at::kFloat);
        return step(t, x, y, n, lr, out, err);
    });
}

int nn_torch_eval(struct nn_torch *t, const float *x, int64_t n, int averaged, float *out,
                  struct nn_err *err)
{
    return guard(err, [&] {
        at::NoGradGuard no_grad;
        nn_torch_values values = { t->value, {} };
        for (Slot &s : t->slot)
            if (averaged && s.average.defined())
                values[s.tensor] = s.average;
        Tensor y = forward(t, values, input_of(t, x, n), false).contiguous();
        TORCH_CHECK(y.numel() == n * nn_torch_out_floats(t), "the output has ", y.numel(),
                    " values for ", n, " inputs");
        memcpy(out, y.data_ptr<float>(), (size_t)y.numel() * sizeof *out);
        return 0;
    });
}

int nn_torch_store(struct nn_torch *t, int averaged, struct nn_graph *g, struct nn_err *err)
{
    return guard(err, [&] {
        at::NoGradGuard no_grad;
        for (Slot &s : t->slot) {
            int to = nn_graph_find(g, t->graph->tensor[s.tensor].name);
            const Tensor &from = averaged && s.average.defined() ? s.average : t->value[s.tensor];
            Tensor flat = from.contiguous();
            if (to < 0 || !g->tensor[to].data || nn_tensor_elements(&g->tensor[to]) != flat.numel())
                return nn_fail(err, NN_EARG, "the graph has no weight %s of that size",
                               t->graph->tensor[s.tensor].name);
            memcpy(g->tensor[to].data, flat.data_ptr<float>(), flat.nbytes());
        }
        return 0;
    });
}

/* Everything a checkpoint holds, under its names: visit(name, tensor). */
template <class F> static void each_state(nn_torch *t, F visit)
{
    for (Slot &s : t->slot) {
        std::string name = t->graph->tensor[s.tensor].name;
        visit("weight." + name, t->value[s.tensor]);
        if (s.momentum.defined())
            visit("momentum." + name, s.momentum);
        if (s.second.defined())
            visit("second." + name, s.second);
        if (s.average.defined())
            visit("average." + name, s.average);
    }
}

static Tensor generator_state(nn_torch *t)
{
    std::lock_guard<std::mutex> lock(t->generator.mutex());

    return t->generator.get_state().contiguous();
}

static const char *type_name(at::ScalarType type)
{
    return type == at::kFloat ? "F32" : type == at::kLong ? "I64" : "U8";
}

int nn_torch_save(struct nn_torch *t, const char *path, const char *note, struct nn_err *err)
{
    return guard(err, [&] {
        at::NoGradGuard no_grad;
        std::vector<std::pair<std::string, Tensor>> all;
        std::vector<nn_array> arrays;
        each_state(t, [&](std::string n, Tensor &v) {
            all.emplace_back(n, v.detach().contiguous());
        });
        all.emplace_back("generator", generator_state(t));
        all.emplace_back("steps", at::full({1}, t->steps, at::kLong));
        for (auto &p : all) {
            nn_array a = {};
            a.name = p.first.c_str();
            a.type = type_name(p.second.scalar_type());
            a.ndim = (int)p.second.dim();
            for (int i = 0; i < a.ndim; i++)
                a.dim[i] = p.second.size(i);
            a.data = p.second.data_ptr();
            a.bytes = p.second.nbytes();
            arrays.push_back(a);
        }
        return nn_arrays_write(path, arrays.data(), (int)arrays.size(), note, err);
    });
}

static const nn_array *checked(const nn_arrays *file, const char *path, const std::string &name,
                               const Tensor &like, const char *type, nn_err *err)
{
    const nn_array *a = nn_arrays_find(file, name.c_str());
    bool same = a && !strcmp(a->type, type) && a->ndim == like.dim() && a->bytes == like.nbytes();

    for (int i = 0; same && i < a->ndim; i++)
        same = a->dim[i] == like.size(i);
    if (!same)
        nn_fail(err, NN_EFORMAT, "%s: no tensor %s of this network's shape", path, name.c_str());
    return same ? a : nullptr;
}

static int restore(nn_torch *t, const nn_arrays *file, const char *path, nn_err *err)
{
    Tensor state = generator_state(t), steps = at::zeros({1}, at::kLong);
    const nn_array *g = checked(file, path, "generator", state, "U8", err), *s;
    int bad = !g || !(s = checked(file, path, "steps", steps, "I64", err));

    each_state(t, [&](std::string n, Tensor &v) {
        bad = bad || !checked(file, path, n, v, "F32", err);
    });
    if (bad)
        return -1;      /* nothing has been changed yet */
    each_state(t, [&](std::string n, Tensor &v) {
        Tensor flat = at::empty(v.sizes(), v.options().requires_grad(false));
        const nn_array *a = nn_arrays_find(file, n.c_str());
        memcpy(flat.data_ptr(), a->data, a->bytes);
        v.detach().copy_(flat);
    });
    memcpy(state.data_ptr(), g->data, g->bytes);
    memcpy(&t->steps, s->data, sizeof t->steps);
    std::lock_guard<std::mutex> lock(t->generator.mutex());
    t->generator.set_state(state);
    return 0;
}

int nn_torch_load(struct nn_torch *t, const char *path, char *note, size_t size,
                  struct nn_err *err)
{
    struct nn_arrays file;
    int ret;

    if (nn_arrays_read(path, &file, err))
        return -1;
    ret = guard(err, [&] {
        at::NoGradGuard no_grad;
        if (restore(t, &file, path, err))
            return -1;
        snprintf(note, size, "%s", file.note);
        return 0;
    });
    nn_arrays_release(&file);
    return ret;
}

int nn_torch_provoke(int kind, struct nn_err *err)
{
    return guard(err, [&]() -> int {
        switch (kind) {
        case 0: throw std::bad_alloc();
        case 1: TORCH_CHECK(false, "provoked");
        case 2: throw std::runtime_error("provoked");
        default: throw 3;
        }
    });
}
