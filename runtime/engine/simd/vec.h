/*
 * vec.h - one vector of floats, as wide as the instruction set that this file is
 * compiled for. The kernels of this folder are written once on top of it and
 * compiled once for each set (Makefile: ISA_*); NN_ISA is its name.
 */
#ifndef NN_ENGINE_SIMD_VEC_H
#define NN_ENGINE_SIMD_VEC_H

#include <stdint.h>
#include <string.h>

#define NN_PASTE_(a, b) a##_##b
#define NN_PASTE(a, b) NN_PASTE_(a, b)
/* nn_tile -> nn_tile_avx2 */
#define NN_SIMD(name) NN_PASTE(name, NN_ISA)
#define NN_UNROLL _Pragma("GCC unroll 16")

#if defined(__AVX512F__)
#include <immintrin.h>

enum { NN_LANES = 16 };
typedef __m512 vf;
static inline vf vf_load(const float *p) { return _mm512_loadu_ps(p); }
static inline void vf_store(float *p, vf x) { _mm512_storeu_ps(p, x); }
static inline vf vf_set(float x) { return _mm512_set1_ps(x); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm512_fmadd_ps(a, b, c); }
static inline vf vf_add(vf a, vf b) { return _mm512_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm512_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm512_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm512_div_ps(a, b); }
/* Where one is NaN: the second, so limits come first. */
static inline vf vf_max(vf a, vf b) { return _mm512_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm512_min_ps(a, b); }
static inline vf vf_load_part(const float *p, int n)
{
    return _mm512_maskz_loadu_ps((__mmask16)((1u << n) - 1), p);
}
static inline void vf_store_part(float *p, vf x, int n)
{
    _mm512_mask_storeu_ps(p, (__mmask16)((1u << n) - 1), x);
}
#elif defined(__AVX2__)
#include <immintrin.h>

enum { NN_LANES = 8 };
typedef __m256 vf;
static inline vf vf_load(const float *p) { return _mm256_loadu_ps(p); }
static inline void vf_store(float *p, vf x) { _mm256_storeu_ps(p, x); }
static inline vf vf_set(float x) { return _mm256_set1_ps(x); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm256_fmadd_ps(a, b, c); }
static inline vf vf_add(vf a, vf b) { return _mm256_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm256_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm256_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm256_div_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm256_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm256_min_ps(a, b); }
static inline __m256i vf_mask(int n)
{
    return _mm256_cmpgt_epi32(_mm256_set1_epi32(n), _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
/* r, g and b of NN_LANES pixels to r0 g0 b0 r1 ...: each plane's values go to where all three
 * vectors that are stored want them. */
#define NN_VEC_STORE3
static inline void vf_store3(float *p, vf r, vf g, vf b)
{
    r = _mm256_permutevar8x32_ps(r, _mm256_setr_epi32(0, 3, 6, 1, 4, 7, 2, 5));
    g = _mm256_permutevar8x32_ps(g, _mm256_setr_epi32(5, 0, 3, 6, 1, 4, 7, 2));
    b = _mm256_permutevar8x32_ps(b, _mm256_setr_epi32(2, 5, 0, 3, 6, 1, 4, 7));
    _mm256_storeu_ps(p, _mm256_blend_ps(_mm256_blend_ps(r, g, 0x92), b, 0x24));
    _mm256_storeu_ps(p + 8, _mm256_blend_ps(_mm256_blend_ps(b, r, 0x92), g, 0x24));
    _mm256_storeu_ps(p + 16, _mm256_blend_ps(_mm256_blend_ps(g, b, 0x92), r, 0x24));
}
static inline vf vf_load_part(const float *p, int n) { return _mm256_maskload_ps(p, vf_mask(n)); }
static inline void vf_store_part(float *p, vf x, int n) { _mm256_maskstore_ps(p, vf_mask(n), x); }
#else
#define NN_VEC_PARTS_BY_COPY
enum { NN_LANES = 4 };
#if defined(__ARM_NEON) && defined(__aarch64__)
#include <arm_neon.h>
typedef float32x4_t vf;
static inline vf vf_load(const float *p) { return vld1q_f32(p); }
static inline void vf_store(float *p, vf x) { vst1q_f32(p, x); }
static inline vf vf_set(float x) { return vdupq_n_f32(x); }
static inline vf vf_fma(vf a, vf b, vf c) { return vfmaq_f32(c, a, b); }
static inline vf vf_add(vf a, vf b) { return vaddq_f32(a, b); }
static inline vf vf_sub(vf a, vf b) { return vsubq_f32(a, b); }
static inline vf vf_mul(vf a, vf b) { return vmulq_f32(a, b); }
static inline vf vf_div(vf a, vf b) { return vdivq_f32(a, b); }
static inline vf vf_max(vf a, vf b) { return vbslq_f32(vcgtq_f32(a, b), a, b); }
static inline vf vf_min(vf a, vf b) { return vbslq_f32(vcltq_f32(a, b), a, b); }
#define NN_VEC_STORE3
static inline void vf_store3(float *p, vf r, vf g, vf b)
{
    vst3q_f32(p, (float32x4x3_t){ { r, g, b } });
}
#elif defined(__SSE2__)
#include <emmintrin.h>
typedef __m128 vf;
static inline vf vf_load(const float *p) { return _mm_loadu_ps(p); }
static inline void vf_store(float *p, vf x) { _mm_storeu_ps(p, x); }
static inline vf vf_set(float x) { return _mm_set1_ps(x); }
static inline vf vf_fma(vf a, vf b, vf c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
static inline vf vf_add(vf a, vf b) { return _mm_add_ps(a, b); }
static inline vf vf_sub(vf a, vf b) { return _mm_sub_ps(a, b); }
static inline vf vf_mul(vf a, vf b) { return _mm_mul_ps(a, b); }
static inline vf vf_div(vf a, vf b) { return _mm_div_ps(a, b); }
static inline vf vf_max(vf a, vf b) { return _mm_max_ps(a, b); }
static inline vf vf_min(vf a, vf b) { return _mm_min_ps(a, b); }
#else
/* Any machine: four floats that the compiler may or may not keep together. */
typedef struct { float v[4]; } vf;
#define NN_EACH4(expr) vf r; for (int i = 0; i < 4; i++) r.v[i] = (expr); return r
static inline vf vf_load(const float *p) { NN_EACH4(p[i]); }
static inline void vf_store(float *p, vf x) { memcpy(p, x.v, sizeof x.v); }
static inline vf vf_set(float x) { NN_EACH4(x); }
static inline vf vf_fma(vf a, vf b, vf c) { NN_EACH4(a.v[i] * b.v[i] + c.v[i]); }
static inline vf vf_add(vf a, vf b) { NN_EACH4(a.v[i] + b.v[i]); }
static inline vf vf_sub(vf a, vf b) { NN_EACH4(a.v[i] - b.v[i]); }
static inline vf vf_mul(vf a, vf b) { NN_EACH4(a.v[i] * b.v[i]); }
static inline vf vf_div(vf a, vf b) { NN_EACH4(a.v[i] / b.v[i]); }
static inline vf vf_max(vf a, vf b) { NN_EACH4(a.v[i] > b.v[i] ? a.v[i] : b.v[i]); }
static inline vf vf_min(vf a, vf b) { NN_EACH4(a.v[i] < b.v[i] ? a.v[i] : b.v[i]); }
#endif
#endif

#ifdef NN_VEC_PARTS_BY_COPY
static inline vf vf_load_part(const float *p, int n)
{
    float t[NN_LANES] = { 0 };

    memcpy(t, p, (size_t)n * sizeof *t);
    return vf_load(t);
}
static inline void vf_store_part(float *p, vf x, int n)
{
    float t[NN_LANES];

    vf_store(t, x);
    memcpy(p, t, (size_t)n * sizeof *t);
}
#endif

#ifndef NN_VEC_STORE3
static inline void vf_store3(float *p, vf r, vf g, vf b)
{
    float t[3][NN_LANES];

    vf_store(t[0], r);
    vf_store(t[1], g);
    vf_store(t[2], b);
    for (int i = 0; i < 3 * NN_LANES; i++)
        p[i] = t[i % 3][i / 3];
}
#endif

#endif
