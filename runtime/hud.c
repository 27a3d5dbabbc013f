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

struct nn_hud {
    struct nn_canvas *canvas;
    double w, h, u;             /* pixels; u: the unit */
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

static void draw_moods(struct nn_hud *hud, const struct nn_moment *now)
{
    double u = hud->u, w = 258 * u, h = (30 + 19 * NN_EMOTIONS + 6) * u, x = 16 * u;
    double y = hud->h - h - 16 * u;
    char number[16];

    draw_panel(hud, box_of(x, y, w, h), NN_MAGENTA, "MOOD");
    for (int e = 0; e < NN_EMOTIONS; e++) {
        snprintf(number, sizeof number, "%.0f%%", 100 * (double)now->mood[e]);
        draw_bar(hud, x + 12 * u, y + (38 + 19 * e) * u, w - 24 * u, nn_emotions[e].name,
                 (double)now->mood[e], nn_rgb(nn_emotions[e].rgb), number);
    }
}

static void draw_work(struct nn_hud *hud, const struct nn_player *p, const struct nn_moment *now,
                      const struct nn_moment *before)
{
    int n = p->patch->count;
    double u = hud->u, w = 258 * u, h = (30 + 19 * (n + NN_STAGES) + 12) * u;
    double x = hud->w - w - 16 * u, y = hud->h - h - 16 * u;
    char number[16];

    draw_panel(hud, box_of(x, y, w, h), NN_CYAN, "EFFECTS");
    for (int i = 0; i < n; i++) {
        snprintf(number, sizeof number, "%.2f", (double)now->level[i]);
        draw_bar(hud, x + 12 * u, y + (38 + 19 * i) * u, w - 24 * u, p->patch->link[i].effect->name,
                 (double)now->level[i], NN_CYAN, number);
    }
    y += (36 + 19 * n) * u;
    nn_canvas_line(hud->canvas, x + 12 * u, y - 8 * u, x + w - 12 * u, y - 8 * u, NN_GRID, u, 1);
    for (int i = 0; i < NN_STAGES; i++) {   /* writing is known of the frame before */
        double ms = (double)(i == NN_STAGE_WRITE ? before : now)->ms[i];
        snprintf(number, sizeof number, "%.1f", ms);
        draw_bar(hud, x + 12 * u, y + (6 + 19 * i) * u, w - 24 * u, nn_stage_name[i], ms / 100,
                 NN_AMBER, number);
    }
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
             whole % 60, (int)((t - whole) * 1000), (long long)p->history.count - 1);
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

    nn_canvas_load(hud->canvas, img);
    for (int i = 0; i < p->seen.faces.count; i++)
        draw_face(hud, &p->seen.faces.track[i], &p->seen.marks);
    draw_words(hud, p, now);
    draw_moods(hud, now);
    draw_work(hud, p, now, p->history.count > 1 ? now - 1 : now);
    nn_canvas_store(hud->canvas, img);
}
