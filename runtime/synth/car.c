/* car.c - cars and street lamps: dark bodies that are seen by their lights. */
#include "runtime/synth/scene.h"

/* The signed distance to a rounded box in the middle of (0, 0). */
NN_INLINE float box(float x, float y, float w, float h, float r)
{
    float dx = fabsf(x) - w + r, dy = fabsf(y) - h + r;
    float ox = nn_maxf(dx, 0), oy = nn_maxf(dy, 0);

    return sqrtf(ox * ox + oy * oy) + nn_minf(nn_maxf(dx, dy), 0) - r;
}

NN_INLINE float disc(float x, float y, float r)
{
    return sqrtf(x * x + y * y) - r;
}

struct look_of {
    float body, glass, lamp;    /* signed distances */
    float rgb[3];               /* of the lamp */
};

/* From behind or from ahead: body, roof, wheels below. */
static void look_along(const struct car *c, float x, float y, struct look_of *o)
{
    float narrow = 1 - 0.30f * nn_clampf((y - 0.9f) / 0.5f, 0, 1);
    float wheel = box(fabsf(x) - 0.70f, y - 0.20f, 0.13f, 0.24f, 0.05f);

    o->body = nn_minf(box(x, y - 0.62f, 0.90f, 0.34f, 0.12f),
                      box(x / narrow, y - 1.12f, 0.74f, 0.32f, 0.10f));
    o->body = nn_minf(o->body, wheel);
    o->glass = box(x / narrow, y - 1.15f, 0.62f, 0.21f, 0.06f);
    if (c->rear) {
        o->lamp = nn_minf(box(fabsf(x) - 0.70f, y - 0.76f, 0.15f, 0.055f, 0.03f),
                          box(x, y - 1.36f, 0.16f, 0.015f, 0.01f) + 0.004f);
        o->rgb[0] = 7;
        o->rgb[1] = 0.28f;
        o->rgb[2] = 0.16f;
    } else {
        o->lamp = disc(fabsf(x) - 0.66f, y - 0.68f, 0.115f);
        o->rgb[0] = 30;
        o->rgb[1] = 27;
        o->rgb[2] = 22;
    }
}

/* From the side, driving to the right. */
static void look_across(float x, float y, struct look_of *o)
{
    float lean = nn_clampf((y - 0.85f) / 0.55f, 0, 1), wheel;

    o->body = nn_minf(box(x, y - 0.60f, 2.2f, 0.30f, 0.16f),
                      box((x + 0.15f) / (1.3f - 0.42f * lean), y - 1.12f, 1.0f, 0.32f, 0.12f));
    wheel = nn_minf(disc(x - 1.35f, y - 0.32f, 0.33f), disc(x + 1.35f, y - 0.32f, 0.33f));
    o->body = nn_minf(o->body, wheel);
    o->glass = box((x + 0.15f) / (1.3f - 0.42f * lean), y - 1.12f, 0.84f, 0.19f, 0.06f);
    o->glass = nn_maxf(o->glass, 0.05f - fabsf(x + 0.1f));
    o->lamp = x > 0 ? box(x - 2.13f, y - 0.68f, 0.09f, 0.07f, 0.03f)
                    : box(x + 2.15f, y - 0.72f, 0.06f, 0.09f, 0.03f);
    o->rgb[0] = x > 0 ? 22 : 6;
    o->rgb[1] = x > 0 ? 20 : 0.25f;
    o->rgb[2] = x > 0 ? 16 : 0.15f;
}

void nn_synth_shade_car(const struct column *k)
{
    const struct car *car = &k->s->car[k->p->of];
    float half = car->side ? 2.6f : 1.15f, wide = nn_maxf(k->du, k->dv);
    float x = (k->u - half) * (car->side ? (float)car->facing : 1);

    for (int r = k->r0; r < k->r1; r++) {
        float y = k->y + k->dy * ((float)r + 0.5f), c[3], a, in, lamp, edge;
        struct look_of o;
        if (car->side)
            look_across(x, y, &o);
        else
            look_along(car, x, y, &o);
        a = k->cover * nn_clampf(0.5f - o.body / wide, 0, 1);
        lamp = nn_clampf(0.5f - o.lamp / wide, 0, 1) * k->cover;
        in = nn_clampf(0.5f - o.glass / wide, 0, 1);
        edge = nn_smooth(-0.16f, 0, o.body) * nn_clampf((y - 0.4f) / 0.9f, 0, 1);
        for (int i = 0; i < 3; i++) {
            float paint = car->lit[i] * (car->paint[i] * 0.35f + 0.10f * edge);
            float mirror = 0.10f * car->lit[i] * nn_clampf((y - 0.9f) / 0.5f, 0, 1) +
                           0.05f * k->s->glow[i];
            c[i] = paint + in * (mirror - paint);
        }
        if (a > 0) {
            lay(k, r, a, c);
            if (k->depth && a > 0.5f)
                k->depth[r] = k->t;
        }
        if (lamp > 0 && car->on)
            for (int i = 0; i < 3; i++)
                k->out[i][r] += lamp * o.rgb[i] * k->through;
    }
}

void nn_synth_shade_lamp(const struct column *k)
{
    const struct lamp *l = &k->s->lamp[k->p->of];
    float x = k->u - 1.8f, wide = nn_maxf(nn_maxf(k->du, k->dv), 0.01f);
    float lo = nn_minf(0, l->reach), hi = nn_maxf(0, l->reach);

    for (int r = k->r0; r < k->r1; r++) {
        float y = k->y + k->dy * ((float)r + 0.5f), post, arm, head, a, c[3];
        post = nn_maxf(fabsf(x) - (y < 0.8f ? 0.10f : 0.05f), y - l->y);
        arm = nn_maxf(fabsf(y - l->y + 0.05f) - 0.035f, nn_maxf(lo - x, x - hi));
        head = box(x - l->reach, y - l->y + 0.06f, 0.32f, 0.07f, 0.05f);
        a = nn_clampf(0.5f - nn_minf(nn_minf(post, arm), head) / wide, 0, 1);
        for (int i = 0; i < 3; i++)
            c[i] = 0.006f + 0.02f * k->s->glow[i];
        if (a > 0)
            lay(k, r, a * k->cover, c);
        a = nn_clampf(0.5f - box(x - l->reach, y - l->y + 0.15f, 0.24f, 0.045f, 0.03f) / wide, 0,
                      1);
        for (int i = 0; i < 3 && a > 0; i++)
            k->out[i][r] += a * k->cover * 16 * l->rgb[i] * k->through;
    }
}
