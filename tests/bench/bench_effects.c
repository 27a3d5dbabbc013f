/*
 * Effects at 1920 x 1080: milliseconds a frame of each, of eight in a chain, of a chain of point
 * effects, and of the flash limiter; beside the chain of eight the nearest filters of ffmpeg (8
 * bits, no light) and of frei0r-plugins, run by ffmpeg. Beside the point effects what the memory
 * can do (STREAM's triad).
 *
 * "cpu" counts the time of all threads, which other programs on the machine do not spoil; "ms" is
 * what passes on the clock. A rival's time is that of a run with its filters less that of one
 * without, the least of several runs each.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "common/progress.h"
#include "runtime/effects/chain.h"
#include "runtime/effects/limit.h"

enum { W = 1920, H = 1080, FRAMES = 15, THEIR_FRAMES = 24, RUNS = 3, MOST = 64 };

struct took {
    double ms, cpu;     /* a frame; cpu: milliseconds of all threads together */
};

static const struct { const char *effect, *ffmpeg, *frei0r; } eight[] = {
    { "saturation", "vibrance=intensity=1.5", "frei0r=saturat0r:0.4" },
    { "collapse", "colorhold=color=red:similarity=0.2:blend=0.3", "frei0r=colorize:0.5|0.5|0.5" },
    { "rednoise", "noise=alls=40:allf=t", "frei0r=rgbnoise:0.3" },
    { "glitch", "rgbashift=rh=-8:bh=8", "frei0r=glitch0r" },
    { "bloom", "split[a][b];[b]gblur=sigma=30:steps=3[c];[a][c]blend=all_mode=screen",
      "frei0r=glow:0.5" },
    { "aberration", "lenscorrection=k1=0.05:k2=0.02:i=bilinear", "frei0r=lenscorrection" },
    { "echo", "lagfun=decay=0.9", "frei0r=baltan" },
    { "film", "vignette", "frei0r=vignette" },
};
enum { EIGHT = sizeof eight / sizeof *eight };

static double cpu_ms(void)
{
    struct timespec t;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return 1e3 * (double)t.tv_sec + 1e-6 * (double)t.tv_nsec;
}

static double least(double a, double b)
{
    return a < b ? a : b;
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

/* The least of FRAMES frames of a chain at its presets, the first ones left out. */
static int ours(const struct nn_effect_type *const *fx, int count, struct nn_pool *pool,
                struct took *out, struct nn_err *err)
{
    struct nn_person who = { .face = { 700, 300, 300, 300 }, .presence = 1 };
    struct nn_slot slot[MOST] = { { 0 } };
    struct nn_chain *c;
    struct nn_image img = { 0 };

    *out = (struct took){ 1e9, 1e9 };
    for (int i = 0; i < count; i++)
        slot[i].fx = fx[i];
    if (!(c = nn_chain_new(slot, count, W, H, 1, pool, err)) || nn_image_init(&img, W, H, 3, err))
        out->ms = -1;
    for (int n = 0; n < FRAMES && out->ms > 0; n++) {
        paint(&img, n);
        nn_chain_person(c, &who);
        double t0 = nn_now(), c0 = cpu_ms();
        nn_chain_run(c, &img, n / 24.0);
        if (n > 2) {
            out->cpu = least(out->cpu, cpu_ms() - c0);
            out->ms = least(out->ms, 1e3 * (nn_now() - t0));
        }
    }
    nn_image_release(&img);
    nn_chain_free(c);
    return out->ms > 0 ? 0 : -1;
}

static int limiter(struct nn_pool *pool, int strobe, struct took *out, struct nn_err *err)
{
    struct nn_limit *l = nn_limit_new(W, H, pool, err);
    struct nn_image img = { 0 };

    *out = (struct took){ l ? 1e9 : -1, 1e9 };
    if (nn_image_init(&img, W, H, 3, err))
        out->ms = -1;
    for (int n = 0; n < 2 * FRAMES && out->ms > 0; n++) {
        paint(&img, n);
        if (strobe && n % 2)
            for (size_t i = 0; i < nn_image_size(&img); i++)
                img.px[i] /= 4;
        double t0 = nn_now(), c0 = cpu_ms();
        nn_limit_run(l, &img, n / 24.0, 1);
        if (n >= FRAMES) {
            out->cpu = least(out->cpu, cpu_ms() - c0);
            out->ms = least(out->ms, 1e3 * (nn_now() - t0));
        }
    }
    nn_image_release(&img);
    nn_limit_free(l);
    return out->ms > 0 ? 0 : -1;
}

static double children_ms(void)
{
    struct rusage u;

    getrusage(RUSAGE_CHILDREN, &u);
    return 1e3 * (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
           1e-3 * (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec);
}

/* Milliseconds of a whole run of ffmpeg; ms < 0: it failed. */
static struct took run_ffmpeg(const char *format, const char *filters)
{
    struct took best = { 1e9, 1e9 };
    char line[1500];

    snprintf(line, sizeof line, "ffmpeg -v quiet -f lavfi -i color=c=teal:s=%dx%d:r=24,format=%s "
             "-frames:v %d -vf \"%s\" -f null - </dev/null", W, H, format, THEIR_FRAMES, filters);
    for (int i = 0; i < RUNS; i++) {
        double t0 = nn_now(), c0 = children_ms();
        if (system(line))
            return (struct took){ -1, -1 };
        best.ms = least(best.ms, 1e3 * (nn_now() - t0));
        best.cpu = least(best.cpu, children_ms() - c0);
    }
    return best;
}

/* A frame of the filters alone. */
static struct took theirs(const char *format, const char *filters)
{
    struct took base = run_ffmpeg(format, "null"), with = run_ffmpeg(format, filters);

    if (base.ms < 0 || with.ms < 0)
        return (struct took){ -1, -1 };
    return (struct took){ (with.ms - base.ms) / THEIR_FRAMES,
                          (with.cpu - base.cpu) / THEIR_FRAMES };
}

static void beside(const char *who, struct took t, struct took we, double goal)
{
    if (t.ms < 0)
        printf("  %-26s cannot be run here\n", who);
    else
        printf("  %-26s %7.1f ms %7.1f ms cpu   %5.1f times ours by the clock, %.1f by cpu; "
               "wanted %.0f\n", who, t.ms, t.cpu, t.ms / we.ms, t.cpu / we.cpu, goal);
}

static int chain_of_eight(struct nn_pool *pool, struct nn_err *err)
{
    const struct nn_effect_type *fx[EIGHT];
    char ffmpeg[1000] = "", frei0r[1000] = "";
    struct took we;
    size_t a = 0, b = 0;

    for (int i = 0; i < EIGHT; i++) {
        if (!(fx[i] = nn_effect_find(eight[i].effect)))
            return nn_fail(err, NN_ENOTFOUND, "no effect %s", eight[i].effect);
        a += (size_t)snprintf(ffmpeg + a, sizeof ffmpeg - a, "%s%s", i ? "," : "",
                              eight[i].ffmpeg);
        b += (size_t)snprintf(frei0r + b, sizeof frei0r - b, "%s%s", i ? "," : "",
                              eight[i].frei0r);
    }
    if (ours(fx, EIGHT, pool, &we, err))
        return -1;
    printf("\neight effects in a chain:");
    for (int i = 0; i < EIGHT; i++)
        printf(" %s", eight[i].effect);
    printf("\n  %-26s %7.1f ms %7.1f ms cpu   %.1f frames/s\n", "ours", we.ms, we.cpu, 1e3 / we.ms);
    beside("ffmpeg's filters", theirs("gbrp", ffmpeg), we, 5);
    beside("frei0r's, by ffmpeg", theirs("rgba", frei0r), we, 10);
    printf("  ffmpeg: %s\n  frei0r: %s\n", ffmpeg, frei0r);
    return 0;
}

struct triad {
    float *a, *b, *c;
};

enum { TRIAD = 1 << 24, PIECES = 64 };

static void add_up(void *arg, int i)
{
    struct triad *t = arg;

    for (int k = i * (TRIAD / PIECES); k < (i + 1) * (TRIAD / PIECES); k++)
        t->a[k] = t->b[k] + 3 * t->c[k];
}

/* Gigabytes a second of a = b + 3 c, counted as STREAM counts: what the program asks for. */
static double bandwidth(struct nn_pool *pool)
{
    struct triad t = { calloc(TRIAD, 4), calloc(TRIAD, 4), calloc(TRIAD, 4) };
    double best = 1e9;

    for (int i = 0; i < 8 && t.a && t.b && t.c; i++) {
        double t0 = nn_now();
        nn_pool_run(pool, PIECES, add_up, &t);
        best = least(best, nn_now() - t0);
    }
    free(t.a);
    free(t.b);
    free(t.c);
    return 12.0 * TRIAD / best * 1e-9;
}

static int point_chain(struct nn_pool *pool, struct nn_err *err)
{
    const struct nn_effect_type *fx[MOST];
    const double bytes = 2.0 * W * H * 3;       /* read once, written once */
    double can = bandwidth(pool), does;
    struct took t;
    int n = 0;

    printf("\npoint effects in a chain, one pass over memory:");
    for (int i = 0; nn_effects[i] && n < MOST; i++)
        if (nn_effects[i]->touch == NN_POINT && nn_effects[i]->row && !nn_effects[i]->open) {
            fx[n++] = nn_effects[i];
            printf(" %s", nn_effects[i]->name);
        }
    if (ours(fx, n, pool, &t, err))
        return -1;
    does = bytes / t.ms * 1e-6;
    printf("\n  %7.1f ms %7.1f ms cpu, %.1f frames/s; two free cores: %.1f, wanted 60\n", t.ms,
           t.cpu, 1e3 / t.ms, 2e3 / t.cpu);
    printf("  %.1f MB a frame, %.2f GB/s of the %.1f GB/s of a triad: %.0f %%\n", bytes * 1e-6,
           does, can, 100 * does / can);
    return 0;
}

int main(void)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(0, &err);
    struct took t;
    int bad = pool ? 0 : -1;

    printf("%d x %d, %d threads, the least of %d frames and of %d runs of ffmpeg\n", W, H,
           nn_pool_threads(pool), FRAMES, RUNS);
    for (int i = 0; nn_effects[i] && !bad; i++) {
        if (nn_effects[i]->open)
            continue;
        bad = ours(&nn_effects[i], 1, pool, &t, &err);
        printf("  %-12s %7.2f ms %7.2f ms cpu\n", nn_effects[i]->name, t.ms, t.cpu);
    }
    for (int strobe = 0; strobe < 2 && !bad; strobe++) {
        bad = limiter(pool, strobe, &t, &err);
        printf("  %-12s %7.2f ms %7.2f ms cpu%s\n", "limiter", t.ms, t.cpu,
               strobe ? ", holding a strobe" : "");
    }
    bad = bad || chain_of_eight(pool, &err) || point_chain(pool, &err);
    if (bad)
        fprintf(stderr, "bench_effects: %s\n", err.msg);
    nn_pool_free(pool);
    return bad ? 1 : 0;
}
