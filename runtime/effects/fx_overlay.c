/*
 * fx_overlay.c - a picture or a film laid over the frame, or behind the person, or on them.
 *
 * Modes are those of blend.h. A film is decoded when the patch is read, into at most 512 MiB, and
 * plays in a loop.
 */
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "runtime/effects/blend.h"
#include "runtime/effects/oval.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"

enum { AMOUNT, MODE, FILL, PLACE, SIZE, ACROSS, DOWN };
enum { WIDEST = 1280, MOST = 512 << 20 };   /* of a film: pixels, bytes */

struct still {
    struct nn_image img;
    double until;               /* seconds: when it ends */
};

struct reel {
    int count, room;
    struct still *frame;        /* all of one size */
    float decode[256];
};

static void close_reel(void *asset)
{
    struct reel *r = asset;

    for (int i = 0; i < r->count; i++)
        nn_image_release(&r->frame[i].img);
    free(r->frame);
    free(r);
}

/* Room for one more frame, which is then the last, still empty. */
static struct nn_image *one_more(struct reel *r, double until, struct nn_err *err)
{
    if (r->count == r->room) {
        int room = r->room ? 2 * r->room : 16;
        struct still *more = realloc(r->frame, (size_t)room * sizeof *more);
        if (!more) {
            nn_fail_mem(err, "an overlay");
            return NULL;
        }
        r->frame = more;
        r->room = room;
    }
    r->frame[r->count] = (struct still){ .until = until };
    return &r->frame[r->count++].img;
}

static int read_film(struct reel *r, const char *file, struct nn_err *err)
{
    struct nn_reader *in = nn_reader_open(file, err);
    const struct nn_image *img;
    double unit, start = 0;
    int64_t pts;
    int got = -1;

    if (!in)
        return -1;
    unit = (double)nn_reader_info(in)->time_base.num / (double)nn_reader_info(in)->time_base.den;
    while ((got = nn_reader_next(in, &img, &pts, err)) == 1) {
        int w = img->w > WIDEST ? WIDEST : img->w, h = (int)((double)img->h * w / img->w + 0.5);
        struct nn_image *to;
        start = r->count ? start : (double)pts * unit;
        h = h < 1 ? 1 : r->count ? r->frame[0].img.h : h;
        w = r->count ? r->frame[0].img.w : w;
        if ((int64_t)(r->count + 1) * w * h * 3 > MOST) {
            got = nn_fail(err, NN_EMEM, "%s: a film to lay over must fit in %d MiB; only %d of its "
                          "frames do: cut it, or make it smaller", file, MOST >> 20, r->count);
            break;
        }
        if (!(to = one_more(r, (double)nn_reader_end(in) * unit - start, err)) ||
            (got = nn_image_init(to, w, h, 3, err)) < 0) {
            got = -1;
            break;
        }
        nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, to);
    }
    nn_reader_close(in);
    if (got == 0 && r->count == 0)
        return nn_fail(err, NN_EFORMAT, "%s: no frame in it", file);
    return got;
}

static int is_picture(const char *file)
{
    static const char *const ends[] = { ".png", ".jpg", ".jpeg", ".bmp", ".webp", ".tif", ".tiff" };
    const char *dot = strrchr(file, '.');

    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return 1;
    return 0;
}

static void *open_reel(const char *file, const struct nn_scene *sc, struct nn_err *err)
{
    struct reel *r;
    struct nn_image *img;

    (void)sc;
    if (!file) {
        nn_fail(err, NN_EUSAGE, "the effect overlay needs a \"file\", a picture or a film");
        return NULL;
    }
    if (!(r = calloc(1, sizeof *r))) {
        nn_fail_mem(err, "an overlay");
        return NULL;
    }
    for (int i = 0; i < 256; i++) {     /* IEC 61966-2-1 */
        double v = i / 255.0;
        r->decode[i] = (float)(v <= 0.04045 ? v / 12.92 : pow((v + 0.055) / 1.055, 2.4));
    }
    if (is_picture(file) ? (img = one_more(r, 1, err)) && !nn_picture_read(file, 4, img, err)
                         : !read_film(r, file, err))
        return r;
    close_reel(r);
    return NULL;
}

struct overlay {
    int shown;              /* index of the frame that is in `plane`, plus 1 */
    float key[4];           /* and how it was laid */
    float left, top, scale; /* frame pixels of its corner; its pixels to one of the frame */
    int x0, y0, x1, y1;     /* what it covers */
    float plane[];          /* three of w h, in linear light, and how opaque they are */
};

struct pass {
    struct overlay *s;
    const struct nn_scene *sc;
    const float *p;
    const struct reel *reel;
    const struct nn_image *img;
    struct nn_frame *f;
    enum nn_blend mode;
    struct nn_oval body;
    float *weight;          /* a plane to work in */
};

static size_t state_size(int w, int h)
{
    return sizeof(struct overlay) + 4 * (size_t)w * (size_t)h * sizeof(float);
}

/* A picture's pixel in linear light, weighed by how opaque it is. */
static inline void add_pixel(const uint8_t *px, int channels, const float *light, float weight,
                             float sum[4])
{
    float a = channels == 4 ? weight * (float)px[3] * (1 / 255.0f) : weight;

    for (int c = 0; c < 3; c++)
        sum[c] += a * light[px[c]];
    sum[3] += a;
}

/* Samples the picture between its pixels; what cannot be seen has no say in colours. */
static void lay_row(void *arg, int n)
{
    struct pass *k = arg;
    struct overlay *s = k->s;
    const struct nn_image *m = k->img;
    int y = s->y0 + n, w = k->sc->w, ch = m->channels;
    size_t all = (size_t)w * (size_t)k->sc->h, at = (size_t)y * (size_t)w;
    float sy = nn_clampf(((float)y + 0.5f - s->top) * s->scale - 0.5f, 0, (float)(m->h - 1));
    int j = (int)sy, jj = nn_clampi(j + 1, 0, m->h - 1);
    const uint8_t *a = m->px + (size_t)j * (size_t)(m->w * ch);
    const uint8_t *b = m->px + (size_t)jj * (size_t)(m->w * ch);
    const float *light = k->reel->decode;

    sy -= (float)j;
    for (int x = s->x0; x < s->x1; x++) {
        float sx = nn_clampf(((float)x + 0.5f - s->left) * s->scale - 0.5f, 0, (float)(m->w - 1));
        int i = (int)sx, ii = nn_clampi(i + 1, 0, m->w - 1);
        float sum[4] = { 0 };
        sx -= (float)i;
        add_pixel(a + ch * i, ch, light, (1 - sx) * (1 - sy), sum);
        add_pixel(a + ch * ii, ch, light, sx * (1 - sy), sum);
        add_pixel(b + ch * i, ch, light, (1 - sx) * sy, sum);
        add_pixel(b + ch * ii, ch, light, sx * sy, sum);
        for (int c = 0; c < 3; c++)
            s->plane[(size_t)c * all + at + (size_t)x] = sum[3] > 0 ? sum[c] / sum[3] : 0;
        s->plane[3 * all + at + (size_t)x] = sum[3];
    }
}

/* Which frame it is time for. */
static int due(const struct reel *r, double t)
{
    double loop = r->frame[r->count - 1].until, at = loop > 0 ? fmod(t, loop) : 0;
    int lo = 0, hi = r->count - 1;

    while (lo < hi) {
        int mid = (lo + hi) / 2;
        if (at < r->frame[mid].until)
            hi = mid;
        else
            lo = mid + 1;
    }
    return lo;
}

static void lay(struct pass *k)
{
    struct overlay *s = k->s;
    int n = due(k->reel, k->sc->t);
    float w = (float)k->sc->w, h = (float)k->sc->h, fit, fill, size;

    k->img = &k->reel->frame[n].img;
    if (s->shown == n + 1 && !memcmp(s->key, k->p + FILL, sizeof(float)) &&
        !memcmp(s->key + 1, k->p + SIZE, 3 * sizeof(float)))
        return;
    s->shown = n + 1;
    memcpy(s->key, k->p + FILL, sizeof(float));
    memcpy(s->key + 1, k->p + SIZE, 3 * sizeof(float));
    fit = nn_minf(w / (float)k->img->w, h / (float)k->img->h);
    fill = nn_maxf(w / (float)k->img->w, h / (float)k->img->h);
    size = (fit + k->p[FILL] * (fill - fit)) * k->p[SIZE];
    s->scale = 1 / size;
    s->left = 0.5f * (w - size * (float)k->img->w) + k->p[ACROSS] * w;
    s->top = 0.5f * (h - size * (float)k->img->h) + k->p[DOWN] * h;
    s->x0 = nn_clampi((int)(s->left + 0.5f), 0, k->sc->w);
    s->y0 = nn_clampi((int)(s->top + 0.5f), 0, k->sc->h);
    s->x1 = nn_clampi((int)(s->left + size * (float)k->img->w + 0.5f), s->x0, k->sc->w);
    s->y1 = nn_clampi((int)(s->top + size * (float)k->img->h + 0.5f), s->y0, k->sc->h);
    nn_pool_run(k->sc->pool, s->y1 - s->y0, lay_row, k);
}

/* How much of the overlay each pixel gets: PLACE goes from everywhere (0) to behind the
 * person (1) to on them (2). */
static void weigh(const struct pass *k, int y, float *weight)
{
    const struct overlay *s = k->s;
    const float *opaque = s->plane + (size_t)(3 * k->sc->h + y) * (size_t)k->sc->w;
    const uint8_t *mask = k->sc->who.mask;
    float behind = k->p[PLACE] < 1 ? k->p[PLACE] : 2 - k->p[PLACE];
    float on = nn_maxf(k->p[PLACE] - 1, 0), all = 1 - behind - on, a = k->p[AMOUNT];

    for (int x = s->x0; x < s->x1; x++) {
        float m = 0;
        if (all < 1)
            m = mask ? (float)mask[(size_t)y * (size_t)k->sc->w + (size_t)x] * (1 / 255.0f)
                     : nn_oval_at(&k->body, (float)x, (float)y, 0.3f);
        weight[x] = opaque[x] * a * (all + behind * (1 - m) + on * m);
    }
}

static void draw_row(void *arg, int n)
{
    struct pass *k = arg;
    const struct overlay *s = k->s;
    int y = s->y0 + n, wide = s->x1 - s->x0;
    size_t all = (size_t)k->f->w * (size_t)k->f->h, at = (size_t)y * (size_t)k->f->w;
    float *weight = k->weight + at;

    weigh(k, y, weight);
    weight += s->x0;
    for (int c = 0; c < 3; c++) {
        float *b = k->f->plane[c] + at + s->x0;
        const float *v = s->plane + (size_t)c * all + at + s->x0;
        nn_blend_row(k->mode, b, v, weight, wide);
    }
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { .s = state, .sc = sc, .p = p, .reel = sc->asset, .f = f,
                      .mode = (enum nn_blend)(p[MODE] + 0.5f), .body = nn_oval_of(sc, 1.6f),
                      .weight = spare->plane[0] };

    lay(&k);
    nn_pool_run(sc->pool, k.s->y1 - k.s->y0, draw_row, &k);
}

const struct nn_effect_type fx_overlay = {
    .name = "overlay",
    .brief = "a picture or a film over the frame, behind the person or on them",
    .touch = NN_POINT,
    .param = {
        { "amount", 0, 1, 0.8f, "how much of it" },
        { "mode", 0, 7, 2, "0 normal, 1 add, 2 screen, 3 multiply, 4 overlay, 5 soft light, "
                           "6 difference, 7 lighten" },
        { "fill", 0, 1, 1, "0 all of it fits in the frame, 1 it fills the frame" },
        { "place", 0, 2, 0, "0 everywhere, 1 behind the person, 2 on the person" },
        { "size", 0.02f, 8, 1, "times that" },
        { "x", -1, 1, 0, "moved to the right, frame widths" },
        { "y", -1, 1, 0, "moved down, frame heights" },
    },
    .open = open_reel,
    .close = close_reel,
    .wants_mask = 1,
    .state_size = state_size,
    .render = render,
};
