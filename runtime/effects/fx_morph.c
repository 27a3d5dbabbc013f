/*
 * fx_morph.c - the face becomes another's, or shows more than it does.
 *
 * With a "file" a picture's face is bent onto the live one's features by a thin-plate spline, its
 * colours are moved to those of the skin it covers, and it fades in; its person's consent is beside
 * it, or it does not open (runtime/morph/consent.h). Without a file the live face's own departure
 * from its rest is multiplied (runtime/morph/express.h); rest is what of the last seconds looks
 * most like their mean.
 */
#include <stdlib.h>
#include <string.h>

#include "runtime/effects/field.h"
#include "runtime/face/align.h"
#include "runtime/media/picture.h"
#include "runtime/morph/consent.h"
#include "runtime/morph/dissolve.h"
#include "runtime/morph/express.h"

enum { AMOUNT, STRENGTH };
enum { LEVELS = 6, CELLS = 40, PART = 256, SIDE = NN_FLOW_SIDE, CROP = SIDE * SIDE };

static const float LEAST = 24;          /* pixels of a face's box: smaller ones stay as they are */
static const float LEARN = 3;           /* seconds: of the mean face */
static const float INSET = 0.90f;       /* of the face's outline */

/* All that one instance works with. */
struct morph {
    struct nn_side side[LEVELS];        /* the picture's face, and halves of it; none: levels 0 */
    int levels;
    char note[NN_CONSENT_NOTE];         /* "" without a picture */
    struct nn_spline *spline;
    struct nn_warp warp;
    struct nn_pixels part;              /* of the frame, or what is laid over it */
    struct nn_tone tone;                /* of the live skin, smoothed */
    int toned;
    struct nn_express face;
    int known;                          /* frames in a row with a face */
    float seconds, best, mean[CROP];
    uint8_t grey[CROP];
};

struct asset {
    struct morph *m;
};

static void release(void *asset)
{
    struct asset *a = asset;

    for (int i = 0; a->m && i < LEVELS; i++)
        nn_side_release(&a->m->side[i]);
    if (a->m) {
        nn_spline_free(a->m->spline);
        nn_warp_release(&a->m->warp);
        nn_pixels_release(&a->m->part);
    }
    free(a->m);
    free(a);
}

/* The seam lies on the face's own skin. */
static void weigh(struct nn_side *s)
{
    float hull[NN_SHAPE_HULL][2], middle[2], eyes = nn_shape_eyes(&s->shape, middle), c[2] = { 0 };
    int n = nn_shape_hull(&s->shape, 0, hull);

    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            c[k] += hull[i][k] / (float)n;
    for (int i = 0; i < n; i++)
        for (int k = 0; k < 2; k++)
            hull[i][k] = c[k] + INSET * (hull[i][k] - c[k]);
    for (int y = 0; y < s->px.h; y++)
        for (int x = 0; x < s->px.w; x++)
            s->px.px[4 * ((size_t)y * (size_t)s->px.w + (size_t)x) + 3] =
                nn_shape_inside((const float (*)[2])hull, n, 0.3f * eyes, (float)x, (float)y);
    s->toned = !nn_tone_of(&s->px, &s->tone);
}

static int read_face(struct morph *m, const char *file, struct nn_err *err)
{
    struct nn_image img = { 0 };
    struct nn_detector *d = NULL;
    int faces, ret = -1;

    if (nn_face_consent(file, NULL, m->note, err) || nn_picture_read(file, 3, &img, err) ||
        !(d = nn_detector_new(NULL, NULL, err)) ||
        nn_shape_find(&m->side[0].shape, d, NULL, &img, file, &faces, err) ||
        nn_pixels_init(&m->side[0].px, img.w, img.h, err) || !(m->spline = nn_spline_new(err)))
        goto out;
    nn_pixels_load(&m->side[0].px, &img, NULL);
    weigh(&m->side[0]);
    for (m->levels = 1; m->levels < LEVELS; m->levels++) {
        struct nn_side *last = &m->side[m->levels - 1], *next = last + 1;
        if (last->px.w < 64 || last->px.h < 64)
            break;
        if (nn_pixels_half(&last->px, &next->px, err))
            goto out;
        next->shape = last->shape;
        nn_shape_place(&next->shape, 0, 0, 2);
        weigh(next);
    }
    ret = 0;
out:
    nn_detector_free(d);
    nn_image_release(&img);
    return ret;
}

static void *open_face(const char *file, const struct nn_scene *sc, struct nn_err *err)
{
    struct asset *a = calloc(1, sizeof *a);

    if (!a || !(a->m = calloc(1, sizeof *a->m))) {
        nn_fail_mem(err, "the effect morph");
        free(a);
        return NULL;
    }
    if (!nn_pixels_init(&a->m->part, sc->w, sc->h, err) &&
        !nn_warp_init(&a->m->warp, CELLS, CELLS, 1, err) &&
        (!file || !read_face(a->m, file, err)))
        return a;
    release(a);
    return NULL;
}

static const char *says(const void *asset)
{
    const struct asset *a = asset;

    return a->m->note;
}

struct pass {
    struct morph *m;
    struct nn_frame *f;
    const struct nn_side *from;
    struct nn_face_window at;
    struct nn_tone_map map;
    int box[4];
    float amount;
};

/* ---- the live face, exaggerated */

/* The window as the flow wants it: grey, upright, as the eye sees light. */
static void cut_out(const struct pass *k, uint8_t *grey)
{
    const struct nn_frame *f = k->f;
    float a = k->at.roll * 0.01745329252f, step = k->at.side / SIDE;
    float c = cosf(a) * step, s = sinf(a) * step;

    for (int y = 0; y < SIDE; y++)
        for (int x = 0; x < SIDE; x++) {
            float u = (float)x + 0.5f - SIDE / 2, v = (float)y + 0.5f - SIDE / 2, sum = 0;
            float px = nn_clampf(k->at.x + c * u - s * v, 0, (float)(f->w - 1));
            float py = nn_clampf(k->at.y + s * u + c * v, 0, (float)(f->h - 1));
            int i = nn_clampi((int)px, 0, f->w - 2), j = nn_clampi((int)py, 0, f->h - 2);
            size_t at = (size_t)(j > 0 ? j : 0) * (size_t)f->w + (size_t)(i > 0 ? i : 0);
            size_t right = f->w > 1, down = f->h > 1 ? (size_t)f->w : 0;
            px -= (float)i;
            py -= (float)j;
            for (int p = 0; p < 3; p++) {
                const float *v4 = f->plane[p] + at;
                float top = v4[0] + px * (v4[right] - v4[0]);
                float low = v4[down] + px * (v4[down + right] - v4[down]);
                sum += (p == 1 ? 0.587f : p ? 0.114f : 0.299f) * (top + py * (low - top));
            }
            grey[y * SIDE + x] = (uint8_t)(255 * sqrtf(nn_clampf(sum, 0, 1)) + 0.5f);
        }
}

/* The face of the last seconds that is nearest to their mean is the rest. */
static void learn(struct morph *m, float dt)
{
    float k = m->known ? nn_maxf(dt / (nn_minf(m->seconds, LEARN) + dt + 1e-6f), 0) : 1, far = 0;

    for (int i = 0; i < CROP; i++) {
        float d = (float)m->grey[i] - m->mean[i];
        m->mean[i] += k * d;
        far += d * d;
    }
    m->seconds += m->known ? dt : 0;
    m->best = m->known ? m->best * (1 + 0.2f * dt) : 1e30f;
    if (far < m->best || !m->known) {
        nn_express_rest(&m->face, m->grey);
        m->best = m->known ? far : 1e30f;
    }
    m->known++;
}

static void follow(struct pass *k, const struct nn_scene *sc)
{
    struct morph *m = k->m;

    if (sc->who.presence <= 0 || sc->who.face.w < LEAST) {
        m->known = 0;
        m->seconds = 0;
        m->face.rested = 0;
        return;
    }
    if (!m->known)
        memset(m->face.move, 0, sizeof m->face.move);
    cut_out(k, m->grey);
    learn(m, (float)sc->dt);
    nn_express_look(&m->face, m->grey, sc->dt);
}

/* The planes' rows side by side, for sampling. */
static void pack_row(void *arg, int y)
{
    const struct pass *k = arg;
    const struct nn_frame *f = k->f;
    int end = nn_clampi(k->box[0] + k->box[2] + 8, 0, f->w);

    if (y < k->box[1] - 8 || y > k->box[1] + k->box[3] + 8)
        return;
    for (int x = nn_clampi(k->box[0] - 8, 0, f->w); x < end; x++) {
        size_t at = (size_t)y * (size_t)f->w + (size_t)x;
        for (int c = 0; c < 3; c++)
            k->m->part.px[4 * at + (size_t)c] = f->plane[c][at];
    }
}

static void express_row(void *arg, int n)
{
    const struct pass *k = arg;
    int y = k->box[1] + n, end = k->box[0] + k->box[2];
    float at[2][PART], px[4 * PART];

    for (int x = k->box[0]; x < end; x += PART) {
        int m = end - x < PART ? end - x : PART;
        size_t to = (size_t)y * (size_t)k->f->w + (size_t)x;
        nn_express_row(&k->m->face, &k->at, y, x, m, at[0], at[1]);
        nn_pixels_sample(&k->m->part, at[0], at[1], m, px);
        for (int c = 0; c < 3; c++)
            for (int i = 0; i < m; i++)
                k->f->plane[c][to + (size_t)i] = px[4 * i + c];
    }
}

/* ---- another's face */

static void bend_row(void *arg, int n)
{
    const struct pass *k = arg;
    int y = k->box[1] + n, end = k->box[0] + k->box[2];
    float at[2][PART];

    for (int x = k->box[0]; x < end; x += PART) {
        int m = end - x < PART ? end - x : PART;
        nn_warp_row(&k->m->warp, y, x, m, at[0], at[1]);
        for (int i = 0; i < m; i++) {
            at[0][i] += (float)(x + i);
            at[1][i] += (float)y;
        }
        nn_pixels_sample(&k->from->px, at[0], at[1], m,
                         k->m->part.px + 4 * ((size_t)y * (size_t)k->f->w + (size_t)x));
    }
}

static void lay_row(void *arg, int n)
{
    const struct pass *k = arg;
    size_t at = (size_t)(k->box[1] + n) * (size_t)k->f->w + (size_t)k->box[0];
    float *px = k->m->part.px + 4 * at, weight[PART];

    for (int x = 0; x < k->box[2]; x += PART, px += 4 * PART) {
        int m = k->box[2] - x < PART ? k->box[2] - x : PART;
        for (int i = 0; i < m; i++) {   /* the soft edge changes colour as much as the face */
            weight[i] = k->amount * px[4 * i + 3];
            px[4 * i + 3] = 1;
        }
        nn_tone_apply(&k->map, 1, px, m);
        for (int c = 0; c < 3; c++) {
            float *v = k->f->plane[c] + at + x;
            for (int i = 0; i < m; i++)
                v[i] += weight[i] * (px[4 * i + c] - v[i]);
        }
    }
}

/* The skin that is covered, every few pixels, calmed over time. */
static void measure(struct pass *k, float dt)
{
    enum { MOST = 64 };
    float kept[4 * MOST * MOST];
    struct nn_pixels few = { 0, 1, kept };
    struct nn_tone now;
    int step = 1 + (k->box[2] > k->box[3] ? k->box[2] : k->box[3]) / MOST;

    for (int y = k->box[1]; y < k->box[1] + k->box[3]; y += step)
        for (int x = k->box[0]; x < k->box[0] + k->box[2]; x += step) {
            size_t at = (size_t)y * (size_t)k->f->w + (size_t)x;
            for (int c = 0; c < 3; c++)
                kept[4 * few.w + c] = nn_maxf(k->f->plane[c][at], 0);
            kept[4 * few.w++ + 3] = k->m->part.px[4 * at + 3];
        }
    if (nn_tone_of(&few, &now))
        return;
    if (k->m->toned)
        nn_tone_mix(&k->m->tone, &now, nn_minf(dt / 0.2f, 1), &k->m->tone);
    else
        k->m->tone = now;
    k->m->toned = 1;
}

static void lay_over(struct pass *k, const struct nn_scene *sc)
{
    struct morph *m = k->m;
    struct nn_shape at;
    float five[5][2], middle[2], eyes, lo[2] = { 1e9f, 1e9f }, hi[2] = { -1e9f, -1e9f };
    int level = 0;

    if (sc->who.points)
        memcpy(five, sc->who.point, sizeof five);
    else
        nn_shape_five_in(sc->who.face, five);
    nn_shape_from_five(&at, (const float (*)[2])five);
    eyes = nn_shape_eyes(&at, middle);
    for (int i = 0; i < at.face; i++)
        for (int c = 0; c < 2; c++) {
            lo[c] = nn_minf(lo[c], at.at[i][c] - 0.25f * eyes);
            hi[c] = nn_maxf(hi[c], at.at[i][c] + 0.25f * eyes);
        }
    for (int c = 0; c < 2; c++) {
        k->box[c] = (int)nn_clampf(lo[c], 0, (float)(c ? k->f->h : k->f->w));
        k->box[2 + c] = (int)nn_clampf(hi[c], 0, (float)(c ? k->f->h : k->f->w)) - k->box[c];
    }
    while (level + 1 < m->levels && nn_shape_eyes(&m->side[level + 1].shape, middle) >= eyes)
        level++;
    k->from = &m->side[level];
    m->warp.left = (float)k->box[0];    /* as many points, nearer to each other */
    m->warp.top = (float)k->box[1];
    m->warp.step = 1 + (k->box[2] > k->box[3] ? k->box[2] : k->box[3]) / (CELLS - 2);
    m->warp.w = k->box[2] / m->warp.step + 2;
    m->warp.h = k->box[3] / m->warp.step + 2;
    if (k->box[2] < 8 || k->box[3] < 8 ||
        nn_warp_fit(&m->warp, m->spline, (const float (*)[2])at.at,
                    (const float (*)[2])k->from->shape.at, at.count - 5, sc->pool, NULL))
        return;
    nn_pool_run(sc->pool, k->box[3], bend_row, k);
    measure(k, (float)sc->dt);
    if (m->toned && k->from->toned)
        nn_tone_between(&k->from->tone, &m->tone, &k->map);
    nn_pool_run(sc->pool, k->box[3], lay_row, k);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    const struct asset *a = sc->asset;
    struct pass k = { .m = a->m, .f = f, .amount = p[AMOUNT] * sc->who.presence };
    float roll = sc->who.points ? nn_face_lean(sc->who.point) : 0;

    (void)state;
    (void)spare;
    k.at = nn_face_window_of(sc->who.face, roll);
    if (!a->m->levels)
        follow(&k, sc);
    if (k.amount <= 0 || sc->who.face.w < LEAST)
        return;
    if (a->m->levels) {
        lay_over(&k, sc);
        return;
    }
    nn_express_aim(&a->m->face, 1 + (p[STRENGTH] - 1) * k.amount);
    nn_express_box(&k.at, f->w, f->h, k.box);
    nn_pool_run(sc->pool, f->h, pack_row, &k);
    nn_pool_run(sc->pool, k.box[3], express_row, &k);
}

const struct nn_effect_type fx_morph = {
    .name = "morph",
    .brief = "the face becomes another's (\"file\", with consent), or its expression more",
    .touch = NN_WARP,
    .param = {
        { "amount", 0, 1, 1, "how far" },
        { "strength", 0, 3, 2, "without a file: of the expression; 0 neutral, 2 a caricature" },
    },
    .open = open_face,
    .close = release,
    .says = says,
    .render = render,
};
