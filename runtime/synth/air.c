/* air.c - fog that lamps light, smoke that rises. */
#include "runtime/effects/noise.h"
#include "runtime/synth/view.h"

/* atan(x), off by 0.005 at most, which no fog shows. */
NN_INLINE float angle(float x)
{
    float a = fabsf(x), y = a > 1 ? 1.5707963f - a / (a * a + 0.28f) : a / (1 + 0.28f * a * a);

    return x < 0 ? -y : y;
}

/* A light's glow in even fog, seen along a ray of length `far` that passes it at distance `by`, the
 * light being `along` it: the integral of 1 / (by^2 + (s - along)^2), which is two angles (Sun et
 * al., "A Practical Analytic Single Scattering Model", SIGGRAPH 2005, without its extinction, which
 * is taken at the light alone). */
NN_INLINE float glow(float by, float along, float far)
{
    return (angle((far - along) / by) + angle(along / by)) / by;
}

void nn_synth_air_point(struct nn_synth_view *v, const struct nn_synth *s, int i, int j)
{
    float x = nn_minf(((float)i + 0.5f) * (float)v->step, (float)v->w - 0.5f);
    float y = nn_minf(((float)j + 0.5f) * (float)v->step, (float)v->h - 0.5f);
    const struct camera *cam = &v->cam;
    float a = (x - cam->mid) / cam->focal, b = (cam->horizon - y) / cam->focal;
    float sum[3] = { 0, 0, 0 };
    float length = sqrtf(1 + a * a + b * b), d[3], far, thick;

    d[0] = (a * cam->cos + cam->sin) / length;
    d[1] = b / length;
    d[2] = (cam->cos - a * cam->sin) / length;
    far = nn_minf(v->depth[(size_t)x * (size_t)v->h + (size_t)y] * length, 120);
    for (int n = 0; n < s->lights; n++) {
        const struct lit *l = &v->lit[n];
        float px = l->at[0] - cam->x, py = l->at[1] - s->eye, pz = l->at[2] - cam->z;
        float along = px * d[0] + py * d[1] + pz * d[2];
        float by2 = px * px + py * py + pz * pz - along * along, by, k;
        if (along < -20 || by2 > 900)
            continue;
        by = sqrtf(nn_maxf(by2, 0) + l->size * l->size);
        k = glow(by, along, far) * l->through;
        for (int c = 0; c < 3; c++)
            sum[c] += k * l->rgb[c];
    }
    /* Fog is never even: it drifts, and thins upwards. */
    thick = 0.45f + 1.1f * nn_fbm3(1.6f * a + 0.05f * (float)v->t * s->wind, 2.6f * b + 3,
                                   (float)fmod(0.10 * v->t, 4096), 3, (uint32_t)s->seed + 71);
    thick *= s->beta * 0.16f;
    for (int c = 0; c < 3; c++)
        v->air[c].v[j * v->air[c].w + i] = sum[c] * thick;
}

void nn_synth_shade_plume(const struct column *k)
{
    const struct plume *p = &k->s->plume[k->p->of];
    float across = k->u - 0.5f * p->w, t = (float)fmod(k->time, 3600), c[3];

    for (int r = k->r0; r < k->r1; r++) {
        float v = k->y + k->dy * ((float)r + 0.5f) - p->y, up = v / (p->h - p->y), a, wide, x, edge;
        if (up <= 0 || up >= 1)
            continue;
        x = across - p->drift * v * (0.4f + up);
        wide = p->w * (0.06f + 0.40f * sqrtf(up));
        x += 0.5f * wide * (nn_noise2(1.3f * v - 1.1f * t, 0.4f * t, p->seed + 5) - 0.5f);
        edge = 1 - x * x / (wide * wide);
        if (edge <= 0)
            continue;
        a = nn_fbm3(2.4f * x / (0.4f + 0.4f * up) + 7, 1.7f * v - 1.25f * t, 0.5f * t, 4, p->seed);
        a = nn_smooth(0.28f, 0.85f, a) * edge * (1 - up) * nn_minf(9 * up + 0.25f, 1);
        a = k->cover * nn_clampf(1.5f * p->dense * a, 0, 0.93f);
        for (int i = 0; i < 3; i++)
            c[i] = 0.16f * (p->near[i] + up * (p->lit[i] - p->near[i])) + 0.5f * k->s->haze[i];
        lay(k, r, a, c);
    }
}
