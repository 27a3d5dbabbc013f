/*
 * sheet.c - a contact sheet: for each link of the patch the frame in which it
 * was strongest, before and after, side by side.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "runtime/draw/canvas.h"
#include "runtime/run.h"

enum { WIDTH = 1800, EDGE = 36, GAP = 28, HEAD = 92, FOOT = 40 };

struct best {
    float recent, strength;     /* level of late, and the highest that was */
    int64_t frame;
    double t;
    int mood;                   /* the strongest one then, -1 without a face */
    struct nn_image before, after;
};

struct nn_sheet {
    int w, h;                   /* of the kept pictures */
    struct best best[NN_MAX_CHAIN];
};

struct nn_sheet *nn_sheet_new(int w, int h, struct nn_err *err)
{
    struct nn_sheet *s = calloc(1, sizeof *s);

    if (!s) {
        nn_fail_mem(err, "contact sheet");
        return NULL;
    }
    s->w = w > 960 ? 960 : w;
    s->h = w > 960 ? (int)fmax(1, (double)h * 960 / w + 0.5) : h;
    for (int i = 0; i < NN_MAX_CHAIN; i++)
        if (nn_image_init(&s->best[i].before, s->w, s->h, 3, err) ||
            nn_image_init(&s->best[i].after, s->w, s->h, 3, err)) {
            nn_sheet_free(s);
            return NULL;
        }
    return s;
}

void nn_sheet_free(struct nn_sheet *s)
{
    if (!s)
        return;
    for (int i = 0; i < NN_MAX_CHAIN; i++) {
        nn_image_release(&s->best[i].before);
        nn_image_release(&s->best[i].after);
    }
    free(s);
}

static void keep(const struct nn_image *from, struct nn_image *to)
{
    if (from->w == to->w && from->h == to->h)
        memcpy(to->px, from->px, nn_image_size(to));
    else
        nn_image_crop(from, (struct nn_box){ 0, 0, (float)from->w, (float)from->h }, to);
}

void nn_sheet_look(struct nn_sheet *s, const struct nn_player *p, const struct nn_image *before,
                   const struct nn_image *after)
{
    const struct nn_moment *now = &p->history.moment[p->history.count - 1];
    double dt = p->history.count > 1 ? now->t - now[-1].t : 0;
    float step = (float)(1 - exp(-dt / 0.4));   /* bursts and motes need time to show */
    const struct best *kept = NULL;             /* this frame, scaled already */

    for (int i = 0; i < p->patch->count; i++) {
        struct best *b = &s->best[i];
        b->recent += step * (now->level[i] - b->recent);
        if (!(b->recent > b->strength) || !(now->level[i] > 0))
            continue;
        b->strength = b->recent;
        b->frame = p->history.count - 1;
        b->t = now->t;
        b->mood = -1;
        for (int e = 0; e < NN_EMOTIONS && now->present > 0.3f; e++)
            if (b->mood < 0 || now->mood[e] > now->mood[b->mood])
                b->mood = e;
        keep(kept ? &kept->before : before, &b->before);
        keep(kept ? &kept->after : after, &b->after);
        kept = b;
    }
}

static struct nn_box box_of(double x, double y, double w, double h)
{
    return (struct nn_box){ (float)x, (float)y, (float)w, (float)h };
}

static void draw_pair(struct nn_canvas *c, const struct best *b, const char *effect, double x,
                      double y, double w, double h)
{
    unsigned rgb = b->mood < 0 ? NN_DIM : nn_rgb(nn_emotions[b->mood].rgb);
    double half = (w - 6) / 2;
    char text[96];

    if (b->strength > 0) {
        nn_canvas_picture(c, &b->before, box_of(x, y, half, h));
        nn_canvas_picture(c, &b->after, box_of(x + half + 6, y, half, h));
    } else {
        nn_canvas_fill(c, box_of(x, y, w, h), NN_PANEL, 1);
        nn_canvas_text(c, x + w / 2, y + h / 2 + 6, NN_CENTRE, 16, 0, NN_DIM,
                       "never woke in this film");
    }
    nn_canvas_fill(c, box_of(x, y + h + 4, w, 3), rgb, 0.9);
    nn_canvas_text(c, x, y + h + 27, NN_LEFT, 17, 1, NN_TEXT, effect);
    if (b->strength <= 0)
        return;
    snprintf(text, sizeof text, "%.2f at %.2f s, frame %lld%s%s", (double)b->strength, b->t,
             (long long)b->frame, b->mood < 0 ? "" : ", ",
             b->mood < 0 ? "" : nn_emotions[b->mood].name);
    nn_canvas_text(c, x + w, y + h + 27, NN_RIGHT, 14, 0, NN_DIM, text);
}

int nn_sheet_write(struct nn_sheet *s, const struct nn_player *p, const char *title,
                   const char *path, struct nn_err *err)
{
    int n = p->patch->count, columns = n > 1 ? 2 : 1, rows = (n + columns - 1) / columns;
    double w = (WIDTH - 2.0 * EDGE - (columns - 1) * GAP) / columns;
    double h = floor((w - 6) / 2 * s->h / s->w);
    struct nn_canvas *c = nn_canvas_new(WIDTH, (int)(HEAD + rows * (h + FOOT + 12) + EDGE / 2.0),
                                        NN_INK, err);
    const char *slash = strrchr(title, '/');
    char text[256];
    int ret;

    if (!c)
        return -1;
    nn_canvas_text(c, EDGE, 44, NN_LEFT, 26, 1, NN_MAGENTA, "NEON NOIR");
    snprintf(text, sizeof text, "%.100s   before | after, where each effect of \"%s\" is strongest",
             slash ? slash + 1 : title, p->patch->name);
    nn_canvas_text(c, EDGE, 72, NN_LEFT, 16, 0, NN_DIM, text);
    for (int i = 0; i < n; i++)
        draw_pair(c, &s->best[i], p->patch->link[i].effect->name, EDGE + i % columns * (w + GAP),
                  HEAD + i / columns * (h + FOOT + 12), w, h);
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
