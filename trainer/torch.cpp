/* The session behind torch.h: a network's weights, its forward pass, evaluation. */
#include <ATen/ATen.h>
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Parallel.h>
#include <ATen/core/grad_mode.h>
#include <malloc.h>
#include <torch/version.h>

#include <climits>
#include <cstdio>
#include <cstring>
#include <memory>

#include "trainer/torch_session.hpp"

using at::Tensor;

int nn_torch_setup(int threads, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
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
Tensor nn_torch_channels_last(const Tensor &t)
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

    return nn_torch_channels_last(at::from_blob(t->data, size, scalar_type(t->type)));
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
    nn_torch_slot s = { tensor, trainable, trainable && is_matrix(t->graph, tensor), {}, {},
                        {} };
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

nn_torch *nn_torch_open(const nn_graph *g, const nn_torch_opts *o, nn_err *err)
{
    std::unique_ptr<nn_torch> t(new nn_torch);
    at::NoGradGuard no_grad;

    t->opts = *o;
    t->generator = at::detail::createCPUGenerator(o->seed);
    if (!(t->graph = nn_graph_copy(g, err)) || prepare(t.get(), err))
        return nullptr;
    if (o->class_weight)
        t->class_weight = at::from_blob((void *)o->class_weight, {nn_torch_out_floats(t.get())},
                                        at::kFloat).clone();
    return t.release();
}

static int check_classifier(const nn_graph *g, const nn_torch_opts *o, nn_err *err)
{
    if (g->nin != 1 || g->nout < 1 || g->tensor[g->in[0]].ndim < 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s: training needs one input and an output, not %d "
                       "and %d", g->name, g->nin, g->nout);
    if (o->second > 0 && g->nout < 2)
        return nn_fail(err, NN_EUNSUPPORTED, "%s has no second output to train", g->name);
    return 0;
}

struct nn_torch *nn_torch_new(const struct nn_graph *g, const struct nn_torch_opts *o,
                              struct nn_err *err)
{
    nn_torch *t = nullptr;
    int bad = nn_torch_guard(err, [&] {
        return check_classifier(g, o, err) || !(t = nn_torch_open(g, o, err)) ? -1 : 0;
    });

    return bad ? nullptr : t;
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

Tensor nn_torch_input(nn_torch *t, const float *x, int64_t n)
{
    const nn_tensor *in = &t->graph->tensor[t->graph->in[0]];
    std::vector<int64_t> size(in->dim, in->dim + in->ndim);

    size[0] = n;
    return nn_torch_channels_last(at::from_blob((void *)x, size, at::kFloat));
}

void nn_torch_run(nn_torch *t, nn_torch_values &values, bool training)
{
    const nn_graph *g = t->graph;

    values.lazy.resize(values.now.size());
    for (int i = 0; i < g->nnode; i++) {
        const nn_node *n = &g->node[i];
        nn_torch_node run = { g, n, &values, training, &t->generator, t->share, t->twice };
        try {
            values.now[n->out[0]] = t->op[i](run);
        } catch (const c10::Error &e) {
            TORCH_CHECK(false, "node ", n->name, " (", n->op, "): ", e.what_without_backtrace());
        }
        for (int k = 0; !training && k < n->nin; k++)
            if (n->in[k] >= 0 && t->last_use[n->in[k]] == i)
                values[n->in[k]].reset();
    }
}

Tensor nn_torch_forward(nn_torch *t, nn_torch_values &values, const Tensor &x, bool training)
{
    values.now[t->graph->in[0]] = x;
    nn_torch_run(t, values, training);
    return values[t->graph->out[0]];
}

int nn_torch_eval(struct nn_torch *t, const float *x, int64_t n, int averaged, float *out,
                  struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        nn_torch_values values = { t->value, {} };
        for (nn_torch_slot &s : t->slot)
            if (averaged && s.average.defined())
                values[s.tensor] = s.average;
        Tensor y = nn_torch_forward(t, values, nn_torch_input(t, x, n), false).contiguous();
        TORCH_CHECK(y.numel() == n * nn_torch_out_floats(t), "the output has ", y.numel(),
                    " values for ", n, " inputs");
        memcpy(out, y.data_ptr<float>(), (size_t)y.numel() * sizeof *out);
        return 0;
    });
}

int nn_torch_store(struct nn_torch *t, int averaged, struct nn_graph *g, struct nn_err *err)
{
    return nn_torch_guard(err, [&] {
        at::NoGradGuard no_grad;
        for (nn_torch_slot &s : t->slot) {
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

int nn_torch_provoke(int kind, struct nn_err *err)
{
    return nn_torch_guard(err, [&]() -> int {
        switch (kind) {
        case 0: throw std::bad_alloc();
        case 1: TORCH_CHECK(false, "provoked");
        case 2: throw std::runtime_error("provoked");
        default: throw 3;
        }
    });
}
