/* figure.c - people as silhouettes: limbs as tapered capsules, lit at their edges. */
#include "runtime/synth/scene.h"

enum { LIMBS = 22 };

/* What is wider below than this is a skirt or a coat, and ends at a hem. */
#define SKIRT 0.20f
#define HEM 0.43f

/* From (x0, y0) with radius r0 to (x1, y1) with radius r1; metres over the feet. */
struct limb {
    float x0, y0, r0, x1, y1, r1;
};

struct pose {
    struct limb limb[LIMBS];
    int limbs;
    float ember[2];
    float dome[2];      /* the umbrella's middle */
};

static void add(struct pose *p, float x0, float y0, float r0, float x1, float y1, float r1)
{
    if (p->limbs < LIMBS)
        p->limb[p->limbs++] = (struct limb){ x0, y0, r0, x1, y1, r1 };
}

static void add_head(struct pose *p, const struct figure *f, float way)
{
    add(p, 0, 1.46f, 0.055f, 0.015f * way, 1.55f, 0.05f);
    add(p, 0.015f * way, 1.60f, 0.088f, 0.02f * way, 1.655f, 0.10f);
    add(p, 0.10f * way, 1.60f, 0.02f, 0.115f * way, 1.585f, 0.014f);        /* the nose */
    if (f->hat) {
        add(p, -0.19f, 1.715f, 0.014f, 0.21f, 1.705f, 0.014f);
        add(p, -0.045f, 1.745f, 0.082f, 0.06f, 1.75f, 0.075f);
        add(p, -0.05f, 1.79f, 0.06f, 0.06f, 1.785f, 0.055f);
    } else if (f->hair) {
        add(p, -0.03f * way, 1.66f, 0.105f, -0.07f * way, 1.44f, 0.085f);
    } else {
        add(p, -0.02f * way, 1.67f, 0.10f, 0.01f * way, 1.70f, 0.085f);
    }
}

static void add_legs(struct pose *p, const struct figure *f, float swing, float way)
{
    float apart = 0.085f, step = 0.20f * swing;

    for (int i = -1; i <= 1; i += 2) {
        float side = (float)i, foot = side * apart + side * step;
        float lift = 0.05f * nn_maxf(side * swing * way, 0);
        add(p, side * 0.075f, 0.88f, 0.088f, side * 0.08f + 0.55f * side * step, 0.48f, 0.062f);
        add(p, side * 0.08f + 0.55f * side * step, 0.48f, 0.060f, foot, 0.08f + lift, 0.042f);
        add(p, foot, 0.045f + lift, 0.04f, foot + 0.09f * way, 0.035f + lift, 0.028f);
    }
    if (f->coat)
        add(p, 0, 0.95f, 0.17f, 0.015f * swing, 0.55f, 0.215f);
    if (f->dress)
        add(p, 0, 0.95f, 0.13f, 0.02f * swing, 0.62f, 0.23f);
}

static void add_arms(struct pose *p, const struct figure *f, float swing, float way)
{
    float wide = f->dress ? 0.165f : 0.20f, thick = f->coat ? 0.070f : 0.052f;

    if (f->smoking) {
        add(p, way * wide, 1.38f, thick, way * (wide + 0.08f), 1.12f, thick * 0.9f);
        add(p, way * (wide + 0.08f), 1.12f, thick * 0.9f, way * 0.17f, 1.47f, 0.035f);
        p->ember[0] = way * 0.245f;
        p->ember[1] = 1.545f;
    } else if (f->umbrella) {
        add(p, way * wide, 1.38f, thick, way * (wide + 0.05f), 1.14f, thick * 0.9f);
        add(p, way * (wide + 0.05f), 1.14f, thick * 0.9f, way * 0.19f, 1.32f, 0.038f);
    } else {
        add(p, way * wide, 1.38f, thick, way * (wide + 0.06f) + 0.06f * swing, 1.10f,
            thick * 0.9f);
        add(p, way * (wide + 0.06f) + 0.06f * swing, 1.10f, thick * 0.9f,
            way * (wide + 0.04f) + 0.14f * swing, 0.84f, 0.04f);
    }
    add(p, -way * wide, 1.38f, thick, -way * (wide + 0.055f) - 0.05f * swing, 1.11f, thick * 0.9f);
    add(p, -way * (wide + 0.055f) - 0.05f * swing, 1.11f, thick * 0.9f,
        -way * (wide - (f->coat ? 0.02f : -0.03f)) - 0.10f * swing, 0.86f, 0.042f);
}

static void strike(struct pose *p, const struct figure *f, int facing, double t)
{
    float way = (float)facing, pace = fabsf(f->walk) + fabsf(f->toward);
    float swing = pace > 0 ? sinf((float)fmod(t * 5.2 * (double)nn_maxf(pace, 0.5f), 6.2831853) +
                                  f->phase) : 0.12f * sinf(f->phase);

    p->limbs = 0;
    if (fabsf(f->walk) < 0.4f && pace > 0)
        swing *= 0.45f;         /* towards us, or away: legs cross less */
    add_legs(p, f, swing, way);
    add(p, 0, 1.30f, f->dress ? 0.13f : 0.165f, 0, 0.93f, f->dress ? 0.105f : 0.145f);
    for (float side = -1; side < 2; side += 2)
        add(p, side * (f->dress ? 0.12f : 0.16f), 1.37f, 0.065f, 0, 1.43f, 0.075f);
    if (f->coat)        /* a collar that stands up */
        add(p, -0.07f, 1.47f, 0.045f, 0.07f, 1.47f, 0.045f);
    add_arms(p, f, swing, way);
    add_head(p, f, way);
    p->dome[0] = way * 0.17f;
    p->dome[1] = 1.86f;
    if (f->umbrella)
        add(p, way * 0.19f, 1.18f, 0.010f, p->dome[0], 2.30f, 0.010f);
}

/* The signed distance of all limbs, melted into each other so that no seam shows (Quilez's
 * polynomial smooth minimum), and which way is out. */
static float nearest(const struct pose *p, float x, float y, float out[2])
{
    const float melt = 0.06f;
    float best = 1e9f;

    for (int i = 0; i < p->limbs; i++) {
        const struct limb *l = &p->limb[i];
        float dx = l->x1 - l->x0, dy = l->y1 - l->y0, px = x - l->x0, py = y - l->y0, d, far, h;
        float k = nn_clampf((px * dx + py * dy) / nn_maxf(dx * dx + dy * dy, 1e-6f), 0, 1);
        px -= k * dx;
        py -= k * dy;
        far = sqrtf(px * px + py * py);
        d = far - (l->r0 + k * (l->r1 - l->r0));
        if (l->r1 > SKIRT)
            d = nn_maxf(d, HEM - y);
        if (d > best + melt)
            continue;
        far = 1 / nn_maxf(far, 1e-4f);
        h = nn_clampf(0.5f + 0.5f * (best - d) / melt, 0, 1);
        out[0] += h * (px * far - out[0]);
        out[1] += h * (py * far - out[1]);
        best = h >= 1 ? d : best + h * (d - best) - melt * h * (1 - h);
    }
    return best;
}

/* A dome of eight panels over (0, 0), with scallops between its ribs. */
static float umbrella(float x, float y, float out[2])
{
    float r = sqrtf(x * x + 2.1f * y * y), lobe = fabsf(sinf(x * 7.1f));
    float d = nn_maxf(r - 0.62f, 0.055f * lobe - y);

    out[0] = x / nn_maxf(r, 1e-3f);
    out[1] = nn_maxf(y, 0.1f) * 1.5f / nn_maxf(r, 1e-3f);
    return 0.75f * d;
}

void nn_synth_shade_figure(const struct column *k)
{
    static const float fire[3] = { 14, 3.2f, 0.5f };
    const struct figure *f = &k->s->figure[k->p->of];
    float scale = f->tall / 1.75f, x = (k->u - 0.9f) / scale, wide = nn_maxf(k->du, k->dv);
    float pull = 0.55f + 0.45f * nn_noise2((float)fmod(k->time * 0.7, 4096), 3, (uint32_t)k->p->of);
    struct pose pose = { .limbs = 0 };
    float at[2];
    int way;

    if (!f->umbrella && fabsf(x) > 0.52f)
        return;
    nn_synth_walk(k->s, f, k->time, &at[0], &at[1], &way);
    strike(&pose, f, way, k->time);
    for (int r = k->r0; r < k->r1; r++) {
        float y = (k->y + k->dy * ((float)r + 0.5f)) / scale, out[2] = { 0, 0 }, top[2] = { 0, 0 };
        float d, over = 1e9f, a, deep, round, c[3];
        d = y < 1.92f && fabsf(x) < 0.52f ? nearest(&pose, x, y, out) : 1e9f;
        if (f->umbrella)
            over = umbrella(x - pose.dome[0], y - pose.dome[1], top);
        if (over < d) {
            d = over;
            out[0] = top[0];
            out[1] = top[1];
        }
        d *= scale;
        a = k->cover * nn_clampf(0.5f - d / wide, 0, 1);
        if (f->smoking && !k->mirror) {
            float ex = x - pose.ember[0], ey = y - pose.ember[1];
            float size = nn_maxf(0.012f, 0.6f * wide);
            float e = k->cover * pull * nn_clampf(1.5f - sqrtf(ex * ex + ey * ey) / size, 0, 1) *
                      nn_minf(0.02f / wide, 1);
            for (int i = 0; i < 3; i++)
                k->out[i][r] += e * fire[i] * k->through;
        }
        if (a <= 0)
            continue;
        /* As if round: towards the edge the surface turns away, to where the lights are. */
        deep = nn_clampf(-d / 0.055f, 0, 1);
        round = sqrtf(nn_maxf(1 - (1 - deep) * (1 - deep), 0));
        for (int i = 0; i < 3; i++) {
            float rim = 1 - round, lit;
            lit = f->lit[0][i] * nn_maxf(-out[0], 0) + f->lit[1][i] * nn_maxf(out[0], 0) +
                  f->lit[2][i] * nn_maxf(out[1], 0) * 0.8f;
            c[i] = 0.11f * lit * rim + 0.16f * f->lit[4][i] * rim * rim * rim +
                   0.022f * f->lit[3][i] * round + 0.004f * k->s->glow[i];
        }
        lay(k, r, a, c);
        if (k->depth && a > 0.5f)
            k->depth[r] = k->t;
    }
}
