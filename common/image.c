#include "common/image.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

int nn_image_init(struct nn_image *img, int w, int h, int channels, struct nn_err *err)
{
    *img = (struct nn_image){ w, h, channels, NULL };
    if (w < 1 || h < 1 || w > 32768 || h > 32768 ||
        (channels != 1 && channels != 3 && channels != 4))
        return nn_fail(err, NN_EARG, "no picture has %d x %d pixels of %d channels", w, h,
                       channels);
    if (!(img->px = calloc(nn_image_size(img), 1)))
        return nn_fail_mem(err, "picture");
    return 0;
}

void nn_image_release(struct nn_image *img)
{
    free(img->px);
    memset(img, 0, sizeof *img);
}

static int clampi(int v, int lo, int hi)
{
    return v < lo ? lo : v > hi ? hi : v;
}

/* The pixels of one axis that an output pixel covers, and their weights: a
 * triangle as wide as the step (bilinear), a box of its width when shrinking. */
struct span {
    int first, count;
    float weight[2];    /* of the first and the last; inner ones weigh 1 */
};

static struct span cover(float origin, float step, int i)
{
    struct span s = { 0, 0, { 0, 0 } };
    float a = origin + step * (float)i, b = a + step;

    if (step <= 1.0f) {         /* growing: two neighbours of the centre */
        float c = (a + b) / 2 - 0.5f, f = floorf(c);
        s.first = (int)f;
        s.count = 2;
        s.weight[1] = c - f;
        s.weight[0] = 1 - s.weight[1];
    } else {                    /* shrinking: everything under the pixel */
        s.first = (int)floorf(a);
        s.count = (int)ceilf(b) - s.first;
        s.weight[0] = (float)(s.first + 1) - a;
        s.weight[1] = b - (float)(s.first + s.count - 1);
    }
    return s;
}

static float span_weight(const struct span *s, int i)
{
    return i == 0 ? s->weight[0] : i == s->count - 1 ? s->weight[1] : 1.0f;
}

/* The weighted mean of the pixels that two spans cover. */
static void sample(const struct nn_image *src, const struct span *sx, const struct span *sy,
                   float out[3])
{
    int inside = sx->first >= 0 && sx->first + sx->count <= src->w, n = src->channels;
    float sum = 0, acc[3] = { 0, 0, 0 };

    for (int j = 0; j < sy->count; j++) {
        const uint8_t *row = src->px + (size_t)clampi(sy->first + j, 0, src->h - 1) *
                                           (size_t)src->w * (size_t)n;
        float wy = span_weight(sy, j);
        for (int i = 0; i < sx->count; i++) {
            int x = sx->first + i;
            const uint8_t *p = row + (inside ? x : clampi(x, 0, src->w - 1)) * n;
            float w = wy * span_weight(sx, i);
            acc[0] += w * (float)p[0];
            if (n == 3) {
                acc[1] += w * (float)p[1];
                acc[2] += w * (float)p[2];
            }
            sum += w;
        }
    }
    for (int c = 0; c < 3; c++)
        out[c] = acc[n == 3 ? c : 0] / sum;
}

static void put(const float v[3], int from, int to, uint8_t *out)
{
    if (to == 3) {
        for (int c = 0; c < 3; c++)
            out[c] = (uint8_t)(v[c] + 0.5f);
    } else {
        float grey = from == 1 ? v[0] : .299f * v[0] + .587f * v[1] + .114f * v[2];
        out[0] = (uint8_t)(grey + 0.5f);
    }
}

void nn_image_crop(const struct nn_image *src, struct nn_box box, struct nn_image *dst)
{
    enum { TILE = 128 };        /* columns whose spans are worked out once for all rows */
    float kx = box.w / (float)dst->w, ky = box.h / (float)dst->h, v[3];
    struct span sx[TILE];

    for (int x0 = 0; x0 < dst->w; x0 += TILE) {
        int n = dst->w - x0 < TILE ? dst->w - x0 : TILE;
        for (int i = 0; i < n; i++)
            sx[i] = cover(box.x, kx, x0 + i);
        for (int y = 0; y < dst->h; y++) {
            struct span sy = cover(box.y, ky, y);
            uint8_t *out = dst->px + ((size_t)y * (size_t)dst->w + (size_t)x0) *
                                         (size_t)dst->channels;
            for (int i = 0; i < n; i++, out += dst->channels) {
                sample(src, &sx[i], &sy, v);
                put(v, src->channels, dst->channels, out);
            }
        }
    }
}
