/* Rows of channels: what pooling, resizing and normalising a pixel come down to. */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

#define EACH_VECTOR(n, vector, part)                                            \
    do {                                                                        \
        int64_t c = 0;                                                          \
        for (; c + NN_LANES <= (n); c += NN_LANES)                              \
            vector;                                                             \
        for (; c < (n); c++)                                                    \
            part;                                                               \
    } while (0)

void NN_SIMD(nn_row_max)(float *y, const float *const *x, int64_t rows, int64_t n);
void NN_SIMD(nn_row_max)(float *y, const float *const *x, int64_t rows, int64_t n)
{
    int64_t c = 0;

    for (; c + NN_LANES <= n; c += NN_LANES) {
        vf m = vf_load(x[0] + c);
        for (int64_t r = 1; r < rows; r++)
            m = vf_max(m, vf_load(x[r] + c));
        vf_store(y + c, m);
    }
    for (; c < n; c++) {
        float m = x[0][c];
        for (int64_t r = 1; r < rows; r++)
            m = m > x[r][c] ? m : x[r][c];
        y[c] = m;
    }
}

/* One vector of channels of a window. */
static inline __attribute__((always_inline))
vf window(const struct nn_pooling *p, int64_t at, int part, int mean)
{
    vf m = vf_set(mean ? 0 : -__builtin_inff());

    for (int64_t r = 0; r < p->kh; r++)
        for (int64_t k = 0; k < p->kw; k++) {
            const float *x = p->row[r] + at + k * p->channels;
            vf v = part ? vf_load_part(x, part) : vf_load(x);
            m = mean ? vf_add(m, v) : vf_max(m, v);
        }
    return mean ? vf_mul(m, vf_set(p->scale)) : m;
}

void NN_SIMD(nn_pool)(const struct nn_pooling *p);
void NN_SIMD(nn_pool)(const struct nn_pooling *p)
{
    int mean = p->scale > 0;

    for (int64_t i = 0; i < p->out; i++) {
        float *y = p->y + i * p->channels;
        int64_t c = 0;
        for (; c + NN_LANES <= p->channels; c += NN_LANES)
            vf_store(y + c, mean ? window(p, i * p->step + c, 0, 1)
                                 : window(p, i * p->step + c, 0, 0));
        if (c < p->channels)
            vf_store_part(y + c, window(p, i * p->step + c, (int)(p->channels - c), mean),
                          (int)(p->channels - c));
    }
}

void NN_SIMD(nn_row_blend)(float *y, const float *const *x, const float *w, int64_t rows,
                           int64_t n);
void NN_SIMD(nn_row_blend)(float *y, const float *const *x, const float *w, int64_t rows,
                           int64_t n)
{
    int64_t c = 0;

    for (; c + NN_LANES <= n; c += NN_LANES) {
        vf s = vf_mul(vf_load(x[0] + c), vf_set(w[0]));
        for (int64_t r = 1; r < rows; r++)
            s = vf_fma(vf_load(x[r] + c), vf_set(w[r]), s);
        vf_store(y + c, s);
    }
    for (; c < n; c++) {
        float s = x[0][c] * w[0];
        for (int64_t r = 1; r < rows; r++)
            s += x[r][c] * w[r];
        y[c] = s;
    }
}

void NN_SIMD(nn_row_sum)(float *y, const float *x, int64_t rows, int64_t n, float scale);
void NN_SIMD(nn_row_sum)(float *y, const float *x, int64_t rows, int64_t n, float scale)
{
    int64_t c = 0;

    for (; c + NN_LANES <= n; c += NN_LANES) {
        vf s[4] = { vf_set(0), vf_set(0), vf_set(0), vf_set(0) };
        int64_t r = 0;
        for (; r + 4 <= rows; r += 4)
            NN_UNROLL for (int i = 0; i < 4; i++)
                s[i] = vf_add(s[i], vf_load(x + (r + i) * n + c));
        for (; r < rows; r++)
            s[0] = vf_add(s[0], vf_load(x + r * n + c));
        s[0] = vf_add(vf_add(s[0], s[1]), vf_add(s[2], s[3]));
        vf_store(y + c, vf_mul(s[0], vf_set(scale)));
    }
    for (; c < n; c++) {
        float s = 0;
        for (int64_t r = 0; r < rows; r++)
            s += x[r * n + c];
        y[c] = s * scale;
    }
}

void NN_SIMD(nn_row_affine)(float *y, const float *x, const float *a, const float *b, int64_t n);
void NN_SIMD(nn_row_affine)(float *y, const float *x, const float *a, const float *b, int64_t n)
{
    EACH_VECTOR(n, vf_store(y + c, vf_fma(vf_load(x + c), vf_load(a + c), vf_load(b + c))),
                y[c] = x[c] * a[c] + b[c]);
}

void NN_SIMD(nn_row_round)(float *y, const float *x, int64_t n, float scale, float lo, float hi);
void NN_SIMD(nn_row_round)(float *y, const float *x, int64_t n, float scale, float lo, float hi)
{
    const float magic = 12582912;       /* 1.5 * 2^23: adding it rounds what is below 2^22 */
    vf s = vf_set(scale), low = vf_set(lo), high = vf_set(hi), m = vf_set(magic);
    int64_t i = 0;

    for (; i + NN_LANES <= n; i += NN_LANES) {
        vf v = vf_min(vf_max(vf_div(vf_load(x + i), s), low), high);
        vf_store(y + i, vf_mul(vf_sub(vf_add(v, m), m), s));
    }
    for (; i < n; i++) {
        float v = x[i] / scale;
        v = v > lo ? v : lo;
        v = v < hi ? v : hi;
        y[i] = (v + magic - magic) * scale;
    }
}

void NN_SIMD(nn_row_mix)(float *y, const float *const *x, int64_t n);
void NN_SIMD(nn_row_mix)(float *y, const float *const *x, int64_t n)
{
    int64_t i = 0;

    for (; i + NN_LANES <= n; i += NN_LANES)
        vf_store3(y + 3 * i, vf_load(x[0] + i), vf_load(x[1] + i), vf_load(x[2] + i));
    for (; i < n; i++)
        for (int c = 0; c < 3; c++)
            y[3 * i + c] = x[c][i];
}
