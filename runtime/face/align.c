#include "runtime/face/align.h"

#include <math.h>

enum { MAX_SAMPLES = 16 };      /* along a side: a face of 768 pixels becomes one of 48 */

static int clampi(int v, int n)
{
    return v < 0 ? 0 : v < n ? v : n - 1;
}

/* Adds the bilinear sample at x, y, whole numbers being the middles of pixels. */
static void sample(const struct nn_image *src, float x, float y, float sum[3])
{
    int n = src->channels, x0, y0, x1, y1;
    float fx, fy;

    x = fmaxf(-1, fminf((float)src->w, x));
    y = fmaxf(-1, fminf((float)src->h, y));
    fx = x - floorf(x);
    fy = y - floorf(y);
    x0 = clampi((int)floorf(x), src->w);
    y0 = clampi((int)floorf(y), src->h);
    x1 = clampi((int)floorf(x) + 1, src->w);
    y1 = clampi((int)floorf(y) + 1, src->h);
    const uint8_t *a = src->px + ((size_t)y0 * (size_t)src->w + (size_t)x0) * (size_t)n;
    const uint8_t *b = src->px + ((size_t)y0 * (size_t)src->w + (size_t)x1) * (size_t)n;
    const uint8_t *c = src->px + ((size_t)y1 * (size_t)src->w + (size_t)x0) * (size_t)n;
    const uint8_t *d = src->px + ((size_t)y1 * (size_t)src->w + (size_t)x1) * (size_t)n;
    for (int i = 0; i < n; i++) {
        float top = (float)a[i] + fx * (float)(b[i] - a[i]);
        float low = (float)c[i] + fx * (float)(d[i] - c[i]);
        sum[i] += top + fy * (low - top);
    }
}

static void put(const float sum[3], int from, int to, float share, uint8_t *out)
{
    float grey = from == 1 ? sum[0] : .299f * sum[0] + .587f * sum[1] + .114f * sum[2];

    for (int c = 0; c < to; c++)
        out[c] = (uint8_t)((to == 1 ? grey : sum[from == 1 ? 0 : c]) * share + 0.5f);
}

void nn_face_crop(const struct nn_image *src, struct nn_box box, float roll, struct nn_image *dst)
{
    float a = roll * 0.01745329252f, ca = cosf(a), sa = sinf(a);
    float kx = box.w / (float)dst->w, ky = box.h / (float)dst->h, k = fmaxf(kx, ky);
    float cx = box.x + box.w / 2, cy = box.y + box.h / 2;
    int m = k > 1 ? (int)ceilf(fminf(k, MAX_SAMPLES)) : 1;
    uint8_t *out = dst->px;

    for (int y = 0; y < dst->h; y++)
        for (int x = 0; x < dst->w; x++, out += dst->channels) {
            float sum[3] = { 0, 0, 0 };
            for (int j = 0; j < m; j++)
                for (int i = 0; i < m; i++) {
                    float u = ((float)x + ((float)i + 0.5f) / (float)m) * kx - box.w / 2;
                    float v = ((float)y + ((float)j + 0.5f) / (float)m) * ky - box.h / 2;
                    sample(src, cx + ca * u - sa * v - 0.5f, cy + sa * u + ca * v - 0.5f, sum);
                }
            put(sum, src->channels, dst->channels, 1 / (float)(m * m), out);
        }
}

float nn_face_lean(const float point[5][2])
{
    return atan2f(point[1][1] - point[0][1], point[1][0] - point[0][0]) * 57.29577951f;
}
