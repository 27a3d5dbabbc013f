/*
 * LSTM, GRU and RNN by ONNX's equations, step by step: directions, activations,
 * clip, initial states, sequence lengths, peepholes and both layouts. recurrent.c takes
 * over what is usual.
 */
#include <math.h>
#include <string.h>

#include "runtime/engine/recurrent.h"

static const struct {
    const char *name;
    int alphas, betas;          /* how many numbers of the lists it takes */
    float alpha, beta;
} functions[] = {
    { "Affine", 1, 1, 1, 0 }, { "Elu", 1, 0, 1, 0 }, { "HardSigmoid", 1, 1, .2f, .5f },
    { "LeakyRelu", 1, 0, .01f, 0 }, { "Relu", 0, 0, 0, 0 }, { "ScaledTanh", 1, 1, 1, 1 },
    { "Sigmoid", 0, 0, 0, 0 }, { "Softplus", 0, 0, 0, 0 }, { "Softsign", 0, 0, 0, 0 },
    { "Tanh", 0, 0, 0, 0 }, { "ThresholdedRelu", 1, 0, 1, 0 },
};

static float apply(struct nn_activation a, float clip, float v)
{
    v = v > clip ? clip : v < -clip ? -clip : v;
    switch (a.f) {
    case NN_AFFINE: return a.alpha * v + a.beta;
    case NN_ELU: return v < 0 ? a.alpha * expm1f(v) : v;
    case NN_HARD_SIGMOID: return fminf(fmaxf(a.alpha * v + a.beta, 0), 1);
    case NN_LEAKY_RELU: return v < 0 ? a.alpha * v : v;
    case NN_RELU: return v > 0 ? v : 0;
    case NN_SCALED_TANH: return a.alpha * tanhf(a.beta * v);
    case NN_SIGMOID: return 1 / (1 + expf(-v));
    case NN_SOFTPLUS: return v > 20 ? v : log1pf(expf(v));
    case NN_SOFTSIGN: return v / (1 + fabsf(v));
    case NN_THRESHOLDED_RELU: return v > a.alpha ? v : 0;
    default: return tanhf(v);
    }
}

static float dot(const float *a, const float *b, int64_t n)
{
    float sum = 0;

    for (int64_t i = 0; i < n; i++)
        sum += a[i] * b[i];
    return sum;
}

/* The weights of one direction; NULL where absent. */
struct weights {
    const float *w, *r, *b, *p;
};

static float input_part(const struct nn_recurrent *s, const struct weights *w, const float *x,
                        int64_t i)
{
    return dot(w->w + i * s->in, x, s->in) + (w->b ? w->b[i] : 0);
}

static float state_part(const struct nn_recurrent *s, const struct weights *w, const float *h,
                        int64_t i)
{
    return dot(w->r + i * s->h, h, s->h) + (w->b ? w->b[s->gates * s->h + i] : 0);
}

/* Gates in the order i, o, f, c. */
static void lstm_step(const struct nn_recurrent *s, const struct weights *w,
                      const struct nn_activation *a, const float *x, const float *h, float *c,
                      float *next)
{
    int64_t n = s->h;

    for (int64_t k = 0; k < n; k++) {
        float g[4], in, forget, out;
        for (int j = 0; j < 4; j++)
            g[j] = input_part(s, w, x, j * n + k) + state_part(s, w, h, j * n + k);
        in = apply(a[0], s->clip, g[0] + (w->p ? w->p[k] * c[k] : 0));
        forget = s->coupled ? 1 - in
                 : apply(a[0], s->clip, g[2] + (w->p ? w->p[2 * n + k] * c[k] : 0));
        c[k] = forget * c[k] + in * apply(a[1], s->clip, g[3]);
        out = apply(a[0], s->clip, g[1] + (w->p ? w->p[n + k] * c[k] : 0));
        next[k] = out * apply(a[2], INFINITY, c[k]);
    }
}

/* Gates in the order z, r, h; `c` holds the state that the reset gate lets pass. */
static void gru_step(const struct nn_recurrent *s, const struct weights *w,
                     const struct nn_activation *a, const float *x, const float *h, float *c,
                     float *next)
{
    int64_t n = s->h;

    for (int64_t k = 0; k < n; k++) {
        float reset = apply(a[0], s->clip, input_part(s, w, x, n + k) + state_part(s, w, h, n + k));
        c[k] = s->first_reset ? reset * h[k] : reset;
    }
    for (int64_t k = 0; k < n; k++) {
        float z = apply(a[0], s->clip, input_part(s, w, x, k) + state_part(s, w, h, k));
        float v = s->first_reset ? state_part(s, w, c, 2 * n + k)
                                 : c[k] * state_part(s, w, h, 2 * n + k);
        v = apply(a[1], s->clip, input_part(s, w, x, 2 * n + k) + v);
        next[k] = (1 - z) * v + z * h[k];
    }
}

static void rnn_step(const struct nn_recurrent *s, const struct weights *w,
                     const struct nn_activation *a, const float *x, const float *h, float *next)
{
    for (int64_t k = 0; k < s->h; k++)
        next[k] = apply(a[0], s->clip, input_part(s, w, x, k) + state_part(s, w, h, k));
}

static const float *part(const struct nn_task *t, int k, int64_t at)
{
    return k < t->nin && t->in[k] ? (const float *)t->in[k]->data + at : NULL;
}

static int64_t length_of(const struct nn_task *t, int64_t b)
{
    const struct nn_recurrent *s = t->state;
    int64_t n = t->nin > 4 && t->in[4] ? ((const int32_t *)t->in[4]->data)[b] : s->steps;

    return n < 0 ? 0 : n > s->steps ? s->steps : n;
}

static void keep(struct nn_task *t, int k, int64_t at, const float *from, int64_t n)
{
    if (k < t->nout && t->outs[k])
        memcpy((float *)t->outs[k]->data + at, from, (size_t)n * sizeof *from);
}

/* One sequence in one direction. Steps behind its length leave zeros. */
static void sequence(struct nn_task *t, int way, int64_t b, float *h, float *next, float *c)
{
    const struct nn_recurrent *s = t->state;
    int64_t n = s->h, many = s->gates * n, length = length_of(t, b);
    int64_t state = s->swap ? (b * s->ways + way) * n : (way * s->batch + b) * n;
    const struct weights w = { part(t, 1, way * many * s->in), part(t, 2, way * many * n),
                               part(t, 3, way * 2 * many), part(t, 7, way * 3 * n) };
    const float *h0 = part(t, 5, state), *c0 = part(t, 6, state);

    for (int64_t k = 0; k < n; k++) {
        h[k] = h0 ? h0[k] : 0;
        c[k] = c0 ? c0[k] : 0;
    }
    for (int64_t i = 0; i < length; i++) {
        int64_t step = way || s->backward ? length - 1 - i : i;
        const float *x = part(t, 0, (s->swap ? b * s->steps + step : step * s->batch + b) * s->in);
        int64_t at = s->swap ? ((b * s->steps + step) * s->ways + way) * n
                             : ((step * s->ways + way) * s->batch + b) * n;
        if (s->gates == 4)
            lstm_step(s, &w, s->act[way], x, h, c, next);
        else if (s->gates == 3)
            gru_step(s, &w, s->act[way], x, h, c, next);
        else
            rnn_step(s, &w, s->act[way], x, h, next);
        memcpy(h, next, (size_t)n * sizeof *h);
        keep(t, 0, at, h, n);
    }
    keep(t, 1, state, h, n);
    keep(t, 2, state, c, n);
}

static void run(struct nn_task *t)
{
    const struct nn_recurrent *s = t->state;
    float *h = t->memory;

    if (nn_tensor_bytes(t->out))
        memset(t->out->data, 0, nn_tensor_bytes(t->out));
    for (int way = 0; way < s->ways; way++)
        for (int64_t b = 0; b < s->batch; b++)
            sequence(t, way, b, h, h + s->h, h + 2 * s->h);
}

/* Names and numbers come in lists over all directions. */
static const char *read_activations(const struct nn_task *t, struct nn_recurrent *s)
{
    static const char *const usual[3][3] = { { "Tanh" }, { "Sigmoid", "Tanh" },
                                             { "Sigmoid", "Tanh", "Tanh" } };
    const struct nn_attr *names = nn_attr_find(t->node, "activations");
    const struct nn_attr *alpha = nn_attr_find(t->node, "activation_alpha");
    const struct nn_attr *beta = nn_attr_find(t->node, "activation_beta");
    int each = s->gates == 4 ? 3 : s->gates == 3 ? 2 : 1, a = 0, b = 0;

    if (names && (names->kind != NN_ATTR_STRINGS || names->count != each * s->ways))
        return "needs its activations for each direction";
    for (int i = 0; i < each * s->ways; i++) {
        const char *name = names ? names->strings[i] : usual[each - 1][i % each];
        struct nn_activation *to = &s->act[i / each][i % each];
        int f = 0;
        while (f < NN_FUNCTIONS && strcmp(functions[f].name, name))
            f++;
        if (f == NN_FUNCTIONS)
            return "an activation is not supported";
        *to = (struct nn_activation){ (enum nn_function)f, functions[f].alpha, functions[f].beta };
        if (functions[f].alphas && alpha && alpha->kind == NN_ATTR_FLOATS && a < alpha->count)
            to->alpha = alpha->floats[a++];
        if (functions[f].betas && beta && beta->kind == NN_ATTR_FLOATS && b < beta->count)
            to->beta = beta->floats[b++];
    }
    return NULL;
}

const char *prepare_recurrent(struct nn_task *t)
{
    const struct nn_tensor *x = t->in[0];
    struct nn_recurrent *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const char *way = nn_attr_text(t->node, "direction", "forward"), *wrong;

    if (!s)
        return "out of memory";
    for (int k = 0; k < t->nin; k++)
        if (t->in[k] && t->in[k]->type != (k == 4 ? NN_I32 : NN_F32))
            return "only float32 (and lengths of int32) is supported";
    s->gates = nn_op_is(t, "LSTM") ? 4 : nn_op_is(t, "GRU") ? 3 : 1;
    s->ways = strcmp(way, "bidirectional") ? 1 : 2;
    s->backward = !strcmp(way, "reverse");
    if (s->ways == 1 && !s->backward && strcmp(way, "forward"))
        return "its direction is not supported";
    s->swap = nn_attr_int(t->node, "layout", 0) != 0;
    s->steps = x->dim[s->swap];
    s->batch = x->dim[!s->swap];
    s->in = x->dim[2];
    s->h = t->in[2]->dim[2];
    s->coupled = nn_attr_int(t->node, "input_forget", 0) != 0;
    s->first_reset = !nn_attr_int(t->node, "linear_before_reset", 0);
    s->clip = nn_attr_find(t->node, "clip") ? nn_attr_float(t->node, "clip", 0) : INFINITY;
    t->scratch = 3 * (size_t)s->h * sizeof(float);
    t->makes = s->gates == 4 ? 3 : 2;
    t->run = run;
    if ((wrong = read_activations(t, s)))
        return wrong;
    return nn_recurrent_fast(t) < 0 ? "out of memory" : NULL;
}
