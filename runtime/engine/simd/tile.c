/*
 * The inner product of everything heavy. A tile is P pixels by V vectors of
 * output channels held in registers; each step broadcasts one input value a
 * pixel and multiplies it with V vectors of weights. P x V is chosen so that
 * the sums, the weights and one broadcast just fit the register file.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

/* Floats between the weights in use and those asked for: large layers read theirs from far
 * away, once, faster than the machine guesses. Measured: a fifth of a DCGAN's time. */
enum { AHEAD = 2048 };

/* The sum of one vector, the long way: parts of vectors, residuals, slopes. */
static inline __attribute__((always_inline))
void finish(const struct nn_tile *t, int64_t pixel, int v, vf s, vf lo, vf hi)
{
    int left = t->width - v * NN_LANES;
    int64_t at = t->yat[pixel] + v * NN_LANES;

    if (left <= 0)
        return;
    if (t->res)
        s = vf_add(s, left >= NN_LANES ? vf_load(t->res + at) : vf_load_part(t->res + at, left));
    if (t->slope)
        s = vf_fma(vf_min(s, vf_set(0)), vf_load(t->slope + v * NN_LANES), vf_max(s, vf_set(0)));
    s = vf_min(hi, vf_max(lo, s));
    if (left >= NN_LANES)
        vf_store(t->y + at, s);
    else
        vf_store_part(t->y + at, s, left);
}

#define TILE(P, V)                                                              \
static void tile_##P##x##V(const struct nn_tile *t, int64_t pixel)              \
{                                                                               \
    const float *w = t->w, *x[P], *start[P];                                    \
    int64_t n = t->run;                                                         \
    vf sum[P][V], lo = vf_set(t->lo), hi = vf_set(t->hi);                       \
                                                                                \
    NN_UNROLL for (int p = 0; p < P; p++) {                                     \
        start[p] = t->x + t->xat[pixel + p] + n;                                \
        NN_UNROLL for (int v = 0; v < V; v++)                                   \
            sum[p][v] = vf_load(t->bias + v * NN_LANES);                        \
    }                                                                           \
    for (int64_t k = 0; k < t->taps; k++) {                                     \
        int64_t off = t->off[k];                                                \
        NN_UNROLL for (int p = 0; p < P; p++)                                   \
            x[p] = start[p] + off;                                              \
        for (int64_t i = -n; i < 0; i++, w += V * NN_LANES) {                   \
            vf b[V];                                                            \
            __builtin_prefetch(w + AHEAD);                                      \
            NN_UNROLL for (int v = 0; v < V; v++)                               \
                b[v] = vf_load(w + v * NN_LANES);                               \
            NN_UNROLL for (int p = 0; p < P; p++) {                             \
                vf a = vf_set(x[p][i]);                                         \
                NN_UNROLL for (int v = 0; v < V; v++)                           \
                    sum[p][v] = vf_fma(a, b[v], sum[p][v]);                     \
            }                                                                   \
        }                                                                       \
    }                                                                           \
    if (t->width == V * NN_LANES && !t->res && !t->slope) {                     \
        NN_UNROLL for (int p = 0; p < P; p++) {                                 \
            float *y = t->y + t->yat[pixel + p];                                \
            NN_UNROLL for (int v = 0; v < V; v++)                               \
                vf_store(y + v * NN_LANES, vf_min(hi, vf_max(lo, sum[p][v])));  \
        }                                                                       \
        return;                                                                 \
    }                                                                           \
    NN_UNROLL for (int p = 0; p < P; p++)                                       \
        NN_UNROLL for (int v = 0; v < V; v++)                                   \
            finish(t, pixel + p, v, sum[p][v], lo, hi);                         \
}

/* All pixels, in pieces as equal as can be: 7 of at most 6 are 4 and 3. */
#define RUN(V, MOST, ...)                                                       \
void NN_SIMD(nn_tile_##V)(const struct nn_tile *t);                             \
void NN_SIMD(nn_tile_##V)(const struct nn_tile *t)                              \
{                                                                               \
    static void (*const tile[])(const struct nn_tile *, int64_t) = { __VA_ARGS__ };     \
    int64_t pieces = (t->count + MOST - 1) / MOST, from = 0;                    \
    int64_t size = pieces ? t->count / pieces : 0, more = t->count - size * pieces;     \
                                                                                \
    for (; more > 0; more--, from += size + 1)                                  \
        tile[size](t, from);                                                    \
    for (; from < t->count; from += size)                                       \
        tile[size - 1](t, from);                                                \
}

#define TILES_6(V) TILE(1, V) TILE(2, V) TILE(3, V) TILE(4, V) TILE(5, V) TILE(6, V)
#define TILES_8(V) TILES_6(V) TILE(7, V) TILE(8, V)
#define TILES_12(V) TILES_8(V) TILE(9, V) TILE(10, V) TILE(11, V) TILE(12, V)

#if defined(__AVX512F__)
TILES_12(1) TILE(13, 1) TILE(14, 1)
TILES_12(2)
TILES_8(3)
RUN(1, 14, tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1, tile_7x1, tile_8x1,
    tile_9x1, tile_10x1, tile_11x1, tile_12x1, tile_13x1, tile_14x1)
RUN(2, 12, tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2, tile_7x2, tile_8x2,
    tile_9x2, tile_10x2, tile_11x2, tile_12x2)
RUN(3, 8, tile_1x3, tile_2x3, tile_3x3, tile_4x3, tile_5x3, tile_6x3, tile_7x3, tile_8x3)
#elif defined(__aarch64__)
TILES_12(1)
TILES_8(2)
TILES_6(3)
RUN(1, 12, tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1, tile_7x1, tile_8x1,
    tile_9x1, tile_10x1, tile_11x1, tile_12x1)
RUN(2, 8, tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2, tile_7x2, tile_8x2)
RUN(3, 6, tile_1x3, tile_2x3, tile_3x3, tile_4x3, tile_5x3, tile_6x3)
#else
TILES_8(1)      /* more sums than the latency needs, but not more pointers than registers */
TILES_6(2)
TILE(1, 3) TILE(2, 3) TILE(3, 3) TILE(4, 3)
RUN(1, 8, tile_1x1, tile_2x1, tile_3x1, tile_4x1, tile_5x1, tile_6x1, tile_7x1, tile_8x1)
RUN(2, 6, tile_1x2, tile_2x2, tile_3x2, tile_4x2, tile_5x2, tile_6x2)
RUN(3, 4, tile_1x3, tile_2x3, tile_3x3, tile_4x3)
#endif
