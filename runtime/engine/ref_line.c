/* Functions of a line: the values along one axis. Softmax and its kin, ArgMax, CumSum. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

enum kind { SOFTMAX, LOGSOFTMAX, HARDMAX };

/* The input as outer x axis x inner. */
struct line {
    int64_t outer, axis, inner;
    enum kind kind;
    int smallest, last;         /* ArgMin; the last of equals */
    int exclusive, reverse;     /* CumSum */
};

static int64_t start(const struct line *s, int64_t row)
{
    return row / s->inner * s->axis * s->inner + row % s->inner;
}

static const char *setup(struct nn_task *t, int64_t axis, int flattened)
{
    const struct nn_tensor *x = t->in[0];
    struct line *s = t->state = nn_arena_alloc(t->arena, sizeof *s);
    int a = (int)(axis < 0 ? axis + x->ndim : axis), end = flattened ? x->ndim : a + 1;

    if (axis < -x->ndim || axis >= x->ndim + (flattened || !x->ndim))
        return "its axis does not exist";
    if (!s)
        return "out of memory";
    s->outer = nn_dims(x, 0, a);
    s->axis = x->ndim ? nn_dims(x, a, end) : 1;
    s->inner = nn_dims(x, end, x->ndim);
    return NULL;
}

/* From and to values `step` apart. */
#define SOFTMAXES(function, T, EXP, LOG)                                            \
    static void function(enum kind kind, const T *x, T *y, int64_t n, int64_t step) \
    {                                                                               \
        T top = -(T)INFINITY, sum = 0;                                              \
        int64_t best = 0;                                                           \
        for (int64_t i = 0; i < n; i++)                                             \
            if (x[i * step] > top) {                                                \
                top = x[i * step];                                                  \
                best = i;                                                           \
            }                                                                       \
        if (kind == HARDMAX) {                                                      \
            for (int64_t i = 0; i < n; i++)                                         \
                y[i * step] = i == best;                                            \
            return;                                                                 \
        }                                                                           \
        for (int64_t i = 0; i < n; i++) {                                           \
            T e = EXP(x[i * step] - top);                                           \
            sum += e;                                                               \
            y[i * step] = kind == SOFTMAX ? e : x[i * step] - top;                  \
        }                                                                           \
        if (kind == LOGSOFTMAX)                                                     \
            sum = LOG(sum);                                                         \
        for (int64_t i = 0; i < n; i++)                                             \
            y[i * step] = kind == SOFTMAX ? y[i * step] / sum : y[i * step] - sum;  \
    }
SOFTMAXES(softmax_float, float, expf, logf)
SOFTMAXES(softmax_real, double, exp, log)

/* Of two values: the logistic function of their difference, both ways. */
static void softmax_pairs(const struct nn_simd *simd, const float *x, float *y, int64_t n)
{
    for (int64_t i = 0; i < n; i++) {
        float apart = x[2 * i] - x[2 * i + 1];
        y[2 * i] = apart;
        y[2 * i + 1] = -apart;
    }
    simd->row_sigmoid(y, y, 2 * n);
}

static void softmax_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct line *s = t->state;

    if (s->kind == SOFTMAX && s->axis == 2 && s->inner == 1) {
        softmax_pairs(t->simd, (const float *)t->in[0]->data + 2 * from,
                      (float *)t->out->data + 2 * from, to - from);
        return;
    }
    for (int64_t row = from; row < to; row++)
        softmax_float(s->kind, (const float *)t->in[0]->data + start(s, row),
                      (float *)t->out->data + start(s, row), s->axis, s->inner);
}

static void run_softmax(struct nn_task *t)
{
    const struct line *s = t->state;
    int64_t rows = s->outer * s->inner;

    if (t->in[0]->type == NN_F32)
        nn_task_rows(t, rows, s->axis * 20, softmax_rows);
    else
        for (int64_t row = 0; row < rows; row++) {
            double *v = t->memory;
            nn_wide_read(t->in[0]->type, t->in[0]->data, start(s, row), s->inner, s->axis, NN_REAL,
                         v);
            softmax_real(s->kind, v, v, s->axis, 1);
            nn_wide_write(t->out->type, t->out->data, start(s, row), s->inner, s->axis, NN_REAL,
                          v);
        }
}

/* Before opset 13 everything from the axis on is one distribution. */
const char *prepare_softmax(struct nn_task *t)
{
    int old = t->opset < 13;
    const char *wrong = setup(t, nn_attr_int(t->node, "axis", old ? 1 : -1), old);
    struct line *s = t->state;

    if (wrong)
        return wrong;
    if (nn_wide_of(t->in[0]->type) != NN_REAL)
        return "it needs floats";
    s->kind = nn_op_is(t, "Softmax") ? SOFTMAX : nn_op_is(t, "Hardmax") ? HARDMAX : LOGSOFTMAX;
    t->scratch = t->in[0]->type == NN_F32 ? 0 : (size_t)s->axis * sizeof(double);
    t->run = run_softmax;
    return NULL;
}

#define ARGMAX(function, T)                                                         \
    static int64_t function(const struct line *s, const T *x, int64_t step)         \
    {                                                                               \
        int64_t best = 0;                                                           \
        for (int64_t i = 1; i < s->axis; i++) {                                     \
            T v = x[i * step], w = x[best * step];                                  \
            if ((s->smallest ? v < w : v > w) || (s->last && v == w))               \
                best = i;                                                           \
        }                                                                           \
        return best;                                                                \
    }
ARGMAX(argmax_float, float)
ARGMAX(argmax_real, double)
ARGMAX(argmax_signed, int64_t)
ARGMAX(argmax_unsigned, uint64_t)

static void argmax_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct line *s = t->state;

    for (int64_t row = from; row < to; row++)
        ((int64_t *)t->out->data)[row] =
            argmax_float(s, (const float *)t->in[0]->data + start(s, row), s->inner);
}

static void run_argmax(struct nn_task *t)
{
    const struct line *s = t->state;
    const struct nn_tensor *x = t->in[0];
    enum nn_wide wide = nn_wide_of(x->type);
    int64_t rows = s->outer * s->inner, *y = t->out->data;

    if (x->type == NN_F32) {
        nn_task_rows(t, rows, s->axis, argmax_rows);
        return;
    }
    for (int64_t row = 0; row < rows; row++) {
        nn_wide_read(x->type, x->data, start(s, row), s->inner, s->axis, wide, t->memory);
        y[row] = wide == NN_REAL ? argmax_real(s, t->memory, 1)
                 : wide == NN_SIGNED ? argmax_signed(s, t->memory, 1)
                                     : argmax_unsigned(s, t->memory, 1);
    }
}

const char *prepare_argmax(struct nn_task *t)
{
    const char *wrong = setup(t, nn_attr_int(t->node, "axis", 0), 0);
    struct line *s = t->state;

    if (wrong)
        return wrong;
    if (!s->axis && nn_count(t->out))
        return "the largest of nothing";
    s->smallest = nn_op_is(t, "ArgMin");
    s->last = nn_attr_int(t->node, "select_last_index", 0) != 0;
    t->scratch = t->in[0]->type == NN_F32 ? 0 : (size_t)s->axis * sizeof(uint64_t);
    t->run = run_argmax;
    return NULL;
}

/* v[i] becomes the sum up to i, with or without v[i]. Integers wrap. */
#define CUMSUM(function, T, A)                                                      \
    static void function(const struct line *s, T *v)                                \
    {                                                                               \
        A sum = 0;                                                                  \
        for (int64_t k = 0; k < s->axis; k++) {                                     \
            int64_t i = s->reverse ? s->axis - 1 - k : k;                           \
            A with = sum + (A)v[i];                                                 \
            v[i] = (T)(s->exclusive ? sum : with);                                  \
            sum = with;                                                             \
        }                                                                           \
    }
CUMSUM(cumsum_real, double, double)
CUMSUM(cumsum_whole, uint64_t, uint64_t)

static void run_cumsum(struct nn_task *t)
{
    const struct line *s = t->state;
    const struct nn_tensor *x = t->in[0];
    enum nn_wide wide = nn_wide_of(x->type) == NN_REAL ? NN_REAL : NN_UNSIGNED;

    for (int64_t row = 0; row < s->outer * s->inner; row++) {
        nn_wide_read(x->type, x->data, start(s, row), s->inner, s->axis, wide, t->memory);
        if (wide == NN_REAL)
            cumsum_real(s, t->memory);
        else
            cumsum_whole(s, t->memory);
        nn_wide_write(x->type, t->out->data, start(s, row), s->inner, s->axis, wide, t->memory);
    }
}

const char *prepare_cumsum(struct nn_task *t)
{
    const struct nn_tensor *axis = t->in[1];
    const char *wrong;
    struct line *s;

    if (!(t->constant & 2) || nn_count(axis) != 1 || nn_wide_of(axis->type) != NN_SIGNED)
        return "its axis must be a constant";
    if ((wrong = setup(t, nn_wide_int(axis, 0), 0)))
        return wrong;
    if (t->in[0]->type == NN_BOOL)
        return "bools have no sum";
    s = t->state;
    s->exclusive = nn_attr_int(t->node, "exclusive", 0) != 0;
    s->reverse = nn_attr_int(t->node, "reverse", 0) != 0;
    t->scratch = (size_t)s->axis * sizeof(uint64_t);
    t->run = run_cumsum;
    return NULL;
}
