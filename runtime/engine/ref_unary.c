/* Functions of one value: float32 directly, other types by way of a wide one. */
#include <string.h>
#include <tgmath.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

/*
 * Each function once, for float and double (tgmath.h chooses): name, defaults of
 * its parameters a and b, value from v, a and b. Formulas are those of ONNX's
 * Operators.md; where a plain formula overflows, an equal one stands here.
 */
#define FUNCTIONS(X)                                                            \
    X(Abs, 0, 0, fabs(v))                                                       \
    X(Acos, 0, 0, acos(v))                                                      \
    X(Acosh, 0, 0, acosh(v))                                                    \
    X(Asin, 0, 0, asin(v))                                                      \
    X(Asinh, 0, 0, asinh(v))                                                    \
    X(Atan, 0, 0, atan(v))                                                      \
    X(Atanh, 0, 0, atanh(v))                                                    \
    X(Ceil, 0, 0, ceil(v))                                                      \
    X(Celu, 1, 0, v > 0 ? v : a * expm1(v / a))                                 \
    X(Clip, 0, 0, clamp(v, a, b))                                               \
    X(Cos, 0, 0, cos(v))                                                        \
    X(Cosh, 0, 0, cosh(v))                                                      \
    X(Elu, 1, 0, v < 0 ? a * expm1(v) : v)                                      \
    X(Erf, 0, 0, erf(v))                                                        \
    X(Exp, 0, 0, exp(v))                                                        \
    X(Floor, 0, 0, floor(v))                                                    \
    X(Gelu, 0, 0, v * (T).5 * (1 + erf(v * (T)0.70710678118654752)))            \
    X(GeluTanh, 0, 0, v * (T).5 * (1 + tanh((T)0.79788456080286536 *            \
                                            (v + (T)0.044715 * v * v * v))))    \
    X(HardSigmoid, .2, .5, clamp(a * v + b, (T)0, (T)1))                        \
    X(HardSwish, 0, 0, v * clamp(v / 6 + (T).5, (T)0, (T)1))                    \
    X(IsInf, 0, 0, (a > 0 && v == -(T)INFINITY) || (b > 0 && v == (T)INFINITY)) \
    X(IsNaN, 0, 0, v != v)                                                      \
    X(LeakyRelu, .01, 0, v < 0 ? a * v : v)                                     \
    X(Log, 0, 0, log(v))                                                        \
    X(Mish, 0, 0, v * tanh(v > 20 ? v : log1p(exp(v))))                         \
    X(Neg, 0, 0, -v)                                                            \
    X(Reciprocal, 0, 0, 1 / v)                                                  \
    X(Relu, 0, 0, v < 0 ? 0 : v)                                                \
    X(Round, 0, 0, nearbyint(v))                                                \
    X(Selu, 1.67326319217681884765625, 1.05070102214813232421875,               \
      b * (v > 0 ? v : a * expm1(v)))                                           \
    X(Shrink, 0, .5, v < -b ? v + a : v > b ? v - a : 0)                        \
    X(Sigmoid, 0, 0, sigmoid(v))                                                \
    X(Sign, 0, 0, v > 0 ? 1 : v < 0 ? -1 : v)                                   \
    X(Sin, 0, 0, sin(v))                                                        \
    X(Sinh, 0, 0, sinh(v))                                                      \
    X(Softplus, 0, 0, v > 20 ? v : log1p(exp(v)))                               \
    X(Softsign, 0, 0, v / (1 + fabs(v)))                                        \
    X(Sqrt, 0, 0, sqrt(v))                                                      \
    X(Swish, 1, 0, v * sigmoid(a * v))                                          \
    X(Tan, 0, 0, tan(v))                                                        \
    X(Tanh, 0, 0, tanh(v))                                                      \
    X(ThresholdedRelu, 1, 0, v > a ? v : 0)

/* Those that integers have, on int64 and on uint64. */
#define SIGNED_FUNCTIONS(X)                                                     \
    X(Abs, v < 0 ? (T)-(uint64_t)v : v)                                         \
    X(BitwiseNot, ~v)                                                           \
    X(Clip, clamp(v, a, b))                                                     \
    X(Neg, (T)-(uint64_t)v)                                                     \
    X(Relu, v < 0 ? 0 : v)                                                      \
    X(Shrink, v < -(T)b ? v + a : v > (T)b ? v - a : 0)                         \
    X(Sign, (v > 0) - (v < 0))
#define UNSIGNED_FUNCTIONS(X)                                                   \
    X(Abs, v)                                                                   \
    X(BitwiseNot, ~v)                                                           \
    X(Clip, clamp(v, a, b))                                                     \
    X(Not, !v)                                                                  \
    X(Sign, v != 0)

/* Names without a formula for floats come last. */
enum fn {
#define X(name, a, b, expr) FN_##name,
    FUNCTIONS(X)
#undef X
    FN_BitwiseNot, FN_Not, FN_COUNT
};

static const struct {
    const char *name;
    double a, b;
} fns[] = {
#define X(name, a, b, expr) { #name, a, b },
    FUNCTIONS(X)
#undef X
    { "BitwiseNot", 0, 0 }, { "Not", 0, 0 },
};

struct unary {
    enum fn fn;
    enum nn_wide wide;
    double a, b;                /* as attributes give them */
    union {                     /* Clip's limits, in the values' own type */
        float f;
        double real;
        int64_t whole;
        uint64_t natural;
    } lo, hi;
};

#define clamp(x, lo, hi) ((x) < (lo) ? (lo) : (x) > (hi) ? (hi) : (x))
#define sigmoid(x) ((x) >= 0 ? 1 / (1 + exp(-(x))) : exp(x) / (1 + exp(x)))

#define CASE(name, expr)                                        \
    case FN_##name:                                             \
        for (int64_t i = 0; i < n; i++) {                       \
            const T v = x[i];                                   \
            y[i] = (T)(expr);                                   \
        }                                                       \
        break;
#define REAL_CASE(name, a_, b_, expr) CASE(name, expr)

#define APPLY(function, TYPE, CASES, FORM)                                                  \
    static void function(enum fn fn, TYPE a, TYPE b, const TYPE *x, TYPE *y, int64_t n)     \
    {                                                                                       \
        switch (fn) {                                                                       \
            CASES(FORM)                                                                     \
        default: break;                                                                     \
        }                                                                                   \
    }
#define T float
APPLY(apply_float, float, FUNCTIONS, REAL_CASE)
#undef T
#define T double
APPLY(apply_real, double, FUNCTIONS, REAL_CASE)
#undef T
#define T int64_t
APPLY(apply_signed, int64_t, SIGNED_FUNCTIONS, CASE)
#undef T
#define T uint64_t
APPLY(apply_unsigned, uint64_t, UNSIGNED_FUNCTIONS, CASE)
#undef T

static void float_piece(const struct nn_task *t, const float *const *in, float *y, int64_t from,
                        int64_t n)
{
    const struct unary *u = t->state;

    (void)from;
    switch (u->fn) {
    case FN_Exp: t->simd->row_exp(y, in[0], n); break;
    case FN_Sigmoid: t->simd->row_sigmoid(y, in[0], n); break;
    case FN_Tanh: t->simd->row_tanh(y, in[0], n); break;
    case FN_Relu: t->simd->row_clip(y, in[0], n, 0, INFINITY); break;
    case FN_Clip: t->simd->row_clip(y, in[0], n, u->lo.f, u->hi.f); break;
    default: apply_float(u->fn, (float)u->a, (float)u->b, in[0], y, n);
    }
}

static void float_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const float *x = (const float *)t->in[0]->data + from;

    float_piece(t, &x, (float *)t->out->data + from, from, to - from);
}

static void wide_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct unary *u = t->state;
    enum nn_dtype type = t->in[0]->type;
    int clip = u->fn == FN_Clip;
    union {
        double real[NN_RUN];
        int64_t whole[NN_RUN];
        uint64_t natural[NN_RUN];
    } v;

    for (int64_t at = from, n; at < to; at += n) {
        n = to - at < NN_RUN ? to - at : NN_RUN;
        nn_wide_read(type, t->in[0]->data, at, 1, n, u->wide, &v);
        if (u->wide == NN_REAL)
            apply_real(u->fn, clip ? u->lo.real : u->a, clip ? u->hi.real : u->b, v.real, v.real,
                       n);
        else if (u->wide == NN_SIGNED)
            apply_signed(u->fn, clip ? u->lo.whole : (int64_t)u->a,
                         clip ? u->hi.whole : (int64_t)u->b, v.whole, v.whole, n);
        else
            apply_unsigned(u->fn, u->lo.natural, u->hi.natural, v.natural, v.natural, n);
        nn_wide_write(t->out->type, t->out->data, at, 1, n, u->wide, &v);
    }
}

/* Limit k of Clip: an attribute before opset 11, an input since, or the type's own end. */
static void find_limit(const struct nn_task *t, int k, void *limit)
{
    static const double none[] = { -INFINITY, INFINITY };
    const struct nn_tensor *x = k < t->nin ? t->in[k] : NULL;
    double given = (double)nn_attr_float(t->node, k == 1 ? "min" : "max", (float)none[k - 1]);
    struct nn_tensor one = { .type = NN_F64, .data = &given };
    enum nn_wide wide = nn_wide_of(t->in[0]->type);

    if (!x || t->opset < 11)
        x = &one;
    if (t->in[0]->type == NN_F32)
        *(float *)limit = (float)nn_wide_real(x, 0);
    else                        /* infinity as an integer is the smallest or largest */
        nn_wide_read(x->type, x->data, 0, 1, 1, wide, limit);
}

/* numpy's: where the lower is above the upper limit, everything is the upper one. */
static void find_limits(const struct nn_task *t, struct unary *u)
{
    find_limit(t, 1, &u->lo);
    find_limit(t, 2, &u->hi);
    if (t->in[0]->type == NN_F32 ? u->lo.f > u->hi.f
        : u->wide == NN_REAL ? u->lo.real > u->hi.real
        : u->wide == NN_SIGNED ? u->lo.whole > u->hi.whole : u->lo.natural > u->hi.natural)
        u->lo = u->hi;
}

static void run_unary(struct nn_task *t)
{
    struct unary *u = t->state;
    int is_float = t->in[0]->type == NN_F32 && t->out->type == NN_F32;

    if (u->fn == FN_Clip)
        find_limits(t, u);
    nn_task_rows(t, nn_count(t->out), u->fn == FN_Clip || u->fn == FN_Relu ? 1 : 10,
                 is_float ? float_rows : wide_rows);
}

static void find_parameters(const struct nn_task *t, struct unary *u)
{
    const struct nn_node *n = t->node;

    u->a = (double)nn_attr_float(n, "alpha", (float)fns[u->fn].a);
    u->b = (double)nn_attr_float(n, u->fn == FN_Selu ? "gamma" : "beta", (float)fns[u->fn].b);
    if (u->fn == FN_Shrink) {
        u->a = (double)nn_attr_float(n, "bias", 0);
        u->b = (double)nn_attr_float(n, "lambd", .5f);
    } else if (u->fn == FN_IsInf) {
        u->a = nn_attr_int(n, "detect_negative", 1) != 0;
        u->b = nn_attr_int(n, "detect_positive", 1) != 0;
    } else if (u->fn == FN_Gelu && !strcmp(nn_attr_text(n, "approximate", "none"), "tanh")) {
        u->fn = FN_GeluTanh;
    }
}

/* Does the function exist for these values? */
static int has(enum fn fn, enum nn_wide wide, enum nn_dtype type)
{
    if (fn == FN_Not || type == NN_BOOL)
        return fn == FN_Not && type == NN_BOOL;
    if (wide == NN_REAL)
        return fn < FN_BitwiseNot;
    switch (fn) {
    case FN_Abs: case FN_BitwiseNot: case FN_Clip: case FN_Sign:
        return 1;
    case FN_Neg: case FN_Relu: case FN_Shrink:
        return wide == NN_SIGNED;
    default:
        return 0;
    }
}

const char *prepare_unary(struct nn_task *t)
{
    struct unary *u = t->state = nn_arena_alloc(t->arena, sizeof *u);

    if (!u)
        return "out of memory";
    while (u->fn < FN_COUNT && strcmp(fns[u->fn].name, t->node->op))
        u->fn++;
    if (u->fn == FN_COUNT)
        return "this operator is not supported";
    for (int k = 1; k < t->nin; k++)
        if (t->in[k] && (t->in[k]->type != t->in[0]->type || nn_count(t->in[k]) != 1))
            return "a limit has to be one value of the same type";
    u->wide = nn_wide_of(t->in[0]->type);
    if (!has(u->fn, u->wide, t->in[0]->type))
        return "it does not exist for this element type";
    find_parameters(t, u);
    t->run = run_unary;
    if (t->in[0]->type == NN_F32 && t->out->type == NN_F32 && u->fn != FN_Clip)
        t->piece = float_piece;
    return NULL;
}
