#include "runtime/effects/wet.h"

#include <string.h>

#include "runtime/effects/noise.h"

enum { PIECE = 256 };

struct pass {
    struct nn_wet *m;
    const struct nn_frame *f;
};

static int step_of(int h)
{
    return h / 240 > 1 ? h / 240 : 1;
}

size_t nn_wet_size(int w, int h)
{
    size_t step = (size_t)step_of(h), gw = (size_t)w / step + 2, gh = (size_t)h / step + 2;

    return 3 * gw * (2 * gh + 1) * sizeof(float);
}

void nn_wet_init(struct nn_wet *m, int w, int h, void *memory)
{
    float *at = memory;
    size_t size;

    m->step = step_of(h);
    m->w = w / m->step + 2;
    m->h = h / m->step + 2;
    size = (size_t)m->w * (size_t)m->h;
    for (int i = 0; i < 3; i++, at += 2 * size + (size_t)m->w) {
        m->sum[i] = at;
        m->mirror[i] = at + size + (size_t)m->w;
    }
}

/* Row j of points, counted from the line upwards: the light there, of which only what shines
 * survives a rough mirror. */
NN_WIDE static void gather_row(void *arg, int j)
{
    struct pass *k = arg;
    struct nn_wet *m = k->m;
    int step = m->step, w = k->f->w, y0 = nn_clampi(m->from - (j + 1) * step, 0, k->f->h - 1);
    int rows = nn_clampi(step, 1, k->f->h - y0);
    float pixel[3][PIECE];

    for (int i0 = 0; i0 < m->w; i0 += PIECE / step) {
        int n = m->w - i0 < PIECE / step ? m->w - i0 : PIECE / step, x0 = i0 * step;
        int wide = nn_clampi(w - x0, 0, n * step);
        for (int c = 0; c < 3; c++)
            for (int x = 0; x < n * step; x++)
                pixel[c][x] = 0;
        for (int c = 0; c < 3; c++)
            for (int y = 0; y < rows; y++) {
                const float *restrict v = k->f->plane[c] + (size_t)(y0 + y) * (size_t)w + x0;
                for (int x = 0; x < wide; x++)
                    pixel[c][x] += nn_minf(v[x], 4);
            }
        for (int x = 0; x < wide; x++) {
            float r = pixel[0][x] / (float)rows, g = pixel[1][x] / (float)rows;
            float b = pixel[2][x] / (float)rows, most = nn_maxf(nn_maxf(r, g), b);
            float shine = most / (most + 0.25f);
            pixel[0][x] = r * shine;
            pixel[1][x] = g * shine;
            pixel[2][x] = b * shine;
        }
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < n; i++) {
                size_t at = (size_t)(j + 1) * (size_t)m->w + (size_t)(i0 + i);
                float sum = 0;
                for (int x = 0; x < step; x++)
                    sum += pixel[c][i * step + x];
                m->sum[c][at] = sum / (float)step;
            }
    }
}

/* The sum over rows [a, b) of column i, a mean. */
NN_INLINE float mean_of(const float *sum, int w, int i, int a, int b)
{
    return (sum[b * w + i] - sum[a * w + i]) / (float)(b - a);
}

/* Row j of the mirror: a mean over a span above the line that grows with the depth, which draws
 * lights out to streaks; two spans, so that they end softly. */
NN_WIDE static void mirror_row(void *arg, int j)
{
    struct pass *k = arg;
    const struct nn_wet *m = k->m;
    int mid = (int)(1.2f * (float)j), wide = 3 + j * 3 / 4, slim = 1 + j / 4;
    int a = nn_clampi(mid - wide, 0, m->tall - 1), b = nn_clampi(mid + wide, a + 1, m->tall);
    int e = nn_clampi(mid - slim, 0, m->tall - 1), f = nn_clampi(mid + slim, e + 1, m->tall);

    for (int c = 0; c < 3; c++) {
        const float *restrict sum = m->sum[c];
        float *restrict out = m->mirror[c] + (size_t)j * (size_t)m->w;
        for (int i = 0; i < m->w; i++)
            out[i] = 0.45f * mean_of(sum, m->w, i, a, b) + 0.55f * mean_of(sum, m->w, i, e, f);
    }
}

/* The rings of drops: each runs out, fades and falls anew elsewhere, seen as flat as the ground
 * lies, smaller where it is far. */
static void throw_rings(struct nn_wet *m, const struct nn_scene *sc)
{
    uint32_t seed = (uint32_t)sc->seed + 77;
    float deep = (float)(sc->h - m->from), unit = sc->unit;

    for (int i = 0; i < NN_WET_RINGS; i++) {
        double turn = sc->t * (0.9 + 0.8 * (double)nn_dice2(i, 0, seed)) +
                      (double)nn_dice2(i, 1, seed);
        int life = (int)fmod(floor(turn), 65536);
        float age = (float)(turn - floor(turn)), far = nn_dice2(i, 4 * life + 2, seed);
        float size = (0.25f + far) * unit;

        m->ring[i] = (struct nn_ring){
            nn_dice2(i, 4 * life + 3, seed) * (float)sc->w,
            (float)m->from + deep * (0.04f + 0.96f * far * far), (3 + 40 * age) * size,
            nn_maxf(3.2f * size, 0.7f), 0.22f + 0.13f * far, 1.6f * (1 - age) * (1 - age)
        };
    }
}

void nn_wet_build(struct nn_wet *m, const struct nn_scene *sc, const struct nn_frame *f,
                  float ground)
{
    struct pass k = { m, f };
    int rows;

    m->from = nn_clampi((int)(ground * (float)f->h), 0, f->h);
    rows = nn_clampi((f->h - m->from) / m->step + 2, 1, m->h);
    m->tall = nn_clampi(2 * rows + 6, 1, m->h);
    nn_pool_run(sc->pool, m->tall, gather_row, &k);
    for (int c = 0; c < 3; c++) {
        memset(m->sum[c], 0, (size_t)m->w * sizeof(float));
        for (int j = 1; j <= m->tall; j++)
            for (int i = 0; i < m->w; i++)
                m->sum[c][j * m->w + i] += m->sum[c][(j - 1) * m->w + i];
    }
    nn_pool_run(sc->pool, rows, mirror_row, &k);
    throw_rings(m, sc);
}

/* Adds to bend[0..n) what the rings do to row y. */
static void bend_rings(const struct nn_wet *m, int y, int x0, int n, float *bend)
{
    for (int i = 0; i < NN_WET_RINGS; i++) {
        const struct nn_ring *o = &m->ring[i];
        float dy = ((float)y - o->y) / o->flat, outer = o->radius + o->wave;
        int a, b;
        if (fabsf(dy) > outer)
            continue;
        outer = sqrtf(outer * outer - dy * dy);
        a = nn_clampi((int)(o->x - outer) - x0, 0, n);
        b = nn_clampi((int)(o->x + outer) + 1 - x0, 0, n);
        for (int x = a; x < b; x++) {
            float dx = (float)(x0 + x) - o->x, r = sqrtf(dx * dx + dy * dy) - o->radius;
            float k = nn_maxf(1 - fabsf(r) / o->wave, 0);
            bend[x] += r < 0 ? o->strong * k : -0.3f * o->strong * k;
        }
    }
}

/* Columns [x0, x0 + n), at most PIECE. */
NN_WIDE static void blend(const struct nn_wet *m, struct nn_frame *f, int y, int x0, int n,
                          const float *restrict bend, const float *restrict dry, float wet)
{
    float deep = (float)(y - m->from), all = nn_maxf((float)(f->h - m->from), 1), far = deep / all;
    float in = nn_smooth(0, 0.10f * all + 1, deep);
    float unit = (float)f->h / 720, k = 1 / (float)m->step;

    for (int x = 0; x < n; x++) {
        float sx = nn_clampf(((float)(x0 + x) + bend[x] * (5 + 26 * far) * unit) * k, 0,
                             (float)(m->w - 2));
        float sy = nn_clampf((deep + bend[x] * (9 + 60 * far) * unit) * k, 0, (float)(m->h - 2));
        int i = (int)sx, j = (int)sy, at = j * m->w + i;
        float u = sx - (float)i, v = sy - (float)j, see = wet * in * dry[x];
        float lean = 1 + 0.8f * bend[x];        /* a wave's flank mirrors more or less */
        size_t out = (size_t)y * (size_t)f->w + (size_t)(x0 + x);
        for (int c = 0; c < 3; c++) {
            const float *a = m->mirror[c] + at, *b = a + m->w;
            float top = a[0] + u * (a[1] - a[0]), low = b[0] + u * (b[1] - b[0]);
            float *px = f->plane[c] + out;
            *px += see * (nn_maxf(lean, 0.2f) * 1.4f * (top + v * (low - top)) - 0.62f * *px);
        }
    }
}

/* Noise at the mirror's points, in between as straight lines: out[0..n) from column x0 on. */
static void noise_row(const struct nn_wet *m, float size, float v0, float t, int octaves,
                      uint32_t seed, int x0, int n, float *out)
{
    float u[PIECE + 2], v[PIECE + 2], value[PIECE + 2], k = 1 / (float)m->step;
    int points = (n - 1) / m->step + 2, i0 = x0 / m->step;

    for (int i = 0; i < points; i++) {
        u[i] = ((float)(i0 + i) - 0.5f * (float)m->w) * (float)m->step / size;
        v[i] = v0;
    }
    nn_fbm3_line(u, v, t, points, octaves, seed, value);
    for (int i = 0; i + 1 < points; i++)
        for (int x = 0; x < m->step && i * m->step + x < n; x++)
            out[i * m->step + x] = value[i] + (value[i + 1] - value[i]) * (float)x * k;
}

void nn_wet_row(const struct nn_wet *m, const struct nn_scene *sc, struct nn_frame *f, int y,
                float wet)
{
    float t = (float)fmod(sc->t, 4096), all = nn_maxf((float)(f->h - m->from), 1);
    float deep = (float)(y - m->from) / all, size = (26 + 120 * deep) * sc->unit;
    float row = 7 * logf(0.06f + deep), bend[PIECE], dry[PIECE];
    uint32_t seed = (uint32_t)sc->seed + 9;
    const uint8_t *mask = sc->who.mask;
    int piece = m->step < PIECE ? PIECE / m->step * m->step : PIECE;

    for (int x0 = 0; x0 < f->w; x0 += piece) {
        int n = f->w - x0 < piece ? f->w - x0 : piece;
        noise_row(m, size, 3 * row - 0.9f * t, 1.1f * t, 2, seed, x0, n, bend);
        noise_row(m, 4.5f * size, 0.55f * row, 0, 3, seed + 5, x0, n, dry);
        for (int x = 0; x < n; x++) {
            bend[x] = 1.1f * (bend[x] - 0.5f);
            dry[x] = 0.55f + 0.45f * nn_smooth(0.42f, 0.58f, dry[x]);
        }
        bend_rings(m, y, x0, n, bend);
        if (mask)
            for (int x = 0; x < n; x++)
                dry[x] *= 1 - (float)mask[(size_t)y * (size_t)f->w + (size_t)(x0 + x)] / 255;
        blend(m, f, y, x0, n, bend, dry, wet);
    }
}
