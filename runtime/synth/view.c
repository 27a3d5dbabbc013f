/* view.c - columns painted from afar to near, above the ground and in its mirror. */
#include "runtime/synth/view.h"

#include <stdlib.h>
#include <string.h>

/* Rays that look for lit panes. */
enum { PANES_W = 64, PANES_H = 40 };

/* What a column shows of one panel. */
struct hit {
    int panel;
    float t, u, du, cover, low;     /* low: what is below that height is hidden */
};

struct ray {
    float dx, dz, length;           /* on the plan, one metre deep; its length there */
    struct hit hit[MAX_PANELS];
    int hits;
};

/* Where along the panel a ray of that slope meets it, and how far; 0: nowhere ahead. */
static int meet(const struct camera *cam, const struct panel *p, float a, float *at, float *t)
{
    float dx = a * cam->cos + cam->sin, dz = cam->cos - a * cam->sin;
    float ex = p->x1 - p->x0, ez = p->z1 - p->z0, qx = p->x0 - cam->x, qz = p->z0 - cam->z;
    float det = dx * ez - dz * ex;

    if (fabsf(det) < 1e-6f)
        return 0;
    *t = (qx * ez - qz * ex) / det;
    *at = (qx * dz - qz * dx) / det;
    return *t > 0.25f;
}

/* All panels of column x, nearest first, without those that are hidden; eye: above the ground. */
static void cast(const struct nn_synth_view *v, int x, float eye, struct ray *ray)
{
    const struct camera *cam = &v->cam;
    float a0 = ((float)x - cam->mid) / cam->focal, a1 = a0 + 1 / cam->focal, a = 0.5f * (a0 + a1);
    float steep = -1e9f;
    int kept = 0;

    ray->dx = a * cam->cos + cam->sin;
    ray->dz = cam->cos - a * cam->sin;
    ray->length = sqrtf(1 + a * a);
    ray->hits = 0;
    for (int i = 0; i < v->s->panels; i++) {
        const struct panel *p = &v->panel[i];
        float s0, s1, t0, t1, lo, hi, ex = p->x1 - p->x0, ez = p->z1 - p->z0;
        float length = sqrtf(ex * ex + ez * ez);
        struct hit h = { .panel = i };
        int k;
        if (!meet(cam, p, a0, &s0, &t0) || !meet(cam, p, a1, &s1, &t1))
            continue;
        lo = nn_maxf(nn_minf(s0, s1), 0);
        hi = nn_minf(nn_maxf(s0, s1), 1);
        if (hi <= lo)
            continue;
        h.cover = (hi - lo) / fabsf(s1 - s0);
        h.u = 0.5f * (lo + hi) * length;
        h.du = fabsf(s1 - s0) * length;
        h.t = t0 + (t1 - t0) * (0.5f * (lo + hi) - s0) / (s1 - s0);
        if (h.cover > 0.999f)
            h.cover = 1;
        for (k = ray->hits++; k > 0 && ray->hit[k - 1].t > h.t; k--)
            ray->hit[k] = ray->hit[k - 1];
        ray->hit[k] = h;
    }
    for (int i = 0; i < ray->hits; i++) {
        struct hit h = ray->hit[i];
        const struct panel *p = &v->panel[h.panel];
        h.low = nn_maxf(p->y0, eye + steep * h.t);
        if (h.low >= p->y1)
            continue;
        if (p->opaque && h.cover >= 1)
            steep = nn_maxf(steep, (p->y1 - eye) / h.t);
        ray->hit[kept++] = h;
    }
    ray->hits = kept;
}

static void shade(const struct column *k)
{
    switch (k->p->kind) {
    case P_WALL: nn_synth_shade_wall(k); break;
    case P_SIGN: nn_synth_shade_sign(k); break;
    case P_FIGURE: nn_synth_shade_figure(k); break;
    case P_CAR: nn_synth_shade_car(k); break;
    case P_LAMP: nn_synth_shade_lamp(k); break;
    case P_LINE: nn_synth_shade_line(k); break;
    case P_PLUME: nn_synth_shade_plume(k); break;
    }
}

/* The hits over what is behind them. Rows of out are [first, rows); row 0 is the picture's top. */
static void paint(const struct nn_synth_view *v, const struct ray *ray, int mirror, int first,
                  int rows, float *const out[3], float *depth)
{
    const struct nn_synth *s = v->s;
    float hor = v->cam.horizon, focal = v->cam.focal, eye = mirror ? -s->eye : s->eye;
    float way = mirror ? 1.0f : -1.0f;

    for (int i = ray->hits - 1; i >= 0; i--) {
        const struct hit *h = &ray->hit[i];
        const struct panel *p = &v->panel[h->panel];
        float scale = focal / h->t, top = hor + way * scale * (p->y1 - eye), part;
        float low = hor + way * scale * (h->low - eye);
        struct column k = {
            .s = s, .p = p, .u = h->u, .du = h->du, .dv = 1 / scale,
            .y = eye - way * hor / scale, .dy = way / scale, .t = h->t, .cover = h->cover,
            .through = expf(-s->beta * h->t * ray->length), .time = v->t, .mirror = mirror,
            .out = { out[0], out[1], out[2] }, .depth = depth,
        };
        for (int c = 0; c < 3; c++)
            k.air[c] = s->haze[c] * (1 - k.through);
        k.r0 = nn_clampi((int)floorf(nn_clampf(nn_minf(top, low), -1, 9999) + 0.5f), first, rows);
        k.r1 = nn_clampi((int)floorf(nn_clampf(nn_maxf(top, low), -1, 9999) + 0.5f), first, rows);
        if (k.r1 <= k.r0)
            continue;
        part = top - floorf(top);
        if (p->opaque && !mirror && top > 0 && k.r0 > first) {      /* a soft edge of the roof */
            struct column edge = k;
            edge.r0 = (int)floorf(top);
            edge.r1 = edge.r0 + 1;
            edge.cover *= 1 - part;
            edge.depth = NULL;
            k.r0 = edge.r1;
            if (edge.r0 >= first && edge.r1 <= rows)
                shade(&edge);
        }
        if (k.r0 < k.r1)
            shade(&k);
    }
}

/* What is behind all panels: the city's glow on the clouds, and the moon. */
static void sky(const struct nn_synth_view *v, float a, int mirror, int first, int rows,
                float *const out[3])
{
    const struct nn_synth *s = v->s;
    float hor = v->cam.horizon, focal = v->cam.focal, cloud = 0;

    for (int r = first; r < rows; r++) {
        float b = ((float)r + 0.5f - hor) / focal * (mirror ? 1.0f : -1.0f), thick, low, moon = 0;
        b = nn_maxf(b, 0);
        low = expf(-3.0f * b);
        thick = 1 - expf(-s->beta * 140 / (1 + 5 * b));
        if (r == first || !(r & 3))
            cloud = nn_smooth(0.3f, 0.8f, nn_fbm2(2.2f * a / (0.25f + b), 1.2f / (0.25f + b), 3,
                                                  (uint32_t)s->seed + 5));
        if (s->moon) {
            float x = a - s->moon_at[0], y = b - s->moon_at[1], d = sqrtf(x * x + y * y);
            moon = nn_clampf((s->moon_at[2] - d) * focal + 0.5f, 0, 1) * 0.9f +
                   0.0016f / (d * d + 0.004f) * 0.05f;
        }
        for (int c = 0; c < 3; c++) {
            float clear = s->sky[c] + s->glow[c] * low * (0.5f + 0.9f * cloud) +
                          moon * (c == 2 ? 0.85f : c ? 0.92f : 1.0f);
            out[c][r] = clear + thick * (s->haze[c] - clear);
        }
    }
}

static void mirror_column(void *arg, int x)
{
    struct nn_synth_view *v = arg;
    int rows = v->h - v->ground;
    float *out[3];
    struct ray ray;

    if (rows <= 0)
        return;
    cast(v, x, -v->s->eye, &ray);
    for (int c = 0; c < 3; c++)     /* as if its row 0 were the picture's */
        out[c] = v->sum[c] + (size_t)x * (size_t)(rows + 1) + 1 - v->ground;
    sky(v, ((float)x + 0.5f - v->cam.mid) / v->cam.focal, 1, v->ground, v->h, out);
    paint(v, &ray, 1, v->ground, v->h, out, NULL);
    nn_synth_ground_sum(v, x);
}

static void direct_column(void *arg, int x)
{
    struct nn_synth_view *v = arg;
    size_t at = (size_t)x * (size_t)v->h;
    float *out[3] = { v->tall[0] + at, v->tall[1] + at, v->tall[2] + at };
    float *depth = v->depth + at;
    int from = v->ground;
    struct ray ray;

    cast(v, x, v->s->eye, &ray);
    for (int r = 0; r < v->h; r++)
        depth[r] = 200;
    sky(v, ((float)x + 0.5f - v->cam.mid) / v->cam.focal, 0, 0, nn_clampi(from + 2, 0, v->h), out);
    for (int i = 0; i < ray.hits; i++)
        if (v->panel[ray.hit[i].panel].opaque && ray.hit[i].cover >= 1) {
            float base = v->cam.horizon + v->cam.focal * v->s->eye / ray.hit[i].t;
            from = nn_clampi((int)floorf(nn_minf(base, 9999) + 0.5f), from, v->h);
            break;
        }
    nn_synth_ground(v, x, from, out, depth);
    paint(v, &ray, 0, 0, v->h, out, depth);
}

/* Rows of the picture from its columns; the air's light comes on top. */
static void gather(void *arg, int strip)
{
    struct nn_synth_view *v = arg;
    int y0 = strip * TILE, y1 = y0 + TILE < v->h ? y0 + TILE : v->h;
    float lit[NN_GRID_PART];

    for (int c = 0; c < 3; c++) {
        for (int x0 = 0; x0 < v->w; x0 += TILE)
            for (int x = x0; x < x0 + TILE && x < v->w; x++) {
                const float *from = v->tall[c] + (size_t)x * (size_t)v->h;
                for (int y = y0; y < y1; y++)
                    v->frame.plane[c][(size_t)y * (size_t)v->w + (size_t)x] = from[y];
            }
        for (int y = y0; y < y1; y++)
            for (int x0 = 0; x0 < v->w; x0 += NN_GRID_PART) {
                float *restrict row = v->frame.plane[c] + (size_t)y * (size_t)v->w + x0;
                int n = v->w - x0 < NN_GRID_PART ? v->w - x0 : NN_GRID_PART;
                nn_grid_part(&v->air[c], y, x0, n, lit);
                for (int x = 0; x < n; x++)
                    row[x] += lit[x];
            }
    }
}

static void air_row(void *arg, int j)
{
    struct nn_synth_view *v = arg;

    for (int i = 0; i < v->air[0].w; i++)
        nn_synth_air_point(v, v->s, i, j);
}

float nn_synth_hidden(const struct nn_synth_view *v, float x, float t)
{
    float a = (x - v->cam.mid) / v->cam.focal, eye = v->s->eye, steep = -1e9f, at, far;

    for (int i = 0; i < v->s->panels; i++)
        if (v->panel[i].opaque && meet(&v->cam, &v->panel[i], a, &at, &far) && far < t && at >= 0 &&
            at <= 1)
            steep = nn_maxf(steep, (v->panel[i].y1 - eye) / far);
    return eye + steep * t;
}

void nn_synth_panes(const struct nn_synth_view *v, float share[2])
{
    const struct nn_synth *s = v->s;
    int count[3] = { 0 };
    struct ray ray;

    for (int i = 0; i < PANES_W; i++) {
        cast(v, (2 * i + 1) * v->w / (2 * PANES_W), s->eye, &ray);
        for (int j = 0; j < PANES_H; j++) {
            float row = ((float)j + 0.5f) * (float)v->h / PANES_H;
            float b = (v->cam.horizon - row) / v->cam.focal;
            for (int n = 0; n < ray.hits; n++) {
                const struct panel *p = &v->panel[ray.hit[n].panel];
                float y = s->eye + b * ray.hit[n].t;
                if (p->kind != P_WALL || y < ray.hit[n].low || y < 0 || y > p->y1)
                    continue;
                if (ray.hit[n].t * s->beta < 2.5f)
                    count[nn_synth_wall_lit(&s->wall[p->of], ray.hit[n].u, y)]++;
                break;
            }
        }
    }
    share[0] = (float)count[1] / (PANES_W * PANES_H);
    share[1] = (float)count[2] / (PANES_W * PANES_H);
}

static void aim(struct nn_synth_view *v, const struct nn_synth *s, double t)
{
    float k = (float)t, roam = (float)fmod(0.35 * t, 4096);
    float yaw = s->yaw + 6 * s->sway * (nn_noise2(roam, 1.5f, (uint32_t)s->seed + 31) - 0.5f);
    struct camera *cam = &v->cam;

    /* A dolly that never arrives: the way is bounded, its speed at the start is s->dolly. */
    cam->z = 4 * (1 - expf(-0.25f * s->dolly * k));
    cam->x = (s->truck < 0 ? -3.0f : 3.0f) * (1 - expf(-fabsf(s->truck) * k / 3));
    cam->x += 4 * s->sway * (nn_noise2(roam, 7.5f, (uint32_t)s->seed + 32) - 0.5f);
    cam->sin = sinf(yaw);
    cam->cos = cosf(yaw);
    cam->focal = s->focal * (float)v->h;
    cam->mid = 0.5f * (float)v->w + s->aside * (float)v->h;
    cam->horizon = (s->horizon + 2.5f * s->sway *
                    (nn_noise2(roam, 3.5f, (uint32_t)s->seed + 33) - 0.5f)) * (float)v->h;
    v->ground = nn_clampi((int)floorf(cam->horizon + 0.5f), 0, v->h);
}

static void place_all(struct nn_synth_view *v, const struct nn_synth *s, double t)
{
    for (int i = 0; i < s->panels; i++)
        v->panel[i] = nn_synth_panel_at(s, i, t);
    for (int i = 0; i < s->lights; i++) {
        const struct light *l = &s->light[i];
        struct lit *o = &v->lit[i];
        float d[3], far, bright = l->sign >= 0 ? nn_synth_flicker(&s->sign[l->sign], t) : 1;
        for (int c = 0; c < 3; c++) {
            o->at[c] = l->at[c];
            o->rgb[c] = l->rgb[c] * bright;
        }
        for (int n = 0; l->car >= 0 && n < s->panels; n++)
            if (s->panel[n].kind == P_CAR && s->panel[n].of == l->car) {
                o->at[0] += v->panel[n].x0 - s->panel[n].x0;
                o->at[2] += v->panel[n].z0 - s->panel[n].z0;
            }
        d[0] = o->at[0] - v->cam.x;
        d[1] = o->at[1] - s->eye;
        d[2] = o->at[2] - v->cam.z;
        far = sqrtf(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
        o->size = nn_maxf(0.6f * l->size, 0.12f);
        o->through = expf(-s->beta * far);
    }
}

void nn_synth_aim(struct nn_synth_view *v, struct nn_synth *s, double t)
{
    v->s = s;
    v->t = t;
    aim(v, s, t);
    place_all(v, s, t);
}

void nn_synth_paint(struct nn_synth_view *v, struct nn_synth *s, double t)
{
    nn_synth_aim(v, s, t);
    nn_pool_run(v->pool, v->w, mirror_column, v);
    nn_pool_run(v->pool, v->w, direct_column, v);
    nn_pool_run(v->pool, v->air[0].h, air_row, v);
    nn_pool_run(v->pool, (v->h + TILE - 1) / TILE, gather, v);
}
