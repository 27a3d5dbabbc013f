/* build.c - things into a scene, and the light that each gets from all others. */
#include <string.h>

#include "runtime/synth/scene.h"

int nn_synth_add_panel(struct nn_synth *s, enum panel_kind kind, int of, float x0, float z0,
                       float x1, float z1, float y0, float y1)
{
    if (s->panels == MAX_PANELS)
        return -1;
    s->panel[s->panels] = (struct panel){ kind, of, kind == P_WALL, x0, z0, x1, z1, y0, y1 };
    return s->panels++;
}

void nn_synth_add_light(struct nn_synth *s, const float at[3], const float rgb[3], float power,
                        const float facing[3], float size, int sign, int car)
{
    struct light *l = &s->light[s->lights];

    if (s->lights == MAX_LIGHTS)
        return;
    s->lights++;
    for (int i = 0; i < 3; i++) {
        l->at[i] = at[i];
        l->rgb[i] = power * rgb[i];
        l->facing[i] = facing[i];
    }
    l->size = size;
    l->sign = sign;
    l->car = car;
}

struct wall *nn_synth_add_wall(struct nn_synth *s, struct nn_rng *r, float x0, float z0, float x1,
                               float z1, float tall)
{
    static const float stone[5][3] = { { 0.30f, 0.25f, 0.22f }, { 0.22f, 0.15f, 0.12f },
                                       { 0.24f, 0.25f, 0.27f }, { 0.34f, 0.31f, 0.27f },
                                       { 0.16f, 0.17f, 0.19f } };
    float dx = x1 - x0, dz = z1 - z0, length = sqrtf(dx * dx + dz * dz);
    const float *albedo = stone[nn_rng_below(r, 5)];
    struct wall *w = &s->wall[s->walls];
    float side;

    if (s->walls == MAX_WALLS || length < 0.1f ||
        nn_synth_add_panel(s, P_WALL, s->walls, x0, z0, x1, z1, 0, tall) < 0)
        return NULL;
    s->walls++;
    side = -dz * (0 - 0.5f * (x0 + x1)) + dx * (-4 - 0.5f * (z0 + z1)) > 0 ? 1 : -1;
    *w = (struct wall){
        .seed = (uint32_t)nn_rng_u64(r), .normal = { -side * dz / length, 0, side * dx / length },
        .floor = nn_rng_range(r, 3.0f, 3.7f), .bay = nn_rng_range(r, 1.7f, 3.0f),
        .win_w = nn_rng_range(r, 0.38f, 0.66f), .win_h = nn_rng_range(r, 0.42f, 0.60f),
        .sill = nn_rng_range(r, 0.22f, 0.32f), .lit = nn_rng_range(r, 0.05f, 0.34f),
        .warm = nn_clampf(s->pal->warm + nn_rng_range(r, -0.25f, 0.25f), 0, 1),
        .shop_h = nn_rng_range(r, 3.4f, 4.4f), .shop = nn_rng_range(r, 0.0f, 0.9f),
        .albedo = { albedo[0], albedo[1], albedo[2] }, .glass = nn_rng_below(r, 7) == 0,
    };
    if (w->glass) {
        w->win_w = 0.93f;
        w->win_h = 0.80f;
        w->sill = 0.12f;
    }
    w->escape = !w->glass && length > 9 && nn_rng_below(r, 3) == 0;
    int hue = nn_synth_throw_hue(s, r), tungsten = nn_rng_float(r) < s->pal->warm + 0.2f;
    for (int i = 0; i < 3; i++)
        w->shop_rgb[i] = tungsten ? (i ? i == 1 ? 0.62f : 0.24f : 1.25f)
                                  : 0.75f * nn_synth_tube[hue][i] + 0.28f;
    return w;
}

struct figure *nn_synth_add_figure(struct nn_synth *s, struct nn_rng *r, float x, float z)
{
    struct figure *f = &s->figure[s->figures];
    float rain = s->look.rain;
    int panel = s->panels;

    if (s->figures == MAX_FIGURES || nn_synth_add_panel(s, P_FIGURE, s->figures, x - 0.9f, z,
                                                        x + 0.9f, z, 0, 2.5f) < 0)
        return NULL;
    s->figures++;
    *f = (struct figure){
        .x = x, .z = z, .tall = nn_rng_range(r, 1.60f, 1.86f),
        .facing = nn_rng_below(r, 2) ? 1 : -1, .phase = nn_rng_float(r) * 6.2832f,
        .coat = nn_rng_below(r, 5) < 3, .dress = nn_rng_below(r, 4) == 0,
        .hair = nn_rng_below(r, 2) == 0,
        .hat = nn_rng_below(r, 5) < 2,
        .umbrella = nn_rng_float(r) < (rain > 0.12f ? 0.35f + 0.4f * rain : 0),
        .smoking = nn_rng_float(r) < 0.16f + 0.14f * s->look.smoke,
    };
    if (nn_rng_below(r, 3)) {
        f->walk = 0.9f * (float)f->facing * nn_rng_range(r, 0.5f, 1.1f);
        if (nn_rng_below(r, 2)) {
            f->toward = nn_rng_range(r, -0.9f, 0.9f);
            f->walk *= 0.15f;
        }
    }
    if (f->smoking) {
        f->umbrella = 0;
        f->walk = f->toward = 0;
        struct plume *p = nn_synth_add_plume(s, r, x + 0.2f * (float)f->facing, z - 0.05f, 0.9f,
                                             2.9f, 0.45f);
        if (p)
            p->y = 1.5f;
    }
    s->panel[panel].y1 = f->tall * (f->umbrella ? 1.34f : 1.07f);
    if (f->dress)
        f->coat = 0;
    if (f->hat)
        f->hair = f->dress;
    return f;
}

struct car *nn_synth_add_car(struct nn_synth *s, struct nn_rng *r, float x, float z, int side)
{
    struct car *c = &s->car[s->cars];
    float half = side ? 2.6f : 1.15f, cold = nn_rng_float(r), none[3] = { 0, 0, 0 };

    if (s->cars == MAX_CARS || nn_synth_add_panel(s, P_CAR, s->cars, x - half, z, x + half, z, 0,
                                                  1.75f) < 0)
        return NULL;
    *c = (struct car){ .x = x, .z = z, .side = side, .rear = x > 0, .on = 1,
                       .facing = nn_rng_below(r, 2) ? 1 : -1 };
    for (int i = 0; i < 3; i++)
        c->paint[i] = 0.04f + 0.10f * nn_rng_float(r);
    if (side)
        c->vx = (float)c->facing * nn_rng_range(r, 3, 7);
    else
        c->vz = c->rear ? nn_rng_range(r, 1, 4) : -nn_rng_range(r, 1, 4);
    float head[3] = { 1.0f, 0.86f - 0.06f * cold, 0.62f + 0.3f * cold };
    float tail[3] = { 1.0f, 0.05f, 0.03f }, at[3] = { x, 0.7f, z - 0.2f };
    float ahead[3] = { 0, 0, -1 };
    if (side)
        at[0] = x + 2.4f * (float)c->facing;
    nn_synth_add_light(s, at, c->rear && !side ? tail : head, c->rear && !side ? 0.9f : 5,
                       side ? none : ahead, 0.5f, -1, s->cars);
    s->cars++;
    return c;
}

void nn_synth_add_lamp(struct nn_synth *s, struct nn_rng *r, float x, float z, float reach)
{
    struct lamp *l = &s->lamp[s->lamps];
    float tall = nn_rng_range(r, 4.6f, 6.5f), down[3] = { 0, -1, 0 };
    float mix = nn_clampf(s->pal->warm + nn_rng_range(r, -0.2f, 0.2f), 0, 1), at[3];

    if (s->lamps == MAX_LAMPS || nn_synth_add_panel(s, P_LAMP, s->lamps, x - 1.8f, z, x + 1.8f, z,
                                                    0, tall + 0.5f) < 0)
        return;
    s->lamps++;
    *l = (struct lamp){ x, tall, z, reach, { 1.0f, 0.45f + 0.4f * (1 - mix),
                                             0.10f + 0.9f * (1 - mix) } };
    at[0] = x + reach;
    at[1] = tall - 0.15f;
    at[2] = z;
    nn_synth_add_light(s, at, l->rgb, 7, down, 0.4f, -1, -1);
}

struct line *nn_synth_add_line(struct nn_synth *s, struct nn_rng *r, float x0, float x1, float z,
                               float y, int lanterns)
{
    struct line *l = &s->line[s->lines];
    float sag = nn_rng_range(r, 0.3f, 1.0f), none[3] = { 0, 0, 0 };
    int hue = nn_rng_below(r, 2) ? NN_HUE_AMBER : NN_HUE_RED;

    if (s->lines == MAX_LINES || nn_synth_add_panel(s, P_LINE, s->lines, x0, z, x1, z,
                                                    y - sag - 0.8f, y + 0.1f) < 0)
        return NULL;
    s->lines++;
    *l = (struct line){ .sag = sag, .length = x1 - x0, .y = y, .lanterns = lanterns };
    for (int i = 0; i < 3; i++)
        l->rgb[i] = 2.6f * nn_synth_tube[hue][i] + 0.15f * nn_synth_tube[NN_HUE_AMBER][i];
    for (int i = 0; lanterns && i < 3; i++) {
        float k = ((float)i + 0.5f) / 3, at[3] = { x0 + k * (x1 - x0), y - sag, z };
        nn_synth_add_light(s, at, l->rgb, 0.35f * l->length / 4.5f, none, 0.5f, -1, -1);
    }
    return l;
}

struct plume *nn_synth_add_plume(struct nn_synth *s, struct nn_rng *r, float x, float z, float w,
                                 float h, float dense)
{
    struct plume *p = &s->plume[s->plumes];

    if (s->plumes == MAX_PLUMES || nn_synth_add_panel(s, P_PLUME, s->plumes, x - 0.5f * w, z,
                                                      x + 0.5f * w, z, 0, h) < 0)
        return NULL;
    s->plumes++;
    *p = (struct plume){ .x = x, .z = z, .w = w, .h = h, .dense = dense,
                         .drift = 0.35f * s->wind + nn_rng_range(r, -0.15f, 0.15f),
                         .seed = (uint32_t)nn_rng_u64(r) };
    return p;
}

void nn_synth_light_at(const struct nn_synth *s, const float at[3], const float normal[3],
                       float out[3])
{
    out[0] = out[1] = out[2] = 0;
    for (int i = 0; i < s->lights; i++) {
        const struct light *l = &s->light[i];
        float d[3] = { l->at[0] - at[0], l->at[1] - at[1], l->at[2] - at[2] };
        float q = d[0] * d[0] + d[1] * d[1] + d[2] * d[2], far = sqrtf(q), k;
        float most = nn_maxf(nn_maxf(l->rgb[0], l->rgb[1]), l->rgb[2]);
        if (most < 2e-4f * q)
            continue;
        k = normal ? (d[0] * normal[0] + d[1] * normal[1] + d[2] * normal[2]) / (far + 0.05f)
                   : 0.5f;
        if (k <= 0)
            continue;
        float aim = l->facing[0] * d[0] + l->facing[1] * d[1] + l->facing[2] * d[2];
        if (l->facing[0] != 0 || l->facing[1] != 0 || l->facing[2] != 0)
            k *= nn_maxf(0.25f - 0.95f * aim / (far + 0.05f), 0.05f);
        k *= expf(-s->beta * far) / (q + l->size * l->size);
        for (int c = 0; c < 3; c++)
            out[c] += k * l->rgb[c];
    }
}

static void map_wall(struct nn_synth *s, int i)
{
    const struct panel *p = &s->panel[i];
    struct wall *w = &s->wall[p->of];
    float dx = p->x1 - p->x0, dz = p->z1 - p->z0, length = sqrtf(dx * dx + dz * dz);
    float tall = nn_minf(p->y1, 36);

    w->cell = p->z0 < 30 ? 1.4f : 2.8f;
    w->mu = (int)(length / w->cell) + 3;
    w->mv = (int)(tall / w->cell) + 3;
    if (s->maps + w->mu * w->mv > MAP_POINTS) {
        w->far = 1;
        return;
    }
    w->map = s->maps;
    s->maps += w->mu * w->mv;
    for (int b = 0; b < w->mv; b++)
        for (int a = 0; a < w->mu; a++) {
            float k = (float)a * w->cell / length;
            float at[3] = { p->x0 + k * dx + 0.05f * w->normal[0], (float)b * w->cell,
                            p->z0 + k * dz + 0.05f * w->normal[2] };
            float *out = s->map[w->map + b * w->mu + a];
            nn_synth_light_at(s, at, w->normal, out);
            for (int c = 0; c < 3; c++)     /* and what comes from the sky and the fog */
                out[c] += 0.35f * s->glow[c];
        }
}

static void map_floor(struct nn_synth *s)
{
    static const float up[3] = { 0, 1, 0 };

    s->floor.cell = 2;
    s->floor.x0 = -24;
    s->floor.z0 = 0;
    s->floor.w = 25;
    s->floor.h = 32;
    s->floor.map = s->maps;
    s->maps += s->floor.w * s->floor.h;
    for (int b = 0; b < s->floor.h; b++)
        for (int a = 0; a < s->floor.w; a++) {
            float at[3] = { s->floor.x0 + 2 * (float)a, 0.02f, s->floor.z0 + 2 * (float)b };
            float *out = s->map[s->floor.map + b * s->floor.w + a];
            nn_synth_light_at(s, at, up, out);
            for (int c = 0; c < 3; c++)
                out[c] += 0.35f * s->glow[c];
        }
}

static void light_figure(struct nn_synth *s, struct figure *f)
{
    static const float side[5][3] = { { -1, 0, 0 }, { 1, 0, 0 }, { 0, 1, 0 }, { 0, 0, -1 },
                                      { 0, 0, 1 } };
    float at[3] = { f->x, 1.3f, f->z };

    for (int i = 0; i < 5; i++)
        nn_synth_light_at(s, at, side[i], f->lit[i]);
}

void nn_synth_illuminate(struct nn_synth *s)
{
    map_floor(s);
    for (int i = 0; i < s->panels; i++)
        if (s->panel[i].kind == P_WALL && !s->wall[s->panel[i].of].far)
            map_wall(s, i);
    for (int i = 0; i < s->figures; i++)
        light_figure(s, &s->figure[i]);
    for (int i = 0; i < s->cars; i++)
        nn_synth_light_at(s, (float[3]){ s->car[i].x, 1.2f, s->car[i].z }, (float[3]){ 0, 1, 0 },
                          s->car[i].lit);
    for (int i = 0; i < s->plumes; i++) {
        struct plume *p = &s->plume[i];
        float low[3] = { p->x, 0.6f + p->y, p->z }, high[3] = { p->x, 0.6f * p->h + p->y, p->z };
        nn_synth_light_at(s, low, NULL, p->near);
        nn_synth_light_at(s, high, NULL, p->lit);
    }
}

/* From x on at a speed, to and fro between two ends; *way: the direction at the moment. */
static float stroll(float x, float speed, float t, float from, float to, int *way)
{
    float span = to - from, at;

    if (speed == 0 || x < from || x > to)
        return x;
    at = (x - from) + speed * t;
    at -= 2 * span * floorf(at / (2 * span));
    *way = (at < span) == (speed > 0) ? 1 : -1;
    return from + (at < span ? at : 2 * span - at);
}

void nn_synth_walk(const struct nn_synth *s, const struct figure *f, double t, float *x, float *z,
                   int *way)
{
    float side = nn_minf(s->curb, 14) - 0.4f;
    int unused, turned = 1;

    *x = stroll(f->x, f->walk, (float)t, -side, side, &turned);
    *z = stroll(f->z, f->toward, (float)t, 2.2f, f->z > 12 ? 80 : 12, &unused);
    *way = f->walk != 0 ? turned : f->facing;
}

struct panel nn_synth_panel_at(const struct nn_synth *s, int i, double t)
{
    struct panel p = s->panel[i];
    float dx = 0, dz = 0, k = (float)t;

    if (p.kind == P_FIGURE) {
        const struct figure *f = &s->figure[p.of];
        int way;
        nn_synth_walk(s, f, t, &dx, &dz, &way);
        dx -= f->x;
        dz -= f->z;
    } else if (p.kind == P_CAR) {
        const struct car *c = &s->car[p.of];
        float lap = c->side ? 60.0f : 90.0f, at = c->side ? c->x + c->vx * k : c->z + c->vz * k;
        /* Traffic comes round again beyond where anybody sees it. */
        float from = c->side ? -30.0f : 3.0f;
        at = at - from - lap * floorf((at - from) / lap) + from;
        dx = c->side ? at - c->x : 0;
        dz = c->side ? 0 : at - c->z;
    }
    p.x0 += dx;
    p.x1 += dx;
    p.z0 += dz;
    p.z1 += dz;
    return p;
}
