/*
 * hud.c - the debug display: what the program sees and does, over the picture.
 *
 * Two glass panels at the bottom (moods left; effects and milliseconds right), a
 * thin line of words at the top, corner brackets around faces. All sizes hang on
 * one unit, a 720th of the shorter side's height, so it reads alike on any film.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "runtime/draw/canvas.h"
#include "runtime/run.h"

enum { CURVE = 240, SETTLE = 12 };  /* points of a curve; frames that a figure stays readable */

struct nn_hud {
    struct nn_canvas *canvas;
    double w, h, u;             /* pixels; u: the unit */
    int64_t drawn;
    double median[NN_STAGES + 1], p99[NN_STAGES + 1], rate;     /* ms; the last: latency */
};

struct nn_hud *nn_hud_new(int w, int h, struct nn_err *err)
{
    struct nn_hud *hud = calloc(1, sizeof *hud);

    if (!hud) {
        nn_fail_mem(err, "debug display");
        return NULL;
    }
    hud->w = w;
    hud->h = h;
    hud->u = fmax(0.45, fmin(h / 720.0, w / 960.0));
    if (!(hud->canvas = nn_canvas_new(w, h, NN_INK, err))) {
        free(hud);
        return NULL;
    }
    return hud;
}

void nn_hud_free(struct nn_hud *hud)
{
    if (!hud)
        return;
    nn_canvas_free(hud->canvas);
    free(hud);
}

static struct nn_box box_of(double x, double y, double w, double h)
{
    return (struct nn_box){ (float)x, (float)y, (float)w, (float)h };
}

static int strongest(const float mood[NN_EMOTIONS])
{
    int best = 0;

    for (int e = 1; e < NN_EMOTIONS; e++)
        best = mood[e] > mood[best] ? e : best;
    return best;
}

/* Corner brackets, and who it is and feels. */
static void draw_face(struct nn_hud *hud, const struct nn_track *k,
                      const struct nn_landmarks *marks)
{
    struct nn_canvas *c = hud->canvas;
    double u = hud->u, x = (double)k->box.x, y = (double)k->box.y, s = (double)k->box.w;
    double arm = s * 0.2, a = (double)k->presence, width = 2.5 * u;
    int e = strongest(k->mood);
    unsigned rgb = k->has_mood ? nn_rgb(nn_emotions[e].rgb) : NN_DIM;
    char text[64];

    for (int i = 0; i < 4; i++) {
        double cx = x + (i & 1 ? s : 0), cy = y + (i & 2 ? s : 0);
        double dx = i & 1 ? -arm : arm, dy = i & 2 ? -arm : arm;
        double px[3] = { cx + dx, cx, cx }, py[3] = { cy, cy, cy + dy };
        nn_canvas_curve(c, px, py, 3, NN_INK, width * 2.4, a * 0.45);
        nn_canvas_curve(c, px, py, 3, rgb, width, a);
    }
    if (a < 0.3)
        return;
    for (int i = 0; i < marks->count && marks->id == k->id; i++)
        nn_canvas_fill(c, box_of((double)marks->at[i][0] - u, (double)marks->at[i][1] - u, 2 * u,
                                 2 * u), NN_CYAN, 0.7 * a);
    for (int i = 0; i < 2 * k->points; i++) {
        double r = (i < k->points ? 5 : 3) * u;     /* dark rims first */
        const float *at = k->point[i % k->points];
        nn_canvas_fill(c, box_of((double)at[0] - r, (double)at[1] - r, 2 * r, 2 * r),
                       i < k->points ? NN_INK : NN_TEXT, i < k->points ? 0.5 * a : a);
    }
    if (k->has_mood)
        snprintf(text, sizeof text, "#%d  %s %.0f%%", k->id, nn_emotions[e].name,
                 100 * (double)k->mood[e]);
    else
        snprintf(text, sizeof text, "#%d", k->id);
    y = y > 34 * u ? y : y + s + 30 * u;
    nn_canvas_fill(c, box_of(x, y - 26 * u, (16 + 8.6 * (double)snprintf(NULL, 0, "%s", text)) * u,
                             20 * u), NN_INK, 0.62 * a);
    nn_canvas_fill(c, box_of(x, y - 26 * u, 3 * u, 20 * u), rgb, a);
    nn_canvas_text(c, x + 10 * u, y - 11 * u, NN_LEFT, 13 * u, 1, NN_TEXT, text);
}

static void draw_bar(struct nn_hud *hud, double x, double y, double w, const char *label,
                     double value, unsigned rgb, const char *number)
{
    struct nn_canvas *c = hud->canvas;
    double u = hud->u, v = fmax(0, fmin(1, value)), from = x + 78 * u, len = w - 78 * u - 40 * u;

    nn_canvas_text(c, x, y + 4.5 * u, NN_LEFT, 12.5 * u, 0, v > 0.35 ? NN_TEXT : NN_DIM, label);
    nn_canvas_fill(c, box_of(from, y - 3 * u, len, 6 * u), NN_GRID, 0.75);
    nn_canvas_fill(c, box_of(from, y - 6 * u, len * v, 12 * u), rgb, 0.18);
    nn_canvas_fill(c, box_of(from, y - 3 * u, len * v, 6 * u), rgb, 1);
    nn_canvas_text(c, x + w, y + 4.5 * u, NN_RIGHT, 12 * u, 0, NN_DIM, number);
}

static void draw_panel(struct nn_hud *hud, struct nn_box b, unsigned rgb, const char *title)
{
    double u = hud->u;

    nn_canvas_fill(hud->canvas, b, NN_INK, 0.66);
    nn_canvas_fill(hud->canvas, box_of((double)b.x, (double)b.y, (double)b.w, 2 * u), rgb, 0.9);
    nn_canvas_text(hud->canvas, (double)b.x + 12 * u, (double)b.y + 20 * u, NN_LEFT, 11 * u, 1, rgb,
                   title);
}

static const double SPAN = 8;       /* seconds of a curve */

/* The last seconds of each mood, in a strip over its panel. */
static void draw_curves(struct nn_hud *hud, const struct nn_history *h, struct nn_box b)
{
    double x[CURVE], y[CURVE], end = h->moment[h->count - 1].t;
    int64_t from = h->count - 1, step;
    int n = 0;

    while (from > 0 && end - h->moment[from - 1].t < SPAN)
        from--;
    step = (h->count - from + CURVE - 1) / CURVE;
    for (int e = 0; e < NN_EMOTIONS; e++) {
        n = 0;
        for (int64_t i = h->count - 1; i >= from && n < CURVE; i -= step, n++) {
            x[n] = (double)b.x + (double)b.w * (1 - (end - h->moment[i].t) / SPAN);
            y[n] = (double)b.y + (double)b.h * (1 - (double)h->moment[i].mood[e]);
        }
        if (n > 1)
            nn_canvas_curve(hud->canvas, x, y, n, nn_rgb(nn_emotions[e].rgb), 1.6 * hud->u, 0.9);
    }
}

static void draw_moods(struct nn_hud *hud, const struct nn_player *p, const struct nn_moment *now)
{
    double u = hud->u, strip = 54 * u, w = 258 * u, h = strip + (30 + 19 * NN_EMOTIONS + 6) * u;
    double x = 16 * u, y = hud->h - h - 16 * u;
    char number[16];

    draw_panel(hud, box_of(x, y, w, h), NN_MAGENTA, "MOOD");
    draw_curves(hud, &p->history, box_of(x + 12 * u, y + 28 * u, w - 24 * u, strip - 8 * u));
    y += strip;
    for (int e = 0; e < NN_EMOTIONS; e++) {
        snprintf(number, sizeof number, "%.0f%%", 100 * (double)now->mood[e]);
        draw_bar(hud, x + 12 * u, y + (38 + 19 * e) * u, w - 24 * u, nn_emotions[e].name,
                 (double)now->mood[e], nn_rgb(nn_emotions[e].rgb), number);
    }
}

/* Figures that change with every frame cannot be read. */
static void measure(struct nn_hud *hud, const struct nn_player *p)
{
    const struct nn_history *h = &p->history;
    int64_t from = h->count > NN_RECENT ? h->count - NN_RECENT : 0;
    double span = h->moment[h->count - 1].t - h->moment[from].t;

    if (hud->drawn++ % SETTLE)
        return;
    for (int i = 0; i <= NN_STAGES; i++) {
        hud->median[i] = nn_history_recent(h, i, 0.5);
        hud->p99[i] = nn_history_recent(h, i, 0.99);
    }
    hud->rate = span > 0 ? (double)(h->count - 1 - from) / span : 0;
}

static void draw_work(struct nn_hud *hud, const struct nn_player *p, const struct nn_moment *now)
{
    int n = p->patch->count;
    double u = hud->u, w = 258 * u, h = (30 + 19 * (n + NN_STAGES) + 28) * u;
    double x = hud->w - w - 16 * u, y = hud->h - h - 16 * u;
    char number[32];

    draw_panel(hud, box_of(x, y, w, h), NN_CYAN, "EFFECTS");
    for (int i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%.2f", (double)now->level[i]);
        draw_bar(hud, x + 12 * u, y + (38 + 19 * i) * u, w - 24 * u, p->patch->link[i].effect->name,
                 (double)now->level[i], NN_CYAN, number);
    }
    y += (36 + 19 * n) * u;
    nn_canvas_line(hud->canvas, x + 12 * u, y - 8 * u, x + w - 12 * u, y - 8 * u, NN_GRID, u, 1);
    nn_canvas_text(hud->canvas, x + 12 * u, y + 8 * u, NN_LEFT, 10.5 * u, 1, NN_AMBER,
                   "MILLISECONDS");
    nn_canvas_text(hud->canvas, x + w - 12 * u, y + 8 * u, NN_RIGHT, 10.5 * u, 0, NN_DIM,
                   "median   p99");
    y += 16 * u;
    for (int i = 0; i < NN_STAGES; i++) {
        double at = y + (6 + 19 * i) * u;
        snprintf(number, sizeof number, hud->median[i] < 100 ? "%.1f" : "%.0f", hud->median[i]);
        draw_bar(hud, x + 12 * u, at, w - 62 * u, nn_stage_name[i], hud->median[i] / 100, NN_AMBER,
                 number);
        snprintf(number, sizeof number, hud->p99[i] < 100 ? "%.1f" : "%.0f", hud->p99[i]);
        nn_canvas_text(hud->canvas, x + w - 12 * u, at + 4.5 * u, NN_RIGHT, 12 * u, 0, NN_DIM,
                       number);
    }
}

/* How the show keeps up, in a line below the top one: red where work is dropped. */
static void draw_vitals(struct nn_hud *hud, const struct nn_player *p)
{
    const struct nn_vitals *v = &p->vitals;
    double u = hud->u, y = 34 * u;
    char text[160], hot[32] = "";

    if (!isnan(v->celsius))
        snprintf(hot, sizeof hot, "   %.0f °C", v->celsius);
    snprintf(text, sizeof text, "LIVE   %.1f frames/s   latency %.0f, p99 %.0f of %.0f ms   "
             "%lld missed   %lld analysed%s", hud->rate, hud->median[NN_STAGES],
             hud->p99[NN_STAGES], v->budget_ms, (long long)v->missed, (long long)v->looks, hot);
    nn_canvas_fill(hud->canvas, box_of(0, y, hud->w, 24 * u), NN_INK, 0.4);
    nn_canvas_text(hud->canvas, 16 * u, y + 16 * u, NN_LEFT, 12 * u, 0, NN_TEXT, text);
    if (!*v->dropped)
        return;
    snprintf(text, sizeof text, "TOO LATE: %s", v->dropped);
    nn_canvas_fill(hud->canvas, box_of(0, y + 24 * u, hud->w, 22 * u), NN_MAGENTA, 0.55);
    nn_canvas_text(hud->canvas, 16 * u, y + 39 * u, NN_LEFT, 12 * u, 1, NN_TEXT, text);
}

static void draw_words(struct nn_hud *hud, const struct nn_player *p, const struct nn_moment *now)
{
    struct nn_canvas *c = hud->canvas;
    double u = hud->u, ms = 0, t = now->t;
    int whole = (int)t;
    char text[96];

    nn_canvas_fill(c, box_of(0, 0, hud->w, 34 * u), NN_INK, 0.55);
    nn_canvas_text(c, 16 * u, 22.5 * u, NN_LEFT, 14 * u, 1, NN_MAGENTA, "NEON NOIR");
    nn_canvas_text(c, 124 * u, 22.5 * u, NN_LEFT, 13 * u, 0, NN_DIM, p->patch->name);
    snprintf(text, sizeof text, "%02d:%02d:%02d.%03d   frame %lld", whole / 3600, whole / 60 % 60,
             whole % 60, (int)((t - whole) * 1000), (long long)now->number);
    nn_canvas_text(c, hud->w / 2, 22.5 * u, NN_CENTRE, 13 * u, 0, NN_TEXT, text);
    for (int i = 0; i < NN_STAGES; i++)
        ms += (double)now->ms[i];
    snprintf(text, sizeof text, "%.0f ms  valence %+.2f  arousal %+.2f", ms, (double)now->valence,
             (double)now->arousal);
    nn_canvas_text(c, hud->w - 16 * u, 22.5 * u, NN_RIGHT, 12 * u, 0, NN_DIM, text);
}

void nn_hud_draw(struct nn_hud *hud, const struct nn_player *p, struct nn_image *img)
{
    const struct nn_moment *now = &p->history.moment[p->history.count - 1];

    measure(hud, p);
    nn_canvas_load(hud->canvas, img);
    for (int i = 0; i < p->seen.faces.count; i++)
        draw_face(hud, &p->seen.faces.track[i], &p->seen.marks);
    draw_words(hud, p, now);
    if (p->vitals.live)
        draw_vitals(hud, p);
    draw_moods(hud, p, now);
    draw_work(hud, p, now);
    nn_canvas_store(hud->canvas, img);
}
