/* The flash limiter: strobes end at three a second, what is calm keeps its bits. */
#include "runtime/effects/limit.h"
#include "tests/test.h"

enum { W = 112, H = 63, SECONDS = 6 };

static double light[256];

static void fill(struct nn_image *img, int r, int g, int b, double share)
{
    int to = (int)(img->w * share);

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++) {
            uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3;
            p[0] = (uint8_t)(x < to ? r : 40);
            p[1] = (uint8_t)(x < to ? g : 40);
            p[2] = (uint8_t)(x < to ? b : 40);
        }
}

/* An independent count: swings of the mean luminance of the picture by a tenth and more, the most
 * within any second. `red`: of (R - G - B) * 320 by more than 20. */
struct swings {
    double turn, when[1000];
    int way, n, most;
};

static void swing(struct swings *s, const struct nn_image *img, double t, int red)
{
    double v = 0, step = red ? 20 : 0.1;
    int known = 0;

    for (size_t i = 0; i < nn_image_size(img); i += 3) {
        double r = light[img->px[i]], g = light[img->px[i + 1]], b = light[img->px[i + 2]];
        v += red ? fmax(0, (r - g - b) * 320) : 0.2126 * r + 0.7152 * g + 0.0722 * b;
    }
    v /= (double)(nn_image_size(img) / 3);
    if (t == 0)
        s->turn = v;
    if (s->way * (v - s->turn) >= 0 && s->way) {
        s->turn = v;
    } else if (fabs(v - s->turn) >= step && s->n < 1000) {
        s->way = v > s->turn ? 1 : -1;
        s->turn = v;
        s->when[s->n++] = t;
    }
    for (int i = 0; i < s->n; i++)
        known += s->when[i] > t - 1 + 1e-6;
    s->most = known > s->most ? known : s->most;
}

struct outcome {
    struct nn_limit_report report;
    int seen_before, seen_after, changed;   /* changes in a second; frames whose bits differ */
    uint64_t hash;
};

typedef void painter(struct nn_image *img, double t, double hz);

static struct outcome play_sized(painter *paint, double hz, double fps, int red, int threads,
                                 int hold, int w, int h)
{
    struct nn_err err = { 0 };
    struct nn_pool *pool = nn_pool_new(threads, &err);
    struct nn_limit *l = nn_limit_new(w, h, pool, &err);
    struct nn_image img = { 0 }, was = { 0 };
    struct swings before = { 0 }, after = { 0 };
    struct outcome out = { .hash = 14695981039346656037u };

    CHECK(l && pool);
    CHECK_OK(nn_image_init(&img, w, h, 3, &err), &err);
    CHECK_OK(nn_image_init(&was, w, h, 3, &err), &err);
    for (int n = 0; l && n < SECONDS * fps; n++) {
        paint(&img, n / fps, hz);
        memcpy(was.px, img.px, nn_image_size(&img));
        swing(&before, &img, n / fps, red);
        nn_limit_run(l, &img, n / fps, hold);
        swing(&after, &img, n / fps, red);
        out.changed += memcmp(was.px, img.px, nn_image_size(&img)) != 0;
        for (size_t i = 0; i < nn_image_size(&img); i += 7)
            out.hash = (out.hash ^ img.px[i]) * 1099511628211u;
    }
    out.report = nn_limit_report(l);
    out.seen_before = before.most;
    out.seen_after = after.most;
    nn_image_release(&img);
    nn_image_release(&was);
    nn_limit_free(l);
    nn_pool_free(pool);
    return out;
}

static struct outcome play(painter *paint, double hz, double fps, int red)
{
    return play_sized(paint, hz, fps, red, 1, 1, W, H);
}

static int lit(double t, double hz)
{
    return (int)(t * hz * 2 + 1e-6) % 2;
}

static void white(struct nn_image *img, double t, double hz)
{
    int v = lit(t, hz) ? 235 : 16;

    fill(img, v, v, v, 1);
}

static void red(struct nn_image *img, double t, double hz)
{
    fill(img, lit(t, hz) ? 200 : 16, 8, 8, 1);
}

/* As bright as the red it swaps with: no general flash, a red one. */
static void red_on_grey(struct nn_image *img, double t, double hz)
{
    int v = lit(t, hz);

    fill(img, v ? 160 : 72, v ? 0 : 72, v ? 0 : 72, 1);
}

static void wave(struct nn_image *img, double t, double hz)
{
    int v = (int)(128 + 110 * sin(t * hz * 6.283185307));

    fill(img, v, v, v, 1);
}

static void fifth(struct nn_image *img, double t, double hz)
{
    int v = lit(t, hz) ? 235 : 16;

    fill(img, v, v, v, 0.2);
}

static void chessboard(struct nn_image *img, double t, double hz)
{
    int v = lit(t, hz);

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++)
            memset(img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3,
                   (x / 28 + y / 21 + v) % 2 ? 220 : 20, 3);
}

/* A bright disc that goes around, covering a tenth of the screen. */
static void moving(struct nn_image *img, double t, double hz)
{
    double cx = img->w / 2.0 + img->w * 0.3 * cos(t * hz), cy = img->h / 2.0 + 14 * sin(t * hz);

    fill(img, 30, 30, 50, 1);
    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++)
            if ((x - cx) * (x - cx) + (y - cy) * (y - cy) < 14 * 14)
                memset(img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3, 250, 3);
}

static void still(struct nn_image *img, double t, double hz)
{
    (void)t;
    (void)hz;
    fill(img, 120, 90, 200, 0.5);
}

/* Bright against brighter: the darker of the two is above 0.80. */
static void glare(struct nn_image *img, double t, double hz)
{
    int v = lit(t, hz) ? 255 : 233;

    fill(img, v, v, v, 1);
}

/* Strobes for two seconds, then stands still. */
static void fit(struct nn_image *img, double t, double hz)
{
    white(img, t < 2 ? t : 0, hz);
}

static void test_held(void)
{
    static const struct { painter *paint; double hz, fps; int red; } row[] = {
        { white, 5, 25, 0 }, { white, 10, 25, 0 }, { white, 12.5, 25, 0 }, { white, 25, 50, 0 },
        { white, 10, 60, 0 }, { white, 5, 24, 0 }, { red, 5, 25, 1 }, { red, 10, 30, 1 },
        { red_on_grey, 5, 25, 1 }, { red_on_grey, 10, 50, 1 }, { wave, 5, 30, 0 },
        { wave, 8, 60, 0 }, { white, 4, 24, 0 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct outcome o = play(row[i].paint, row[i].hz, row[i].fps, row[i].red);
        const struct nn_flashes *b = &o.report.before, *a = &o.report.after;
        printf("%5.1f Hz%s at %2.0f: %d changes a second become %d; most flashes %d, %d red "
               "become %d, %d; brightness %.3f becomes %.3f\n", row[i].hz, row[i].red ? " red" : "",
               row[i].fps, o.seen_before, o.seen_after, b->most_general, b->most_red,
               a->most_general, a->most_red, b->brightness, a->brightness);
        CHECK(o.seen_before > 7);
        CHECK(o.seen_after <= 7);
        CHECK(a->most_general <= 3);
        CHECK(a->most_red <= 3);
        CHECK((row[i].red ? b->most_red : b->most_general) >= (int)fmin(row[i].hz, row[i].fps / 2));
        CHECK(o.report.held > 0 && o.report.held == o.changed);
        CHECK(row[i].red || a->brightness > 0.75 * b->brightness);     /* its mean, not black */
        CHECK(row[i].red || a->brightness < 1.25 * b->brightness);
    }
}

static void test_kept(void)
{
    static const struct { painter *paint; double hz, fps; } row[] = {
        { white, 1, 25 }, { white, 2, 25 }, { white, 3, 24 }, { white, 3, 25 }, { white, 3, 30 },
        { red, 2, 25 }, { red, 3, 30 }, { fifth, 10, 30 }, { moving, 8, 30 }, { still, 0, 30 },
        { glare, 10, 30 }, { wave, 2, 60 }, { wave, 3, 60 }, { chessboard, 3, 30 },
    };

    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct outcome o = play(row[i].paint, row[i].hz, row[i].fps, 0);
        if (o.changed)
            fprintf(stderr, "row %zu: %d of %d frames changed\n", i, o.changed,
                    (int)o.report.frames);
        CHECK(o.changed == 0 && o.report.held == 0);
        CHECK(o.report.before.general == o.report.after.general);
        CHECK(o.report.before.brightness == o.report.after.brightness);
    }
    CHECK(play(white, 2, 25, 0).report.before.general == 11);     /* 23 changes in 6 s */
    CHECK(play(chessboard, 2, 30, 0).report.before.general == 11);
    CHECK(play(moving, 8, 30, 0).report.before.general == 0);
    CHECK(play(fifth, 10, 30, 0).report.before.general == 0);
    CHECK(play(glare, 10, 30, 0).report.before.general == 0);
    CHECK(play(red_on_grey, 2, 30, 1).report.before.general == 0);
    CHECK(play(red_on_grey, 2, 30, 1).report.before.red == 11);
    CHECK(play(chessboard, 10, 30, 0).report.after.most_general <= 3);
}

static void test_ends(void)
{
    struct outcome o = play(fit, 10, 25, 0), one;
    static const int size[][2] = { { 1, 1 }, { 1, 50 }, { 33, 1 }, { 31, 17 }, { 200, 113 } };

    /* After the strobe the hold fades and the picture is the film's own again. */
    CHECK(o.changed > 25 && o.changed < 4.5 * 25);
    CHECK(play_sized(white, 10, 25, 0, 1, 0, W, H).changed == 0);       /* counting alone */
    one = play(white, 10, 30, 0);
    CHECK(play_sized(white, 10, 30, 0, 2, 1, W, H).hash == one.hash);
    CHECK(play_sized(white, 10, 30, 0, 3, 1, W, H).hash == one.hash);
    for (size_t i = 0; i < sizeof size / sizeof *size; i++) {
        o = play_sized(white, 10, 25, 0, 2, 1, size[i][0], size[i][1]);
        CHECK(o.seen_after <= 7 && o.report.after.most_general <= 3);
    }
}

int main(void)
{
    for (int i = 0; i < 256; i++)
        light[i] = i <= 10 ? i / 255.0 / 12.92 : pow((i / 255.0 + 0.055) / 1.055, 2.4);
    test_held();
    test_kept();
    test_ends();
    return test_done();
}
