/*
 * timeline.c - a film as one picture: shots, moods, feeling, effects over time.
 *
 * From top to bottom: a strip of posters, one for each shot, as wide as the shot
 * is long; the seven emotions as glowing curves over one another; valence and
 * arousal about their zero lines; a lane for each effect of the patch. Cuts run
 * through as thin lines; the time axis closes it.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/draw/canvas.h"
#include "runtime/run.h"

enum {
    WIDTH = 1800, LEFT = 132, RIGHT = 36, HEAD = 84, STRIP = 190, MOODS = 380, FEEL = 84, LANE = 34,
    GAP = 26, AXIS = 54, DREAM = 4 * LANE + 8
};

struct chart {
    struct nn_canvas *c;
    const struct nn_player *p;
    const struct nn_shot *shot;
    int shots, lanes, dream;    /* dream: there is one */
    float most[2];              /* of its pace and push */
    double x0, x1, span;        /* pixels of the plot's sides; seconds of the film */
    double bottom;              /* of the last lane */
    double *x, *y;              /* the curve's points, one for each column */
    int columns;
};

static struct nn_box box_of(double x, double y, double w, double h)
{
    return (struct nn_box){ (float)x, (float)y, (float)w, (float)h };
}

static double x_of(const struct chart *k, double t)
{
    return k->x0 + (k->x1 - k->x0) * fmin(1, t / k->span);
}

static double time_of(const struct chart *k, int64_t frame)
{
    const struct nn_history *h = &k->p->history;

    return frame < h->count ? h->moment[frame].t : k->span;
}

/* What value() picks as a curve: a point for each frame, or for each column the
 * mean of its frames where there are more. y runs from `base` up by `height` for 1. */
static void trace(struct chart *k, double base, double height,
                  float (*value)(const struct nn_moment *m, int i), int i)
{
    const struct nn_history *h = &k->p->history;

    for (int n = 0; n < k->columns; n++) {
        int64_t from = h->count * n / k->columns, to = h->count * (n + 1) / k->columns;
        double sum = 0, t = 0;
        for (int64_t at = from; at < to; at++) {
            sum += (double)value(&h->moment[at], i);
            t += h->moment[at].t;
        }
        k->x[n] = x_of(k, t / (double)(to - from));
        k->y[n] = base - height * sum / (double)(to - from);
    }
}

static float mood_of(const struct nn_moment *m, int e)
{
    return m->mood[e];
}

static float level_of(const struct nn_moment *m, int i)
{
    return m->level[i];
}

static float pace_of(const struct nn_moment *m, int i)
{
    (void)i;
    return m->pace;
}

static float push_of(const struct nn_moment *m, int i)
{
    (void)i;
    return m->push;
}

static float feeling_of(const struct nn_moment *m, int i)
{
    return i ? m->arousal : m->valence;
}

/* The traced curve: a fill that fades towards `base`, a halo, the line. */
static void glow(struct chart *k, double base, double height, unsigned rgb, double fill)
{
    cairo_t *cr = nn_canvas_cairo(k->c);
    double r = (rgb >> 16 & 255) / 255.0, g = (rgb >> 8 & 255) / 255.0, b = (rgb & 255) / 255.0;
    cairo_pattern_t *fade = cairo_pattern_create_linear(0, base - height, 0, base);

    cairo_pattern_add_color_stop_rgba(fade, 0, r, g, b, fill);
    cairo_pattern_add_color_stop_rgba(fade, 1, r, g, b, fill * 0.12);
    cairo_move_to(cr, k->x[0], base);
    for (int n = 0; n < k->columns; n++)
        cairo_line_to(cr, k->x[n], k->y[n]);
    cairo_line_to(cr, k->x[k->columns - 1], base);
    cairo_close_path(cr);
    cairo_set_source(cr, fade);
    cairo_fill(cr);
    cairo_pattern_destroy(fade);
    nn_canvas_curve(k->c, k->x, k->y, k->columns, rgb, 9, 0.10);
    nn_canvas_curve(k->c, k->x, k->y, k->columns, rgb, 5, 0.16);
    nn_canvas_curve(k->c, k->x, k->y, k->columns, rgb, 2, 1);
}

static void draw_strip(struct chart *k, const struct nn_image *poster, double y)
{
    cairo_t *cr = nn_canvas_cairo(k->c);
    char text[64];
    float mean;

    for (int i = 0; i < k->shots; i++) {
        double from = x_of(k, time_of(k, k->shot[i].start)) + (i ? 1.5 : 0);
        double to = x_of(k, time_of(k, k->shot[i].end)) - (i + 1 < k->shots ? 1.5 : 0);
        double w = to - from;
        double pw = poster[i].px ? (double)STRIP * poster[i].w / poster[i].h : 0, at;
        int e = nn_history_mood(&k->p->history, k->shot[i].start, k->shot[i].end, &mean);
        cairo_save(cr);
        cairo_rectangle(cr, from, y, w, STRIP);
        cairo_clip(cr);
        nn_canvas_fill(k->c, box_of(from, y, w, STRIP), NN_PANEL, 1);
        if (pw > 0)     /* repeated like frames of a film; a short shot shows its middle */
            for (at = w < pw ? from + (w - pw) / 2 : from; at < to; at += pw + 3)
                nn_canvas_picture(k->c, &poster[i], box_of(at, y, pw, STRIP));
        nn_canvas_fill(k->c, box_of(from, y + STRIP - 30, w, 30), NN_INK, 0.62);
        if (e >= 0) {
            unsigned rgb = nn_rgb(nn_emotions[e].rgb);
            nn_canvas_fill(k->c, box_of(from, y + STRIP - 4, w, 4), rgb, 1);
            snprintf(text, sizeof text, "%d   %s %.0f %%", i + 1, nn_emotions[e].name,
                     100 * (double)mean);
        } else {
            snprintf(text, sizeof text, "%d", i + 1);
        }
        nn_canvas_text(k->c, from + 10, y + STRIP - 11, NN_LEFT, 14, 1, NN_TEXT, text);
        cairo_restore(cr);
    }
}

static void draw_moods(struct chart *k, double y)
{
    double base = y + MOODS;
    char text[16];

    nn_canvas_fill(k->c, box_of(k->x0, y, k->x1 - k->x0, MOODS), NN_PANEL, 0.55);
    for (int i = 0; i <= 4; i++) {
        double at = base - MOODS * i / 4.0;
        nn_canvas_line(k->c, k->x0, at, k->x1, at, NN_GRID, 1, i ? 0.7 : 1);
        snprintf(text, sizeof text, "%d %%", 25 * i);
        nn_canvas_text(k->c, k->x0 - 12, at + 5, NN_RIGHT, 13, 0, NN_DIM, text);
    }
    for (int pass = 0; pass < 2; pass++)        /* neutral lies behind the others */
        for (int e = 0; e < NN_EMOTIONS; e++) {
            if ((e == NN_NEUTRAL) == pass)
                continue;
            trace(k, base, MOODS, mood_of, e);
            glow(k, base, MOODS, nn_rgb(nn_emotions[e].rgb), e == NN_NEUTRAL ? 0.10 : 0.30);
        }
}

/* Micro-expressions, as long as they last and as high as they are strong. */
static void draw_micro(struct chart *k, double y)
{
    const struct nn_history *h = &k->p->history;

    for (int64_t i = 0, to; i < h->count; i = to) {
        float top = h->moment[i].micro;
        double x0, x1;
        for (to = i + 1; top > 0 && to < h->count && h->moment[to].micro > 0; to++)
            top = fmaxf(top, h->moment[to].micro);
        if (top <= 0)
            continue;
        x0 = x_of(k, h->moment[i].t);
        x1 = fmax(x_of(k, time_of(k, to)), x0 + 3);
        nn_canvas_fill(k->c, box_of(x0, y + MOODS * (1 - (double)top), x1 - x0,
                                    MOODS * (double)top), NN_MAGENTA, 0.40);
        nn_canvas_text(k->c, (x0 + x1) / 2, y - 7, NN_CENTRE, 12, 1, NN_MAGENTA, "micro");
    }
}

static void draw_legend(struct chart *k, double y)
{
    double x = k->x1;

    for (int e = NN_EMOTIONS - 1; e >= 0; e--) {
        cairo_text_extents_t ext;
        cairo_set_font_size(nn_canvas_cairo(k->c), 15);
        cairo_text_extents(nn_canvas_cairo(k->c), nn_emotions[e].name, &ext);
        nn_canvas_text(k->c, x, y, NN_RIGHT, 15, 0, NN_TEXT, nn_emotions[e].name);
        x -= ext.x_advance + 24;
        nn_canvas_fill(k->c, box_of(x - 1, y - 14, 18, 18), nn_rgb(nn_emotions[e].rgb), 0.2);
        nn_canvas_fill(k->c, box_of(x + 2, y - 11, 12, 12), nn_rgb(nn_emotions[e].rgb), 1);
        x -= 22;
    }
}

static void draw_feelings(struct chart *k, double y)
{
    static const char *const name[2] = { "valence", "arousal" };
    static const unsigned rgb[2] = { NN_AMBER, NN_MAGENTA };

    for (int i = 0; i < 2; i++, y += FEEL + 8) {
        double zero = y + FEEL / 2.0;
        nn_canvas_fill(k->c, box_of(k->x0, y, k->x1 - k->x0, FEEL), NN_PANEL, 0.55);
        nn_canvas_text(k->c, k->x0 - 12, zero + 5, NN_RIGHT, 14, 0, NN_TEXT, name[i]);
        nn_canvas_text(k->c, k->x0 - 12, y + 11, NN_RIGHT, 11, 0, NN_DIM, "+1");
        nn_canvas_text(k->c, k->x0 - 12, y + FEEL, NN_RIGHT, 11, 0, NN_DIM, "-1");
        nn_canvas_line(k->c, k->x0, zero, k->x1, zero, NN_GRID, 1, 1);
        trace(k, zero, FEEL / 2.0, feeling_of, i);
        glow(k, zero, FEEL / 2.0, rgb[i], 0.28);
    }
}

static void draw_lanes(struct chart *k, double y)
{
    for (int i = 0; i < k->lanes; i++, y += LANE + 4) {
        nn_canvas_fill(k->c, box_of(k->x0, y, k->x1 - k->x0, LANE), NN_PANEL, 0.55);
        nn_canvas_text(k->c, k->x0 - 12, y + LANE / 2.0 + 5, NN_RIGHT, 14, 0, NN_TEXT,
                       k->p->patch->link[i].effect->name);
        trace(k, y + LANE, LANE - 4, level_of, i);
        glow(k, y + LANE, LANE - 4, i % 2 ? NN_CYAN : NN_MAGENTA, 0.45);
    }
}

/* How the walls follow the face: how fast a dream's latent goes, how hard emotions push it; each
 * as a share of the most there was. */
static void draw_dream(struct chart *k, double y)
{
    static const struct {
        const char *name;
        float (*value)(const struct nn_moment *m, int i);
        unsigned rgb;
    } lane[2] = { { "latent pace", pace_of, NN_CYAN }, { "latent push", push_of, NN_AMBER } };
    char text[32];

    for (int i = 0; i < 2 && k->dream; i++, y += 2 * LANE + 4) {
        nn_canvas_fill(k->c, box_of(k->x0, y, k->x1 - k->x0, 2 * LANE), NN_PANEL, 0.55);
        nn_canvas_text(k->c, k->x0 - 12, y + LANE + 5, NN_RIGHT, 14, 0, NN_TEXT, lane[i].name);
        snprintf(text, sizeof text, "%.2f", (double)k->most[i]);
        nn_canvas_text(k->c, k->x0 - 12, y + 11, NN_RIGHT, 11, 0, NN_DIM, text);
        trace(k, y + 2 * LANE, (2 * LANE - 6) / (double)k->most[i], lane[i].value, 0);
        glow(k, y + 2 * LANE, 2 * LANE - 6, lane[i].rgb, 0.45);
    }
}

/* Round steps: about ten labels, whatever the film's length. */
static void draw_axis(struct chart *k, double y)
{
    static const double steps[] = { 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800 };
    double step = 3600;
    char text[32];

    for (int i = (int)(sizeof steps / sizeof *steps) - 1; i >= 0 && k->span / steps[i] <= 14; i--)
        step = steps[i];
    for (double t = 0; t <= k->span + 1e-9; t += step) {
        double x = x_of(k, t);
        nn_canvas_line(k->c, x, y, x, y + 7, NN_DIM, 1, 1);
        if (step >= 60)
            snprintf(text, sizeof text, "%d:%02d", (int)t / 60, (int)t % 60);
        else
            snprintf(text, sizeof text, "%g s", t);
        nn_canvas_text(k->c, x, y + 25, NN_CENTRE, 13, 0, NN_DIM, text);
    }
}

static void draw_cuts(struct chart *k, double top)
{
    static const double dash[2] = { 4, 4 };
    cairo_t *cr = nn_canvas_cairo(k->c);

    cairo_set_dash(cr, dash, 2, 0);
    for (int i = 1; i < k->shots; i++) {
        double x = x_of(k, time_of(k, k->shot[i].start));
        nn_canvas_line(k->c, x, top, x, k->bottom, NN_TEXT, 1, 0.55);
    }
    cairo_set_dash(cr, NULL, 0, 0);
}

static void draw_all(struct chart *k, const struct nn_image *poster, const char *title)
{
    const char *slash = strrchr(title, '/');
    double y = HEAD;
    char text[256];

    nn_canvas_text(k->c, LEFT, 42, NN_LEFT, 26, 1, NN_MAGENTA, "NEON NOIR");
    snprintf(text, sizeof text, "%.100s%s%.60s   %d shots, %.1f s", slash ? slash + 1 : title,
             k->p->patch ? "   patch " : "", k->p->patch ? k->p->patch->name : "", k->shots,
             k->span);
    nn_canvas_text(k->c, LEFT, 68, NN_LEFT, 15, 0, NN_DIM, text);
    draw_legend(k, 64);
    draw_strip(k, poster, y);
    draw_moods(k, y += STRIP + GAP);
    draw_micro(k, y);
    draw_feelings(k, y += MOODS + GAP);
    draw_lanes(k, y += 2 * (FEEL + 8) + GAP - 8);
    draw_dream(k, y += k->lanes * (LANE + 4));
    k->bottom = y + k->dream * DREAM;
    draw_cuts(k, HEAD + STRIP);
    draw_axis(k, k->bottom + 4);
}

int nn_timeline_write(const struct nn_player *p, const struct nn_shot *shot,
                      const struct nn_image *poster, int shots, const char *title,
                      const char *path, struct nn_err *err)
{
    const struct nn_history *h = &p->history;
    double step = h->count > 1 ? h->moment[h->count - 1].t / (double)(h->count - 1) : 1;
    struct chart k = { .p = p, .shot = shot, .shots = shots, .x0 = LEFT, .x1 = WIDTH - RIGHT,
                       .lanes = p->patch ? p->patch->count : 0,
                       .span = step * (double)h->count };
    int height = HEAD + STRIP + GAP + MOODS + GAP + 2 * (FEEL + 8) + GAP +
                 k.lanes * (LANE + 4) + AXIS, ret = -1;

    for (int64_t i = 0; i < h->count; i++) {
        k.most[0] = fmaxf(k.most[0], h->moment[i].pace);
        k.most[1] = fmaxf(k.most[1], h->moment[i].push);
    }
    k.dream = k.most[0] > 0;
    k.most[1] = fmaxf(k.most[1], 1e-3f);
    height += k.dream * DREAM;
    k.columns = (WIDTH - LEFT - RIGHT) / 2;
    if (h->count < k.columns)
        k.columns = (int)h->count;
    k.x = malloc((size_t)k.columns * sizeof *k.x);
    k.y = malloc((size_t)k.columns * sizeof *k.y);
    if (!k.x || !k.y) {
        nn_fail_mem(err, "timeline");
    } else if ((k.c = nn_canvas_new(WIDTH, height, NN_INK, err))) {
        draw_all(&k, poster, title);
        ret = nn_canvas_write_png(k.c, path, err);
    }
    nn_canvas_free(k.c);
    free(k.x);
    free(k.y);
    return ret;
}
