/*
 * What only training needs: Winograd's transforms of gradients (wino.c has the others), products
 * of a matrix's transpose, and the passes over memory of batch normalisation.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"
#include "runtime/engine/simd/wino.h"

/* m values to n points, the transpose of out_N: the way back of gradients. */
static inline __attribute__((always_inline)) void back_4(const vf *y, vf *t)
{
    t[0] = y[0];
    t[1] = vf_add(y[0], y[1]);
    t[2] = vf_sub(y[0], y[1]);
    t[3] = y[1];
}

static inline __attribute__((always_inline)) void back_6(const vf *y, vf *t)
{
    vf half = vf_set(.5f), two = vf_set(2);
    vf e1 = vf_fma(half, y[2], y[0]), o1 = vf_mul(vf_set(LOW), vf_fma(half, y[3], y[1]));
    vf e2 = vf_fma(two, y[2], y[0]), o2 = vf_mul(vf_set(HIGH), vf_fma(two, y[3], y[1]));

    t[0] = y[0];
    t[1] = vf_add(e1, o1);
    t[2] = vf_sub(e1, o1);
    t[3] = vf_add(e2, o2);
    t[4] = vf_sub(e2, o2);
    t[5] = y[3];
}

/* A y A^T. */
NN_WINO_SQUARE(nn_wino_back_2, back_4, 4, 2)
NN_WINO_SQUARE(nn_wino_back_4, back_6, 6, 4)

/* sum[i][j] += sum over t < count of a[t][i] * b[t][j], for 4 rows i and V vectors j. */
#define GRAM(V)                                                                 \
static void gram_##V(const float *a, int64_t rows, const float *b, int64_t cols, int64_t count, \
                     float *sum)                                                \
{                                                                               \
    vf s[4][V];                                                                 \
    NN_UNROLL for (int i = 0; i < 4; i++)                                       \
        NN_UNROLL for (int v = 0; v < V; v++)                                   \
            s[i][v] = vf_load(sum + i * cols + v * NN_LANES);                   \
    for (int64_t t = 0; t < count; t++, a += rows, b += cols) {                 \
        vf y[V];                                                                \
        NN_UNROLL for (int v = 0; v < V; v++)                                   \
            y[v] = vf_load(b + v * NN_LANES);                                   \
        NN_UNROLL for (int i = 0; i < 4; i++) {                                 \
            vf x = vf_set(a[i]);                                                \
            NN_UNROLL for (int v = 0; v < V; v++)                               \
                s[i][v] = vf_fma(x, y[v], s[i][v]);                             \
        }                                                                       \
    }                                                                           \
    NN_UNROLL for (int i = 0; i < 4; i++)                                       \
        NN_UNROLL for (int v = 0; v < V; v++)                                   \
            vf_store(sum + i * cols + v * NN_LANES, s[i][v]);                   \
}
GRAM(1)
GRAM(2)
GRAM(3)

nn_gram NN_SIMD(nn_gram);
void NN_SIMD(nn_gram)(const float *a, int64_t rows, const float *b, int64_t cols, int64_t count,
                      float *sum)
{
    static nn_gram *const tile[] = { gram_1, gram_2, gram_3 };

    for (int64_t i = 0; i < rows; i += 4)
        for (int64_t j = 0, v; j < cols; j += v * NN_LANES) {
            int64_t left = (cols - j) / NN_LANES;
            v = left == 4 ? 2 : left < 3 ? left : 3;
            tile[v - 1](a + i, rows, b + j, cols, count, sum + i * cols + j);
        }
}

static inline vf load(const float *p, int64_t left)
{
    return left >= NN_LANES ? vf_load(p) : vf_load_part(p, (int)left);
}

static inline void store(float *p, vf x, int64_t left)
{
    if (left >= NN_LANES)
        vf_store(p, x);
    else
        vf_store_part(p, x, (int)left);
}

/* Sums over pixels: two vectors of channels at a time, a line of the cache, or what is left. */
#define SUMS(V, LOAD, STORE)                                                    \
static void sums_##V(const float *x, int64_t pixels, int64_t channels, int64_t left, float *sum, \
                     float *squares)                                            \
{                                                                               \
    vf s[2], q[2];                                                              \
    NN_UNROLL for (int v = 0; v < V; v++)                                       \
        s[v] = q[v] = vf_set(0);                                                \
    for (int64_t p = 0; p < pixels; p++, x += channels)                         \
        NN_UNROLL for (int v = 0; v < V; v++) {                                 \
            vf y = LOAD(x + v * NN_LANES, left);                                \
            s[v] = vf_add(s[v], y);                                             \
            q[v] = vf_fma(y, y, q[v]);                                          \
        }                                                                       \
    NN_UNROLL for (int v = 0; v < V; v++) {                                     \
        STORE(sum + v * NN_LANES, s[v], left);                                  \
        STORE(squares + v * NN_LANES, q[v], left);                              \
    }                                                                           \
}                                                                               \
static void grad_##V(const struct nn_norm *n, int64_t c)                        \
{                                                                               \
    int64_t left = n->channels - c;                                             \
    vf s[2], q[2], huge = vf_set(3e38f), one = vf_set(1);                       \
    NN_UNROLL for (int v = 0; v < V; v++)                                       \
        s[v] = q[v] = vf_set(0);                                                \
    for (int64_t p = 0, at = c; p < n->pixels; p++, at += n->channels)          \
        NN_UNROLL for (int v = 0; v < V; v++) {                                 \
            int64_t i = at + v * NN_LANES;                                      \
            vf g = LOAD(n->g + i, left);                                        \
            if (n->relu) {      /* y is 0 or more: the factor is 0 or 1 */      \
                g = vf_mul(g, vf_min(one, vf_mul(huge, LOAD(n->y + i, left)))); \
                STORE(n->to + i, g, left);                                      \
            }                                                                   \
            s[v] = vf_add(s[v], g);                                             \
            q[v] = vf_fma(g, LOAD(n->x + i, left), q[v]);                       \
        }                                                                       \
    NN_UNROLL for (int v = 0; v < V; v++) {                                     \
        STORE(n->dshift + c + v * NN_LANES, s[v], left);                        \
        STORE(n->dscale + c + v * NN_LANES, q[v], left);                        \
    }                                                                           \
}
#define WHOLE_LOAD(p, left) ((void)(left), vf_load(p))
#define WHOLE_STORE(p, x, left) ((void)(left), vf_store(p, x))
SUMS(2, WHOLE_LOAD, WHOLE_STORE)
SUMS(1, load, store)

void NN_SIMD(nn_norm_sums)(const float *x, int64_t pixels, int64_t channels, float *sum,
                           float *squares);
void NN_SIMD(nn_norm_sums)(const float *x, int64_t pixels, int64_t channels, float *sum,
                           float *squares)
{
    int64_t c = 0;

    for (; c + 2 * NN_LANES <= channels; c += 2 * NN_LANES)
        sums_2(x + c, pixels, channels, 0, sum + c, squares + c);
    for (; c < channels; c += NN_LANES)
        sums_1(x + c, pixels, channels, channels - c, sum + c, squares + c);
}

void NN_SIMD(nn_norm_grad)(const struct nn_norm *n);
void NN_SIMD(nn_norm_grad)(const struct nn_norm *n)
{
    int64_t c = 0;

    for (; c + 2 * NN_LANES <= n->channels; c += 2 * NN_LANES)
        grad_2(n, c);
    for (; c < n->channels; c += NN_LANES)
        grad_1(n, c);
}

void NN_SIMD(nn_norm_apply)(const struct nn_norm *n);
void NN_SIMD(nn_norm_apply)(const struct nn_norm *n)
{
    vf least = vf_set(n->relu ? 0 : -__builtin_inff());

    for (int64_t p = 0; p < n->pixels; p++)
        for (int64_t c = 0, at = p * n->channels; c < n->channels; c += NN_LANES) {
            int64_t left = n->channels - c;
            vf y = vf_fma(load(n->x + at + c, left), load(n->scale + c, left),
                          load(n->shift + c, left));
            if (n->res)
                y = vf_add(y, load(n->res + at + c, left));
            store(n->y + at + c, vf_max(least, y), left);
        }
}

void NN_SIMD(nn_norm_back)(const struct nn_norm *n);
void NN_SIMD(nn_norm_back)(const struct nn_norm *n)
{
    for (int64_t p = 0; p < n->pixels; p++)
        for (int64_t c = 0, at = p * n->channels; c < n->channels; c += NN_LANES) {
            int64_t left = n->channels - c;
            vf d = vf_fma(load(n->x + at + c, left), load(n->dscale + c, left),
                          load(n->dshift + c, left));
            d = vf_fma(load(n->g + at + c, left), load(n->scale + c, left), d);
            store(n->to + at + c, d, left);
        }
}
