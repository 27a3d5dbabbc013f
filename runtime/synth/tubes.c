/* tubes.c - strokes that shine, and what hangs on cables. */
#include "runtime/synth/scene.h"

enum { NEAR_MAX = 160 };

float nn_synth_flicker(const struct sign *g, double t)
{
    float beat;

    if (g->flicker <= 0)
        return 1;
    /* A tired transformer: it sags now and then, slower than three times a second. */
    beat = nn_noise2((float)fmod(t * 2.2, 4096), 0.5f, g->seed);
    return 1 - 0.75f * g->flicker * nn_smooth(0.66f, 0.80f, beat);
}

/* Squared distance of (x, y) to a stroke. */
NN_INLINE float to_stroke(const struct stroke *k, float x, float y)
{
    float dx = k->x1 - k->x0, dy = k->y1 - k->y0, px = x - k->x0, py = y - k->y0;
    float at = (px * dx + py * dy) / nn_maxf(dx * dx + dy * dy, 1e-8f);

    at = nn_clampf(at, 0, 1);
    px -= at * dx;
    py -= at * dy;
    return px * px + py * py;
}

/* A tube is a cylinder of even radiance, seen through a pixel `wide` metres wide; around it the
 * board, or what dust there is, falls off. */
static void shade_row(const struct column *k, const struct sign *g, const int *near, int nears,
                      int r, float v, float bright)
{
    const struct stroke *stroke = k->s->stroke;
    float best[2] = { 1e9f, 1e9f }, wide = nn_maxf(k->du, k->dv), c[3] = { 0, 0, 0 }, a = 0;
    float inner = g->radius, half = nn_maxf(inner, 0.62f * wide), soft = 0.5f * wide + 0.3f * inner;
    int on = v >= 0 && v <= g->h && k->u >= 0 && k->u <= g->w;

    for (int i = 0; i < nears; i++) {
        float d = to_stroke(&stroke[near[i]], k->u, v);
        int tube = stroke[near[i]].tube;
        best[tube] = d < best[tube] ? d : best[tube];
    }
    if (g->backing && on)
        a = 1;
    for (int i = 0; i < 2; i++) {
        float d = sqrtf(best[i]), core = 1 - nn_smooth(half - soft, half + soft, d);
        float halo = g->backing == 1 && on ? 0.07f : 0.018f;
        float reach = 1 + best[i] / (9 * inner * inner);
        core *= inner / half * bright;
        if (g->backing == 2)
            continue;
        for (int n = 0; n < 3; n++)
            c[n] += g->rgb[i][n] * (1.25f * core + halo * bright / reach) + 1.1f * core;
    }
    if (g->backing == 2 && on) {        /* a light box: the strokes are painted on it */
        float ink = 1 - nn_smooth(1.6f * half - soft, 1.6f * half + soft, sqrtf(best[0]));
        float edge = 0.55f + 0.45f * nn_minf(nn_minf(v, g->h - v) / (0.2f * g->h), 1);
        for (int n = 0; n < 3; n++)
            c[n] = bright * edge * (0.16f * g->rgb[0][n] + 0.18f) * (1 - 0.93f * ink);
    } else if (g->backing == 1 && on) {
        for (int n = 0; n < 3; n++)
            c[n] += 0.012f;
    }
    for (int n = 0; n < 3; n++) {
        float *px = &k->out[n][r], cover = k->cover;
        *px += cover * (a * (k->air[n] - *px) + c[n] * k->through);
    }
    if (a > 0.5f && k->depth && k->cover > 0.5f)
        k->depth[r] = k->t;
}

void nn_synth_shade_sign(const struct column *k)
{
    const struct sign *g = &k->s->sign[k->p->of];
    float margin = 6 * g->radius + 2 * k->du, bright = nn_synth_flicker(g, k->time);
    int near[NEAR_MAX], nears = 0;

    for (int i = g->first; i < g->first + g->strokes && nears < NEAR_MAX; i++) {
        const struct stroke *st = &k->s->stroke[i];
        if (k->u > nn_minf(st->x0, st->x1) - margin && k->u < nn_maxf(st->x0, st->x1) + margin)
            near[nears++] = i;
    }
    for (int r = k->r0; r < k->r1; r++)
        shade_row(k, g, near, nears, r, k->y + k->dy * ((float)r + 0.5f) - k->p->y0, bright);
}

/* Three bars between posts, as along a quay. */
static void shade_rail(const struct column *k)
{
    static const float dark[3] = { 0.005f, 0.005f, 0.006f };
    float post = within(k->u - 1.7f * floorf(k->u / 1.7f), nn_minf(k->du, 1.7f), 0, 0.10f);

    for (int r = k->r0; r < k->r1; r++) {
        float v = k->y + k->dy * ((float)r + 0.5f);
        float bars = within(v, k->dv, 0.96f, 1.06f) + within(v, k->dv, 0.65f, 0.70f) +
                     within(v, k->dv, 0.33f, 0.38f);
        lay(k, r, k->cover * nn_clampf(bars + post * within(v, k->dv, 0, 1.05f), 0, 1), dark);
    }
}

/* A cable in the shape of a parabola; lanterns hang on it a metre and a half apart. */
void nn_synth_shade_line(const struct column *k)
{
    const struct line *l = &k->s->line[k->p->of];
    float at = k->u / l->length, hang = l->y - 4 * l->sag * at * (1 - at);
    float wide = nn_maxf(k->dv, 0.02f), cell = floorf(k->u / 1.5f);
    float bulb = k->u - 1.5f * (cell + 0.5f), mid = (cell + 0.5f) * 1.5f / l->length;
    float lamp = l->y - 4 * l->sag * mid * (1 - mid) - 0.34f;
    static const float dark[3] = { 0.004f, 0.004f, 0.005f };

    if (l->rail) {
        shade_rail(k);
        return;
    }
    for (int r = k->r0; r < k->r1; r++) {
        float v = k->y + k->dy * ((float)r + 0.5f), d = fabsf(v - hang), c[3];
        float a = k->cover * nn_clampf(0.5f * (0.02f + wide - d) / wide + 0.2f, 0, 1) *
                  nn_minf(0.025f / wide, 1);
        if (d < wide + 0.02f)
            lay(k, r, a, dark);
        if (!l->lanterns || mid > 1)
            continue;
        float x = bulb / 0.24f, y = (v - lamp) / 0.28f, q = x * x + y * y;
        float edge = nn_maxf(wide, k->du) / 0.24f;
        a = k->cover * nn_clampf((1 - q) / (2 * edge) + 0.5f, 0, 1);
        if (a <= 0)
            continue;
        float ribs = k->dv < 0.02f ? 0.86f + 0.14f * cosf(44 * y) : 0.86f;
        for (int i = 0; i < 3; i++)
            c[i] = l->rgb[i] * ribs * (0.45f + 0.85f * nn_maxf(1 - 0.7f * q, 0));
        lay(k, r, a, c);
    }
}
