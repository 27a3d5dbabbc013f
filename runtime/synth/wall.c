/* wall.c - facades: storeys and bays, windows that are lit or mirror the night, shops below. */
#include "runtime/synth/scene.h"

/* A window is thrown once; its column then needs no dice. */
struct window {
    int cell;
    float rgb[3];
    int lit, blinds, someone;
};

static int is_lit(const struct wall *w, int i, int j)
{
    float flat = nn_dice2(i >> 1, j, w->seed + 3);  /* flats span two windows, now and then */

    return (flat < 0.5f ? nn_dice2(i >> 1, j, w->seed + 4) : nn_dice2(i, j, w->seed)) < w->lit;
}

int nn_synth_wall_lit(const struct wall *w, float u, float v)
{
    float bay = u / w->bay, at = (v - w->shop_h) / w->floor, x, y;
    int i = (int)floorf(bay), j;

    x = bay - (float)i;
    if (!w->far && v < w->shop_h) {
        if (x < 0.08f || x > 0.92f || v < 0.55f || v > w->shop_h - 0.75f ||
            nn_dice2(i, 7, w->seed) >= w->shop)
            return 0;
        return w->shop_rgb[0] > w->shop_rgb[2] ? 1 : 2;
    }
    if (w->far)
        at = v / w->floor;
    j = (int)floorf(at);
    y = at - (float)j;
    if (fabsf(x - 0.5f) > 0.5f * w->win_w || y < w->sill || y > w->sill + w->win_h ||
        !is_lit(w, i, j))
        return 0;
    return nn_dice2(i, j, w->seed + 1) < w->warm ? 1 : 2;
}

static void throw_window(const struct column *k, const struct wall *w, int i, int j,
                         struct window *out)
{
    static const float warm[3] = { 1.0f, 0.52f, 0.17f }, cool[3] = { 0.42f, 0.86f, 1.0f };
    float kind = nn_dice2(i, j, w->seed + 1), power = 0.20f + 1.1f * nn_dice2(i, j, w->seed + 2);
    const float *hue = kind < w->warm ? warm : cool;

    power *= power;
    out->cell = j;
    out->lit = is_lit(w, i, j);
    out->blinds = nn_dice2(i, j, w->seed + 5) < 0.4f;
    out->someone = out->lit && nn_dice2(i, j, w->seed + 6) < 0.06f;
    for (int c = 0; c < 3; c++)
        out->rgb[c] = power * (hue[c] + 0.25f * (k->s->haze[c] - 0.3f) * k->s->pal->colour);
    for (int c = 0; c < 3; c++)
        out->rgb[c] = out->lit ? nn_maxf(out->rgb[c], 0) : 0;
}

/* Light that falls on the wall at height v, between the light map's points. */
NN_INLINE void map_at(const struct wall *w, const float (*row)[3], int pitch, float fu, float v,
                      float out[3])
{
    float at = nn_clampf(v / w->cell, 0, (float)(w->mv - 1) - 0.001f);
    int j = (int)at;
    const float *a = row[j * pitch], *b = a + 3, *c = row[(j + 1) * pitch], *d = c + 3;

    at -= (float)j;
    for (int i = 0; i < 3; i++) {
        float lo = a[i] + fu * (b[i] - a[i]), hi = c[i] + fu * (d[i] - c[i]);
        out[i] = lo + at * (hi - lo);
    }
}

/* Courses of brick with their joints; from afar only their mean. */
static float brick(const struct wall *w, float u, float v, float du, float dv)
{
    float row = v / 0.11f, j = floorf(row), x = u / 0.33f + ((int)j & 1 ? 0.5f : 0), i = floorf(x);
    float near = 1 - nn_smooth(0.03f, 0.09f, nn_maxf(0.5f * du, dv)), joint;

    if (near <= 0 || w->glass)
        return 1;
    joint = within(row - j, nn_minf(dv / 0.11f, 1), 0, 0.13f) +
            within(x - i, nn_minf(du / 0.33f, 1), 0, 0.05f);
    return 1 + near * ((1 - 0.42f * nn_minf(joint, 1)) *
                       (0.80f + 0.40f * nn_dice2((int)i, (int)j, w->seed + 12)) - 1);
}

/* Ground floor: panes between pillars, lit from within, a lintel above, a step below. */
static void shop(const struct column *k, const struct wall *w, float v, int bay, float x,
                 const float light[3], float grime, float c[3])
{
    float lit = nn_dice2(bay, 7, w->seed) < w->shop ? 1.0f : 0.0f, du = k->du / w->bay;
    float pane = within(x, du, 0.08f, 0.92f) * within(v, k->dv, 0.55f, w->shop_h - 0.75f);
    float bars = within(x, du, 0.485f, 0.515f) + within(v, k->dv, w->shop_h - 1.35f,
                                                        w->shop_h - 1.28f);
    float deep = nn_clampf((v - 0.5f) / (w->shop_h - 1.2f), 0, 1);
    float shelf = v / 0.62f, row = floorf(shelf), item = 16 * x + 7.3f * row, goods, glow;
    float band = within(v, k->dv, w->shop_h - 0.7f, w->shop_h - 0.12f);

    /* Shelves with things of all heights before a lit back; nobody stocks all windows. */
    goods = 0.25f + 0.6f * nn_dice2((int)floorf(item) + 64 * bay, (int)row, w->seed + 40);
    goods = nn_smooth(goods + 0.06f, goods - 0.06f, shelf - row);
    goods = nn_maxf(goods, within(shelf - row, k->dv / 0.62f, 0, 0.07f));
    goods *= (1 - nn_smooth(0.45f, 0.62f, deep)) * (nn_dice2(bay, 9, w->seed) < 0.6f ? 1 : 0.15f);
    goods *= 1 - nn_smooth(0.03f, 0.09f, du);
    glow = (0.16f + 0.84f * deep * deep) * (1 - 0.35f * fabsf(2 * x - 1));
    pane *= 1 - nn_minf(bars, 1);
    /* Shut: a roller door's ribs, or a door, or nothing but wall. */
    int shut = lit == 0 && nn_dice2(bay, 11, w->seed) < 0.65f;
    float sheen = 0.35f + 1.3f * nn_smooth(0.35f, 0.75f, nn_noise2(0.9f * (v + 0.7f * k->u), 0.3f,
                                                                    w->seed + 41));
    float ribs = 0.62f + 0.38f * (k->dv < 0.09f ? sinf(38 * v) : 0);
    pane = shut ? within(x, du, 0.14f, 0.86f) * within(v, k->dv, 0.1f, w->shop_h - 0.95f) : pane;
    for (int i = 0; i < 3; i++) {
        float wall = light[i] * w->albedo[i] * grime * (band > 0 ? 1 - 0.5f * band : 1);
        float in = lit * w->shop_rgb[i] * glow * (1 - 0.7f * goods) + sheen *
                   (0.10f * light[i] + 0.25f * k->s->glow[i]);
        if (shut)
            in = light[i] * 0.16f * ribs * grime;
        c[i] = wall + pane * (in - wall);
    }
}

/* Landings, rails and stairs of iron before the wall: how much of the pixel they hide. */
static float escape_of(const struct column *k, const struct wall *w, float v)
{
    float length = 3 * w->bay, at = k->u - 1.6f * w->bay, x = at / length, y, d, stair;
    float wide = nn_maxf(k->dv, 0.05f), a;

    if (x < 0 || x > 1 || v < w->shop_h + 0.2f)
        return 0;
    y = (v - w->shop_h) / w->floor;
    y -= floorf(y);
    a = within(y * w->floor, wide, 0, 0.10f) + 0.8f * within(y * w->floor, wide, 0.95f, 1.0f);
    a += 0.5f * (y * w->floor < 1 ? within(at - 0.25f * floorf(at / 0.25f), nn_minf(k->du, 0.25f),
                                           0, 0.03f) : 0);
    stair = (int)floorf((v - w->shop_h) / w->floor) & 1 ? x : 1 - x;
    d = fabsf(y - nn_clampf((stair - 0.2f) / 0.6f, 0, 1));
    if (stair > 0.15f && stair < 0.85f)
        a += nn_clampf((0.16f - d * w->floor) / wide, 0, 1);
    return nn_clampf(a, 0, 1);
}

/* A distant block: its windows are points. */
static void shade_far(const struct column *k, const struct wall *w)
{
    float bay = k->u / w->bay, du = nn_minf(k->du / w->bay, 1), lod = nn_smooth(0.4f, 1.2f, du);
    int i = (int)floorf(bay);
    float x = within(bay - (float)i, nn_maxf(du, 0.05f), 0.5f - 0.5f * w->win_w,
                     0.5f + 0.5f * w->win_w);
    struct window win = { .cell = -999 };

    for (int r = k->r0; r < k->r1; r++) {
        float v = k->y + k->dy * ((float)r + 0.5f), at = v / w->floor, c[3];
        float dv = nn_minf(k->dv / w->floor, 1), many = nn_maxf(lod, nn_smooth(0.4f, 1.2f, dv));
        int j = (int)floorf(at);
        float y = within(at - (float)j, nn_maxf(dv, 0.05f), w->sill, w->sill + w->win_h);
        if (j != win.cell)
            throw_window(k, w, i, j, &win);
        for (int n = 0; n < 3; n++) {
            float mean = 0.22f * w->lit * w->win_w * w->win_h * (n ? n == 1 ? 0.7f : 0.5f : 0.8f);
            c[n] = 0.010f * k->s->glow[n] + (1 - many) * x * y * win.rgb[n] + many * mean;
        }
        lay(k, r, k->cover, c);
        if (k->depth && k->cover > 0.5f)
            k->depth[r] = k->t;
    }
}

void nn_synth_shade_wall(const struct column *k)
{
    const struct wall *w = &k->s->wall[k->p->of];
    float bay = k->u / w->bay, du = nn_minf(k->du / w->bay, 1), many = nn_smooth(0.7f, 1.3f, du);
    int i = (int)floorf(bay), mi = nn_clampi((int)(k->u / w->cell), 0, w->mu - 2);
    float x = bay - (float)i, fu = nn_clampf(k->u / w->cell - (float)mi, 0, 1), tall = k->p->y1;
    float half = 0.5f * w->win_w, wx = within(x, du, 0.5f - half, 0.5f + half);
    float mullion = within(x, du, 0.49f, 0.51f), grime, stain = 1;
    const float (*row)[3] = (const float (*)[3])(k->s->map + w->map + mi);
    struct window win = { .cell = -999 };

    if (w->far) {
        shade_far(k, w);
        return;
    }
    wx *= 1 - 0.8f * nn_minf(mullion, 1);
    for (int r = k->r0; r < k->r1; r++) {
        float v = k->y + k->dy * ((float)r + 0.5f), light[3], c[3], at, y, dv, sheen, ledge;
        int j;
        map_at(w, row, w->mu, fu, v, light);
        if (r == k->r0 || !(r & 3))     /* stains are large */
            stain = 0.55f + 0.85f * nn_noise2(1.1f * k->u, 0.35f * v, w->seed + 9);
        grime = stain * brick(w, k->u, v, k->du, k->dv);
        if (v < w->shop_h) {
            shop(k, w, v, i, x, light, grime, c);
        } else {
            at = (v - w->shop_h) / w->floor;
            j = (int)floorf(at);
            y = at - (float)j;
            dv = k->dv / w->floor;
            if (j != win.cell)
                throw_window(k, w, i, j, &win);
            float in = wx * within(y, dv, w->sill, w->sill + w->win_h);
            float h = nn_clampf((y - w->sill) / w->win_h, 0, 1), px = (x - 0.5f) / half;
            float part = 0.35f + 0.65f * h * h;
            if (win.blinds && k->dv < 0.05f)
                part *= 0.45f + 0.55f * nn_smooth(-0.2f, 0.5f, sinf(v * 62));
            else if (!win.blinds)
                part *= 0.35f + 0.65f * nn_smooth(0.98f, 0.55f, fabsf(px));     /* curtains */
            if (win.someone && h < 0.75f - 0.9f * px * px && fabsf(px - 0.1f) < 0.35f)
                part *= 0.12f;
            if (w->glass)
                part = 0.55f;
            part += many * (0.6f - part);
            ledge = within(y, dv, 0, 0.07f) + within(y, dv, w->sill - 0.05f, w->sill) * wx;
            sheen = 0.10f;
            for (int n = 0; n < 3; n++) {
                float wall = light[n] * w->albedo[n] * grime * (1 + 0.9f * nn_minf(ledge, 1));
                float mean = w->lit * (w->warm * (n ? n == 1 ? 0.24f : 0.09f : 0.45f) +
                                       (1 - w->warm) * (n ? n == 1 ? 0.4f : 0.46f : 0.2f));
                float pane = win.rgb[n] * part * (1 - many) + 0.6f * many * mean;
                c[n] = wall + in * (pane + sheen * light[n] + 0.03f * k->s->glow[n] - wall);
            }
        }
        ledge = within(tall - v, k->dv, 0, 0.5f);        /* the roof's edge */
        for (int n = 0; n < 3; n++)
            c[n] *= 1 + 0.4f * ledge;
        if (w->escape) {
            float iron = 0.93f * escape_of(k, w, v);
            for (int n = 0; n < 3; n++)
                c[n] += iron * (0.03f * light[n] - c[n]);
        }
        lay(k, r, k->cover, c);
        if (k->depth && k->cover > 0.5f)
            k->depth[r] = k->t;
    }
}
