/* Many values into one: the Reduce family and global pooling, for every number type. */
#include <math.h>
#include <string.h>

#include "runtime/engine/kernel.h"
#include "runtime/engine/wide.h"

enum reduction { L1, L2, LOGSUM, LOGSUMEXP, MAX, MEAN, MIN, PROD, SUM, SUMSQUARE, REDUCTIONS };

static const char *const names[] = {
    "L1", "L2", "LogSum", "LogSumExp", "Max", "Mean", "Min", "Prod", "Sum", "SumSquare",
};

/* The reduction of a box: dimensions are walked as kept (outer) and gone (inner). */
struct reduce {
    enum reduction how;
    enum nn_wide wide;
    int nkept, ngone;           /* neighbours that go or stay together are one dimension */
    int64_t kept[NN_MAX_DIMS], kept_step[NN_MAX_DIMS], gone[NN_MAX_DIMS], gone_step[NN_MAX_DIMS];
    int64_t count;              /* values in one result */
};

static int64_t place(int64_t i, int n, const int64_t *dim, const int64_t *step)
{
    int64_t at = 0;

    for (int d = n - 1; d >= 0; d--) {
        at += i % dim[d] * step[d];
        i /= dim[d];
    }
    return at;
}

/* sum = expr for every value v of a result, run by run along the last dimension that goes. */
#define ALL(T, expr)                                                                        \
    do {                                                                                    \
        for (int64_t o = 0; o < outer; o++) {                                               \
            const T *row = x + place(o, r->ngone - 1, r->gone, r->gone_step);               \
            for (int64_t k = 0; k < inner; k++) {                                           \
                const T v = row[k * step];                                                  \
                sum = (expr);                                                               \
            }                                                                               \
        }                                                                                   \
    } while (0)

/* Of nothing, ONNX wants minus infinity. */
static double log_of(double v)
{
    return v == 0 ? -INFINITY : log(v);
}

/* Logarithms and roots of integers: the nearest that there is, 0 for no number. */
static int64_t to_signed(double v)
{
    return v >= 0x1p63 ? INT64_MAX : v > -0x1p63 ? (int64_t)v : v < 0 ? INT64_MIN : 0;
}

static uint64_t to_unsigned(double v)
{
    return v >= 0x1p64 ? UINT64_MAX : v > 0 ? (uint64_t)v : 0;
}

/* T: the values as they lie there; A: what is summed; FROM: a double as A. One result. */
#define REDUCE(function, T, A, FROM, ADD, MULTIPLY, ABS)                                    \
    static A function(const struct reduce *r, const T *x)                                   \
    {                                                                                       \
        int64_t inner = r->ngone ? r->gone[r->ngone - 1] : 1;                               \
        int64_t outer = inner ? r->count / inner : 0;                                       \
        int64_t step = r->ngone ? r->gone_step[r->ngone - 1] : 0;                           \
        A sum = r->how == PROD, top;                                                        \
        switch (r->how) {                                                                   \
        case SUM: case MEAN: case LOGSUM: ALL(T, ADD(A, sum, v)); break;                    \
        case L1: ALL(T, ADD(A, sum, ABS(v))); break;                                        \
        case L2: case SUMSQUARE: ALL(T, ADD(A, sum, MULTIPLY(A, v, v))); break;             \
        case PROD: ALL(T, MULTIPLY(A, sum, v)); break;                                      \
        case MAX: case LOGSUMEXP:                                                           \
            sum = r->count ? x[0] : 0;                                                      \
            ALL(T, v > sum || v != v ? v : sum);                                            \
            break;                                                                          \
        case MIN:                                                                           \
            sum = r->count ? x[0] : 0;                                                      \
            ALL(T, v < sum || v != v ? v : sum);                                            \
            break;                                                                          \
        case REDUCTIONS: break;                                                             \
        }                                                                                   \
        if (r->how == LOGSUMEXP) {      /* from the largest, so that nothing overflows */   \
            double all = 0;                                                                 \
            top = sum;                                                                      \
            for (int64_t k = 0; k < r->count; k++)                                          \
                all += exp((double)x[place(k, r->ngone, r->gone, r->gone_step)] - (double)top); \
            return FROM((double)top + log_of(all));                                         \
        }                                                                                   \
        return r->how == L2 ? FROM(sqrt((double)sum))                                       \
               : r->how == LOGSUM ? FROM(log_of((double)sum))                               \
               : r->how == MEAN && r->count ? sum / (A)r->count : sum;                      \
    }
#define PLAIN_ADD(A, p, q) ((p) + (A)(q))
#define PLAIN_MULTIPLY(A, p, q) ((A)(p) * (A)(q))
#define WRAP_ADD(A, p, q) (A)((uint64_t)(p) + (uint64_t)(q))
#define WRAP_MULTIPLY(A, p, q) (A)((uint64_t)(p) * (uint64_t)(q))
#define POSITIVE(v) ((v) < 0 ? (int64_t)-(uint64_t)(v) : (v))
#define ITSELF(v) (v)
REDUCE(reduce_float, float, double, ITSELF, PLAIN_ADD, PLAIN_MULTIPLY, fabsf)
REDUCE(reduce_real, double, double, ITSELF, PLAIN_ADD, PLAIN_MULTIPLY, fabs)
REDUCE(reduce_signed, int64_t, int64_t, to_signed, WRAP_ADD, WRAP_MULTIPLY, POSITIVE)
REDUCE(reduce_unsigned, uint64_t, uint64_t, to_unsigned, WRAP_ADD, WRAP_MULTIPLY, ITSELF)

static void reduce_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct reduce *r = t->state;
    const struct nn_tensor *x = t->in[0];

    for (int64_t i = from; i < to; i++) {
        int64_t at = place(i, r->nkept, r->kept, r->kept_step);
        union {
            double real;
            int64_t whole;
            uint64_t natural;
        } v;
        if (x->type == NN_F32) {
            ((float *)t->out->data)[i] = (float)reduce_float(r, (const float *)x->data + at);
            continue;
        }
        if (r->wide == NN_REAL)
            v.real = reduce_real(r, (const double *)t->memory + at);
        else if (r->wide == NN_SIGNED)
            v.whole = reduce_signed(r, (const int64_t *)t->memory + at);
        else
            v.natural = reduce_unsigned(r, (const uint64_t *)t->memory + at);
        nn_wide_write(t->out->type, t->out->data, i, 1, 1, r->wide, &v);
    }
}

static void run_reduce(struct nn_task *t)
{
    const struct reduce *r = t->state;
    const struct nn_tensor *x = t->in[0];

    if (x->type != NN_F32)
        nn_wide_read(x->type, x->data, 0, 1, nn_count(x), r->wide, t->memory);
    nn_task_rows(t, nn_count(t->out), r->count * 2, reduce_rows);
}

/* One more dimension behind the last one; together with it where they lie together. */
static void put(int *n, int64_t *dim, int64_t *step, int64_t size, int64_t stride)
{
    if (*n && step[*n - 1] == size * stride) {
        dim[*n - 1] *= size;
        step[*n - 1] = stride;
        return;
    }
    dim[*n] = size;
    step[(*n)++] = stride;
}

/* A bit for every dimension that goes. */
static const char *setup(struct nn_task *t, enum reduction how, unsigned gone)
{
    const struct nn_tensor *x = t->in[0];
    struct reduce *r = t->state = nn_arena_alloc(t->arena, sizeof *r);
    int64_t step = nn_count(x);

    if (!r)
        return "out of memory";
    if (x->type == NN_BOOL && how != MAX && how != MIN)
        return "bools have no such reduction";
    r->how = how;
    r->wide = nn_wide_of(x->type);
    r->count = 1;
    for (int i = 0; i < x->ndim; i++) {
        step = x->dim[i] ? step / x->dim[i] : 0;
        if (gone & 1u << i) {
            r->count *= x->dim[i];
            put(&r->ngone, r->gone, r->gone_step, x->dim[i], step);
        } else {
            put(&r->nkept, r->kept, r->kept_step, x->dim[i], step);
        }
    }
    if ((how == MAX || how == MIN) && !r->count && nn_count(t->out))
        return "the largest of nothing";
    if (x->type != NN_F32)
        t->scratch = (size_t)nn_count(x) * sizeof(uint64_t);
    t->run = run_reduce;
    return NULL;
}

const char *prepare_globalpool(struct nn_task *t)
{
    unsigned spatial = ((1u << t->in[0]->ndim) - 1) & ~3u;

    return setup(t, nn_op_is(t, "GlobalMaxPool") ? MAX : MEAN, spatial);
}

const char *prepare_reduce(struct nn_task *t)
{
    const char *kind = t->node->op + strlen("Reduce");
    const struct nn_tensor *x = t->in[0], *given = t->nin > 1 ? t->in[1] : NULL;
    int64_t axes[NN_MAX_DIMS];
    int n = given ? (int)nn_count(given) : nn_attr_ints(t->node, "axes", axes, NN_MAX_DIMS);
    enum reduction how = L1;
    unsigned gone = 0;

    while (how < REDUCTIONS && strcmp(names[how], kind))
        how++;
    if (how == REDUCTIONS)
        return "this operator is not supported";
    if (given && n && (!(t->constant & 2) || nn_wide_of(given->type) != NN_SIGNED ||
                       n > NN_MAX_DIMS))
        return "its axes must be constants";
    for (int i = 0; i < n; i++) {
        int64_t axis = given ? nn_wide_int(given, i) : axes[i];
        axis = axis < 0 ? axis + x->ndim : axis;
        if (axis < 0 || axis >= x->ndim)
            return "an axis does not exist";
        gone |= 1u << axis;
    }
    if (!n && !nn_attr_int(t->node, "noop_with_empty_axes", 0))
        gone = (1u << x->ndim) - 1;
    return setup(t, how, gone);
}
