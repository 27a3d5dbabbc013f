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

#include "runtime/effects/effect.h"

enum { AMOUNT, THRESHOLD, RADIUS, TINT };
enum { LEVELS = 7, SPAN = 256 };

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

/* One row of the first level: 2 x 2 pixels' mean light above the threshold. */
NN_WIDE static void bright_row(void *arg, int y)
{
    struct work *k = arg;
    int w = k->f->w, y0 = 2 * y, y1 = clampi(2 * y + 1, k->f->h - 1), cw = k->coarse->w;
    float knee = 0.5f * k->p[THRESHOLD] + 0.02f;

    for (int x = 0; x < cw; x++) {
        int x0 = 2 * x, x1 = clampi(2 * x + 1, w - 1);
        float v[3], m = 0, s;
        for (int i = 0; i < 3; i++) {
            const float *a = k->f->plane[i] + (size_t)y0 * (size_t)w;
            const float *b = k->f->plane[i] + (size_t)y1 * (size_t)w;
            v[i] = 0.25f * (a[x0] + a[x1] + b[x0] + b[x1]);
            m = v[i] > m ? v[i] : m;
        }
        s = m - k->p[THRESHOLD] + knee;         /* a parabola through the knee, then a line */
        s = s <= 0 ? 0 : s < 2 * knee ? s * s / (4 * knee) : s - knee;
        s = m > 1e-6f ? s / m : 0;
        s = s * 4 / (4 + s * m);                /* one blazing pixel must not flicker */
        for (int i = 0; i < 3; i++)
            k->coarse->plane[i][(size_t)y * (size_t)cw + (size_t)x] = v[i] * s;
    }
}

NN_WIDE static void down_row(void *arg, int y)
{
    static const float tap[4] = { 0.125f, 0.375f, 0.375f, 0.125f };
    struct work *k = arg;
    int w = k->fine->w, h = k->fine->h, cw = k->coarse->w;

    for (int i = 0; i < 3; i++) {
        float *out = k->coarse->plane[i] + (size_t)y * (size_t)cw;
        const float *in[4];
        for (int j = 0; j < 4; j++)
            in[j] = k->fine->plane[i] + (size_t)clampi(2 * y - 1 + j, h - 1) * (size_t)w;
        for (int x = 0; x < cw; x++) {
            float sum = 0;
            for (int t = 0; t < 4; t++) {
                int at = clampi(2 * x - 1 + t, w - 1);
                sum += tap[t] * (0.125f * (in[0][at] + in[3][at]) +
                                 0.375f * (in[1][at] + in[2][at]));
            }
            out[x] = sum;
        }
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

NN_INLINE float tent_value(const struct tent *t, int x)
{
    int c = x / 2, d = clampi(x & 1 ? c + 1 : c - 1, t->cw - 1);

    return 0.75f * (0.75f * t->a[c] + 0.25f * t->a[d]) +
           0.25f * (0.75f * t->b[c] + 0.25f * t->b[d]);
}

/* Adds the coarse level to a row of the fine one. */
NN_WIDE static void up_row(void *arg, int y)
{
    struct work *k = arg;

    for (int i = 0; i < 3; i++) {
        struct tent t = tent_at(k->coarse, i, y);
        float *out = k->fine->plane[i] + (size_t)y * (size_t)k->fine->w;
        for (int x = 0; x < k->fine->w; x++)
            out[x] += tent_value(&t, x);
    }
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
    float fy, scale;
    int last;
};

static struct lit_row lit_row_at(const struct work *k, int y)
{
    float fy = ((float)y + 0.5f) / (float)k->lit_step - 0.5f;
    int y0 = fy < 0 ? 0 : (int)fy;

    return (struct lit_row){ k->lit + (size_t)clampi(y0, k->lit_h - 1) * (size_t)k->lit_w,
                             k->lit + (size_t)clampi(y0 + 1, k->lit_h - 1) * (size_t)k->lit_w,
                             fy < 0 ? 0 : fy - (float)y0, 1 / (float)k->lit_step, k->lit_w - 1 };
}

NN_INLINE float lit_at(const struct lit_row *l, int x)
{
    float fx = ((float)x + 0.5f) * l->scale - 0.5f;
    int x0 = fx < 0 ? 0 : (int)fx, x1;

    fx = fx < 0 ? 0 : fx - (float)x0;
    x0 = x0 < l->last ? x0 : l->last;
    x1 = x0 < l->last ? x0 + 1 : x0;
    return (1 - l->fy) * (l->a[x0] + fx * (l->a[x1] - l->a[x0])) +
           l->fy * (l->b[x0] + fx * (l->b[x1] - l->b[x0]));
}

/* Columns [2 c, 2 (c + n)) of a row of the coarse level at twice its size, into out; `line` has
 * room for n + 2. */
NN_INLINE void tent_span(const struct tent *t, int c, int n, float *restrict line,
                             float *restrict out)
{
    for (int i = 0; i < n; i++)
        line[i + 1] = 0.75f * t->a[c + i] + 0.25f * t->b[c + i];
    line[0] = c > 0 ? 0.75f * t->a[c - 1] + 0.25f * t->b[c - 1] : line[1];
    line[n + 1] = c + n < t->cw ? 0.75f * t->a[c + n] + 0.25f * t->b[c + n] : line[n];
    for (int i = 0; i < n; i++) {
        out[2 * i] = 0.75f * line[i + 1] + 0.25f * line[i];
        out[2 * i + 1] = 0.75f * line[i + 1] + 0.25f * line[i + 2];
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
    float line[SPAN + 2], halo[3][2 * SPAN], lit[2 * SPAN];
    float veil = 1 - 0.10f * k->p[AMOUNT];      /* as a mist filter takes a little away */

    for (int i = 0; i < 3; i++)
        tent_span(&t[i], x0 / 2, (n + 1) / 2, line, halo[i]);
    for (int x = 0; x < n; x++)
        lit[x] = k->lit ? 1.6f * lit_at(around, x0 + x) : 0;
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

/* Turns a level's light towards its tint and weighs it. */
NN_WIDE static void tint_row(void *arg, int y)
{
    struct work *k = arg;
    size_t at = (size_t)y * (size_t)k->fine->w;
    float *r = k->fine->plane[0] + at, *g = k->fine->plane[1] + at, *b = k->fine->plane[2] + at;
    float t = k->p[TINT];

    for (int x = 0; x < k->fine->w; x++) {
        float l = 0.35f * r[x] + 0.40f * g[x] + 0.25f * b[x];
        r[x] = k->own * (r[x] + t * (l * k->hue[0] - r[x]));
        g[x] = k->own * (g[x] + t * (l * k->hue[1] - g[x]));
        b[x] = k->own * (b[x] + t * (l * k->hue[2] - b[x]));
    }
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
    for (int l = 0; l < n; l++) {
        float wide = (float)l / (LEVELS - 1);
        k.fine = &lv[l];
        k.own = weight[l] / sum * p[AMOUNT] * 3;
        for (int i = 0; i < 3; i++) {
            float c = nn_smooth(0.05f, 0.4f, wide), m = nn_smooth(0.45f, 0.8f, wide);
            k.hue[i] = (1 - c) + c * ((1 - m) * cyan[i] + m * magenta[i]);
        }
        nn_pool_run(sc->pool, lv[l].h, tint_row, &k);
    }
    for (int l = n - 1; l > 0; l--) {
        k.fine = &lv[l - 1];
        k.coarse = &lv[l];
        nn_pool_run(sc->pool, lv[l - 1].h, up_row, &k);
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
