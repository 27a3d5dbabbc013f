/* Weights for Winograd's way: G w G^T (simd/wino.c has B and A). */
#define _DEFAULT_SOURCE     /* M_SQRT2 */
#include "runtime/engine/wino.h"

#include <math.h>
#include <string.h>

/* The points but infinity, for n = 4 and 6. */
static const double root4[] = { 0, 1, -1 };
static const double root6[] = { 0, M_SQRT1_2, -M_SQRT1_2, M_SQRT2, -M_SQRT2 };

/* Row k of G, of n rows: powers of the root over the product of its distances to the
 * others; the last row, of infinity, picks the last weight. */
static void g_row(int n, int r, int k, float row[3])
{
    const double *root = n == 4 ? root4 : root6;
    double product = 1, power = 1;

    for (int i = 0; i < n - 1; i++)
        if (i != k && k < n - 1)
            product *= root[k] - root[i];
    for (int i = 0; i < r; i++, power *= k < n - 1 ? root[k] : 0)
        row[i] = (float)(k < n - 1 ? power / product : i == r - 1);
}

int nn_wino_side(const struct nn_conv *c)
{
    int side = c->phase[0].taps == 9 ? 3 : c->phase[0].taps == 4 ? 2 : 0;

    if (!side || c->depthwise || c->group != 1 || c->stride[0] != 1 || c->stride[1] != 1 ||
        c->cg % c->simd->lanes)
        return 0;
    for (int i = 0; i < c->phases; i++) {
        const struct nn_phase *ph = &c->phase[i];
        if (ph->taps != side * side)
            return 0;
        for (int t = 0; t < ph->taps; t++)
            if (ph->dy[t] != ph->dy[0] + t / side || ph->dx[t] != ph->dx[0] + t % side)
                return 0;
    }
    return side;
}

/* Row `i` of `n` columns to where nn_pack() has it, of a matrix of k rows. */
static void pack_row(const struct nn_simd *s, int64_t k, int64_t n, const float *row, int64_t i,
                     float *packed)
{
    int64_t left = nn_vectors(n, s->lanes);

    for (int64_t first = 0, width; first < n; first += width, left -= width / s->lanes) {
        width = nn_columns(left) * s->lanes;
        memcpy(packed + k * first + i * width, row + first,
               (size_t)(n - first < width ? n - first : width) * sizeof *row);
    }
}

void nn_wino_g(int n, int side, float g[NN_WINO_MOST][3])
{
    for (int k = 0; k < n; k++)
        g_row(n, side, k, g[k]);
}

/* G w first, then that times G^T, a row of output channels at a time. */
void nn_wino_transform(const struct nn_wino_kernel *c, int64_t i, const float *weight, int64_t step,
                       float *room, float *to)
{
    int64_t columns = c->phases * c->cout, phase = c->side * c->side * step;
    int64_t padded = nn_vectors(columns, c->simd->lanes) * c->simd->lanes;
    float *half = room, *whole = half + 3 * columns;

    for (int a = 0; a < c->n; a++) {
        const float *x[3];
        for (int k = 0; k < c->side; k++)
            for (int p = 0; p < c->phases; p++) {
                for (int y = 0; y < c->side; y++)
                    x[y] = weight + p * phase + (y * c->side + k) * step;
                c->simd->row_blend(half + k * columns + p * c->cout, x, c->g[a], c->side, c->cout);
            }
        for (int k = 0; k < c->side; k++)
            x[k] = half + k * columns;
        for (int b = 0; b < c->n; b++) {
            c->simd->row_blend(whole, x, c->g[b], c->side, columns);
            pack_row(c->simd, c->cin, columns, whole, i, to + (a * c->n + b) * c->cin * padded);
        }
    }
}

const struct nn_wino_weights *nn_wino_pack(struct nn_conv *c, int m)
{
    int side = nn_wino_side(c), n = m + side - 1;
    int64_t columns = c->phases * c->cout;
    int64_t padded = nn_vectors(columns, c->simd->lanes) * c->simd->lanes;
    struct nn_wino_weights *w;
    struct nn_arena tmp = { 0 };
    struct nn_wino_kernel k = { .simd = c->simd, .side = side, .n = n, .phases = c->phases,
                                .cin = c->cg, .cout = c->cout };
    float *to, *weight, *room;
    int64_t phase = side * side * c->cg * c->cout;

    for (w = c->wino; w; w = w->next)
        if (w->m == m)
            return w;
    w = nn_arena_alloc(c->arena, sizeof *w);
    to = nn_arena_array(c->arena, (size_t)(n * n * c->cg), (size_t)padded * sizeof *to);
    weight = nn_arena_array(&tmp, (size_t)c->phases, (size_t)phase * sizeof *weight);
    room = nn_arena_array(&tmp, 4, (size_t)columns * sizeof *room);
    for (int p = 0; weight && p < c->phases; p++)
        c->gather(c, p, weight + p * phase);
    nn_wino_g(n, side, k.g);
    for (int64_t i = 0; w && to && weight && room && i < c->cg; i++)
        nn_wino_transform(&k, i, weight + i * c->cout, c->cg * c->cout, room, to);
    nn_arena_release(&tmp);
    if (!w || !to || !weight || !room)
        return NULL;
    *w = (struct nn_wino_weights){ .next = c->wino, .m = m, .packed = to };
    return c->wino = w;
}
