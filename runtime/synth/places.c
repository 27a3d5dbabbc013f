/* places.c - six kinds of places, each as its own dice furnish it. */
#include "runtime/synth/scene.h"

static float some(struct nn_rng *r, float lo, float hi)
{
    return nn_rng_range(r, lo, hi);
}

static int chance(struct nn_rng *r, float share)
{
    return nn_rng_float(r) < share;
}

static float sign_of(struct nn_rng *r)
{
    return nn_rng_below(r, 2) ? 1.0f : -1.0f;
}

/* The city behind: blocks that stand from wall to wall, a row at each distance. */
static void add_skyline(struct nn_synth *s, struct nn_rng *r, float z, float wide, float low,
                        float high)
{
    for (float x = -wide; x < wide;) {
        float w = some(r, 0.10f, 0.22f) * z, tall = some(r, low, high);
        struct wall *b = nn_synth_add_wall(s, r, x, z, x + w, z, tall * tall / high);
        if (!b)
            return;
        b->far = 1;
        b->lit = some(r, 0.1f, 0.4f);
        b->win_w = some(r, 0.35f, 0.7f);
        x += w * some(r, 0.9f, 1.25f);
    }
}

static void add_sign_across(struct nn_synth *s, struct nn_rng *r, float side, float wall, float z,
                            float scale)
{
    int upright = chance(r, 0.75f);
    float w = scale * (upright ? some(r, 0.7f, 1.2f) : some(r, 1.4f, 2.4f));
    float h = upright ? w * some(r, 2.2f, 5) : w * some(r, 0.35f, 0.7f);
    float y = some(r, 2.6f, 3.6f) + (chance(r, 0.4f) ? some(r, 0, 5) * scale : 0);
    float x0 = side > 0 ? wall - w - 0.15f : -wall + 0.15f, dice = nn_rng_float(r);
    enum sign_make tall = dice < 0.45f ? SIGN_GLYPHS : dice < 0.85f ? SIGN_UPRIGHT : SIGN_BAR;
    enum sign_make flat = dice < 0.5f ? SIGN_WORD : dice < 0.8f ? SIGN_SHAPE : SIGN_GLYPHS;
    enum sign_make make = upright ? tall : flat;

    if (make == SIGN_SHAPE)
        h = w = nn_minf(w, 1.7f * scale);
    nn_synth_add_sign(s, r, make, x0, z, x0 + w, z, y, y + h);
}

static void add_sign_along(struct nn_synth *s, struct nn_rng *r, float side, float wall, float z)
{
    float w = some(r, 2.5f, 5), h = w * some(r, 0.2f, 0.34f), y = some(r, 3.2f, 4.6f);
    float x = side * (wall - 0.25f);
    enum sign_make make = chance(r, 0.7f) ? SIGN_WORD : SIGN_GLYPHS;

    if (side < 0)
        nn_synth_add_sign(s, r, make, x, z, x, z + w, y, y + h);
    else
        nn_synth_add_sign(s, r, make, x, z + w, x, z, y, y + h);
}

/* Both sides of a street, from behind the camera to `end`. */
static void add_sides(struct nn_synth *s, struct nn_rng *r, float half, float low, float high,
                      float end)
{
    for (int i = 0; i < 2; i++) {
        float side = i ? 1.0f : -1.0f, back = 0;
        for (float z = -5; z < end;) {
            float length = some(r, 8, 20), next = chance(r, 0.5f) ? 0 : some(r, 0, 0.12f) * half;
            float tall = some(r, low, high), x = side * (half + back);
            nn_synth_add_wall(s, r, x, z, x, z + length, tall);
            z += length;
            if (next < back)            /* the next house stands out: its flank */
                nn_synth_add_wall(s, r, nn_minf(x, side * (half + next)), z,
                                  nn_maxf(x, side * (half + next)), z, some(r, low, high));
            back = next;
        }
    }
}

static void add_signs(struct nn_synth *s, struct nn_rng *r, float half, float count, float scale,
                      float from, float to)
{
    int n = (int)(count + 0.5f);

    for (int i = 0; i < n; i++) {
        float k = ((float)i + nn_rng_float(r)) / (float)n, z = from + (to - from) * k * k;
        float side = i & 1 ? 1.0f : -1.0f;
        if (chance(r, 0.72f))
            add_sign_across(s, r, side, half, z, scale * (0.9f + 0.5f * k));
        else
            add_sign_along(s, r, side, half, z);
    }
}

/* Somebody close by, seen from behind at the picture's side: the street gets its depth from him. */
static void add_bystander(struct nn_synth *s, struct nn_rng *r)
{
    float z = some(r, 2.3f, 3.1f), x = sign_of(r) * some(r, 0.22f, 0.36f) * z / s->focal;
    int wanted = chance(r, 0.30f) && s->look.people >= 0.18f;
    struct figure *f = wanted ? nn_synth_add_figure(s, r, x, z) : NULL;

    if (f) {
        f->walk = f->toward = 0;
        f->coat = !f->dress;
    }
}

/* One, alone, where a picture wants him; or a street full. */
static void add_people(struct nn_synth *s, struct nn_rng *r, float half, float curb, float from,
                       float to, int most)
{
    float share = s->look.people;
    int n = share < 0.05f ? 0 : share < 0.18f ? 1 : 1 + (int)(share * (float)most);

    for (int i = 0; i < n; i++) {
        float k = nn_rng_float(r), z = from + (to - from) * k * k, x;
        if (!i) {
            z = some(r, from, from + 0.25f * (to - from));
            x = sign_of(r) * some(r, 0.02f, 0.26f) * z / s->focal;
        } else {
            x = sign_of(r) * (curb < half ? some(r, curb, half) : some(r, 0, half)) * 0.95f;
        }
        x = nn_clampf(x, -half + 0.4f, half - 0.4f);
        struct figure *f = nn_synth_add_figure(s, r, x, z);
        if (f && !i && n == 1) {
            f->walk *= 0.3f;
            f->coat = !f->dress;
            f->hat = f->hat || (!f->umbrella && chance(r, 0.5f));
        }
    }
}

static void add_traffic(struct nn_synth *s, struct nn_rng *r, float road, float from, float to,
                        int side)
{
    int n = (int)(s->look.cars * 5.4f);

    for (int i = 0; i < n; i++) {
        float z = from + (to - from) * ((float)i + nn_rng_float(r)) / (float)n;
        if (side)
            nn_synth_add_car(s, r, some(r, -12, 12), from + (to - from) * nn_rng_float(r), 1);
        else
            nn_synth_add_car(s, r, (i & 1 ? 1 : -1) * road * some(r, 0.4f, 0.6f), z, 0);
    }
}

static void add_steam(struct nn_synth *s, struct nn_rng *r, float half, float from, float to)
{
    int n = s->look.smoke < 0.1f ? 0 : 1 + (int)(s->look.smoke * 2.4f);

    for (int i = 0; i < n; i++)
        nn_synth_add_plume(s, r, some(r, -0.7f, 0.7f) * half, some(r, from, to),
                           some(r, 2.2f, 4.2f), some(r, 2.5f, 5.5f), 0.45f + 0.5f * s->look.smoke);
}

static void street(struct nn_synth *s, struct nn_rng *r)
{
    float half = some(r, 5, 8.5f), neon = s->look.neon, end = some(r, 70, 120);

    s->road = half - some(r, 1.8f, 2.6f);
    s->curb = half;
    s->crosswalk = chance(r, 0.4f) ? some(r, 5, 10) : -1;
    add_sides(s, r, half, 9, 30, end);
    add_skyline(s, r, end + 25, 0.8f * end, 18, 60);
    add_signs(s, r, half, 2 + 17 * neon, 1.05f, 6, 50);
    for (float z = 7; z < 60; z += some(r, 14, 20))
        if (neon < 0.85f || s->look.fog > 0.3f)
            nn_synth_add_lamp(s, r, s->road + 0.4f, z, -some(r, 0.9f, 1.5f));
    if (chance(r, 0.5f))
        nn_synth_add_line(s, r, -half, half, some(r, 9, 20), some(r, 6, 8), chance(r, 0.4f));
    add_people(s, r, half, s->road, 5.5f, 32, 14);
    add_traffic(s, r, s->road, 8, 60, 0);
    add_bystander(s, r);
    add_steam(s, r, s->road, 6, 22);
}

static void alley(struct nn_synth *s, struct nn_rng *r)
{
    float half = some(r, 1.9f, 3.0f), neon = s->look.neon, end = some(r, 22, 45);
    int lines = 1 + (int)nn_rng_below(r, 4), lanterns = chance(r, 0.45f);

    s->eye = some(r, 0.9f, 1.7f);
    s->road = s->curb = half + 1;
    add_sides(s, r, half, 10, 22, end);
    for (int i = 0; i < s->walls; i++) {
        s->wall[i].escape = s->wall[i].escape || chance(r, 0.35f);
        s->wall[i].shop *= 0.5f;
        s->wall[i].bay = some(r, 2.4f, 4.2f);
        s->wall[i].win_w *= 0.6f;
    }
    nn_synth_add_wall(s, r, -9, end + 8, 9, end + 8, some(r, 9, 26));
    add_signs(s, r, half, 2 + 13 * neon, 0.72f, 4.5f, end);
    add_sign_along(s, r, 1, 0.1f, end + 6);
    nn_synth_add_sign(s, r, chance(r, 0.5f) ? SIGN_WORD : SIGN_SHAPE, -1.6f, end + 7.6f, 1.4f,
                      end + 7.6f, 3.4f, 5.0f);
    for (int i = 0; i < lines; i++)
        nn_synth_add_line(s, r, -half, half, some(r, 5, 20), some(r, 4.2f, 6.5f), lanterns);
    if (chance(r, 0.6f))
        nn_synth_add_lamp(s, r, -half + 0.3f, some(r, 6, 16), 0.7f);
    add_people(s, r, half, half, 5, 0.8f * end, 6);
    add_steam(s, r, half, 4, 0.6f * end);
}

static void avenue(struct nn_synth *s, struct nn_rng *r)
{
    float half = some(r, 11, 15), neon = s->look.neon, end = 150;

    s->eye = some(r, 1.3f, 3.2f);
    s->road = half - 4;
    s->curb = half;
    s->crosswalk = chance(r, 0.7f) ? some(r, 6, 10) : -1;
    add_sides(s, r, half, 20, 62, end);
    add_skyline(s, r, end + 40, 140, 50, 150);
    add_signs(s, r, half, 4 + 20 * neon, 2.3f, 10, 85);
    for (float z = 12; z < 70; z += 19)
        for (float side = -1; side < 2; side += 2)
            nn_synth_add_lamp(s, r, side * (s->road + 0.5f), z, -side * 1.5f);
    add_people(s, r, half, s->road + 0.5f, 8, 40, 15);
    if (s->look.people > 0.4f && s->crosswalk > 0)      /* they cross */
        for (int i = 0; i < 5; i++)
            nn_synth_add_figure(s, r, some(r, -0.6f, 0.6f) * s->road,
                                s->crosswalk + some(r, 0.4f, 3));
    s->look.cars = nn_minf(s->look.cars * 1.2f, 1);
    add_traffic(s, r, s->road, 11, 90, 0);
    add_bystander(s, r);
    add_steam(s, r, s->road, 8, 26);
}

static void diner(struct nn_synth *s, struct nn_rng *r)
{
    float z = some(r, 9, 13), half = some(r, 5, 8), x = some(r, -3, 3), y = 4.1f, w;
    struct wall *d;

    s->eye = some(r, 1.1f, 1.9f);
    s->road = 60;
    s->curb = 60;
    s->yaw = some(r, -0.05f, 0.05f);
    s->truck = sign_of(r) * some(r, 0.3f, 0.7f);
    s->dolly = some(r, 0, 0.15f);
    nn_synth_add_wall(s, r, -45, z + 1.5f, x - half - some(r, 0, 3), z + 1.5f, some(r, 12, 24));
    nn_synth_add_wall(s, r, x + half + some(r, 0, 3), z + 0.8f, 45, z + 0.8f, some(r, 9, 22));
    if ((d = nn_synth_add_wall(s, r, x - half, z, x + half, z, some(r, 5.4f, 15)))) {
        d->shop = 1;
        d->shop_h = y;
        d->bay = half * 2 / floorf(half * 2 / some(r, 2.4f, 3.6f));
        d->escape = 0;
        for (int c = 0; c < 3; c++)
            nn_synth_add_light(s, (float[3]){ x + half * ((float)c - 1) * 0.6f, 2.2f, z - 0.3f },
                               d->shop_rgb, 2.2f, (float[3]){ 0, 0, -1 }, 1.2f, -1, -1);
    }
    add_skyline(s, r, 70, 70, 20, 50);
    w = some(r, 3, 5.5f);
    nn_synth_add_sign(s, r, chance(r, 0.75f) ? SIGN_WORD : SIGN_GLYPHS, x - 0.5f * w, z - 0.25f,
                      x + 0.5f * w, z - 0.25f, y + 0.15f, y + 0.15f + w * some(r, 0.2f, 0.3f));
    for (int i = (int)(6 * s->look.neon); i > 0; i--) {
        float sx = some(r, -11, 11), sw = some(r, 0.9f, 1.8f), sy = some(r, 2.6f, 5.5f);
        int tall = chance(r, 0.5f);
        nn_synth_add_sign(s, r, tall ? SIGN_GLYPHS : chance(r, 0.5f) ? SIGN_SHAPE : SIGN_WORD, sx,
                          z - 0.4f, sx + sw, z - 0.4f, sy, sy + sw * (tall ? 2.6f : 0.9f));
    }
    if (chance(r, 0.7f))
        nn_synth_add_lamp(s, r, x + sign_of(r) * (half + 1.2f), z - 2.5f, sign_of(r) * 1.1f);
    add_people(s, r, 7, 0.5f, 0.62f * z, z - 0.6f, 6);
    add_traffic(s, r, 8, 0.6f * z, 0.85f * z, 1);
    add_steam(s, r, 6, 0.5f * z, z - 1);
}

static void waterfront(struct nn_synth *s, struct nn_rng *r)
{
    float z = some(r, 60, 90);

    s->eye = some(r, 1.6f, 3);
    s->focal = some(r, 1.0f, 1.5f);
    s->water = 1;
    s->road = s->curb = 400;
    s->truck = sign_of(r) * some(r, 0.2f, 0.5f);
    s->dolly = 0;
    add_skyline(s, r, z + 130, 240, 45, 130);
    add_skyline(s, r, z + 60, 170, 25, 85);
    add_skyline(s, r, z, 110, 8, 46);
    for (int i = 3 + (int)(15 * s->look.neon); i > 0; i--) {
        float w = some(r, 3, 9), x = some(r, -0.55f, 0.55f) * z, y = some(r, 3, 22), dice;
        int upright = chance(r, 0.5f);
        w *= upright ? 0.5f : 1;
        dice = nn_rng_float(r);
        nn_synth_add_sign(s, r, upright ? dice < 0.5f ? SIGN_UPRIGHT : SIGN_GLYPHS
                                        : dice < 0.6f ? SIGN_WORD : dice < 0.8f ? SIGN_SHAPE
                                                                                : SIGN_BAR,
                          x, z - 1, x + w, z - 1, y, y + w * (upright ? 3 : dice < 0.6f ? 0.3f :
                                                              dice < 0.8f ? 1 : 0.1f));
    }
    for (float x = -50; x < 50; x += some(r, 9, 16))
        nn_synth_add_lamp(s, r, x, z - 4, some(r, -1, 1));
    if (chance(r, 0.75f)) {
        struct line *l = nn_synth_add_line(s, r, -40, 40, 10.5f, 1.2f, 0);
        if (l) {
            l->rail = 1;
            s->panel[s->panels - 1].y0 = 0;
        }
    }
    add_people(s, r, 4.5f, 5, 6, 10, 5);
    s->moon = chance(r, 0.55f);
}

static void doorway(struct nn_synth *s, struct nn_rng *r)
{
    float z = some(r, 7, 11), x = some(r, -1.2f, 1.2f), w = some(r, 1.1f, 2.4f);
    float tall = some(r, 2.3f, 2.9f);
    struct wall *b;
    struct sign *door;

    s->eye = some(r, 0.7f, 1.5f);
    s->road = s->curb = 60;
    s->focal = some(r, 1.0f, 1.5f);
    s->dolly = some(r, 0.05f, 0.25f);
    s->look.fog = nn_maxf(s->look.fog, 0.25f);
    if ((b = nn_synth_add_wall(s, r, -30, z, 30, z, some(r, 12, 20))))
        b->shop = some(r, 0, 0.15f);
    nn_synth_add_wall(s, r, -some(r, 3, 5), -2, -some(r, 3, 5), z, 14);
    nn_synth_add_wall(s, r, some(r, 3, 5), -2, some(r, 3, 5), z, 14);
    if ((door = nn_synth_add_sign(s, r, SIGN_BAR, x - 0.5f * w, z - 0.05f, x + 0.5f * w, z - 0.05f,
                                  0.05f, tall))) {
        door->strokes = 0;      /* no sign at all: a lit doorway */
        door->backing = 2;
        door->text[0] = 0;
        door->flicker = 0;
        struct light *l = &s->light[s->lights - 1];
        for (int c = 0; c < 3; c++)
            l->rgb[c] = 0.55f * w * tall * (0.16f * door->rgb[0][c] + 0.3f);
        l->facing[2] = -1;
    }
    float sw = some(r, 1.6f, 3);
    nn_synth_add_sign(s, r, chance(r, 0.7f) ? SIGN_WORD : SIGN_SHAPE, x - 0.5f * sw, z - 0.3f,
                      x + 0.5f * sw, z - 0.3f, tall + 0.4f, tall + 0.4f + 0.4f * sw);
    for (int i = (int)(5 * s->look.neon); i > 0; i--)
        add_sign_across(s, r, sign_of(r), some(r, 2.6f, 3.4f), some(r, 4.5f, z - 0.6f), 0.65f);
    add_people(s, r, 1.3f, 9, 0.6f * z, 0.85f * z, 3);
    add_steam(s, r, 2.2f, 0.5f * z, z - 0.5f);
}

static void set_air(struct nn_synth *s)
{
    float fog = s->look.fog, city = 0.35f + 0.65f * s->look.neon;

    s->beta = 0.0035f + 0.045f * fog * sqrtf(fog) + 0.005f * s->look.rain;
    for (int c = 0; c < 3; c++) {
        s->haze[c] = s->pal->haze[c] * city * (0.007f + 0.011f * fog);
        s->glow[c] = s->pal->haze[c] * city * 0.030f;
        s->sky[c] = s->pal->haze[c] * city * 0.005f;
    }
}

void nn_synth_place(struct nn_synth *s, struct nn_rng *r)
{
    static void (*const of[NN_PLACES])(struct nn_synth *, struct nn_rng *) = {
        street, alley, avenue, diner, waterfront, doorway
    };
    float rain = s->look.rain;

    s->eye = some(r, 0.8f, 2.0f);
    s->focal = some(r, 0.80f, 1.25f);
    s->horizon = some(r, 0.46f, 0.62f);
    s->aside = some(r, -0.12f, 0.12f);
    s->yaw = some(r, -0.10f, 0.10f);
    s->dolly = some(r, 0.15f, 0.6f);
    s->truck = some(r, -0.15f, 0.15f);
    s->sway = some(r, 0.002f, 0.006f);
    s->wind = sign_of(r) * some(r, 0.05f, 0.9f);
    s->puddles = nn_clampf(0.25f + 0.45f * rain + some(r, -0.2f, 0.25f), 0.05f, 0.9f);
    s->rough = some(r, 0.045f, 0.085f);
    s->moon_at[0] = some(r, -0.3f, 0.3f);
    s->moon_at[1] = some(r, 0.22f, 0.42f);
    s->moon_at[2] = some(r, 0.020f, 0.035f);
    of[s->look.place](s, r);
    set_air(s);
}
