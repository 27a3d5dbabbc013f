/*
 * simd.h - the vector kernels of one instruction set, behind one table.
 *
 * Pictures are NHWC: the channels of a pixel lie together. The files of this
 * folder are compiled once for each set; nn_simd_choose() picks the best that
 * the machine has, or the one that NEONNOIR_ISA names.
 */
#ifndef NN_ENGINE_SIMD_SIMD_H
#define NN_ENGINE_SIMD_SIMD_H

#include <stdint.h>

/*
 * A product of pixels and weights: y[p][c] = clip(slope(bias[c] + res[p][c] +
 * sum over taps t and i < run of x[p][off[t] + i] * w[t][i][c])),
 * where slope(v) = v < 0 ? slope[c] * v : v.
 * Convolution, transposed convolution's phases, Gemm and Winograd's inner
 * products all are this.
 */
struct nn_tile {
    int64_t taps, run;          /* pieces of a pixel's input, floats in each */
    const int64_t *off;         /* of a piece, from the pixel's start */
    const float *x;
    const int32_t *xat;         /* start of each pixel in x */
    const float *w;             /* taps x run x (vectors * lanes) */
    float *y;
    const int32_t *yat;         /* of each pixel in y, and in res */
    const float *res;           /* or NULL */
    const float *bias, *slope;  /* vectors * lanes; slope may be NULL */
    int64_t count;              /* pixels */
    int width;                  /* channels stored, <= vectors * lanes */
    float lo, hi;               /* the clip; infinities for none */
};

typedef void nn_run_tile(const struct nn_tile *t);

/* One output row of a depthwise convolution. Rows of the kernel that fall outside the
 * picture are left out by the caller; pixels left and right of it count as 0. */
struct nn_depth {
    int64_t channels, kw, kh;   /* kh: rows given */
    int pair;                   /* two output rows, of kh + 1 given: where nn_depth_pairs() */
    const float *const *row;    /* kh input rows, each `width` pixels of `channels` */
    int64_t width, stride, dilation, pad;
    const float *w;             /* kh x kw x channels */
    const float *bias, *slope;  /* channels; slope may be NULL */
    const float *res;           /* the row's residual, or NULL */
    float *y;
    int64_t out;                /* pixels */
    float lo, hi;
};

/* Two rows at once read each input row twice, not three times; for those with all taps' rows
 * inside the picture. */
static inline int nn_depth_pairs(const struct nn_depth *d, int lanes)
{
    return d->kw == 3 && d->stride == 1 && d->dilation == 1 && d->out >= 4 &&
           d->channels % lanes == 0;
}

/* Pixels of one output row of a pooling whose windows lie inside the picture. */
struct nn_pooling {
    int64_t channels, kw, kh;
    const float *const *row;    /* kh rows, from the first window's first pixel */
    int64_t step, out;          /* floats from window to window; windows */
    float *y;
    float scale;                /* of the sum; 0: the largest, not the sum */
};

/* The same of integers: y = clip(slope(bias + res + scale * (init + sum of x * w))), uint8 by int8
 * of seven bits, 16 channels at once; then rounded as row_round does where step > 0. */
struct nn_tile8 {
    int64_t taps, run;          /* pieces of a pixel's input, bytes in each: 4, 8, 12, ... */
    const int64_t *off;
    const uint8_t *x;
    const int32_t *xat;
    const int8_t *w;            /* taps x run / 4 x 16 channels x 4 */
    const int32_t *init;        /* these and the next: 16 */
    const float *scale, *bias, *slope;
    float *y;
    const int32_t *yat;
    const float *res;
    int64_t count;
    int width;
    float lo, hi;
    float step, low, high;
};

/* Where a square of outputs of Winograd's goes (wino.c). */
struct nn_wino {
    const float *from;          /* products of point k at from[k * step]; whole vectors */
    int64_t step, channels;
    const float *bias, *slope;  /* whole vectors; slope may be NULL */
    const float *res;           /* or NULL */
    float *y;
    const int64_t *at;          /* of each output, in y and in res; -1: outside the picture */
    float lo, hi;
};
enum { NN_WINO_MOST = 6 };      /* points in a row */

/* n x n pixels of whole vectors of channels to as many points, `step` floats apart. */
typedef void nn_wino_in(const float *const *at, float *to, int64_t channels, int64_t step);
typedef void nn_wino_out(const struct nn_wino *w);

/* sum[rows][cols] += a^T b for a[count][rows], b[count][cols]; rows in fours, whole vectors. */
typedef void nn_gram(const float *a, int64_t rows, const float *b, int64_t cols, int64_t count,
                     float *sum);

/* y = a op b, n values; an operand of step 0 is one value. y may be a or b where that runs. */
typedef void nn_row_pair(float *y, const float *a, int64_t sa, const float *b, int64_t sb,
                         int64_t n);

/* Passes of training's batch normalisation over one picture of NHWC, `pixels` x `channels`;
 * scale and shift a channel. */
struct nn_norm {
    int64_t pixels, channels;
    const float *x, *scale, *shift;
    const float *res;           /* or NULL */
    int relu;
    const float *g;             /* a gradient */
    float *y, *to, *dscale, *dshift;
};

struct nn_simd {
    const char *name;
    int lanes;
    nn_run_tile *tile[4];       /* of 1, 2 and 3 vectors of channels */
    void (*depth)(const struct nn_depth *d);
    void (*pool)(const struct nn_pooling *p);
    nn_wino_in *wino_in[NN_WINO_MOST + 1];      /* n: 4 and 6 */
    nn_wino_out *wino_out[NN_WINO_MOST];        /* m outputs of n points: 2, 3 of 4; 4, 5 of 6 */
    nn_wino_in *wino_back[NN_WINO_MOST];        /* m x m values of gradients: 2 and 4 */
    nn_gram *gram;
    /* Sums over the pixels of x and of its squares. */
    void (*norm_sums)(const float *x, int64_t pixels, int64_t channels, float *sum,
                      float *squares);
    /* y = x * scale + shift (+ res), and not below 0 where relu. */
    void (*norm_apply)(const struct nn_norm *n);
    /* From g, the gradient of y: to = g where y > 0 (only where relu), dshift = the sum of that,
     * dscale = the sum of that times x. */
    void (*norm_grad)(const struct nn_norm *n);
    /* to = g * scale + x * dscale + dshift. */
    void (*norm_back)(const struct nn_norm *n);
    /* NULL where whole numbers were not measured to be faster. */
    void (*tile8)(const struct nn_tile8 *t);
    /* y = x / scale, rounded half to even, + zero (0..255), within 0..255. */
    void (*to_u8)(uint8_t *y, const float *x, int64_t n, float scale, float zero);
    /* y = scale * (x / scale, rounded half to even, within lo..hi). */
    void (*row_round)(float *y, const float *x, int64_t n, float scale, float lo, float hi);
    /* y[c] over rows x[0..rows-1] of n channels: the largest; the sum with weights. */
    void (*row_max)(float *y, const float *const *x, int64_t rows, int64_t n);
    void (*row_blend)(float *y, const float *const *x, const float *w, int64_t rows, int64_t n);
    /* Of `rows` rows that follow each other: scale * sum. */
    void (*row_sum)(float *y, const float *x, int64_t rows, int64_t n, float scale);
    nn_row_pair *row_add, *row_sub, *row_mul, *row_div;
    /* y = x within lo..hi; NaN stays. */
    void (*row_clip)(float *y, const float *x, int64_t n, float lo, float hi);
    /* Three planes of n values, value by value. */
    void (*row_mix)(float *y, const float *const *x, int64_t n);
    /* Each of n values; y may be x. */
    void (*row_exp)(float *y, const float *x, int64_t n);
    void (*row_sigmoid)(float *y, const float *x, int64_t n);
    void (*row_tanh)(float *y, const float *x, int64_t n);
    /* y = x * a + b, channel by channel. */
    void (*row_affine)(float *y, const float *x, const float *a, const float *b, int64_t n);
    /* y[c] = add[c] + sum over i < k of x[i] * w[i][c] for n columns; w in panels of 8 vectors:
     * panel x k x (8 * lanes), the last one padded. y may be add. */
    void (*panels)(float *y, const float *x, const float *w, const float *add, int64_t k,
                   int64_t n);
};

const struct nn_simd *nn_simd_choose(void);
/* By name, or NULL where the machine or this build does not have it. */
const struct nn_simd *nn_simd_find(const char *name);
/* Name of set i of this build, best first; NULL past the last. */
const char *nn_simd_name(int i);

#endif
