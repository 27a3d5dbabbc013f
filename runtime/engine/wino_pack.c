/* Weights for Winograd's way: G w G^T (simd/wino.c has B and A). */
#define _DEFAULT_SOURCE     /* M_SQRT2 */
#include "runtime/engine/wino.h"

#include <math.h>

/* The points but infinity, for n = 4 and 6. */
static const double root4[] = { 0, 1, -1 };
static const double root6[] = { 0, M_SQRT1_2, -M_SQRT1_2, M_SQRT2, -M_SQRT2 };

/* Row k of G, of n rows: powers of the root over the product of its distances to the
 * others; the last row, of infinity, picks the last weight. */
static void g_row(int n, int r, int k, double *row)
{
    const double *root = n == 4 ? root4 : root6;
    double product = 1, power = 1;

    for (int i = 0; i < n - 1; i++)
        if (i != k && k < n - 1)
            product *= root[k] - root[i];
    for (int i = 0; i < r; i++, power *= k < n - 1 ? root[k] : 0)
        row[i] = k < n - 1 ? power / product : i == r - 1;
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

/* Where nn_pack puts row `i` of k, column `j` of n. */
static int64_t packed_at(int lanes, int64_t k, int64_t n, int64_t i, int64_t j)
{
    int64_t left = nn_vectors(n, lanes), first = 0;

    for (;;) {
        int64_t width = nn_columns(left) * lanes;
        if (j < first + width)
            return k * first + i * width + j - first;
        first += width;
        left -= width / lanes;
    }
}

/* Point (a, b) of all weights of channel i, to w[phase x cout]. */
static void transform(const struct nn_conv *c, int side, int64_t i, const double *a,
                      const double *b, float *w)
{
    for (int p = 0; p < c->phases; p++)
        for (int64_t o = 0; o < c->cout; o++) {
            double sum = 0;
            for (int t = 0; t < side * side; t++)
                sum += a[t / side] * b[t % side] *
                       (double)c->phase[p].packed[packed_at(c->simd->lanes, side * side * c->cg,
                                                            c->cout, t * c->cg + i, o)];
            w[p * c->cout + o] = (float)sum;
        }
}

const struct nn_wino_weights *nn_wino_pack(struct nn_conv *c, int m)
{
    int side = nn_wino_side(c), n = m + side - 1;
    int64_t columns = c->phases * c->cout;
    int64_t padded = nn_vectors(columns, c->simd->lanes) * c->simd->lanes;
    struct nn_wino_weights *w;
    struct nn_arena tmp = { 0 };
    float *to, *flat;

    for (w = c->wino; w; w = w->next)
        if (w->m == m)
            return w;
    w = nn_arena_alloc(c->arena, sizeof *w);
    to = nn_arena_array(c->arena, (size_t)(n * n * c->cg), (size_t)padded * sizeof *to);
    flat = nn_arena_array(&tmp, (size_t)c->cg, (size_t)columns * sizeof *flat);
    for (int k = 0; w && to && flat && k < n * n; k++) {
        double a[3], b[3];
        g_row(n, side, k / n, a);
        g_row(n, side, k % n, b);
        for (int64_t i = 0; i < c->cg; i++)
            transform(c, side, i, a, b, flat + i * columns);
        nn_pack(c->simd, c->cg, columns, flat, columns, 1, to + k * c->cg * padded);
    }
    nn_arena_release(&tmp);
    if (!w || !to || !flat)
        return NULL;
    *w = (struct nn_wino_weights){ .next = c->wino, .m = m, .packed = to };
    return c->wino = w;
}
