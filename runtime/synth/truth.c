/* truth.c - what can be seen of a scene: boxes, tags, and the mood that follows from them. */
#include <stdio.h>
#include <string.h>

#include "runtime/synth/view.h"

enum { SAMPLES = 12 };

const struct nn_synth_tag_info nn_synth_tags[NN_TAGS] = {
    [NN_TAG_RAIN] = { "texture/rain", "rain falls: the share is 0.1 or more" },
    [NN_TAG_WET_STREET] = { "texture/wet-street", "the street mirrors its lights" },
    [NN_TAG_PUDDLES] = { "texture/puddles", "water stands on a third of the street" },
    [NN_TAG_FOG] = { "texture/fog", "the fog's share is 0.3 or more" },
    [NN_TAG_SMOKE] = { "texture/smoke", "steam or smoke rises in sight" },
    [NN_TAG_NEON] = { "light/neon", "a sign is in sight" },
    [NN_TAG_NEON_PINK] = { "light/neon-pink", "signs of that colour take 0.2 % of the picture" },
    [NN_TAG_NEON_RED] = { "light/neon-red", "the same" },
    [NN_TAG_NEON_AMBER] = { "light/neon-amber", "the same" },
    [NN_TAG_NEON_GREEN] = { "light/neon-green", "the same" },
    [NN_TAG_NEON_CYAN] = { "light/neon-cyan", "the same" },
    [NN_TAG_NEON_BLUE] = { "light/neon-blue", "the same" },
    [NN_TAG_NEON_VIOLET] = { "light/neon-violet", "the same" },
    [NN_TAG_LIT_WINDOWS] = { "light/lit-windows", "lit panes take 0.7 % of the picture" },
    [NN_TAG_STREET_LAMP] = { "light/street-lamp", "a street lamp is in sight" },
    [NN_TAG_HEADLIGHTS] = { "light/headlights", "a car shows its headlights" },
    [NN_TAG_TAIL_LIGHTS] = { "light/tail-lights", "a car shows its tail lights" },
    [NN_TAG_LANTERNS] = { "light/lanterns", "a string of lanterns is in sight" },
    [NN_TAG_SILHOUETTE] = { "subject/silhouette", "a person is a tenth of the picture high" },
    [NN_TAG_ALONE] = { "subject/alone", "exactly one person is in sight" },
    [NN_TAG_CROWD] = { "subject/crowd", "five people or more are in sight" },
    [NN_TAG_UMBRELLA] = { "subject/umbrella", "one who is in sight holds an umbrella" },
    [NN_TAG_HAT] = { "subject/hat", "one who is in sight wears a hat" },
    [NN_TAG_SMOKING] = { "subject/smoking", "one who is in sight smokes" },
    [NN_TAG_CAR] = { "subject/car", "a car is in sight" },
    [NN_TAG_STREET] = { "place/street", "which of the six places it is" },
    [NN_TAG_ALLEY] = { "place/alley", "the same" },
    [NN_TAG_AVENUE] = { "place/avenue", "the same" },
    [NN_TAG_DINER] = { "place/diner", "the same" },
    [NN_TAG_WATERFRONT] = { "place/waterfront", "the same" },
    [NN_TAG_DOORWAY] = { "place/doorway", "the same" },
};

/* How warm each hue is. */
static const float warmth[NN_HUES] = { 0.45f, 0.55f, 1, 0.2f, 0, 0, 0.15f, 0.6f };

/* What is seen of the part [u0, u1] x [y0, y1] of a panel: its box within the frame; returns the
 * share of all of it that is in the frame and that no wall hides. *through: what fog lets by. */
static float seen(const struct nn_synth_view *v, int i, float u0, float u1, float y0, float y1,
                  struct nn_box *box, float *through)
{
    const struct camera *cam = &v->cam;
    const struct panel *p = &v->panel[i];
    float ex = p->x1 - p->x0, ez = p->z1 - p->z0, length = sqrtf(ex * ex + ez * ez), in = 0, pad;
    float x0 = 1e9f, x1 = -1e9f, top = 1e9f, low = -1e9f, w = (float)v->w, h = (float)v->h;

    *through = 0;
    for (int n = 0; n < SAMPLES; n++) {
        float u = u0 + (u1 - u0) * ((float)n + 0.5f) / SAMPLES;
        float dx = p->x0 + ex * u / length - cam->x, dz = p->z0 + ez * u / length - cam->z;
        float t = dx * cam->sin + dz * cam->cos, x, k, a, b, hidden;
        if (t < 0.4f)
            continue;
        k = cam->focal / t;
        x = cam->mid + k * (dx * cam->cos - dz * cam->sin);
        hidden = nn_maxf(y0, nn_synth_hidden(v, x, t - 0.03f));
        a = nn_clampf(cam->horizon - k * (y1 - v->s->eye), 0, h);
        b = nn_clampf(cam->horizon - k * (hidden - v->s->eye), 0, h);
        if (x < 0 || x >= w || b <= a)
            continue;
        in += (b - a) / (k * (y1 - y0));
        x0 = nn_minf(x0, x);
        x1 = nn_maxf(x1, x);
        top = nn_minf(top, a);
        low = nn_maxf(low, b);
        *through = nn_maxf(*through, expf(-v->s->beta * t));
    }
    if (x1 < x0)
        return 0;
    pad = 0.5f * (x1 - x0) / (SAMPLES - 1);
    x0 = nn_maxf(x0 - pad, 0);
    x1 = nn_minf(x1 + pad, w);
    *box = (struct nn_box){ x0, top, x1 - x0, low - top };
    return in / SAMPLES;
}

struct survey {
    const struct nn_synth_view *v;
    const struct nn_synth *s;
    struct nn_synth_truth *o;
    float area[NN_HUES];            /* of signs, shares of the frame */
};

static void note(struct survey *k, int kind, struct nn_box box, float visible, int hue,
                 const char *text)
{
    struct nn_synth_thing *t = &k->o->thing[k->o->things];

    if (k->o->things == NN_SYNTH_BOXES)
        return;
    k->o->things++;
    t->kind = kind;
    t->box = box;
    t->visible = visible;
    t->hue = hue;
    snprintf(t->text, sizeof t->text, "%s", text);
}

static int counts(struct nn_box b, float visible)
{
    return visible >= 0.4f && b.w >= 2 && b.h >= 2;
}

static void see_sign(struct survey *k, int i)
{
    const struct sign *g = &k->s->sign[k->s->panel[i].of];
    float y0 = k->s->panel[i].y0, through, part;
    struct nn_box box = { 0, 0, 0, 0 };
    int second = 0;
    float visible = seen(k->v, i, 0, g->w, y0, y0 + g->h, &box, &through);

    if (!g->text[0] || !counts(box, visible) || through < 0.06f)
        return;
    for (int n = g->first; n < g->first + g->strokes; n++)
        second = second || k->s->stroke[n].tube;
    part = box.w * box.h / ((float)k->v->w * (float)k->v->h);
    k->area[g->hue[0]] += part;
    if (second && g->hue[1] != g->hue[0])
        k->area[g->hue[1]] += 0.4f * part;
    k->o->signs++;
    note(k, NN_THING_SIGN, box, visible, g->hue[0], g->text);
}

static void see_figure(struct survey *k, int i)
{
    static const char *const words[8] = { "", "hat", "umbrella", "hat umbrella", "smoking",
                                          "hat smoking", "umbrella smoking",
                                          "hat umbrella smoking" };
    const struct figure *f = &k->s->figure[k->s->panel[i].of];
    float half = f->umbrella ? 0.62f : 0.30f, tall = f->umbrella ? 2.30f : f->hat ? 1.84f : 1.77f;
    struct nn_box box = { 0, 0, 0, 0 };
    float scale = f->tall / 1.75f, through, visible, mid, x, z;
    int way;

    nn_synth_walk(k->s, f, k->v->t, &x, &z, &way);
    mid = 0.9f + (f->umbrella ? 0.17f * (float)way * scale : 0);    /* he holds it before him */
    visible = seen(k->v, i, mid - half * scale, mid + half * scale, 0, tall * scale, &box,
                   &through);
    if (!counts(box, visible) || through < 0.2f)
        return;
    k->o->people++;
    if (box.h > 0.1f * (float)k->v->h)
        k->o->tag[NN_TAG_SILHOUETTE] = 1;
    k->o->tag[NN_TAG_UMBRELLA] |= (uint8_t)f->umbrella;
    k->o->tag[NN_TAG_HAT] |= (uint8_t)f->hat;
    k->o->tag[NN_TAG_SMOKING] |= (uint8_t)f->smoking;
    note(k, NN_THING_PERSON, box, visible, -1, words[f->hat + 2 * f->umbrella + 4 * f->smoking]);
}

static void see_car(struct survey *k, int i)
{
    const struct car *c = &k->s->car[k->s->panel[i].of];
    float half = c->side ? 2.3f : 0.92f, mid = c->side ? 2.6f : 1.15f, through;
    struct nn_box box = { 0, 0, 0, 0 };
    float visible = seen(k->v, i, mid - half, mid + half, 0, 1.45f, &box, &through);

    if (!counts(box, visible) || through < 0.1f)
        return;
    k->o->cars++;
    k->o->tag[c->side || !c->rear ? NN_TAG_HEADLIGHTS : NN_TAG_TAIL_LIGHTS] = 1;
    if (c->side)
        k->o->tag[NN_TAG_TAIL_LIGHTS] = 1;
    note(k, NN_THING_CAR, box, visible, -1, c->side ? "side" : c->rear ? "rear" : "front");
}

/* Lamps, lanterns and smoke have no boxes, but tags. */
static void see_other(struct survey *k, int i)
{
    const struct panel *p = &k->s->panel[i];
    struct nn_box box = { 0, 0, 0, 0 };
    float u0 = 0, u1 = p->x1 - p->x0, y0 = p->y0, y1 = p->y1, through;
    int tag = NN_TAG_SMOKE;

    if (p->kind == P_LAMP) {
        const struct lamp *l = &k->s->lamp[p->of];
        tag = NN_TAG_STREET_LAMP;
        u0 = 1.8f + l->reach - 0.25f;
        u1 = u0 + 0.5f;
        y0 = l->y - 0.25f;
        y1 = l->y;
    } else if (p->kind == P_LINE) {
        tag = NN_TAG_LANTERNS;
        if (!k->s->line[p->of].lanterns)
            return;
    } else {
        y0 = k->s->plume[p->of].y;
        y1 = y0 + 0.5f * (y1 - y0);
        u0 = 0.25f * u1;
        u1 = 0.75f * u1;
    }
    if (seen(k->v, i, u0, u1, y0, y1, &box, &through) >= 0.4f && through > 0.15f && box.w >= 1.5f)
        k->o->tag[tag] = 1;
}

static void survey(struct survey *k)
{
    for (int i = 0; i < k->s->panels; i++)
        switch (k->s->panel[i].kind) {
        case P_WALL: break;
        case P_SIGN: see_sign(k, i); break;
        case P_FIGURE: see_figure(k, i); break;
        case P_CAR: see_car(k, i); break;
        default: see_other(k, i);
        }
}

/* Shares of warm and red light: signs shine as wide as they are, windows a tenth as bright. */
static void weigh(struct survey *k)
{
    float pane[2], all, warm, red;

    nn_synth_panes(k->v, pane);
    k->o->tag[NN_TAG_LIT_WINDOWS] = pane[0] + pane[1] >= 0.007f;
    all = 0.1f * (pane[0] + pane[1]) + 1e-4f;
    warm = 0.1f * pane[0] + 0.4e-4f;
    red = 0;
    for (int i = 0; i < NN_HUES; i++) {
        all += k->area[i];
        warm += warmth[i] * k->area[i];
        red += i == NN_HUE_RED ? k->area[i] : i == NN_HUE_PINK ? 0.2f * k->area[i] : 0;
        if (i != NN_HUE_WHITE)
            k->o->tag[NN_TAG_NEON_PINK + i] = k->area[i] >= 0.002f;
    }
    k->o->warm = warm / all;
    k->o->red = red / all;
}

void nn_synth_mood(struct nn_synth_truth *o)
{
    float company = o->people > 1 ? nn_minf((float)o->people / 8, 1) : 0;
    float signs = nn_minf((float)o->signs / 10, 1), cars = nn_minf((float)o->cars / 3, 1);
    float best = 99;
    float alone = o->people == 1 ? 1 : 0;
    float narrow = o->place == NN_PLACE_ALLEY || o->place == NN_PLACE_DOORWAY ? 1 : 0;

    o->valence = 0.05f + 0.9f * (o->warm - 0.4f) + 0.4f * company + 0.3f * signs - 0.4f * o->rain -
                 0.5f * o->fog - 0.3f * alone - 0.9f * o->red - 0.2f * o->smoke;
    o->arousal = -0.5f + 0.75f * signs + 0.35f * company + 0.3f * cars + 0.7f * o->red +
                 0.3f * o->rain * o->rain - 0.25f * o->fog - 0.15f * alone + 0.3f * narrow;
    o->valence = nn_clampf(o->valence, -1, 1);
    o->arousal = nn_clampf(o->arousal, -1, 1);
    for (int i = 0; i < NN_EMOTIONS; i++) {
        float dv = nn_emotions[i].valence - o->valence, da = nn_emotions[i].arousal - o->arousal;
        if (dv * dv + da * da < best) {
            best = dv * dv + da * da;
            o->mood = i;
        }
    }
}

/* The largest first. */
static void sort_things(struct nn_synth_truth *o)
{
    for (int i = 1; i < o->things; i++) {
        struct nn_synth_thing t = o->thing[i];
        int k = i;
        for (; k > 0 && o->thing[k - 1].box.h * o->thing[k - 1].box.w < t.box.h * t.box.w; k--)
            o->thing[k] = o->thing[k - 1];
        o->thing[k] = t;
    }
}

void nn_synth_truth(struct nn_synth_view *v, struct nn_synth *s, double t,
                    struct nn_synth_truth *o)
{
    struct survey k = { v, s, o, { 0 } };

    memset(o, 0, sizeof *o);
    nn_synth_aim(v, s, t);
    o->rain = s->look.rain;
    o->fog = s->look.fog;
    o->smoke = s->look.smoke;
    o->place = s->look.place;
    o->palette = s->look.palette;
    survey(&k);
    weigh(&k);
    o->tag[NN_TAG_RAIN] = o->rain > 0;
    o->tag[NN_TAG_WET_STREET] = !s->water && nn_synth_wet(s) >= 0.68f;
    o->tag[NN_TAG_PUDDLES] = !s->water && s->puddles >= 0.35f;
    o->tag[NN_TAG_FOG] = o->fog >= 0.3f;
    o->tag[NN_TAG_NEON] = o->signs > 0;
    o->tag[NN_TAG_ALONE] = o->people == 1;
    o->tag[NN_TAG_CROWD] = o->people >= 5;
    o->tag[NN_TAG_CAR] = o->cars > 0;
    o->tag[NN_TAG_STREET + o->place] = 1;
    nn_synth_mood(o);
    sort_things(o);
}
