/* Gemm and MatMul on the convolution's tile: rows of A by 16, columns of B. */
#include <string.h>

#include "runtime/engine/kernel.h"

struct gemm {
    nn_tile *tile;
    int64_t m, n, k;
    int64_t a_row, a_col, b_row, b_col;     /* strides, in values */
    float alpha, beta;
    const struct nn_tensor *c;              /* bias, broadcast onto m x n, or NULL */
    int64_t c_row, c_col;
    int64_t batches;
    int64_t *a_at, *b_at;                   /* where each batch's matrices start */
    float *b_packed;                        /* of a constant B shared by all, else NULL */
    const float *panel_a, *panel_b;         /* packed, while running */
    float *y;
};

static int64_t tiles(int64_t n, int64_t size)
{
    return (n + size - 1) / size;
}

/* `count` lines of k values, `width` lines to a panel: panels of k x width. */
static void pack(const float *from, int64_t line, int64_t step, int64_t count, int64_t k,
                 int64_t width, float *to)
{
    for (int64_t p = 0; p < tiles(count, width); p++, to += k * width)
        for (int64_t j = 0; j < width; j++)
            for (int64_t i = 0; i < k; i++)
                to[i * width + j] = p * width + j < count ? from[(p * width + j) * line + i * step]
                                                          : 0;
}

static void store(const struct gemm *s, const float *sum, int64_t row, int64_t col)
{
    const float *c = s->c ? s->c->data : NULL;

    for (int64_t r = row; r < s->m && r < row + NN_TILE_ROWS; r++, sum += NN_TILE_COLS)
        for (int64_t j = col; j < s->n && j < col + NN_TILE_COLS; j++) {
            float v = s->alpha * sum[j - col];
            s->y[r * s->n + j] = c ? v + s->beta * c[r * s->c_row + j * s->c_col] : v;
        }
}

static void columns(struct nn_task *t, int64_t from, int64_t to)
{
    const struct gemm *s = t->state;
    float sum[NN_TILE_ROWS * NN_TILE_COLS];

    for (int64_t j = from; j < to; j++)
        for (int64_t i = 0; i < tiles(s->m, NN_TILE_ROWS); i++) {
            s->tile(s->k, s->panel_a + i * s->k * NN_TILE_ROWS,
                    s->panel_b + j * s->k * NN_TILE_COLS, sum);
            store(s, sum, i * NN_TILE_ROWS, j * NN_TILE_COLS);
        }
}

static void run(struct nn_task *t)
{
    struct gemm *s = t->state;
    float *a = t->memory, *b = a + tiles(s->m, NN_TILE_ROWS) * NN_TILE_ROWS * s->k;

    for (int64_t i = 0; i < s->batches; i++) {
        pack((const float *)t->in[0]->data + s->a_at[i], s->a_row, s->a_col, s->m, s->k,
             NN_TILE_ROWS, a);
        if (!s->b_packed)
            pack((const float *)t->in[1]->data + s->b_at[i], s->b_col, s->b_row, s->n, s->k,
                 NN_TILE_COLS, b);
        s->panel_a = a;
        s->panel_b = s->b_packed ? s->b_packed : b;
        s->y = (float *)t->out->data + i * s->m * s->n;
        nn_task_rows(t, tiles(s->n, NN_TILE_COLS), s->m * s->k * NN_TILE_COLS, columns);
    }
}

/* State, scratch and, where B never changes, its panels. */
static const char *finish(struct nn_task *t, struct gemm *s, int shared_b)
{
    size_t b = (size_t)(tiles(s->n, NN_TILE_COLS) * NN_TILE_COLS) * (size_t)s->k * sizeof(float);
    struct gemm *kept = nn_arena_alloc(t->arena, sizeof *kept);

    s->tile = nn_tile_choose();
    t->scratch = (size_t)(tiles(s->m, NN_TILE_ROWS) * NN_TILE_ROWS) * (size_t)s->k * sizeof(float);
    if (shared_b && t->constant & 2) {
        s->b_packed = nn_arena_alloc(t->arena, b);
        if (s->b_packed)
            pack(t->in[1]->data, s->b_col, s->b_row, s->n, s->k, NN_TILE_COLS, s->b_packed);
    } else {
        t->scratch += b;
    }
    if (!kept || (t->constant & 2 && shared_b && !s->b_packed))
        return "out of memory";
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
                      .beta = nn_attr_float(t->node, "beta", 1), .batches = 1 };

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
    struct gemm s = { .alpha = 1, .batches = 1 };
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
