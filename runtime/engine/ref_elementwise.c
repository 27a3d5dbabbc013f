/* One value at a time: unary functions, arithmetic with broadcasting, Cast. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"

enum fn { ABS, CEIL, CLIP, ELU, ERF, EXP, FLOOR, HARDSIGMOID, HARDSWISH, LEAKYRELU, LOG, NEG,
          RECIPROCAL, RELU, SIGMOID, SOFTPLUS, SQRT, TANH };

static const char *const fn_names[] = {
    "Abs", "Ceil", "Clip", "Elu", "Erf", "Exp", "Floor", "HardSigmoid", "HardSwish", "LeakyRelu",
    "Log", "Neg", "Reciprocal", "Relu", "Sigmoid", "Softplus", "Sqrt", "Tanh",
};

struct unary {
    enum fn fn;
    float a, b;                 /* alpha and beta, or the limits of Clip */
};

static float clamp(float x, float lo, float hi)
{
    return x < lo ? lo : x > hi ? hi : x;
}

static float sigmoid(float x)
{
    return x >= 0 ? 1 / (1 + expf(-x)) : expf(x) / (1 + expf(x));
}

#define EACH(expr)                          \
    do {                                    \
        for (int64_t i = 0; i < n; i++) {   \
            float v = x[i];                 \
            y[i] = (expr);                  \
        }                                   \
    } while (0)

static void apply(const struct unary *u, const float *x, float *y, int64_t n)
{
    float a = u->a, b = u->b;

    switch (u->fn) {
    case ABS: EACH(fabsf(v)); break;
    case CEIL: EACH(ceilf(v)); break;
    case CLIP: EACH(v < a ? a : v > b ? b : v); break;
    case ELU: EACH(v < 0 ? a * expm1f(v) : v); break;
    case ERF: EACH(erff(v)); break;
    case EXP: EACH(expf(v)); break;
    case FLOOR: EACH(floorf(v)); break;
    case HARDSIGMOID: EACH(clamp(a * v + b, 0, 1)); break;
    case HARDSWISH: EACH(v * clamp(v / 6 + .5f, 0, 1)); break;
    case LEAKYRELU: EACH(v < 0 ? a * v : v); break;
    case LOG: EACH(logf(v)); break;
    case NEG: EACH(-v); break;
    case RECIPROCAL: EACH(1 / v); break;
    case RELU: EACH(v < 0 ? 0 : v); break;
    case SIGMOID: EACH(sigmoid(v)); break;
    case SOFTPLUS: EACH(v > 20 ? v : log1pf(expf(v))); break;
    case SQRT: EACH(sqrtf(v)); break;
    case TANH: EACH(tanhf(v)); break;
    }
}

static void unary_rows(struct nn_task *t, int64_t from, int64_t to)
{
    apply(t->state, (const float *)t->in[0]->data + from, (float *)t->out->data + from, to - from);
}

/* A limit of Clip given as input k, or as an attribute before opset 11. */
static float limit(const struct nn_task *t, int k, const char *attr, float otherwise)
{
    if (t->opset < 11)
        return nn_attr_float(t->node, attr, otherwise);
    return k < t->nin && t->in[k] ? *(const float *)t->in[k]->data : otherwise;
}

static void run_unary(struct nn_task *t)
{
    struct unary *u = t->state;

    if (u->fn == CLIP) {
        u->a = limit(t, 1, "min", -INFINITY);
        u->b = limit(t, 2, "max", INFINITY);
    }
    nn_task_rows(t, nn_count(t->out), u->fn == CLIP || u->fn == RELU ? 1 : 10, unary_rows);
}

const char *prepare_unary(struct nn_task *t)
{
    struct unary *u = t->state = nn_arena_alloc(t->arena, sizeof *u);
    int swish = nn_op_is(t, "HardSigmoid");

    for (int k = 0; k < t->nin; k++)
        if (t->in[k] && (t->in[k]->type != NN_F32 || (k && nn_count(t->in[k]) != 1)))
            return "only float32 values and single limits are supported";
    if (!u)
        return "out of memory";
    while (strcmp(fn_names[u->fn], t->node->op))
        u->fn++;
    u->a = nn_attr_float(t->node, "alpha", nn_op_is(t, "LeakyRelu") ? .01f : swish ? .2f : 1);
    u->b = nn_attr_float(t->node, "beta", .5f);
    t->run = run_unary;
    return NULL;
}

enum binary_fn { ADD, DIV, EQUAL, GREATER, LESS, MAX, MIN, MUL, POW, PRELU, SUB };

static const char *const binary_names[] = {
    "Add", "Div", "Equal", "Greater", "Less", "Max", "Min", "Mul", "Pow", "PRelu", "Sub",
};

struct binary {
    enum binary_fn fn;
    int64_t inner;              /* length of the innermost run */
    int64_t a_step, b_step;     /* 0 or 1 inside it */
    int64_t a_stride[NN_MAX_DIMS], b_stride[NN_MAX_DIMS];
    int ndim;                   /* outer dimensions */
};

/* Strides of `x` as seen from the output; 0 where it is repeated. */
static void strides(const struct nn_tensor *x, const struct nn_tensor *out, int64_t *stride)
{
    int64_t step = 1;

    for (int i = out->ndim - 1, k = x->ndim - 1; i >= 0; i--, k--) {
        stride[i] = k < 0 || x->dim[k] == 1 ? 0 : step;
        step *= k < 0 ? 1 : x->dim[k];
    }
}

static int64_t offset(const struct nn_tensor *out, const int64_t *stride, int ndim, int64_t row)
{
    int64_t at = 0;

    for (int i = ndim - 1; i >= 0; i--) {
        at += row % out->dim[i] * stride[i];
        row /= out->dim[i];
    }
    return at;
}

#define PAIRS(R, expr)                                                          \
    do {                                                                        \
        R *y = (R *)t->out->data + row * s->inner;                              \
        if (s->a_step && s->b_step)                                             \
            for (int64_t i = 0; i < s->inner; i++) { p = a[i]; q = b[i]; y[i] = (R)(expr); }    \
        else                                                                    \
            for (int64_t i = 0; i < s->inner; i++) {                            \
                p = a[i * s->a_step];                                           \
                q = b[i * s->b_step];                                           \
                y[i] = (R)(expr);                                               \
            }                                                                   \
    } while (0)

#define BINARY_ROWS(name, T, div, power, prelu)                                 \
    static void name(struct nn_task *t, int64_t from, int64_t to)               \
    {                                                                           \
        const struct binary *s = t->state;                                      \
        T p, q;                                                                 \
        for (int64_t row = from; row < to; row++) {                             \
            const T *a = (const T *)t->in[0]->data + offset(t->out, s->a_stride, s->ndim, row); \
            const T *b = (const T *)t->in[1]->data + offset(t->out, s->b_stride, s->ndim, row); \
            switch (s->fn) {                                                    \
            case ADD: PAIRS(T, p + q); break;                                   \
            case SUB: PAIRS(T, p - q); break;                                   \
            case MUL: PAIRS(T, p * q); break;                                   \
            case DIV: PAIRS(T, div); break;                                     \
            case POW: PAIRS(T, power); break;                                   \
            case MAX: PAIRS(T, p > q ? p : q); break;                           \
            case MIN: PAIRS(T, p < q ? p : q); break;                           \
            case PRELU: PAIRS(T, prelu); break;                     \
            case EQUAL: PAIRS(uint8_t, p == q); break;                          \
            case GREATER: PAIRS(uint8_t, p > q); break;                         \
            case LESS: PAIRS(uint8_t, p < q); break;                            \
            }                                                                   \
        }                                                                       \
    }

BINARY_ROWS(rows_f32, float, p / q, powf(p, q), p < 0 ? p * q : p)
/* Unsigned arithmetic wraps where signed would be undefined; Add, Sub, Mul and Equal alone. */
BINARY_ROWS(rows_u64, uint64_t, 0, 0, 0)
BINARY_ROWS(rows_u32, uint32_t, 0, 0, 0)

static void run_binary(struct nn_task *t)
{
    const struct binary *s = t->state;
    int64_t rows = s->inner ? nn_count(t->out) / s->inner : 0;
    enum nn_dtype type = t->in[0]->type;

    nn_task_rows(t, rows, s->inner * (s->fn == POW ? 20 : 1),
                 type == NN_F32 ? rows_f32 : type == NN_I64 ? rows_u64 : rows_u32);
}

const char *prepare_binary(struct nn_task *t)
{
    struct binary *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    const struct nn_tensor *a = t->in[0], *b = t->in[1], *out = t->out;
    int64_t dim[NN_MAX_DIMS];

    if (!s)
        return "out of memory";
    while (strcmp(binary_names[s->fn], t->node->op))
        s->fn++;
    if (a->type != b->type || (a->type != NN_F32 && a->type != NN_I64 && a->type != NN_I32))
        return "only two float32, int64 or int32 operands are supported";
    if (a->type != NN_F32 && s->fn != ADD && s->fn != SUB && s->fn != MUL && s->fn != EQUAL)
        return "only float32 is supported";
    if (nn_broadcast(a->ndim, a->dim, b->ndim, b->dim, dim) != out->ndim ||
        memcmp(dim, out->dim, (size_t)out->ndim * sizeof *dim))
        return "the operands' shapes do not fit";
    strides(a, out, s->a_stride);
    strides(b, out, s->b_stride);
    /* The run grows over all trailing dimensions that both walk in the same way. */
    s->inner = 1;
    s->ndim = out->ndim;
    if (s->ndim) {
        s->a_step = s->a_stride[s->ndim - 1];
        s->b_step = s->b_stride[s->ndim - 1];
    }
    while (s->ndim && s->a_stride[s->ndim - 1] == s->a_step * s->inner &&
           s->b_stride[s->ndim - 1] == s->b_step * s->inner)
        s->inner *= out->dim[--s->ndim];
    t->run = run_binary;
    return NULL;
}

static void run_where(struct nn_task *t)
{
    int64_t stride[3][NN_MAX_DIMS] = { { 0 } }, n = nn_count(t->out);
    size_t size = nn_dtype_size(t->out->type);

    for (int k = 0; k < 3; k++)
        strides(t->in[k], t->out, stride[k]);
    for (int64_t i = 0; i < n; i++) {
        int yes = ((const uint8_t *)t->in[0]->data)[offset(t->out, stride[0], t->out->ndim, i)];
        int from = yes ? 1 : 2;
        memcpy((char *)t->out->data + (size_t)i * size, (const char *)t->in[from]->data +
               (size_t)offset(t->out, stride[from], t->out->ndim, i) * size, size);
    }
}

const char *prepare_where(struct nn_task *t)
{
    if (t->in[0]->type != NN_BOOL || t->in[1]->type != t->in[2]->type)
        return "needs a bool condition and two operands of one type";
    t->run = run_where;
    return NULL;
}

static void run_expand(struct nn_task *t)
{
    int64_t stride[NN_MAX_DIMS] = { 0 }, n = nn_count(t->out);
    size_t size = nn_dtype_size(t->out->type);

    strides(t->in[0], t->out, stride);
    for (int64_t i = 0; i < n; i++)
        memcpy((char *)t->out->data + (size_t)i * size, (const char *)t->in[0]->data +
               (size_t)offset(t->out, stride, t->out->ndim, i) * size, size);
}

const char *prepare_expand(struct nn_task *t)
{
    t->run = run_expand;
    return NULL;
}

/* IEEE 754 binary16 */
static float half(uint16_t h)
{
    int exponent = h >> 10 & 31, fraction = h & 1023;
    float v = exponent == 31 ? (fraction ? NAN : INFINITY)
              : exponent ? ldexpf((float)(fraction | 1024), exponent - 25)
                         : ldexpf((float)fraction, -24);

    return h & 0x8000 ? -v : v;
}

static double load(const struct nn_tensor *x, int64_t i)
{
    uint32_t bits;
    float f;

    switch (x->type) {
    case NN_F32: return ((const float *)x->data)[i];
    case NN_F64: return ((const double *)x->data)[i];
    case NN_I64: return (double)((const int64_t *)x->data)[i];
    case NN_I32: return ((const int32_t *)x->data)[i];
    case NN_F16: return half(((const uint16_t *)x->data)[i]);
    case NN_BF16:
        bits = (uint32_t)((const uint16_t *)x->data)[i] << 16;
        memcpy(&f, &bits, sizeof f);
        return f;
    case NN_I8: return ((const int8_t *)x->data)[i];
    default: return ((const uint8_t *)x->data)[i];
    }
}

/* Towards zero; what does not fit becomes the nearest that does. */
static int64_t whole(double v, double limit)
{
    return v != v ? 0 : (int64_t)(v >= limit ? nextafter(limit, 0) : v < -limit ? -limit : v);
}

static void run_cast(struct nn_task *t)
{
    int64_t n = nn_count(t->out);
    void *y = t->out->data;

    if (t->in[0]->type == t->out->type)
        memcpy(y, t->in[0]->data, (size_t)n * nn_dtype_size(t->out->type));
    else
        for (int64_t i = 0; i < n; i++) {
            double v = load(t->in[0], i);
            switch (t->out->type) {
            case NN_F32: ((float *)y)[i] = (float)v; break;
            case NN_F64: ((double *)y)[i] = v; break;
            case NN_I64: ((int64_t *)y)[i] = whole(v, 9223372036854775808.0); break;
            case NN_I32: ((int32_t *)y)[i] = (int32_t)whole(v, 2147483647.0); break;
            case NN_U8: ((uint8_t *)y)[i] = (uint8_t)whole(v, 2147483647.0); break;
            default: ((uint8_t *)y)[i] = v != 0; break;
            }
        }
}

const char *prepare_cast(struct nn_task *t)
{
    enum nn_dtype from = t->in[0]->type, to = t->out->type;

    if (from != to && (from == NN_U16 || from == NN_I16 || from == NN_U32 || from == NN_U64 ||
                       (to != NN_F32 && to != NN_F64 && to != NN_I64 && to != NN_I32 &&
                        to != NN_U8 && to != NN_BOOL)))
        return "a cast between these types is not supported";
    t->run = run_cast;
    return NULL;
}
