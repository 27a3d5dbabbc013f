/* The most multiply-adds that one core does: chains enough to fill its pipes. */
#include "common/progress.h"
#include "export/race.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

enum { STEPS = 100000, CHAINS = 12, TRIES = 15 };

/* Returns something made of all chains, so that none is left out. */
#define LOOP(type, lanes, zero, fma)                                    \
    do {                                                                \
        type v[CHAINS], s;                                              \
        float one[lanes];                                               \
        for (int i = 0; i < CHAINS; i++)                                \
            v[i] = zero;                                                \
        for (int k = 0; k < STEPS; k++)                                 \
            _Pragma("GCC unroll 12") for (int i = 0; i < CHAINS; i++)   \
                v[i] = fma(v[i]);                                       \
        s = v[0];                                                       \
        for (int i = 1; i < CHAINS; i++)                                \
            s += v[i];                                                  \
        __builtin_memcpy(one, &s, sizeof one);                          \
        return one[0];                                                  \
    } while (0)

#if defined(__x86_64__)
#define FMA8(x) _mm256_fmadd_ps(x, _mm256_set1_ps(0.5f), _mm256_set1_ps(1))
#define FMA16(x) _mm512_fmadd_ps(x, _mm512_set1_ps(0.5f), _mm512_set1_ps(1))
__attribute__((target("avx2,fma"))) static float loop8(void)
{
    LOOP(__m256, 8, _mm256_setzero_ps(), FMA8);
}

__attribute__((target("avx512f"))) static float loop16(void)
{
    LOOP(__m512, 16, _mm512_setzero_ps(), FMA16);
}
#elif defined(__aarch64__)
#define FMA4(x) vfmaq_f32(vdupq_n_f32(1), x, vdupq_n_f32(0.5f))
static float loop4(void)
{
    LOOP(float32x4_t, 4, vdupq_n_f32(0), FMA4);
}
#endif
#define FMA1(x) ((x) * 0.5f + 1)
static float loop1(void)
{
    LOOP(float, 1, 0, FMA1);
}

double nn_peak_macs(void)
{
    float (*loop)(void) = loop1;
    int lanes = 1;
    double best = 0;

#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx512f"))
        loop = loop16, lanes = 16;
    else if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
        loop = loop8, lanes = 8;
#elif defined(__aarch64__)
    loop = loop4, lanes = 4;
#endif
    for (int i = 0; i < TRIES; i++) {
        double start = nn_now(), rate;
        float sum = loop();
        rate = (double)STEPS * CHAINS * lanes / (nn_now() - start);
        best = rate > best && sum > 0 ? rate : best;
    }
    return best;
}
