/*
 * Products of bytes as their definitions read: ConvInteger and MatMulInteger give the
 * sums, QLinearConv and QLinearMatMul bring them to another scale and zero point.
 */
#include <math.h>

#include "runtime/engine/space.h"

struct product {
    int linear;                 /* QLinear: scales, and a result of bytes */
    int x, w, xzero, wzero;     /* which operands they are */
    /* Conv */
    struct nn_space at;
    int64_t cin, cout, og, cg;
    /* MatMul */
    int64_t m, n, k, batches, *a_at, *b_at;
};

static int64_t element(const struct nn_tensor *t, int64_t i)
{
    return t->type == NN_U8 ? ((const uint8_t *)t->data)[i]
         : t->type == NN_I8 ? ((const int8_t *)t->data)[i] : ((const int32_t *)t->data)[i];
}

/* Of operand `k`, which has one value, or one for each i; 0 without it. */
static int64_t zero_of(const struct nn_task *t, int k, int64_t i)
{
    const struct nn_tensor *z = k < t->nin ? t->in[k] : NULL;

    return z ? element(z, nn_count(z) == 1 ? 0 : i) : 0;
}

static double scale_of(const struct nn_task *t, int k, int64_t i)
{
    const struct nn_tensor *s = t->in[k];

    return (double)((const float *)s->data)[nn_count(s) == 1 ? 0 : i];
}

/* A sum of row or channel `r` and column `c` to its place. */
static void store(struct nn_task *t, int64_t at, int64_t sum, int64_t r, int64_t c)
{
    const struct product *p = t->state;
    double v;

    if (!p->linear) {
        ((int32_t *)t->out->data)[at] = (int32_t)(uint32_t)sum;
        return;
    }
    v = (double)sum * scale_of(t, 1, r) * scale_of(t, 4, c) / scale_of(t, 6, r);
    v = rint(v) + (double)zero_of(t, 7, r);
    if (t->out->type == NN_U8)
        ((uint8_t *)t->out->data)[at] = (uint8_t)(!(v > 0) ? 0 : v < 255 ? v : 255);
    else
        ((int8_t *)t->out->data)[at] = (int8_t)(!(v > -128) ? -128 : v < 127 ? v : 127);
}

/* Padding counts as the zero point: nothing. */
static void conv_planes(struct nn_task *t, int64_t from, int64_t to)
{
    const struct product *p = t->state;
    const struct nn_tensor *x = t->in[p->x], *w = t->in[p->w];

    for (int64_t plane = from; plane < to; plane++) {
        int64_t ch = plane % p->cout, first = plane / p->cout * p->cin + ch / p->og * p->cg;
        int64_t xzero = zero_of(t, p->xzero, 0), wzero = zero_of(t, p->wzero, ch), o[3];
        for (int64_t i = 0; i < p->at.count; i++) {
            int64_t sum = p->linear ? zero_of(t, 8, ch) : 0;
            nn_space_at(&p->at, i, o);
            for (int64_t tap = 0; tap < p->at.taps; tap++) {
                int64_t at = nn_space_tap(&p->at, o, tap);
                for (int64_t c = 0; at >= 0 && c < p->cg; c++)
                    sum += (element(x, (first + c) * p->at.size + at) - xzero) *
                           (element(w, (ch * p->cg + c) * p->at.taps + tap) - wzero);
            }
            store(t, plane * p->at.count + i, sum, 0, ch);
        }
    }
}

static void run_conv(struct nn_task *t)
{
    const struct product *p = t->state;

    nn_task_rows(t, nn_dims(t->out, 0, 2), p->at.count * p->at.taps * p->cg, conv_planes);
}

static void matmul_rows(struct nn_task *t, int64_t from, int64_t to)
{
    const struct product *p = t->state;
    const struct nn_tensor *a = t->in[p->x], *b = t->in[p->w];

    for (int64_t row = from; row < to; row++) {
        int64_t r = row % p->m, batch = row / p->m;
        for (int64_t c = 0; c < p->n; c++) {
            int64_t azero = zero_of(t, p->xzero, r), bzero = zero_of(t, p->wzero, c), sum = 0;
            for (int64_t k = 0; k < p->k; k++)
                sum += (element(a, p->a_at[batch] + r * p->k + k) - azero) *
                       (element(b, p->b_at[batch] + k * p->n + c) - bzero);
            store(t, row * p->n + c, sum, r, c);
        }
    }
}

static void run_matmul(struct nn_task *t)
{
    const struct product *p = t->state;

    nn_task_rows(t, p->batches * p->m, p->n * p->k, matmul_rows);
}

static int is_byte(const struct nn_tensor *t)
{
    return t && (t->type == NN_U8 || t->type == NN_I8);
}

/* Operand k: absent where it may be, one value, or one for each of `many`. */
static int fits(const struct nn_task *t, int k, enum nn_dtype type, int64_t many, int optional)
{
    const struct nn_tensor *z = k < t->nin ? t->in[k] : NULL;

    return z ? z->type == type && (nn_count(z) == 1 || nn_count(z) == many) : optional;
}

/* `rows` and `cols` may have scales and zero points of their own. */
static struct product *begin(struct nn_task *t, int linear, int64_t rows, int64_t cols,
                             const char **wrong)
{
    struct product *p = t->state = nn_arena_alloc(t->arena, sizeof *p);
    int x = 0, w = linear ? 3 : 1, xzero = 2, wzero = linear ? 5 : 3;

    *wrong = "out of memory";
    if (!p)
        return NULL;
    *wrong = "only bytes, with a zero point of their type, for the tensor or each of its rows or "
             "columns, are supported";
    if (!is_byte(t->in[x]) || !is_byte(t->in[w]) ||
        !fits(t, xzero, t->in[x]->type, rows, !linear) ||
        !fits(t, wzero, t->in[w]->type, cols, !linear))
        return NULL;
    if (linear && (!is_byte(t->out) || !fits(t, 7, t->out->type, rows, 0) ||
                   !fits(t, 1, NN_F32, rows, 0) || !fits(t, 4, NN_F32, cols, 0) ||
                   !fits(t, 6, NN_F32, rows, 0)))
        return NULL;
    *p = (struct product){ .linear = linear, .x = x, .w = w, .xzero = xzero, .wzero = wzero };
    *wrong = NULL;
    return p;
}

const char *prepare_integerconv(struct nn_task *t)
{
    int linear = nn_op_is(t, "QLinearConv");
    const struct nn_tensor *x = t->in[0], *w = t->in[linear ? 3 : 1];
    const char *wrong;
    struct product *p = begin(t, linear, 1, w->dim[0], &wrong);
    struct nn_window win;

    if (!p)
        return wrong;
    if (linear && t->nin > 8 && t->in[8] && t->in[8]->type != NN_I32)
        return "its bias is not of int32";
    if ((wrong = nn_window_init(&win, t->node, x->ndim - 2, x->dim + 2, w->dim + 2)))
        return wrong;
    nn_space_init(&p->at, &win, x, t->out);
    p->cin = x->dim[1];
    p->cout = w->dim[0];
    p->cg = w->dim[1];
    p->og = p->cout / nn_attr_int(t->node, "group", 1);
    t->run = run_conv;
    return NULL;
}

/* Where the matrices of each batch start under broadcasting. */
static int64_t *starts(struct nn_task *t, const struct nn_tensor *x, int64_t batches)
{
    int64_t *at = nn_arena_array(t->arena, (size_t)batches, sizeof *at);
    int outer = t->out->ndim - 2;

    for (int64_t i = 0; at && i < batches; i++) {
        int64_t rest = i, step = nn_dims(x, x->ndim - 2, x->ndim);
        for (int d = outer - 1, k = x->ndim - 3; k >= 0; d--, k--) {
            at[i] += x->dim[k] == 1 ? 0 : rest % t->out->dim[d] * step;
            rest /= t->out->dim[d];
            step *= x->dim[k];
        }
    }
    return at;
}

const char *prepare_integermatmul(struct nn_task *t)
{
    int linear = nn_op_is(t, "QLinearMatMul");
    const struct nn_tensor *a = t->in[0], *b = t->in[linear ? 3 : 1];
    const char *wrong;
    struct product *p;

    if (a->ndim < 2 || b->ndim < 2)
        return "only matrices are supported";
    if (!(p = begin(t, linear, a->dim[a->ndim - 2], b->dim[b->ndim - 1], &wrong)))
        return wrong;
    p->m = a->dim[a->ndim - 2];
    p->k = a->dim[a->ndim - 1];
    p->n = b->dim[b->ndim - 1];
    p->batches = nn_dims(t->out, 0, t->out->ndim - 2);
    if (!(p->a_at = starts(t, a, p->batches)) || !(p->b_at = starts(t, b, p->batches)))
        return "out of memory";
    t->run = run_matmul;
    return NULL;
}
