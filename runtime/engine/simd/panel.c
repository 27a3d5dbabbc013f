/*
 * One row times a matrix: each weight is read once, so that memory sets the pace. Eight
 * vectors of columns hide the latency of their sums and make one stream of the weights.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

enum { PANEL = 8 };

void NN_SIMD(nn_panels)(float *y, const float *x, const float *w, const float *add, int64_t k,
                        int64_t n);
void NN_SIMD(nn_panels)(float *y, const float *x, const float *w, const float *add, int64_t k,
                        int64_t n)
{
    for (int64_t at = 0; at < n; at += PANEL * NN_LANES) {
        vf sum[PANEL];
        NN_UNROLL for (int v = 0; v < PANEL; v++) {
            int64_t c = at + v * NN_LANES;
            sum[v] = c + NN_LANES <= n ? vf_load(add + c)
                     : c < n ? vf_load_part(add + c, (int)(n - c)) : vf_set(0);
        }
        for (int64_t i = 0; i < k; i++, w += PANEL * NN_LANES) {
            vf a = vf_set(x[i]);
            NN_UNROLL for (int v = 0; v < PANEL; v++)
                sum[v] = vf_fma(a, vf_load(w + v * NN_LANES), sum[v]);
        }
        NN_UNROLL for (int v = 0; v < PANEL; v++) {
            int64_t c = at + v * NN_LANES;
            if (c + NN_LANES <= n)
                vf_store(y + c, sum[v]);
            else if (c < n)
                vf_store_part(y + c, sum[v], (int)(n - c));
        }
    }
}
