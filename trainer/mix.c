#include "trainer/mix.h"

#include <math.h>
#include <string.h>

#include "common/rng.h"

/* One of Beta(a, a), by M. D. Johnk's rejection (1964), which is quick for a small a. */
static double beta(struct nn_rng *r, double a)
{
    double x, y;

    do {
        x = pow((double)nn_rng_float(r), 1 / a);
        y = pow((double)nn_rng_float(r), 1 / a);
    } while (x + y > 1 || x + y <= 0);
    return x / (x + y);
}

static void blend(float *a, float *b, int64_t count, double share)
{
    float s = (float)share, rest = (float)(1 - share);

    for (int64_t i = 0; i < count; i++) {
        float old = a[i];
        a[i] = s * old + rest * b[i];
        b[i] = s * b[i] + rest * old;
    }
}

struct box {
    int x0, y0, x1, y1;
};

/* Of 1 - share of the area around a random middle, cut off at the edges. */
static struct box draw_box(struct nn_rng *r, double share, int h, int w)
{
    int bh = (int)lround(sqrt(1 - share) * h), bw = (int)lround(sqrt(1 - share) * w);
    int y = (int)nn_rng_below(r, (uint32_t)h) - bh / 2;
    int x = (int)nn_rng_below(r, (uint32_t)w) - bw / 2;

    return (struct box){ x < 0 ? 0 : x, y < 0 ? 0 : y, x + bw > w ? w : x + bw,
                         y + bh > h ? h : y + bh };
}

static void swap_box(float *a, float *b, int c, int h, int w, struct box k)
{
    float row[4096];
    int64_t n = (k.x1 - k.x0 < 4096 ? k.x1 - k.x0 : 4096);

    for (int ch = 0; ch < c; ch++)
        for (int y = k.y0; y < k.y1; y++) {
            int64_t at = ((int64_t)ch * h + y) * w + k.x0;
            memcpy(row, a + at, (size_t)n * sizeof *row);
            memcpy(a + at, b + at, (size_t)n * sizeof *row);
            memcpy(b + at, row, (size_t)n * sizeof *row);
        }
}

void nn_mix_batch(const struct nn_mix *m, uint64_t seed, int64_t step, float *x, int64_t n, int c,
                  int h, int w, float *target, int64_t width)
{
    int64_t floats = (int64_t)c * h * w;
    struct nn_rng r;
    struct box k = { 0 };
    double share;
    int cut;

    nn_rng_seed(&r, seed ^ 0x6d6978, (uint64_t)step);
    if ((m->mixup <= 0 && m->cutmix <= 0) || (double)nn_rng_float(&r) >= m->share)
        return;
    cut = m->mixup <= 0 || (m->cutmix > 0 && nn_rng_below(&r, 2));
    share = beta(&r, cut ? m->cutmix : m->mixup);
    if (cut) {
        k = draw_box(&r, share, h, w);
        share = 1 - (double)(k.x1 - k.x0) * (k.y1 - k.y0) / ((double)w * h);
    }
    for (int64_t i = 0; i < n / 2; i++) {
        int64_t j = n - 1 - i;
        if (cut)
            swap_box(x + i * floats, x + j * floats, c, h, w, k);
        else
            blend(x + i * floats, x + j * floats, floats, share);
        blend(target + i * width, target + j * width, width, share);
    }
}
