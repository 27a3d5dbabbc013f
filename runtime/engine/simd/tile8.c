/*
 * The inner product of eight bits: uint8 values by int8 weights of seven bits,
 * summed in 32. vpmaddubsw adds two products in 16 bits, which cannot overflow as
 * 2 * 255 * 64 < 2^15; vpmaddwd by ones widens them. Twice the products a
 * cycle of a float FMA. Five pixels by two vectors leave registers for the rest.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

#if defined(__AVX2__) && !defined(__AVX512F__)

static inline __attribute__((always_inline))
void finish(const struct nn_tile8 *t, int64_t pixel, int v, __m256i sum)
{
    int left = t->width - v * NN_LANES;
    int64_t at = t->yat[pixel] + v * NN_LANES;
    vf s;

    if (left <= 0)
        return;
    s = vf_fma(_mm256_cvtepi32_ps(sum), vf_load(t->scale + v * NN_LANES),
               vf_load(t->bias + v * NN_LANES));
    if (t->res)
        s = vf_add(s, left >= NN_LANES ? vf_load(t->res + at) : vf_load_part(t->res + at, left));
    if (t->slope)
        s = vf_fma(vf_min(s, vf_set(0)), vf_load(t->slope + v * NN_LANES), vf_max(s, vf_set(0)));
    s = vf_min(vf_set(t->hi), vf_max(vf_set(t->lo), s));
    if (t->step > 0) {
        s = vf_min(vf_max(vf_div(s, vf_set(t->step)), vf_set(t->low)), vf_set(t->high));
        s = vf_mul(_mm256_round_ps(s, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC),
                   vf_set(t->step));
    }
    if (left >= NN_LANES)
        vf_store(t->y + at, s);
    else
        vf_store_part(t->y + at, s, left);
}

static inline __m256i four(const uint8_t *x)
{
    int32_t v;

    memcpy(&v, x, sizeof v);
    return _mm256_set1_epi32(v);
}

static inline __m256i add(__m256i sum, __m256i x, __m256i w)
{
    return _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(x, w),
                                                   _mm256_set1_epi16(1)));
}

/* The empty asm keeps the compiler from loading all pixels first and spilling sums. */
#define TILE(P)                                                                 \
static void tile_##P(const struct nn_tile8 *t, int64_t pixel)                   \
{                                                                               \
    const int8_t *w = t->w;                                                     \
    const uint8_t *x[P];                                                        \
    __m256i sum[P][2];                                                          \
                                                                                \
    NN_UNROLL for (int p = 0; p < P; p++)                                       \
        NN_UNROLL for (int v = 0; v < 2; v++)                                   \
            sum[p][v] = _mm256_loadu_si256((const void *)(t->init + v * 8));    \
    for (int64_t k = 0; k < t->taps; k++) {                                     \
        int64_t n = t->run;                                                     \
        NN_UNROLL for (int p = 0; p < P; p++)                                   \
            x[p] = t->x + t->xat[pixel + p] + t->off[k] + n;                    \
        for (int64_t i = -n; i < 0; i += 4, w += 64) {                          \
            __m256i a = _mm256_loadu_si256((const void *)w);                    \
            __m256i b = _mm256_loadu_si256((const void *)(w + 32));             \
            NN_UNROLL for (int p = 0; p < P; p++) {                             \
                __m256i v = four(x[p] + i);                                     \
                sum[p][0] = add(sum[p][0], v, a);                               \
                sum[p][1] = add(sum[p][1], v, b);                               \
                __asm__ volatile("" : "+x"(sum[p][0]), "+x"(sum[p][1]));        \
            }                                                                   \
        }                                                                       \
    }                                                                           \
    NN_UNROLL for (int p = 0; p < P; p++)                                       \
        NN_UNROLL for (int v = 0; v < 2; v++)                                   \
            finish(t, pixel + p, v, sum[p][v]);                                 \
}

TILE(1)
TILE(2)
TILE(3)
TILE(4)
TILE(5)

void NN_SIMD(nn_tile8)(const struct nn_tile8 *t);
void NN_SIMD(nn_tile8)(const struct nn_tile8 *t)
{
    static void (*const tile[])(const struct nn_tile8 *, int64_t) = {
        tile_1, tile_2, tile_3, tile_4, tile_5,
    };
    int64_t pieces = (t->count + 4) / 5, from = 0;

    for (int64_t i = 1; i <= pieces; i++) {
        int64_t to = t->count * i / pieces;
        tile[to - from - 1](t, from);
        from = to;
    }
}

void NN_SIMD(nn_to_u8)(uint8_t *y, const float *x, int64_t n, float scale, float zero);
void NN_SIMD(nn_to_u8)(uint8_t *y, const float *x, int64_t n, float scale, float zero)
{
    const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
    vf s = vf_set(scale), low = vf_set(-zero), high = vf_set(255 - zero);
    __m256i z = _mm256_set1_epi32((int)zero);

    while (n > 0) {
        float part[32];
        uint8_t bytes[32];
        const float *from = x;
        uint8_t *to = y;
        __m256i a[4];
        if (n < 32) {
            memset(part, 0, sizeof part);
            memcpy(part, x, (size_t)n * sizeof *x);
            from = part;
            to = bytes;
        }
        NN_UNROLL for (int i = 0; i < 4; i++)
            a[i] = _mm256_add_epi32(z, _mm256_cvtps_epi32(vf_min(
                vf_max(vf_div(vf_load(from + 8 * i), s), low), high)));
        a[0] = _mm256_packus_epi16(_mm256_packs_epi32(a[0], a[1]), _mm256_packs_epi32(a[2], a[3]));
        _mm256_storeu_si256((void *)to, _mm256_permutevar8x32_epi32(a[0], order));
        if (n < 32)
            memcpy(y, bytes, (size_t)n);
        x += 32;
        y += 32;
        n -= 32;
    }
}
#else
/* Elsewhere nothing was measured, and the float kernels stay. */
typedef int nn_no_tile8;
#endif
