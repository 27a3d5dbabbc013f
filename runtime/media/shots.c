#include "runtime/media/shots.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/*
 * A frame is reduced to a thumbnail of W x H cells of Y, Cb, Cr, each the mean of
 * SUB x SUB samples spread over the cell. What is kept of it are a few figures and
 * the thumbnail halved in each direction, about half a kilobyte.
 */
enum {
    W = 32, H = 18, SUB = 3, CELLS = W * H, SMALL = CELLS / 4 * 3,
    BINS = 32 + 16 + 16,        /* histograms of Y, Cb and Cr */
    MIN_SHOT = 6,               /* frames; cuts nearer to each other are one */
    NEAR = 6,                   /* frames on each side that a cut must stand out from */
    ROOM = 256, KEEP = 16       /* live: frames held at most, and held on to; even, as the two
                                 * cells take turns */
};

/* A frame is black when 95 % of its samples are at most 8 of 255, in every
 * channel: a dark scene is not. A fade through black reaches as far as the frames
 * around those have a mean below 12, as in PySceneDetect's threshold detector. */
#define BLACK_LEVEL 8
#define BLACK_SHARE 0.95f
#define FADE_LUMA 12.0f
/* A cut changes the cells by CUT_DIFF of 255 on average, and CUT_RATIO times as
 * much as the frames around it do (PySceneDetect's adaptive detector). In a dark
 * film the first is unreachable: the smaller will do when the histogram, too, is
 * another one. */
#define CUT_DIFF 14.0f
#define CUT_DIFF_DARK 5.0f
#define CUT_HIST 0.25f
#define CUT_RATIO 3.0f
/* Two frames as alike as this are one picture: the light changed, not the shot. */
#define RELIT 0.93f
/* A dissolve's middle is the mean of its ends: the residual, relative to the
 * difference of the ends, which must be like a cut's. */
#define DISSOLVE_RESIDUAL 0.17f
#define DISSOLVE_ALIKE 0.5f
#define DISSOLVE_CONTRAST 0.4f  /* of the ends' standard deviations: less is a fade */

struct frame {
    float diff, hist;           /* against the frame before: 0..255, 0..1 */
    float black;                /* share of black samples */
    float luma, sharp;          /* means: 0..255, gradient per pixel */
    uint8_t small[SMALL];       /* Y plane, Cb plane, Cr plane */
};

struct nn_shots {
    struct frame *frame;
    int64_t count, room;
    int live;                   /* older frames are let go of */
    float cell[2][3][CELLS], bin[2][BINS];  /* this frame and the one before, in turn */
    struct nn_shot *shot;
    int shots;
    uint8_t *cut;               /* per frame: begins a shot */
};

struct nn_shots *nn_shots_new(struct nn_err *err)
{
    struct nn_shots *s = calloc(1, sizeof *s);

    if (!s)
        nn_fail_mem(err, "shots");
    return s;
}

int nn_shots_live(struct nn_shots *s, struct nn_err *err)
{
    if (!(s->frame = malloc(ROOM * sizeof *s->frame)))
        return nn_fail_mem(err, "shots");
    s->room = ROOM;
    s->live = 1;
    return 0;
}

void nn_shots_free(struct nn_shots *s)
{
    if (!s)
        return;
    free(s->frame);
    free(s->shot);
    free(s->cut);
    free(s);
}

/* Adds the sample at (x, y) to a cell, the histogram and the frame's figures. */
static void sample(const struct nn_image *img, int x, int y, float ycc[3], float *bin,
                   struct frame *f)
{
    int right = x + 1 < img->w ? img->channels : 0;
    const uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) * (size_t)img->channels;
    float r = p[0], g = p[0], b = p[0], luma, beside, cb, cr;

    if (img->channels == 3) {
        g = p[1];
        b = p[2];
    }
    luma = .299f * r + .587f * g + .114f * b;
    cb = .564f * (b - luma) + 128;
    cr = .713f * (r - luma) + 128;
    ycc[0] += luma;
    ycc[1] += cb;
    ycc[2] += cr;
    bin[(int)(luma / 8.001f)]++;
    bin[32 + (int)(cb / 16.01f)]++;
    bin[48 + (int)(cr / 16.01f)]++;
    f->black += r <= BLACK_LEVEL && g <= BLACK_LEVEL && b <= BLACK_LEVEL;
    p += right;
    beside = img->channels == 3 ? .299f * p[0] + .587f * p[1] + .114f * p[2] : p[0];
    f->sharp += fabsf(beside - luma);
    f->luma += luma;
}

static void measure(const struct nn_image *img, float cell[3][CELLS], float *bin, struct frame *f)
{
    const float n = CELLS * SUB * SUB;

    memset(bin, 0, BINS * sizeof *bin);
    for (int i = 0; i < CELLS; i++) {
        float ycc[3] = { 0, 0, 0 };
        for (int k = 0; k < SUB * SUB; k++) {
            int64_t gx = (i % W) * SUB + k % SUB, gy = i / W * SUB + k / SUB;
            sample(img, (int)((2 * gx + 1) * img->w / (2 * W * SUB)),
                   (int)((2 * gy + 1) * img->h / (2 * H * SUB)), ycc, bin, f);
        }
        for (int c = 0; c < 3; c++)
            cell[c][i] = ycc[c] / (SUB * SUB);
    }
    f->black /= n;
    f->luma /= n;
    f->sharp /= n;
    for (int c = 0, o = 0; c < 3; c++)
        for (int y = 0; y < H; y += 2)
            for (int x = 0; x < W; x += 2, o++) {
                const float *p = &cell[c][y * W + x];
                f->small[o] = (uint8_t)((p[0] + p[1] + p[W] + p[W + 1]) / 4 + .5f);
            }
}

static void compare(struct nn_shots *s, int now, struct frame *f)
{
    float diff = 0, hist = 0;

    for (int c = 0; c < 3; c++)
        for (int i = 0; i < CELLS; i++)
            diff += fabsf(s->cell[now][c][i] - s->cell[!now][c][i]);
    for (int i = 0; i < BINS; i++)
        hist += fabsf(s->bin[now][i] - s->bin[!now][i]);
    f->diff = diff / (3 * CELLS);
    f->hist = hist / (6.0f * CELLS * SUB * SUB);
}

static int is_black(const struct frame *f)
{
    return f->black >= BLACK_SHARE;
}

/* Mean change of up to NEAR frames on each side of i; without those behind it when
 * they have not come yet. A cut's own neighbours count, other cuts hardly do. */
static float around(const struct nn_shots *s, int64_t i, int behind)
{
    float sum = 0;
    int n = 0;

    for (int64_t k = i - NEAR; k <= i + (behind ? NEAR : 0); k++) {
        if (k == i || k < 1 || k >= s->count)
            continue;
        sum += fminf(s->frame[k].diff, s->frame[i].diff / 2);
        n++;
    }
    return n ? sum / (float)n : 0;
}

static int is_cut(const struct nn_shots *s, int64_t i, int behind)
{
    const struct frame *f = &s->frame[i];
    float base = fmaxf(around(s, i, behind), 0.5f);

    if (f->diff < CUT_RATIO * base)
        return 0;
    return f->diff >= CUT_DIFF || (f->diff >= CUT_DIFF_DARK && f->hist >= CUT_HIST);
}

int nn_shots_feed(struct nn_shots *s, const struct nn_image *img, struct nn_err *err)
{
    int now = (int)(s->count & 1);
    struct frame *f;

    if (s->live && s->count == s->room) {
        memmove(s->frame, s->frame + s->count - KEEP, KEEP * sizeof *s->frame);
        s->count = KEEP;
    }
    if (s->count == s->room) {
        int64_t room = s->room ? 2 * s->room : 256;
        struct frame *p = realloc(s->frame, (size_t)room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "shots");
        s->frame = p;
        s->room = room;
    }
    f = &s->frame[s->count];
    memset(f, 0, sizeof *f);
    measure(img, s->cell[now], s->bin[now], f);
    if (s->count)
        compare(s, now, f);
    s->count++;
    return s->count > 1 && !is_black(f) && !is_black(f - 1) && is_cut(s, s->count - 1, 0);
}

/* Mean difference of two frames' small thumbnails, 0..255. */
static float distance(const struct frame *a, const struct frame *b)
{
    int sum = 0;

    for (int i = 0; i < SMALL; i++)
        sum += abs(a->small[i] - b->small[i]);
    return (float)sum / SMALL;
}

/* Pearson's correlation of the luma: 1 for the same picture in another light; 0
 * where one has no contrast. `*ratio`: of the lesser contrast to the greater. */
static float correlation(const struct frame *a, const struct frame *b, float *ratio)
{
    const int n = SMALL / 3;
    double sa = 0, sb = 0, saa = 0, sbb = 0, sab = 0, va, vb;

    for (int i = 0; i < n; i++) {
        double x = a->small[i], y = b->small[i];
        sa += x;
        sb += y;
        saa += x * x;
        sbb += y * y;
        sab += x * y;
    }
    va = saa - sa * sa / n;
    vb = sbb - sb * sb / n;
    *ratio = fmax(va, vb) > 0 ? (float)sqrt(fmin(va, vb) / fmax(va, vb)) : 1;
    return fmin(va, vb) <= n ? 0 : (float)((sab - sa * sb / n) / sqrt(va * vb));
}

/* How far `m`, which is t of the way from a to b, is from their mixture. */
static float residual(const struct frame *a, const struct frame *m, const struct frame *b, float t)
{
    float sum = 0;

    for (int i = 0; i < SMALL; i++)
        sum += fabsf((float)m->small[i] - (1 - t) * (float)a->small[i] - t * (float)b->small[i]);
    return sum / SMALL;
}

/* A flash, or a frame of something else: what follows is what was before. */
static int is_flash(const struct nn_shots *s, int64_t i)
{
    float far = distance(&s->frame[i - 1], &s->frame[i]);

    for (int64_t k = i + 1; k < s->count && k <= i + 3; k++)
        if (distance(&s->frame[i - 1], &s->frame[k]) < 0.35f * far)
            return 1;
    for (int64_t k = i - 2; k >= 0 && k >= i - 4; k--)     /* the way back */
        if (distance(&s->frame[i], &s->frame[k]) < 0.35f * far)
            return 1;
    return 0;
}

static void find_cuts(struct nn_shots *s)
{
    float ratio;

    for (int64_t i = 1; i < s->count; i++) {
        const struct frame *f = &s->frame[i];
        if (!is_black(f) && !is_black(f - 1) && is_cut(s, i, 1) && !is_flash(s, i) &&
            correlation(f - 1, f, &ratio) < RELIT)
            s->cut[i] = 1;
    }
}

/* Black between two pictures is one cut, in its middle. */
static void find_fades(struct nn_shots *s)
{
    for (int64_t from = 0, to; from < s->count; from = to + 1) {
        for (to = from; to < s->count && is_black(&s->frame[to]);)
            to++;
        if (from == to || from == 0 || to == s->count)
            continue;
        int64_t lo = from, hi = to;
        while (lo > 0 && s->frame[lo - 1].luma < FADE_LUMA)
            lo--;
        while (hi < s->count && s->frame[hi].luma < FADE_LUMA)
            hi++;
        if (lo > 0 && hi < s->count)
            s->cut[(lo + hi + 1) / 2] = 1;
    }
}

/* How much frames m - half .. m + half are not a dissolve; 1 when surely not. */
static float undissolved(const struct nn_shots *s, int64_t m, int half)
{
    const struct frame *f = &s->frame[m], *a = f - half, *b = f + half;
    float far = distance(a, b), r, worst = 0, like, ratio;

    if (far < CUT_DIFF)
        return 1;
    for (int64_t k = m - half; k <= m + half; k++)
        if (is_black(&s->frame[k]) || s->cut[k])
            return 1;
    for (int q = 1; q <= 3; q++) {
        float t = (float)q / 4;
        r = residual(a, a + (int)lroundf(t * 2 * (float)half), b, t) / far;
        worst = fmaxf(worst, r);
    }
    like = correlation(a, b, &ratio);
    return worst >= DISSOLVE_RESIDUAL || like >= DISSOLVE_ALIKE || ratio <= DISSOLVE_CONTRAST
               ? 1
               : worst;
}

static float best_undissolved(const struct nn_shots *s, int64_t m)
{
    static const int halves[] = { 4, 6, 9, 13, 19, 28 };
    float best = 1;

    for (size_t i = 0; i < sizeof halves / sizeof *halves; i++)
        if (m >= halves[i] && m + halves[i] < s->count)
            best = fminf(best, undissolved(s, m, halves[i]));
    return best;
}

/* Runs of frames that might be a dissolve's middle: the best of each is a cut. */
static void find_dissolves(struct nn_shots *s)
{
    for (int64_t i = 0; i < s->count; i++) {
        float best = 1, r;
        int64_t at = i;
        while (i < s->count && (r = best_undissolved(s, i)) < 1) {
            if (r < best) {
                best = r;
                at = i;
            }
            i++;
        }
        if (best < 1)
            s->cut[at] = 1;
    }
}

/* The sharpest of the lit frames, away from the ends where something may fade. */
static int64_t choose_poster(const struct nn_shots *s, int64_t start, int64_t end)
{
    int64_t edge = (end - start) / 8, best = start;
    float most = -1;

    for (int64_t i = start + edge; i < end - edge; i++) {
        const struct frame *f = &s->frame[i];
        float score = (f->sharp + 0.05f * f->luma) * (1 - f->black / 2) / (1 + 0.1f * f->diff);
        if (score > most) {
            most = score;
            best = i;
        }
    }
    return best;
}

int nn_shots_finish(struct nn_shots *s, const struct nn_shot **shots, int *count,
                    struct nn_err *err)
{
    int64_t start = 0;

    free(s->cut);
    free(s->shot);
    s->shot = NULL;
    s->shots = 0;
    s->cut = calloc((size_t)s->count + 1, 1);
    s->shot = calloc((size_t)(s->count / MIN_SHOT + 1), sizeof *s->shot);
    if (!s->cut || !s->shot)
        return nn_fail_mem(err, "shots");
    find_cuts(s);
    find_fades(s);
    find_dissolves(s);
    for (int64_t i = 1; i <= s->count; i++) {
        int last = i == s->count;
        if (!last && (!s->cut[i] || i - start < MIN_SHOT || s->count - i < MIN_SHOT))
            continue;
        s->shot[s->shots++] = (struct nn_shot){ start, i, choose_poster(s, start, i) };
        start = i;
    }
    *shots = s->shot;
    *count = s->shots;
    return 0;
}
