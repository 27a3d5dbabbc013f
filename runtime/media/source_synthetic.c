/*
 * source_synthetic.c - frames that nobody filmed.
 *
 * "synthetic:WxH@FPS[:SECONDS]" is a live camera: it gives a frame when its time has come,
 * each bearing that time (stamp.h); one that comes too late for its time is left out, as
 * a camera would. "strobe:..." is a film instead, of white and black in turns at the frame
 * rate's half, but at most ten flashes a second: what a flash limiter is made for.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/progress.h"
#include "runtime/media/feed.h"
#include "runtime/media/stamp.h"

struct synthetic {
    int w, h, strobe;
    double fps, seconds;            /* seconds 0: endless */
    int64_t n;                      /* of the next frame */
    int64_t start;                  /* ns, of frame 0 */
    struct nn_image backdrop;
};

static int is_strobe(const char *word)
{
    return !strncmp(word, "strobe:", 7);
}

static int is_synthetic(const char *word)
{
    return !strncmp(word, "synthetic:", 10) || !strcmp(word, "synthetic") || is_strobe(word);
}

/* A number of digits and a point from *p on, moved behind it; < 0: none. */
static double number(const char **p)
{
    char *end;
    double x;

    if (**p < '0' || **p > '9')
        return -1;
    x = strtod(*p, &end);
    *p = end;
    return x;
}

/* Reads "WxH@FPS:SECONDS"; what is behind a prefix of it may be missing. */
static int parse(struct synthetic *s, const char *word, struct nn_err *err)
{
    const char *p = strchr(word, ':');
    double w = 1280, h = 720;

    s->fps = 30;
    s->seconds = s->strobe ? 8 : 0;
    if (p && *++p) {
        w = number(&p);
        h = *p == 'x' ? (p++, number(&p)) : -1;
        if (*p == '@')
            p++, s->fps = number(&p);
        if (*p == ':')
            p++, s->seconds = number(&p);
    }
    if ((p && *p) || !(w >= 1 && w <= 16384 && h >= 1 && h <= 16384) ||
        !(s->fps >= 0.1 && s->fps <= 1000) || !(s->seconds >= 0 && s->seconds < 1e6))
        return nn_fail(err, NN_EUSAGE, "\"%s\" is not synthetic:WIDTHxHEIGHT@FPS[:SECONDS]", word);
    s->w = (int)w;
    s->h = (int)h;
    return 0;
}

/* A night sky over a street, for something to look at. */
static void paint_backdrop(struct nn_image *img)
{
    uint8_t *p = img->px;

    for (int y = 0; y < img->h; y++)
        for (int x = 0; x < img->w; x++, p += 3) {
            double v = (double)y / img->h, u = (double)x / img->w;
            double glow = exp(-12 * (v - 0.62) * (v - 0.62) * (1 + 3 * (v > 0.62)));
            p[0] = (uint8_t)(18 + 150 * glow * u);
            p[1] = (uint8_t)(16 + 40 * glow);
            p[2] = (uint8_t)(40 + 120 * glow * (1 - u));
        }
}

static void paint_square(struct nn_image *img, double t)
{
    int side = img->h / 5 + 1, x0 = (int)((0.5 + 0.4 * sin(t * 1.7)) * img->w) - side / 2;
    int y0 = (int)((0.55 + 0.2 * cos(t * 2.3)) * img->h) - side / 2;

    for (int y = y0 < 0 ? 0 : y0; y < y0 + side && y < img->h; y++)
        for (int x = x0 < 0 ? 0 : x0; x < x0 + side && x < img->w; x++) {
            uint8_t *p = img->px + ((size_t)y * (size_t)img->w + (size_t)x) * 3;
            p[0] = 255, p[1] = 70, p[2] = 150;
        }
}

static void close_synthetic(struct nn_feed *f)
{
    struct synthetic *s = f->state;

    if (s)
        nn_image_release(&s->backdrop);
    free(s);
    f->state = NULL;
}

static int open_synthetic(struct nn_feed *f, struct nn_err *err)
{
    struct synthetic *s = f->state = calloc(1, sizeof *s);

    if (!s)
        return nn_fail_mem(err, "synthetic camera");
    s->strobe = is_strobe(f->word);
    if (parse(s, f->word, err) || nn_image_init(&s->backdrop, s->w, s->h, 3, err))
        return -1;
    paint_backdrop(&s->backdrop);
    s->start = nn_stamp_now();
    f->live = !s->strobe;
    f->info = (struct nn_media_info){ .container = "synthetic", .codec = "none",
                                      .pixel_format = "rgb24", .w = s->w, .h = s->h };
    f->info.time_base = (struct nn_rational){ 1, 1000000 };
    f->info.frame_rate = (struct nn_rational){ llrint(s->fps * 1000), 1000 };
    f->info.duration = s->seconds;
    return 0;
}

static int64_t time_of(const struct synthetic *s, int64_t n)
{
    return s->start + llrint((double)n * 1e9 / s->fps);
}

/* Until the next frame's time; 0: not within 100 ms. Those whose time is over are left out. */
static int wait_for_it(struct synthetic *s)
{
    int64_t now = nn_stamp_now(), due, latest = now + 100000000;
    struct timespec ts;

    while (time_of(s, s->n + 1) <= now)
        s->n++;
    due = time_of(s, s->n);
    if (due > latest)
        due = latest;
    ts = (struct timespec){ .tv_sec = (time_t)(due / 1000000000),
                            .tv_nsec = (long)(due % 1000000000) };
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
        ;
    return due < latest;
}

static int next(struct nn_feed *f, struct nn_image *img, int64_t *pts, double *captured,
                struct nn_err *err)
{
    struct synthetic *s = f->state;
    int64_t now;

    if (f->live && !wait_for_it(s))
        return NN_SOURCE_NOTHING;
    if (s->seconds > 0 && (double)s->n >= s->seconds * s->fps - 1e-9)
        return NN_SOURCE_END;
    *pts = llrint((double)s->n * 1e6 / s->fps);
    now = nn_stamp_now();
    if (f->live)
        *captured = (double)now * 1e-9;
    if (img && !img->px && nn_image_init(img, s->w, s->h, 3, err))
        return -1;
    if (img && s->strobe) {
        int64_t phase = (int64_t)((double)s->n * fmin(s->fps, 20) / s->fps);
        memset(img->px, phase % 2 ? 0 : 255, nn_image_size(img));
    } else if (img) {
        memcpy(img->px, s->backdrop.px, nn_image_size(img));
        paint_square(img, (double)*pts * 1e-6);
        nn_stamp_paint(img, now);
    }
    s->n++;
    return NN_SOURCE_FRAME;
}

static int rewind_strobe(struct nn_feed *f, struct nn_err *err)
{
    struct synthetic *s = f->state;

    (void)err;
    s->n = 0;
    return 0;
}

const struct nn_feed_type nn_feed_synthetic = { is_synthetic, open_synthetic, close_synthetic,
                                                next, rewind_strobe, NULL };
