/*
 * fx_pixelate.c - a wall of lamps: mosaic whose tiles are large where nothing happens.
 *
 * The frame is cut into squares; one that holds much contrast is cut into four,
 * twice. Each becomes a lamp of its mean light with a dark joint around it. With
 * `focus` only the face is taken (a disguise), without it the whole frame.
 */
#include "runtime/effects/field.h"

enum { AMOUNT, SIZE, DETAIL, JOINT, FOCUS };

struct pass {
    const struct nn_scene *sc;
    const float *p;
    struct nn_frame *f;
    int side;
};

struct cell {
    int x, y, w, h;
};

static void mean(const struct nn_frame *f, struct cell c, float out[3])
{
    for (int i = 0; i < 3; i++) {
        float sum = 0;
        for (int y = c.y; y < c.y + c.h; y++) {
            const float *v = f->plane[i] + (size_t)y * (size_t)f->w + c.x;
            for (int x = 0; x < c.w; x++)
                sum += v[x];
        }
        out[i] = sum / (float)(c.w * c.h);
    }
}

/* How much of the cell is taken. */
static float taken(const struct pass *k, struct cell c)
{
    const struct nn_person *who = &k->sc->who;
    float dx, dy, near;

    if (!(k->p[FOCUS] > 0))
        return 1;
    if (!(who->face.w > 0))
        return 1 - k->p[FOCUS];
    dx = (float)c.x + 0.5f * (float)c.w - who->face.x - 0.5f * who->face.w;
    dy = (float)c.y + 0.5f * (float)c.h - who->face.y - 0.5f * who->face.h;
    dx /= 0.7f * who->face.w;
    dy /= 0.85f * who->face.h;
    near = who->presence * nn_smooth(1.2f, 0.8f, dx * dx + dy * dy);
    return 1 - k->p[FOCUS] * (1 - near);
}

static void lamp(const struct pass *k, struct cell c, const float light[3])
{
    float joint = k->p[JOINT] * (c.w > 3 && c.h > 3), mix = taken(k, c);
    float gap = nn_maxf((float)k->side / 24, 1);

    for (int y = 0; y < c.h; y++) {
        size_t at = (size_t)(c.y + y) * (size_t)k->f->w + (size_t)c.x;
        float dy = nn_minf((float)y, (float)(c.h - 1 - y));
        for (int x = 0; x < c.w; x++) {
            float d = nn_minf(dy, nn_minf((float)x, (float)(c.w - 1 - x))) + 0.5f;
            float lit = 1 - joint * 0.85f * nn_smooth(1.6f * gap, 0.4f * gap, d);
            lit *= 1 + 0.18f * joint;
            for (int i = 0; i < 3; i++) {
                float *v = k->f->plane[i] + at + x;
                *v += mix * (light[i] * lit - *v);
            }
        }
    }
}

/* One square: a lamp, or four smaller squares. */
static void square(const struct pass *k, struct cell c, int depth)
{
    int w = c.w / 2, h = c.h / 2;
    struct cell part[4] = { { c.x, c.y, w, h }, { c.x + w, c.y, c.w - w, h },
                            { c.x, c.y + h, w, c.h - h }, { c.x + w, c.y + h, c.w - w, c.h - h } };
    float m[4][3], all[3], lo = 1e9f, hi = 0;

    if (depth > 0 && w >= 2 && h >= 2) {
        for (int i = 0; i < 4; i++) {
            float l;
            mean(k->f, part[i], m[i]);
            l = sqrtf(nn_maxf(nn_luma(m[i][0], m[i][1], m[i][2]), 0));
            lo = nn_minf(lo, l);
            hi = nn_maxf(hi, l);
        }
        if (hi - lo > 0.30f - 0.27f * k->p[DETAIL]) {
            for (int i = 0; i < 4; i++)
                square(k, part[i], depth - 1);
            return;
        }
    }
    mean(k->f, c, all);
    lamp(k, c, all);
}

static void draw_band(void *arg, int n)
{
    struct pass *k = arg;
    int w = k->f->w, h = k->f->h, y = n * k->side, tall = y + k->side < h ? k->side : h - y;

    for (int x = 0; x < w; x += k->side)
        square(k, (struct cell){ x, y, x + k->side < w ? k->side : w - x, tall }, 2);
}

static void render(void *state, const struct nn_scene *sc, const float *p, struct nn_frame *f,
                   struct nn_frame *spare)
{
    struct pass k = { sc, p, f, 0 };

    (void)state;
    (void)spare;
    k.side = nn_clampi((int)(p[SIZE] * p[AMOUNT] * sc->unit + 0.5f), 2, 512) / 4 * 4;
    k.side = k.side < 4 ? 4 : k.side;
    nn_pool_run(sc->pool, (f->h + k.side - 1) / k.side, draw_band, &k);
}

const struct nn_effect_type fx_pixelate = {
    .name = "pixelate",
    .brief = "a wall of lamps: large where nothing happens, small where much does",
    .touch = NN_AREA,
    .param = {
        { "amount", 0, 1, 0.7f, "how large the lamps are" },
        { "size", 8, 256, 72, "the largest lamps at full amount, 720ths of the height" },
        { "detail", 0, 1, 0.6f, "how readily they are cut into smaller ones" },
        { "joint", 0, 1, 0.6f, "how dark the joints are" },
        { "focus", 0, 1, 0, "0 the whole frame, 1 the face alone" },
    },
    .render = render,
};
