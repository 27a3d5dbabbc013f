/* ground.c - wet asphalt, pavement, puddles, water: a mirror as rough as each of them is. */
#include "runtime/effects/noise.h"
#include "runtime/synth/view.h"

enum { PART = 256 };

void nn_synth_ground_sum(struct nn_synth_view *v, int x)
{
    int rows = v->h - v->ground;

    for (int c = 0; c < 3; c++) {
        float *sum = v->sum[c] + (size_t)x * (size_t)(rows + 1);
        sum[0] = 0;
        for (int r = 1; r <= rows; r++)
            sum[r] = sum[r - 1] + nn_minf(sum[r], 16);
    }
}

/* The mean over rows [at - half, at + half] of a column's mirror. */
NN_INLINE void mean_of(const struct nn_synth_view *v, int x, float at, float half, float out[3])
{
    int rows = v->h - v->ground, a = nn_clampi((int)(at - half), 0, rows - 1);
    int b = nn_clampi((int)(at + half) + 1, a + 1, rows);
    float part = 1 / (float)(b - a);

    for (int c = 0; c < 3; c++) {
        const float *sum = v->sum[c] + (size_t)x * (size_t)(rows + 1);
        out[c] = (sum[b] - sum[a]) * part;
    }
}

/* The slope that a drop's ring has at (x, z): one drop to a cell, again and again. */
static void rings(const struct nn_synth *s, float x, float z, float t, float size, float slope[2])
{
    float fx = floorf(x / size), fz = floorf(z / size), turn, age, dx, dz, d, k;
    int i = (int)fx, j = (int)fz;
    uint32_t seed = (uint32_t)s->seed + 61;

    turn = 1.6f * t + nn_dice2(i, j, seed);
    age = turn - floorf(turn);
    i += 7919 * (int)floorf(turn);
    if (nn_dice2(i, j, seed + 1) > 0.25f + 0.75f * s->look.rain)
        return;
    dx = x / size - fx - 0.3f - 0.4f * nn_dice2(i, j, seed + 2);
    dz = z / size - fz - 0.3f - 0.4f * nn_dice2(i, j, seed + 3);
    d = sqrtf(dx * dx + dz * dz);
    k = (d - 0.30f * age) / 0.045f;
    if (fabsf(k) > 2)
        return;
    k = k * (1 - 0.25f * k * k) * (1 - age) * 0.16f / nn_maxf(d, 0.02f);
    slope[0] += k * dx;
    slope[1] += k * dz;
}

/* Light that falls on the ground, from its map. */
static void floor_at(const struct nn_synth *s, float x, float z, float out[3])
{
    float u = nn_clampf((x - s->floor.x0) / s->floor.cell, 0, (float)(s->floor.w - 1) - 0.001f);
    float w = nn_clampf((z - s->floor.z0) / s->floor.cell, 0, (float)(s->floor.h - 1) - 0.001f);
    int i = (int)u, j = (int)w;
    const float (*a)[3] = (const float (*)[3])(s->map + s->floor.map + j * s->floor.w + i);

    u -= (float)i;
    w -= (float)j;
    for (int c = 0; c < 3; c++) {
        float lo = a[0][c] + u * (a[1][c] - a[0][c]);
        float hi = a[s->floor.w][c] + u * (a[s->floor.w + 1][c] - a[s->floor.w][c]);
        out[c] = lo + w * (hi - lo);
    }
}

/* What lies there: how it scatters, how rough it is, how much water stands on it. */
struct matter {
    float albedo, rough, film;
};

static struct matter matter_at(const struct nn_synth *s, float x, float z, float dx, float dz,
                               float grain, float pool)
{
    struct matter m = { 0.055f, s->rough, 0.72f };
    float side = fabsf(x);

    if (side > s->road) {
        float joint = within(x - 1.2f * floorf(x / 1.2f), nn_minf(dx, 1.2f), 0, 0.03f) +
                      within(z - 1.2f * floorf(z / 1.2f), nn_minf(dz, 1.2f), 0, 0.03f);
        m.albedo = 0.085f * (1 - 0.6f * nn_minf(joint, 1));
        m.rough *= 1.25f;
        m.film = 0.5f;
        pool *= 0.55f;
        if (within(side, nn_maxf(dx, 0.01f), s->road, s->road + 0.18f) > 0)
            m.albedo += 0.06f;
    } else if (s->crosswalk > 0 && s->road < 50) {
        float paint = within(x - 1.1f * floorf(x / 1.1f), nn_minf(dx, 1.1f), 0, 0.55f) *
                      within(z, nn_maxf(dz, 0.01f), s->crosswalk, s->crosswalk + 3.2f);
        m.albedo += 0.22f * paint * nn_smooth(0.28f, 0.5f, grain);
    } else if (s->road < 50 && s->road > 3) {
        float dash = within(z - 6 * floorf(z / 6), nn_minf(dz, 6), 0, 2.6f) *
                     within(x, dx, -0.08f, 0.08f);
        m.albedo += 0.20f * dash * nn_smooth(0.3f, 0.5f, grain);
    }
    m.albedo *= 0.6f + 0.8f * grain;
    m.rough *= 0.7f + 0.6f * grain;
    m.rough += pool * (0.004f - m.rough);
    m.film += pool * (1 - m.film);
    m.albedo *= 1 - 0.7f * pool;
    if (s->water && z > 11) {
        m = (struct matter){ 0.004f, 0.030f, 1 };
    } else if (s->water && z > 10.6f) {
        m.albedo = 0.12f;
        m.film = 0.3f;
    }
    return m;
}

struct spot {
    float x, z, slope, t;
};

static void shade_row(struct nn_synth_view *v, int x, int r, const struct spot *at, float side,
                      float grain, float pool, float wave, float *const out[3])
{
    const struct nn_synth *s = v->s;
    float length = sqrtf(1 + side * side + at->slope * at->slope), down = at->slope / length;
    float dx = at->t / v->cam.focal, dz = dx / at->slope, light[3], core[3], tail[3], far[3];
    float mirror, k;
    float wet = nn_synth_wet(s);
    float slope[2] = { 0, 0 }, through = expf(-s->beta * at->t * length), half, row;
    float open = nn_smooth(1 - s->puddles - 0.10f, 1 - s->puddles + 0.06f, pool);
    struct matter m = matter_at(s, at->x, at->z, dx, dz, grain, open * wet);
    int water = s->water && at->z > 11, column, spread;

    if (s->look.rain > 0 && dz < 0.35f)
        rings(s, at->x, at->z, (float)fmod(v->t, 3600), 0.62f, slope);
    k = 1 - nn_smooth(0.15f, 0.9f, dz);
    slope[0] *= open * k;
    slope[1] *= open * k;
    slope[0] += (wave - 0.5f) * (water ? 0.075f : 0.012f);
    slope[1] += (wave - 0.5f) * (water ? 0.20f : 0.030f);
    /* Schlick's Fresnel, water; a rough one hides its flattest grazes from itself. */
    k = 1 - nn_clampf(down + slope[1], 0, 1);
    mirror = 0.03f + 0.97f * k * k * k * k * k / (1 + 7 * m.rough);
    mirror *= 1.6f * m.film * wet * (1 + 4 * (1 - open) * m.rough);
    row = (float)(r - v->ground) + 2 * v->cam.focal * slope[1];
    column = nn_clampi(x + (int)floorf(2 * v->cam.focal * slope[0] * down + 0.5f), 0, v->w - 1);
    half = 2 * v->cam.focal * m.rough;
    mean_of(v, column, row, 0.55f * half, core);
    /* Rough ground spreads along the line of sight, and a little across it. */
    spread = nn_clampi((int)(0.8f * half * down + 0.7f), 1, v->w / 8);
    mean_of(v, nn_clampi(column - spread, 0, v->w - 1), row + 0.35f * half, 2.1f * half + 1, tail);
    mean_of(v, nn_clampi(column + spread, 0, v->w - 1), row + 0.35f * half, 2.1f * half + 1, far);
    floor_at(s, at->x, at->z, light);
    for (int c = 0; c < 3; c++) {
        float see = mirror * (0.56f * core[c] + 0.22f * (tail[c] + far[c]));
        see += (1 - mirror) * m.albedo * light[c];
        out[c][r] = see * through + s->haze[c] * (1 - through);
    }
}

void nn_synth_ground(struct nn_synth_view *v, int x, int from, float *const out[3], float *depth)
{
    const struct nn_synth *s = v->s;
    const struct camera *cam = &v->cam;
    float a = ((float)x + 0.5f - cam->mid) / cam->focal, u[PART], w[PART];
    float dx = a * cam->cos + cam->sin, dz = cam->cos - a * cam->sin;
    float pool[PART], grain[PART], wave[PART], t = (float)fmod(v->t, 4096);
    struct spot spot[PART];
    uint32_t seed = (uint32_t)s->seed;

    for (int r0 = from; r0 < v->h; r0 += PART) {
        int n = v->h - r0 < PART ? v->h - r0 : PART;
        for (int i = 0; i < n; i++) {
            float slope = nn_maxf(((float)(r0 + i) + 0.5f - cam->horizon) / cam->focal, 1e-3f);
            float far = s->eye / slope;
            spot[i] = (struct spot){ cam->x + far * dx, cam->z + far * dz, slope, far };
            depth[r0 + i] = nn_minf(far, 200);
            u[i] = 0.42f * spot[i].x;
            w[i] = 0.30f * spot[i].z;
        }
        nn_fbm2_line(u, w, n, 3, seed + 41, pool);
        for (int i = 0; i < n; i++) {
            u[i] = 3.7f * spot[i].x;
            w[i] = 3.7f * spot[i].z;
        }
        nn_fbm2_line(u, w, n, 2, seed + 42, grain);
        for (int i = 0; i < n; i++) {
            float size = s->water ? 0.5f : 1.9f;    /* waves as large as can be told apart */
            size = nn_minf(size, 14 * cam->focal / (float)v->h / nn_maxf(spot[i].t, 1));
            u[i] = size * spot[i].x + 0.3f * t;
            w[i] = 3.2f * logf(spot[i].t) * (s->water ? 5 : 8);
        }
        nn_fbm3_line(u, w, 0.9f * t, n, 2, seed + 43, wave);
        for (int i = 0; i < n; i++)
            shade_row(v, x, r0 + i, &spot[i], a, grain[i], 0.5f + 1.35f * (pool[i] - 0.5f), wave[i],
                      out);
    }
}
