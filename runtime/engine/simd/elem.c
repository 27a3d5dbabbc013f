/* Value by value: what chains of small operators mostly are. */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

/* An operand that stands still is one vector, loaded before the loop. */
#define PAIR(name, op, scalar)                                                  \
nn_row_pair NN_SIMD(nn_row_##name);                                             \
void NN_SIMD(nn_row_##name)(float *y, const float *a, int64_t sa, const float *b, int64_t sb,   \
                            int64_t n)                                          \
{                                                                               \
    int64_t i = 0;                                                              \
    vf p = vf_set(n ? *a : 0), q = vf_set(n ? *b : 0);                          \
                                                                                \
    for (; i + NN_LANES <= n; i += NN_LANES) {                                  \
        if (sa)                                                                 \
            p = vf_load(a + i);                                                 \
        if (sb)                                                                 \
            q = vf_load(b + i);                                                 \
        vf_store(y + i, op(p, q));                                              \
    }                                                                           \
    for (; i < n; i++)                                                          \
        y[i] = a[i * sa] scalar b[i * sb];                                      \
}
PAIR(add, vf_add, +)
PAIR(sub, vf_sub, -)
PAIR(mul, vf_mul, *)
PAIR(div, vf_div, /)

void NN_SIMD(nn_row_clip)(float *y, const float *x, int64_t n, float lo, float hi);
void NN_SIMD(nn_row_clip)(float *y, const float *x, int64_t n, float lo, float hi)
{
    int64_t i = 0;

    for (; i + NN_LANES <= n; i += NN_LANES)
        vf_store(y + i, vf_min(vf_set(hi), vf_max(vf_set(lo), vf_load(x + i))));
    for (; i < n; i++)
        y[i] = x[i] < lo ? lo : x[i] > hi ? hi : x[i];
}
