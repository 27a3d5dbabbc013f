/*
 * Milliseconds a frame of each effect and of all together, 1280 x 720, on all
 * cores, decoding and encoding included; beside them the ffmpeg filter that does
 * the nearest kind of work (8-bit, no light, no sprites), by the difference of
 * two runs, where ffmpeg is there and has one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "common/progress.h"
#include "runtime/effects/chain.h"

enum { W = 1280, H = 720, FRAMES = 60, THEIR_FRAMES = 240, RUNS = 5 };

static const struct { const char *effect, *filter; } rivals[] = {
    { "saturation", "vibrance=intensity=1.5" },
    { "rednoise", "noise=alls=40:allf=t" },
    { "glitch", "rgbashift=rh=-8:bh=8" },
    { "bloom", "gblur=sigma=30:steps=3" },
};

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

static void paint(struct nn_image *img, int n)
{
    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++) {
            uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3;
            p[0] = (uint8_t)(x * 255 / img->w);
            p[1] = (uint8_t)(((x + n) / 40 + y / 40) % 5 * 40);
            p[2] = (uint8_t)(y * 200 / img->h);
        }
}

/* Median milliseconds of a chain at full amount; -1. */
static double ours(const struct nn_effect_type *const *fx, int count, struct nn_pool *pool,
                   struct nn_err *err)
{
    struct nn_person who = { .face = { 500, 200, 200, 200 }, .presence = 1 };
    struct nn_slot slot[64] = { { 0 } };
    struct nn_chain *c;
    struct nn_image img = { 0 };
    double ms[FRAMES], out = -1;

    for (int i = 0; i < count; i++)
        slot[i].fx = fx[i];
    if (!(c = nn_chain_new(slot, count, W, H, 1, pool, err)) || nn_image_init(&img, W, H, 3, err))
        goto out;
    for (int i = 0; i < count; i++) {
        float v[NN_MAX_PARAMS] = { 0 };
        for (int k = 0; k < nn_effect_params(fx[i]); k++)
            v[k] = k ? fx[i]->param[k].preset : 1;
        nn_chain_set(c, i, v);
    }
    for (int n = 0; n < FRAMES; n++) {
        paint(&img, n);
        nn_chain_person(c, &who);
        double t0 = nn_now();
        nn_chain_run(c, &img, n / 24.0);
        ms[n] = 1e3 * (nn_now() - t0);
    }
    qsort(ms, FRAMES, sizeof *ms, by_value);
    out = ms[FRAMES / 2];
out:
    nn_image_release(&img);
    nn_chain_free(c);
    return out;
}

/* Median seconds of several ffmpeg runs; -1. */
static double run_ffmpeg(const char *filter)
{
    double t[RUNS];
    char line[400];

    snprintf(line, sizeof line, "ffmpeg -v quiet -f lavfi -i color=c=teal:s=%dx%d:r=24 "
             "-frames:v %d -vf format=gbrp,%s -f null - </dev/null", W, H, THEIR_FRAMES, filter);
    for (int i = 0; i < RUNS; i++) {
        double t0 = nn_now();
        if (system(line))
            return -1;
        t[i] = nn_now() - t0;
    }
    qsort(t, RUNS, sizeof *t, by_value);
    return t[RUNS / 2];
}

static void beside(const struct nn_effect_type *fx, double ms, double base)
{
    for (size_t i = 0; base > 0 && i < sizeof rivals / sizeof *rivals; i++) {
        double with, theirs;
        if (fx != nn_effect_find(rivals[i].effect) || (with = run_ffmpeg(rivals[i].filter)) < 0)
            continue;
        theirs = 1e3 * (with - base) / THEIR_FRAMES;
        if (theirs > 0.1)
            printf("   ffmpeg %s %.2f ms, ratio %.2f", rivals[i].filter, theirs, theirs / ms);
        else
            printf("   ffmpeg %s: too little to measure so", rivals[i].filter);
    }
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(0, &err);
    double base = run_ffmpeg("null"), ms;
    int count = 0;

    printf("%d x %d, %d threads, medians of %d frames and of %d runs of ffmpeg\n", W, H,
           nn_pool_threads(pool), FRAMES, RUNS);
    for (; nn_effects[count]; count++) {
        if ((ms = ours(&nn_effects[count], 1, pool, &err)) < 0)
            break;
        printf("  %-12s %6.2f ms", nn_effects[count]->name, ms);
        beside(nn_effects[count], ms, base);
        printf("\n");
    }
    ms = err.code ? -1 : ours(nn_effects, count, pool, &err);
    if (ms > 0)
        printf("  %-12s %6.2f ms, %.1f frames/s\n", "all", ms, 1e3 / ms);
    else
        fprintf(stderr, "bench_effects: %s\n", err.msg);
    nn_pool_free(pool);
    return ms > 0 ? 0 : 1;
}
