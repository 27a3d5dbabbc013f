/*
 * fx_bloom.c - neon bloom: what shines spills over, in cyan and magenta.
 *
 * Lights above a soft threshold are halved again and again with the kernel
 * [1 3 3 1], then added back up level by level with its transpose, which makes
 * a wide, smooth halo for little work (the pyramid of Jimenez, "Next Generation
 * Post Processing in Call of Duty", SIGGRAPH 2014). Narrow levels keep the
 * light's own colour, middle ones lean to cyan, the widest to magenta.
 */
#include <math.h>
#include <string.h>

#include "runtime/effects/half.h"

enum { AMOUNT, THRESHOLD, RADIUS, TINT };
enum { LEVELS = 7, SPAN = NN_HALF_SPAN };

struct level {
    int w, h;
    float *plane[3];
};

struct work {
    const struct nn_frame *f;
    struct level *fine, *coarse;
    const float *p;
    float own, hue[3];      /* of the level that is added: weight, and its tint */
    const float *lit;       /* how bright the surroundings are, kept before tinting */
    int lit_w, lit_h, lit_step;     /* its size, and the frame's pixels to one of its own */
};

/* Where level l lives in the spare frame, which has room for all: 1/4 + 1/16 +
 * ... < 1/2. Odd sizes round up; tiny frames stop at 1 x 1. */
static int lay_out(struct level *lv, const struct nn_frame *f, struct nn_frame *spare)
{
    size_t used = 0, room = (size_t)f->w * (size_t)f->h;
    int n = 0, w = f->w, h = f->h;

    while (n < LEVELS && (w > 1 || h > 1)) {
        w = (w + 1) / 2;
        h = (h + 1) / 2;
        if (used + (size_t)w * (size_t)h > room)
            break;
        lv[n].w = w;
        lv[n].h = h;
        for (int i = 0; i < 3; i++)
            lv[n].plane[i] = spare->plane[i] + used;
        used += (size_t)w * (size_t)h;
        n++;
    }
    return n;
}

NN_INLINE int clampi(int v, int hi)
{
    return v < 0 ? 0 : v > hi ? hi : v;
}

/* Columns [c, c + n) of the first level's row y: 2 x 2 pixels' mean light above the threshold. */
NN_WIDE static void bright_span(const struct work *k, int y, int c, int n)
{
    int w = k->f->w, y0 = 2 * y, y1 = clampi(2 * y + 1, k->f->h - 1), cw = k->coarse->w;
    float least = k->p[THRESHOLD], knee = 0.5f * least + 0.02f, v[3][SPAN], bend = 1 / (4 * knee);
    size_t at = (size_t)y * (size_t)cw + (size_t)c;
    float *restrict r = k->coarse->plane[0] + at, *restrict g = k->coarse->plane[1] + at;
    float *restrict b = k->coarse->plane[2] + at;

    for (int i = 0; i < 3; i++)
        nn_sum_pairs(k->f->plane[i] + (size_t)y0 * (size_t)w,
                     k->f->plane[i] + (size_t)y1 * (size_t)w, w, c, n, v[i]);
    for (int x = 0; x < n; x++) {
        float m = v[0][x] > v[1][x] ? v[0][x] : v[1][x], over, s;
        m = 0.25f * (v[2][x] > m ? v[2][x] : m);
        over = m - least + knee;                /* a parabola through the knee, then a line */
        over = over > 0 ? over : 0;
        s = over < 2 * knee ? over * over * bend : over - knee;
        m = m > 1e-6f ? m : 1e-6f;
        s = s / (m * (4 + s));                  /* one blazing pixel must not flicker */
        r[x] = v[0][x] * s;
        g[x] = v[1][x] * s;
        b[x] = v[2][x] * s;
    }
}

static void bright_row(void *arg, int y)
{
    struct work *k = arg;
    int cw = k->coarse->w;

    for (int c = 0; c < cw; c += SPAN)
        bright_span(k, y, c, cw - c < SPAN ? cw - c : SPAN);
}

/* Columns [2 c - 1, 2 (c + n)] of four rows become n of the level below. */
NN_WIDE static void down_span(const float *const in[4], int w, int c, int n, float *restrict out)
{
    float line[2 * SPAN + 2];
    int from = c ? 0 : 1, to = w - 2 * c + 1 < 2 * n + 2 ? w - 2 * c + 1 : 2 * n + 2;

    for (int x = from; x < to; x++) {
        int at = 2 * c - 1 + x;
        line[x] = 0.125f * (in[0][at] + in[3][at]) + 0.375f * (in[1][at] + in[2][at]);
    }
    if (from)
        line[0] = line[1];
    for (int x = to; x < 2 * n + 2; x++)
        line[x] = line[to - 1];
    for (int x = 0; x < n; x++)
        out[x] = 0.125f * (line[2 * x] + line[2 * x + 3]) +
                 0.375f * (line[2 * x + 1] + line[2 * x + 2]);
}

static void down_row(void *arg, int y)
{
    struct work *k = arg;
    int w = k->fine->w, h = k->fine->h, cw = k->coarse->w;

    for (int i = 0; i < 3; i++) {
        float *out = k->coarse->plane[i] + (size_t)y * (size_t)cw;
        const float *in[4];
        for (int j = 0; j < 4; j++)
            in[j] = k->fine->plane[i] + (size_t)clampi(2 * y - 1 + j, h - 1) * (size_t)w;
        for (int c = 0; c < cw; c += SPAN)
            down_span(in, w, c, cw - c < SPAN ? cw - c : SPAN, out + c);
    }
}

/* The coarse level at twice its size: its value of channel i beneath pixel (x, y). */
struct tent {
    const float *a, *b;     /* the nearer and the farther coarse row */
    int cw;
};

NN_INLINE struct tent tent_at(const struct level *coarse, int i, int y)
{
    int near = clampi(y / 2, coarse->h - 1);
    int far = clampi(y & 1 ? near + 1 : near - 1, coarse->h - 1);

    return (struct tent){ coarse->plane[i] + (size_t)near * (size_t)coarse->w,
                          coarse->plane[i] + (size_t)far * (size_t)coarse->w, coarse->w };
}

/* Columns [2 c, 2 (c + n)) of a row of the coarse level at twice its size, into out; n <= SPAN. */
NN_INLINE void tent_span(const struct tent *t, int c, int n, float *restrict out)
{
    nn_mix_twice(t->a, t->b, 0.25f, t->cw, c, n, out);
}

/* Turns the fine level's light towards its tint, weighs it, and adds the coarse level. */
NN_WIDE static void up_span(const struct work *k, const struct tent t[3], int y, int x0, int n)
{
    size_t at = (size_t)y * (size_t)k->fine->w + (size_t)x0;
    float *restrict r = k->fine->plane[0] + at, *restrict g = k->fine->plane[1] + at;
    float *restrict b = k->fine->plane[2] + at;
    float wide[3][2 * SPAN], keep = k->own * (1 - k->p[TINT]), hue[3];

    for (int i = 0; i < 3; i++) {
        hue[i] = k->own * k->p[TINT] * k->hue[i];
        if (k->coarse)
            tent_span(&t[i], x0 / 2, (n + 1) / 2, wide[i]);
        for (int x = 0; x < n && !k->coarse; x++)
            wide[i][x] = 0;
    }
    for (int x = 0; x < n; x++) {
        float l = 0.35f * r[x] + 0.40f * g[x] + 0.25f * b[x];
        r[x] = keep * r[x] + l * hue[0] + wide[0][x];
        g[x] = keep * g[x] + l * hue[1] + wide[1][x];
        b[x] = keep * b[x] + l * hue[2] + wide[2][x];
    }
}

static void up_row(void *arg, int y)
{
    struct work *k = arg;
    struct tent t[3] = { { 0 } };

    for (int i = 0; i < 3 && k->coarse; i++)
        t[i] = tent_at(k->coarse, i, y);
    for (int x = 0; x < k->fine->w; x += 2 * SPAN)
        up_span(k, t, y, x, k->fine->w - x < 2 * SPAN ? k->fine->w - x : 2 * SPAN);
}

/* Keeps the light of level l as one plane, behind the levels in the spare frame. */
static void keep_lit(struct work *k, const struct level *lv, int l, int n, struct nn_frame *spare)
{
    const struct level *last = &lv[n - 1];
    float *out = last->plane[0] + (size_t)last->w * (size_t)last->h;
    size_t size = (size_t)lv[l].w * (size_t)lv[l].h;

    if ((size_t)(out - spare->plane[0]) + size > (size_t)spare->w * (size_t)spare->h)
        return;
    for (size_t i = 0; i < size; i++) {
        float m = lv[l].plane[0][i] > lv[l].plane[1][i] ? lv[l].plane[0][i] : lv[l].plane[1][i];
        out[i] = lv[l].plane[2][i] > m ? lv[l].plane[2][i] : m;
    }
    k->lit = out;
    k->lit_w = lv[l].w;
    k->lit_h = lv[l].h;
    k->lit_step = 2 << l;
}

/* Where the frame's row y lies in that plane: between two rows of it. */
struct lit_row {
    const float *a, *b;
    float fy;
    int last;
};

static struct lit_row lit_row_at(const struct work *k, int y)
{
    float fy = ((float)y + 0.5f) / (float)k->lit_step - 0.5f;
    int y0 = fy < 0 ? 0 : (int)fy;

    return (struct lit_row){ k->lit + (size_t)clampi(y0, k->lit_h - 1) * (size_t)k->lit_w,
                             k->lit + (size_t)clampi(y0 + 1, k->lit_h - 1) * (size_t)k->lit_w,
                             fy < 0 ? 0 : fy - (float)y0, k->lit_w - 1 };
}

/* Columns [x0, x0 + n) of it, made `gain` times brighter. Its points lie at the middles of
 * squares of `step` pixels. */
NN_INLINE void lit_span(const struct lit_row *l, int step, int x0, int n, float gain,
                        float *restrict out)
{
    int x = 0;

    while (x < n) {
        int at = x0 + x - step / 2, c = at < 0 ? -1 : at / step;
        int p = clampi(c, l->last), q = clampi(c + 1, l->last);
        int end = (c + 1) * step + step / 2 - x0;
        float from = gain * (l->a[p] + l->fy * (l->b[p] - l->a[p]));
        float slope = (gain * (l->a[q] + l->fy * (l->b[q] - l->a[q])) - from) / (float)step;
        float off = (float)(x0 - c * step - step / 2) + 0.5f;
        end = end < n ? end : n;
        for (; x < end; x++)
            out[x] = from + slope * ((float)x + off);
    }
}

/* Lays the halo over columns [x0, x0 + n) of row y: less where it is bright, or amid brightness,
 * so that light glows around a face and does not fill its eyes and mouth. */
NN_WIDE static void lay_span(const struct work *k, const struct tent t[3],
                             const struct lit_row *around, int y, int x0, int n)
{
    size_t at = (size_t)y * (size_t)k->f->w + (size_t)x0;
    float *restrict r = k->f->plane[0] + at, *restrict g = k->f->plane[1] + at;
    float *restrict b = k->f->plane[2] + at;
    float halo[3][2 * SPAN], lit[2 * SPAN];
    float veil = 1 - 0.10f * k->p[AMOUNT];      /* as a mist filter takes a little away */

    for (int i = 0; i < 3; i++)
        tent_span(&t[i], x0 / 2, (n + 1) / 2, halo[i]);
    if (k->lit)
        lit_span(around, k->lit_step, x0, n, 1.6f, lit);
    for (int x = 0; x < n && !k->lit; x++)
        lit[x] = 0;
    for (int x = 0; x < n; x++) {
        float m = r[x] > g[x] ? r[x] : g[x], room;
        m = b[x] > m ? b[x] : m;
        m = lit[x] > m ? lit[x] : m;
        room = 1 / (1 + 4 * m);
        r[x] = r[x] * veil + room * halo[0][x];
        g[x] = g[x] * veil + room * halo[1][x];
        b[x] = b[x] * veil + room * halo[2][x];
    }
}

static void lay_row(void *arg, int y)
{
    struct work *k = arg;
    struct tent t[3] = { tent_at(k->coarse, 0, y), tent_at(k->coarse, 1, y),
                         tent_at(k->coarse, 2, y) };
    struct lit_row around = k->lit ? lit_row_at(k, y) : (struct lit_row){ 0 };

    for (int x = 0; x < k->f->w; x += 2 * SPAN)
        lay_span(k, t, &around, y, x, k->f->w - x < 2 * SPAN ? k->f->w - x : 2 * SPAN);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    static const float cyan[3] = { 0.02f, 1.05f, 1.60f }, magenta[3] = { 1.90f, 0.03f, 1.00f };
    struct level lv[LEVELS];
    struct work k = { .f = f, .p = p };
    int n = lay_out(lv, f, spare);
    float sum = 0, weight[LEVELS];

    (void)state;
    if (n == 0)
        return;
    for (int l = 0; l < n; l++) {           /* the radius moves weight to wide levels */
        float at = (float)l / (LEVELS - 1) - p[RADIUS];
        sum += weight[l] = expf(-5 * at * at);
    }
    k.coarse = &lv[0];
    nn_pool_run(sc->pool, lv[0].h, bright_row, &k);
    for (int l = 1; l < n; l++) {
        k.fine = &lv[l - 1];
        k.coarse = &lv[l];
        nn_pool_run(sc->pool, lv[l].h, down_row, &k);
    }
    keep_lit(&k, lv, n > 3 ? 3 : n - 1, n, spare);
    for (int l = n - 1; l >= 0; l--) {
        float wide = (float)l / (LEVELS - 1);
        k.fine = &lv[l];
        k.coarse = l + 1 < n ? &lv[l + 1] : NULL;
        k.own = weight[l] / sum * p[AMOUNT] * 3;
        for (int i = 0; i < 3; i++) {
            float c = nn_smooth(0.05f, 0.4f, wide), m = nn_smooth(0.45f, 0.8f, wide);
            k.hue[i] = (1 - c) + c * ((1 - m) * cyan[i] + m * magenta[i]);
        }
        nn_pool_run(sc->pool, lv[l].h, up_row, &k);
    }
    k.coarse = &lv[0];
    nn_pool_run(sc->pool, f->h, lay_row, &k);
}

const struct nn_effect_type fx_bloom = {
    .name = "bloom",
    .brief = "lights spill over in cyan and magenta, like neon in mist",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.5f, "strength of the halo" },
        { "threshold", 0, 1, 0.30f, "linear light above which a pixel shines" },
        { "radius", 0, 1, 0.65f, "how wide the halo is" },
        { "tint", 0, 1, 0.85f, "from the light's own colour to neon" },
    },
    .render = render,
};
