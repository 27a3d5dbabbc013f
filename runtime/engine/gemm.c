/* Gemm and MatMul: rows of A are the pixels, columns of B the channels of the tiles. */
#include <math.h>
#include <string.h>

#include "runtime/engine/conv.h"

enum { BLOCK = 96 };            /* rows of A worked on together */

struct gemm {
    const struct nn_simd *simd;
    int64_t m, n, k;
    int64_t a_row, a_col, b_row, b_col;     /* strides, in values */
    float alpha, beta;
    const struct nn_tensor *c;              /* bias, broadcast onto m x n, or NULL */
    int64_t c_row, c_col;
    int64_t batches;
    int64_t *a_at, *b_at;                   /* where each batch's matrices start */
    float *b_packed;                        /* of a constant B shared by all, else NULL */
    float *bias;                            /* a constant row C, or zeros; padded */
    int plain;                              /* nothing is left to do with alpha, beta and C */
    int64_t sets;                           /* of columns */
    int32_t *xat, *yat;                     /* of a block's rows */
    const float *a, *b;                     /* while running */
    float *y;
};

static int64_t padded(const struct gemm *s)
{
    return nn_vectors(s->n, s->simd->lanes) * s->simd->lanes;
}

/* y = alpha * y + beta * C for what the tiles could not take along. */
static void scale(const struct gemm *s, int64_t row, int64_t rows, int64_t col, int64_t cols)
{
    const float *c = s->c ? s->c->data : NULL;

    for (int64_t r = row; r < row + rows; r++)
        for (int64_t j = col; j < col + cols; j++) {
            float v = s->alpha * s->y[r * s->n + j];
            s->y[r * s->n + j] = c ? v + s->beta * c[r * s->c_row + j * s->c_col] : v;
        }
}

static void block(const struct gemm *s, int64_t job)
{
    int64_t set = job % s->sets, row = job / s->sets * BLOCK, zero = 0, done = 0, v;
    int64_t all = nn_vectors(s->n, s->simd->lanes);
    struct nn_tile t = { .taps = 1, .run = s->k, .off = &zero, .xat = s->xat, .yat = s->yat,
                         .lo = -INFINITY, .hi = INFINITY };

    for (v = nn_columns(all); set--; v = nn_columns(all - done))
        done += v;
    done *= s->simd->lanes;
    t.x = s->a + row * s->k;
    t.w = s->b + s->k * done;
    t.y = s->y + row * s->n + done;
    t.bias = s->bias + done;
    t.count = s->m - row < BLOCK ? s->m - row : BLOCK;
    t.width = (int)(s->n - done < v * s->simd->lanes ? s->n - done : v * s->simd->lanes);
    s->simd->tile[v](&t);
    if (!s->plain)
        scale(s, row, t.count, done, t.width);
}

static void blocks(struct nn_task *t, int64_t from, int64_t to)
{
    for (int64_t i = from; i < to; i++)
        block(t->state, i);
}

static void run(struct nn_task *t)
{
    struct gemm *s = t->state;
    float *room = t->memory;

    for (int64_t i = 0; i < s->batches; i++) {
        const float *a = (const float *)t->in[0]->data + s->a_at[i];
        s->a = a;
        if (s->a_col != 1) {
            for (int64_t r = 0; r < s->m; r++)
                for (int64_t j = 0; j < s->k; j++)
                    room[r * s->k + j] = a[r * s->a_row + j * s->a_col];
            s->a = room;
        }
        s->b = s->b_packed;
        if (!s->b) {
            float *b = room + (s->a_col != 1 ? s->m * s->k : 0);
            nn_pack(s->simd, s->k, s->n, (const float *)t->in[1]->data + s->b_at[i], s->b_row,
                    s->b_col, b);
            s->b = b;
        }
        s->y = (float *)t->out->data + i * s->m * s->n;
        nn_task_rows(t, (s->m + BLOCK - 1) / BLOCK * s->sets,
                     (s->m < BLOCK ? s->m : BLOCK) * s->k * s->simd->lanes * 2, blocks);
    }
}

/* A constant row that is added to every row needs no pass of its own. */
static void take_bias(struct nn_task *t, struct gemm *s)
{
    int row = s->c && t->constant & 4 && s->c_row == 0 && s->alpha == 1;

    if (row)
        for (int64_t j = 0; j < s->n; j++)
            s->bias[j] = s->beta * ((const float *)s->c->data)[j * s->c_col];
    s->plain = (row || !s->c) && s->alpha == 1;
}

/* State, scratch and, where B never changes, its panels. */
static const char *finish(struct nn_task *t, struct gemm *s, int shared_b)
{
    size_t b = (size_t)padded(s) * (size_t)s->k * sizeof(float);
    struct gemm *kept = nn_arena_alloc(t->arena, sizeof *kept);
    int64_t all = nn_vectors(s->n, s->simd->lanes);

    if ((double)BLOCK * (double)(s->k > s->n ? s->k : s->n) > 2e9)
        return "a row of it is too large";
    s->sets = all / 2 + (all == 1);
    s->bias = nn_arena_array(t->arena, (size_t)padded(s) + 1, sizeof *s->bias);
    s->xat = nn_arena_array(t->arena, BLOCK, sizeof *s->xat);
    s->yat = nn_arena_array(t->arena, BLOCK, sizeof *s->yat);
    if (!kept || !s->bias || !s->xat || !s->yat)
        return "out of memory";
    for (int i = 0; i < BLOCK; i++) {
        s->xat[i] = (int32_t)(i * s->k);
        s->yat[i] = (int32_t)(i * s->n);
    }
    take_bias(t, s);
    t->scratch = s->a_col == 1 ? 0 : (size_t)(s->m * s->k) * sizeof(float);
    if (shared_b && t->constant & 2) {
        if (!(s->b_packed = nn_arena_alloc(t->arena, b)))
            return "out of memory";
        nn_pack(s->simd, s->k, s->n, t->in[1]->data, s->b_row, s->b_col, s->b_packed);
    } else {
        t->scratch += b;
    }
    *kept = *s;
    t->state = kept;
    t->run = run;
    return NULL;
}

static int all_float(const struct nn_task *t)
{
    for (int i = 0; i < t->nin; i++)
        if (t->in[i] && t->in[i]->type != NN_F32)
            return 0;
    return 1;
}

const char *prepare_gemm(struct nn_task *t)
{
    const struct nn_tensor *a = t->in[0], *c = t->nin > 2 ? t->in[2] : NULL;
    int ta = nn_attr_int(t->node, "transA", 0) != 0, tb = nn_attr_int(t->node, "transB", 0) != 0;
    struct gemm s = { .m = t->out->dim[0], .n = t->out->dim[1], .k = a->dim[!ta], .c = c,
                      .alpha = nn_attr_float(t->node, "alpha", 1),
                      .beta = nn_attr_float(t->node, "beta", 1), .batches = 1, .simd = t->simd };

    if (!all_float(t))
        return "only float32 is supported";
    s.a_row = ta ? 1 : s.k;
    s.a_col = ta ? s.m : 1;
    s.b_row = tb ? 1 : s.n;
    s.b_col = tb ? s.k : 1;
    if (c && c->ndim) {
        s.c_col = c->dim[c->ndim - 1] != 1;
        s.c_row = c->ndim > 1 && c->dim[0] != 1 ? c->dim[1] : 0;
    }
    if (!(s.a_at = nn_arena_alloc(t->arena, sizeof *s.a_at)))
        return "out of memory";
    s.b_at = s.a_at;
    return finish(t, &s, 1);
}

/* Start of batch `i` of operand `x` (matrix of `size`) under broadcasting. */
static int64_t batch_start(const struct nn_tensor *x, const int64_t *outer, int nouter, int64_t i,
                           int64_t size)
{
    int nx = x->ndim > 2 ? x->ndim - 2 : 0;
    int64_t at = 0, step = size;

    for (int d = nouter - 1, k = nx - 1; k >= 0; d--, k--) {
        int64_t index = i % outer[d];
        i /= outer[d];
        at += x->dim[k] == 1 ? 0 : index * step;
        step *= x->dim[k];
    }
    return at;
}

const char *prepare_matmul(struct nn_task *t)
{
    const struct nn_tensor *a = t->in[0], *b = t->in[1];
    struct gemm s = { .alpha = 1, .batches = 1, .simd = t->simd };
    int nouter = t->out->ndim - (a->ndim > 1) - (b->ndim > 1);

    if (!all_float(t))
        return "only float32 is supported";
    s.m = a->ndim > 1 ? a->dim[a->ndim - 2] : 1;
    s.k = a->dim[a->ndim - 1];
    s.n = b->ndim > 1 ? b->dim[b->ndim - 1] : 1;
    s.a_row = s.k;
    s.a_col = s.b_col = 1;
    s.b_row = s.n;
    s.batches = nn_dims(t->out, 0, nouter);
    if (b->ndim <= 2 && a->ndim > 2) {  /* one matrix for all: the batches are just more rows */
        s.m *= s.batches;
        s.batches = 1;
        nouter = 0;
    }
    s.a_at = nn_arena_array(t->arena, (size_t)s.batches, sizeof *s.a_at);
    s.b_at = nn_arena_array(t->arena, (size_t)s.batches, sizeof *s.b_at);
    if (!s.a_at || !s.b_at)
        return "out of memory";
    for (int64_t i = 0; nouter && i < s.batches; i++) {
        s.a_at[i] = batch_start(a, t->out->dim, nouter, i, s.m * s.k);
        s.b_at[i] = batch_start(b, t->out->dim, nouter, i, s.k * s.n);
    }
    return finish(t, &s, b->ndim <= 2);
}
