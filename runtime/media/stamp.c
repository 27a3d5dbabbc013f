#include "runtime/media/stamp.h"

#include <string.h>
#include <time.h>

enum { COLUMNS = 24, ROWS = 3, CELLS = COLUMNS * ROWS };

static int cell_height(const struct nn_image *img)
{
    int side = img->w / COLUMNS, most = img->h / COLUMNS;

    return side < most ? side : most;
}

static int too_small(const struct nn_image *img)
{
    return img->w < 2 * COLUMNS || img->h < COLUMNS;
}

static unsigned check_of(uint64_t t)
{
    unsigned sum = 0;

    for (; t; t >>= 8)
        sum += (unsigned)(t & 255);
    return ~sum & 255;
}

void nn_stamp_paint(struct nn_image *img, int64_t ns)
{
    uint64_t t = (uint64_t)ns;
    int cw = img->w / COLUMNS, ch = cell_height(img);
    unsigned check = check_of(t);

    if (too_small(img))
        return;
    for (int i = 0; i < CELLS; i++) {
        int bit = i < 64 ? (int)(t >> (63 - i) & 1) : (int)(check >> (71 - i) & 1);
        int x = i % COLUMNS * cw, y = i / COLUMNS * ch;
        for (int r = y; r < y + ch; r++)
            memset(img->px + ((size_t)r * (size_t)img->w + (size_t)x) * (size_t)img->channels,
                   bit ? 255 : 0, (size_t)(cw * img->channels));
    }
}

/* The mean of a cell's middle half, 0..255. */
static int brightness(const struct nn_image *img, int i)
{
    int cw = img->w / COLUMNS, ch = cell_height(img), n = 0;
    int x0 = i % COLUMNS * cw + cw / 4, y0 = i / COLUMNS * ch + ch / 4;
    int64_t sum = 0;

    for (int y = y0; y < y0 + (ch + 1) / 2; y++)
        for (int x = x0; x < x0 + (cw + 1) / 2; x++) {
            const uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) *
                                             (size_t)img->channels;
            for (int k = 0; k < img->channels; k++, n++)
                sum += p[k];
        }
    return (int)(sum / n);
}

int nn_stamp_read(const struct nn_image *img, int64_t *ns)
{
    int level[CELLS], lo = 255, hi = 0;
    unsigned check = 0;
    uint64_t t = 0;

    if (too_small(img))
        return 0;
    for (int i = 0; i < CELLS; i++) {
        level[i] = brightness(img, i);
        lo = level[i] < lo ? level[i] : lo;
        hi = level[i] > hi ? level[i] : hi;
    }
    for (int i = 0; i < CELLS; i++) {
        unsigned bit = 2 * level[i] > lo + hi;
        if (i < 64)
            t = t << 1 | bit;
        else
            check = check << 1 | bit;
    }
    *ns = (int64_t)t;
    return hi - lo > 32 && check == check_of(t);
}

int64_t nn_stamp_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (int64_t)ts.tv_sec * 1000000000 + ts.tv_nsec;
}
