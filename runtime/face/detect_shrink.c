#include "runtime/face/detect_shrink.h"

#include <math.h>
#include <string.h>

enum { SUMS = 6144, MOST = 200 };       /* 200 rows of 255 still fit into 16 bits */

static int within(float v, int most)
{
    int i = (int)floorf(v);

    return i < 0 ? 0 : i < most ? i : most;
}

/* The pixels [*from, *to) that output pixel i covers: one at least, and none beside the picture. */
static void cover(float origin, float step, int i, int size, int *from, int *to)
{
    *from = within(origin + step * (float)i, size - 1);
    *to = within(origin + step * (float)(i + 1), size);
    *to = *to > *from ? *to : *from + 1;
}

/* Sums of `rows` rows of n bytes. */
static void add_rows(const uint8_t *px, size_t stride, int rows, int n, uint16_t *sum)
{
    memset(sum, 0, (size_t)n * sizeof *sum);
    for (int r = 0; r < rows; r++, px += stride)
        for (int i = 0; i < n; i++)
            sum[i] = (uint16_t)(sum[i] + px[i]);
}

/* Columns [x0, x1) of output row y. */
static void row(const struct nn_image *src, struct nn_box box, struct nn_image *dst, int y, int x0,
                int x1)
{
    float kx = box.w / (float)dst->w, ky = box.h / (float)dst->h;
    int ch = src->channels, first, last, top, low, none;
    uint16_t sum[SUMS];

    cover(box.x, kx, x0, src->w, &first, &none);
    cover(box.x, kx, x1 - 1, src->w, &none, &last);
    cover(box.y, ky, y, src->h, &top, &low);
    add_rows(src->px + ((size_t)top * (size_t)src->w + (size_t)first) * (size_t)ch,
             (size_t)src->w * (size_t)ch, low - top, (last - first) * ch, sum);
    for (int x = x0; x < x1; x++) {
        uint8_t *out = dst->px + ((size_t)y * (size_t)dst->w + (size_t)x) * (size_t)dst->channels;
        int from, to;
        cover(box.x, kx, x, src->w, &from, &to);
        for (int c = 0; c < dst->channels; c++) {
            uint32_t all = 0, n = (uint32_t)((to - from) * (low - top));
            for (int i = from; i < to; i++)
                all += sum[(i - first) * ch + (ch == 3 ? c : 0)];
            out[c] = (uint8_t)((all + n / 2) / n);
        }
    }
}

void nn_face_shrink(const struct nn_image *src, struct nn_box box, struct nn_image *dst)
{
    float kx = box.w / (float)dst->w, ky = box.h / (float)dst->h;
    int tile = (int)((float)(SUMS / 3 - 2) / kx);

    if (kx < 2 || ky < 2 || kx > MOST || ky > MOST || dst->channels != 3) {
        nn_image_crop(src, box, dst);
        return;
    }
    for (int y = 0; y < dst->h; y++)
        for (int x = 0; x < dst->w; x += tile)
            row(src, box, dst, y, x, x + tile < dst->w ? x + tile : dst->w);
}
