/*
 * Depthwise convolution, a row at a time, vectorised over channels. Four pixels
 * share each vector of weights; pixels whose window leaves the picture are done
 * one by one.
 */
#include "runtime/engine/simd/simd.h"
#include "runtime/engine/simd/vec.h"

static inline __attribute__((always_inline))
vf finish(const struct nn_depth *d, vf s, int64_t pixel, int64_t c, int part)
{
    const float *res = d->res ? d->res + pixel * d->channels + c : NULL;

    if (res)
        s = vf_add(s, part ? vf_load_part(res, part) : vf_load(res));
    if (d->slope)
        s = vf_fma(vf_min(s, vf_set(0)),
                   part ? vf_load_part(d->slope + c, part) : vf_load(d->slope + c),
                   vf_max(s, vf_set(0)));
    return vf_min(vf_set(d->hi), vf_max(vf_set(d->lo), s));
}

/* V vectors of channels (or a part of one) of a pixel with taps k0..k1 of each row inside. */
static inline __attribute__((always_inline))
void one(const struct nn_depth *d, int64_t pixel, int64_t c, int64_t k0, int64_t k1, int V,
         int part)
{
    int64_t n = d->channels, x = (pixel * d->stride - d->pad) * n + c;
    vf s[4];

    NN_UNROLL for (int v = 0; v < V; v++)
        s[v] = part ? vf_load_part(d->bias + c, part) : vf_load(d->bias + c + v * NN_LANES);
    for (int64_t r = 0; r < d->kh; r++)
        for (int64_t k = k0; k < k1; k++) {
            const float *a = d->row[r] + x + k * d->dilation * n;
            const float *w = d->w + (r * d->kw + k) * n + c;
            NN_UNROLL for (int v = 0; v < V; v++, a += NN_LANES, w += NN_LANES)
                s[v] = part ? vf_fma(vf_load_part(a, part), vf_load_part(w, part), s[v])
                            : vf_fma(vf_load(a), vf_load(w), s[v]);
        }
    NN_UNROLL for (int v = 0; v < V; v++) {
        vf y = finish(d, s[v], pixel, c + v * NN_LANES, part);
        if (part)
            vf_store_part(d->y + pixel * n + c, y, part);
        else
            vf_store(d->y + pixel * n + c + v * NN_LANES, y);
    }
}

/* A pixel whose window may leave the picture. */
static void single(const struct nn_depth *d, int64_t pixel)
{
    int64_t n = d->channels, x = pixel * d->stride - d->pad, k0 = 0, k1 = d->kw, c = 0;

    while (k0 < k1 && x + k0 * d->dilation < 0)
        k0++;
    while (k1 > k0 && x + (k1 - 1) * d->dilation >= d->width)
        k1--;
    for (; c + 4 * NN_LANES <= n; c += 4 * NN_LANES)
        one(d, pixel, c, k0, k1, 4, 0);
    for (; c + NN_LANES <= n; c += NN_LANES)
        one(d, pixel, c, k0, k1, 1, 0);
    if (c < n)
        one(d, pixel, c, k0, k1, 1, (int)(n - c));
}

/* Four pixels, one vector of channels, all taps inside; kw == 0: any. */
static inline __attribute__((always_inline))
void four(const struct nn_depth *d, int64_t pixel, int64_t c, int64_t kw, int64_t stride)
{
    int64_t n = d->channels, x = (pixel * d->stride - d->pad) * n + c, taps = kw ? kw : d->kw;
    int64_t step = (stride ? stride : d->stride) * n, dil = kw ? n : d->dilation * n;
    const float *w = d->w + c;
    vf s[4];

    s[0] = s[1] = s[2] = s[3] = vf_load(d->bias + c);
    for (int64_t r = 0; r < d->kh; r++) {
        const float *a = d->row[r] + x;
        NN_UNROLL for (int64_t k = 0; k < taps; k++, w += n) {
            vf b = vf_load(w);
            NN_UNROLL for (int p = 0; p < 4; p++)
                s[p] = vf_fma(vf_load(a + p * step + k * dil), b, s[p]);
        }
    }
    NN_UNROLL for (int p = 0; p < 4; p++)
        vf_store(d->y + (pixel + p) * n + c, finish(d, s[p], pixel + p, c, 0));
}

/* The usual ones, of stride 1: each input vector of a row serves all pixels that it can. At an
 * edge, those outside of the picture are left out. */
static inline __attribute__((always_inline))
void slide(const struct nn_depth *d, int64_t pixel, int64_t c, int kw, int edge)
{
    int64_t n = d->channels, from = d->pad - pixel, to = from + d->width;
    const float *w = d->w + c;
    vf s[4], b[5];

    s[0] = s[1] = s[2] = s[3] = vf_load(d->bias + c);
    for (int64_t r = 0; r < d->kh; r++, w += kw * n) {
        const float *a = d->row[r] + (pixel - d->pad) * n + c;
        NN_UNROLL for (int k = 0; k < kw; k++)
            b[k] = vf_load(w + k * n);
        NN_UNROLL for (int i = 0; i < kw + 3; i++) {
            if (edge && (i < from || i >= to))
                continue;
            vf x = vf_load(a + i * n);
            NN_UNROLL for (int p = 0; p < 4; p++)
                if (i >= p && i - p < kw)
                    s[p] = vf_fma(x, b[i - p], s[p]);
        }
    }
    NN_UNROLL for (int p = 0; p < 4; p++)
        vf_store(d->y + (pixel + p) * n + c, finish(d, s[p], pixel + p, c, 0));
}

#define SLIDE(name, KW, EDGE)                                                   \
static void name(const struct nn_depth *d, int64_t pixel, int64_t whole)        \
{                                                                               \
    for (int64_t c = 0; c < whole; c += NN_LANES)                               \
        slide(d, pixel, c, KW, EDGE);                                           \
}
SLIDE(block_3, 3, 0)
SLIDE(block_5, 5, 0)
SLIDE(edge_3, 3, 1)
SLIDE(edge_5, 5, 1)

#define BLOCK(name, KW, STRIDE)                                                 \
static void name(const struct nn_depth *d, int64_t pixel, int64_t whole)        \
{                                                                               \
    for (int64_t c = 0; c < whole; c += NN_LANES)                               \
        four(d, pixel, c, KW, STRIDE);                                          \
}
BLOCK(block_any, 0, 0)
BLOCK(block_3s2, 3, 2)
BLOCK(block_5s2, 5, 2)

/* The channels behind the last whole vector, for pixels whose taps are all inside. */
static void rest(const struct nn_depth *d, int64_t pixel, int64_t c)
{
    int64_t n = d->channels;
    int part = (int)(n - c);

    for (int64_t p = pixel; part && p < pixel + 4; p++) {
        vf s = vf_load_part(d->bias + c, part);
        for (int64_t r = 0; r < d->kh; r++)
            for (int64_t k = 0; k < d->kw; k++) {
                int64_t x = p * d->stride - d->pad + k * d->dilation;
                s = vf_fma(vf_load_part(d->row[r] + x * n + c, part),
                           vf_load_part(d->w + (r * d->kw + k) * n + c, part), s);
            }
        vf_store_part(d->y + p * n + c, finish(d, s, p, c, part), part);
    }
}

void NN_SIMD(nn_depth)(const struct nn_depth *d);
/* Four pixels of two rows, 3 x 3: an input row is the kernel's row r of the one and r - 1 of the
 * other. */
static inline __attribute__((always_inline))
void slide_pair(const struct nn_depth *d, int64_t pixel, int64_t c, int edge)
{
    int64_t n = d->channels, from = d->pad - pixel, to = from + d->width;
    vf s[2][4], b[2][3];

    NN_UNROLL for (int p = 0; p < 4; p++)
        s[0][p] = s[1][p] = vf_load(d->bias + c);
    NN_UNROLL for (int r = 0; r < 4; r++) {
        const float *a = d->row[r] + (pixel - d->pad) * n + c;
        NN_UNROLL for (int k = 0; k < 3; k++) {
            b[1][k] = b[0][k];
            if (r < 3)
                b[0][k] = vf_load(d->w + (r * 3 + k) * n + c);
        }
        NN_UNROLL for (int i = 0; i < 6; i++) {
            if (edge && (i < from || i >= to))
                continue;
            vf x = vf_load(a + i * n);
            NN_UNROLL for (int p = 0; p < 4; p++) {
                if (i < p || i - p > 2)
                    continue;
                if (r < 3)
                    s[0][p] = vf_fma(x, b[0][i - p], s[0][p]);
                if (r > 0)
                    s[1][p] = vf_fma(x, b[1][i - p], s[1][p]);
            }
        }
    }
    NN_UNROLL for (int y = 0; y < 2; y++)
        NN_UNROLL for (int p = 0; p < 4; p++) {
            int64_t at = y * d->out + pixel + p;
            vf_store(d->y + at * n + c, finish(d, s[y][p], at, c, 0));
        }
}

#define PAIR(name, EDGE)                                                        \
static void name(const struct nn_depth *d, int64_t pixel, int64_t whole)        \
{                                                                               \
    for (int64_t c = 0; c < whole; c += NN_LANES)                               \
        slide_pair(d, pixel, c, EDGE);                                          \
}
PAIR(pair_3, 0)
PAIR(pair_edge_3, 1)

/* Rows of four pixels and more whose channels fill vectors, edges and all. */
static void usual(const struct nn_depth *d)
{
    void (*block)(const struct nn_depth *, int64_t, int64_t) = d->kw == 3 ? block_3 : block_5;
    void (*edge)(const struct nn_depth *, int64_t, int64_t) = d->kw == 3 ? edge_3 : edge_5;

    if (d->pair) {
        block = pair_3;
        edge = pair_edge_3;
    }
    for (int64_t i = 0; i < d->out; i += 4) {
        int64_t pixel = i < d->out - 4 ? i : d->out - 4;    /* the last four may be done twice */
        int inside = pixel >= d->pad && pixel + 3 - d->pad + d->kw <= d->width;
        (inside ? block : edge)(d, pixel, d->channels);
    }
}

void NN_SIMD(nn_depth)(const struct nn_depth *d)
{
    void (*block)(const struct nn_depth *, int64_t, int64_t) = block_any;
    int64_t reach = (d->kw - 1) * d->dilation, pixel = 0, last, whole;
    int slides = d->dilation == 1 && d->stride == 1 && (d->kw == 3 || d->kw == 5);

    whole = d->channels / NN_LANES * NN_LANES;
    if (slides && whole == d->channels && d->out >= 4) {
        usual(d);
        return;
    }
    if (slides)
        block = d->kw == 3 ? block_3 : block_5;
    else if (d->dilation == 1 && d->stride == 2 && (d->kw == 3 || d->kw == 5))
        block = d->kw == 3 ? block_3s2 : block_5s2;
    /* One past the last pixel whose window ends inside. */
    last = d->width - 1 - reach + d->pad < 0 ? 0
                                             : (d->width - 1 - reach + d->pad) / d->stride + 1;
    last = last < d->out ? last : d->out;
    for (; pixel < d->out && pixel * d->stride < d->pad; pixel++)
        single(d, pixel);
    for (int64_t first = pixel; pixel < last && last - first >= 4; pixel += 4) {
        pixel = pixel < last - 4 ? pixel : last - 4;
        block(d, pixel, whole);
        rest(d, pixel, whole);
    }
    for (; pixel < d->out; pixel++)
        single(d, pixel);
}
