#include "trainer/augment.h"

#include <math.h>

void nn_input_plain(const uint8_t *px, int w, int h, int c, const struct nn_normal *norm,
                    float *out)
{
    float k = (float)(1 / (255 * norm->std)), b = (float)(norm->mean / norm->std);

    for (int ch = 0; ch < c; ch++)
        for (int i = 0; i < w * h; i++)
            *out++ = (float)px[i * c + ch] * k - b;
}

/* Output pixel (x, y) reads the source at (m[0] x + m[1] y + m[2], m[3] x + m[4] y + m[5]). */
static void draw_affine(const struct nn_augment *a, int w, int h, struct nn_rng *rng, float m[6])
{
    float angle = nn_rng_range(rng, -1, 1) * (float)(a->rotate * 3.14159265 / 180);
    float zoom = 1 / (1 + nn_rng_range(rng, -1, 1) * (float)a->scale);
    float dx = nn_rng_range(rng, -1, 1) * (float)a->shift * (float)w;
    float dy = nn_rng_range(rng, -1, 1) * (float)a->shift * (float)h;
    float mirror = nn_rng_float(rng) < (float)a->flip ? -1 : 1;
    float cx = (float)(w - 1) / 2, cy = (float)(h - 1) / 2;
    float co = cosf(angle) * zoom, si = sinf(angle) * zoom;

    m[0] = co * mirror;
    m[1] = -si;
    m[3] = si * mirror;
    m[4] = co;
    if (a->shear > 0) {
        float t = tanf(nn_rng_range(rng, -1, 1) * (float)(a->shear * 3.14159265 / 180));
        int axis = (int)nn_rng_below(rng, 2);
        m[axis] += t * m[!axis];
        m[3 + axis] += t * m[3 + !axis];
    }
    m[2] = cx + dx - m[0] * cx - m[1] * cy;
    m[5] = cy + dy - m[3] * cx - m[4] * cy;
}

static float clampf(float v, float lo, float hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

static float bilinear(const uint8_t *px, int w, int h, int c, float x, float y)
{
    x = clampf(x, 0, (float)(w - 1));
    y = clampf(y, 0, (float)(h - 1));
    int x0 = (int)x, y0 = (int)y, x1 = x0 + (x0 < w - 1), y1 = y0 + (y0 < h - 1);
    float fx = x - (float)x0, fy = y - (float)y0;
    float top = px[(y0 * w + x0) * c] * (1 - fx) + px[(y0 * w + x1) * c] * fx;
    float low = px[(y1 * w + x0) * c] * (1 - fx) + px[(y1 * w + x1) * c] * fx;

    return top * (1 - fy) + low * fy;
}

static void erase(int w, int h, int c, struct nn_rng *rng, float *out)
{
    float area = nn_rng_range(rng, 0.02f, 0.2f) * (float)(w * h);
    float ratio = expf(nn_rng_range(rng, -1, 1));
    int ew = (int)clampf(sqrtf(area * ratio), 1, (float)w);
    int eh = (int)clampf(sqrtf(area / ratio), 1, (float)h);
    int x0 = (int)nn_rng_below(rng, (uint32_t)(w - ew + 1));
    int y0 = (int)nn_rng_below(rng, (uint32_t)(h - eh + 1));

    for (int ch = 0; ch < c; ch++)
        for (int y = y0; y < y0 + eh; y++)
            for (int x = x0; x < x0 + ew; x++)
                out[(ch * h + y) * w + x] = nn_rng_normal(rng);
}

static void change_greys(const struct nn_augment *a, const struct nn_normal *norm,
                         struct nn_rng *rng, int w, int h, int c, float *out)
{
    float std = (float)norm->std, mean = (float)norm->mean;

    for (int ch = 0; ch < c; ch++, out += w * h) {
        for (int i = 0; i < w * h; i++)
            out[i] = clampf(out[i] * std + mean, 0, 1);
        nn_augment_greys(a, rng, w, h, out);
        for (int i = 0; i < w * h; i++)
            out[i] = (out[i] - mean) / std;
    }
}

void nn_input_augmented(const uint8_t *px, int w, int h, int c, const struct nn_normal *norm,
                        const struct nn_augment *a, struct nn_rng *rng, float *out)
{
    float gain = 1 + nn_rng_range(rng, -1, 1) * (float)a->contrast;
    float lift = nn_rng_range(rng, -1, 1) * (float)a->brightness;
    float k = gain / (float)(255 * norm->std), mean = 0, b, m[6];
    float *o = out;

    draw_affine(a, w, h, rng, m);
    for (int i = 0; i < w * h * c; i++)
        mean += px[i];
    mean /= (float)(255 * w * h * c);
    b = (mean * (1 - gain) + lift - (float)norm->mean) / (float)norm->std;
    for (int ch = 0; ch < c; ch++)
        for (int y = 0; y < h; y++)
            for (int x = 0; x < w; x++)
                *o++ = b + k * bilinear(px + ch, w, h, c, m[0] * (float)x + m[1] * (float)y + m[2],
                                        m[3] * (float)x + m[4] * (float)y + m[5]);
    if (a->ops > 0)
        change_greys(a, norm, rng, w, h, c, out);
    if (nn_rng_float(rng) < (float)a->erase)
        erase(w, h, c, rng, out);
}
