/* The worst mistakes of each class on a contact sheet. */
#include <stdio.h>

#include "runtime/draw/canvas.h"
#include "trainer/report.h"

enum { SHOWN = 8, PICTURE = 112, STEP = PICTURE + 14, ROW = 198, EMPTY = 96, LEFT = 160, TOP = 96 };

struct mistake {
    int64_t i;                  /* answer */
    int said;
    double wrong, truth;        /* probabilities of what it said, and of the true class */
};

struct row {
    int64_t faces, missed;
    int n;                      /* of the mistakes shown, worst first */
    struct mistake worst[SHOWN];
};

static void put(struct row *row, struct mistake m)
{
    int k = row->n;

    for (; k > 0 && row->worst[k - 1].wrong < m.wrong; k--)
        if (k < SHOWN)
            row->worst[k] = row->worst[k - 1];
    if (k < SHOWN)
        row->worst[k] = m;
    row->n += row->n < SHOWN;
}

static void collect(const struct nn_report *r, struct row rows[NN_EMOTIONS])
{
    const struct nn_answers *a = r->answers;

    for (int64_t i = 0; i < a->n; i++) {
        struct row *row = &rows[a->label[i]];
        double prob[NN_EMOTIONS];
        int top = nn_answers_top(a->logit[i]);
        row->faces++;
        if (top == a->label[i])
            continue;
        row->missed++;
        nn_answers_softmax(a->logit[i], r->stored, prob);
        put(row, (struct mistake){ i, top, prob[top], prob[a->label[i]] });
    }
}

static void draw_face(struct nn_canvas *c, const struct nn_report *r, const struct mistake *m,
                      double x, double y)
{
    const struct nn_faces *f = r->faces;
    int64_t face = r->answers->face[m->i];
    struct nn_image img = { f->w, f->h, f->c, (uint8_t *)nn_faces_px(f, face) };
    unsigned said = nn_rgb(nn_emotions[m->said].rgb);
    char text[64];

    nn_canvas_picture(c, &img, (struct nn_box){ (float)x, (float)y, PICTURE, PICTURE });
    nn_canvas_fill(c, (struct nn_box){ (float)x, (float)y + PICTURE + 3, PICTURE, 3 }, said, 1);
    snprintf(text, sizeof text, "%s %.0f %%", nn_emotions[m->said].name, 100 * m->wrong);
    nn_canvas_text(c, x, y + PICTURE + 21, NN_LEFT, 14, 1, said, text);
    snprintf(text, sizeof text, "%s %.1f %%", nn_emotions[r->answers->label[m->i]].name,
             100 * m->truth);
    nn_canvas_text(c, x, y + PICTURE + 37, NN_LEFT, 12, 0, NN_TEXT, text);
    snprintf(text, sizeof text, "%.17s%s", f->name[face], f->leaked[face] ? " (leaked)" : "");
    nn_canvas_text(c, x, y + PICTURE + 52, NN_LEFT, 10, 0, NN_DIM, text);
}

static void draw_class(struct nn_canvas *c, const struct nn_report *r, int label,
                       const struct row *row, double y)
{
    char text[64];

    nn_canvas_line(c, 24, y - 16, LEFT + SHOWN * STEP, y - 16, NN_GRID, 1, 1);
    nn_canvas_text(c, 24, y + 22, NN_LEFT, 20, 1, nn_rgb(nn_emotions[label].rgb),
                   nn_emotions[label].name);
    snprintf(text, sizeof text, row->faces == 1 ? "1 face" : "%lld faces", (long long)row->faces);
    nn_canvas_text(c, 24, y + 46, NN_LEFT, 13, 0, NN_DIM, text);
    snprintf(text, sizeof text, row->missed == 1 ? "1 mistake" : "%lld mistakes",
             (long long)row->missed);
    nn_canvas_text(c, 24, y + 64, NN_LEFT, 13, 0, NN_DIM, text);
    for (int k = 0; k < row->n; k++)
        draw_face(c, r, &row->worst[k], LEFT + STEP * k, y);
}

int nn_report_mistakes(const struct nn_report *r, const char *path, struct nn_err *err)
{
    struct row rows[NN_EMOTIONS] = { { 0 } };
    struct nn_canvas *c;
    char title[200];
    int h = TOP, ret;

    collect(r, rows);
    for (int e = 0; e < NN_EMOTIONS; e++)
        h += rows[e].n ? ROW : EMPTY;
    if (!(c = nn_canvas_new(LEFT + SHOWN * STEP + 12, h, NN_INK, err)))
        return -1;
    nn_canvas_title(c, 24, 38, LEFT + SHOWN * STEP - 24, 20, NN_AMBER,
                    nn_report_title(r, title, sizeof title));
    nn_canvas_text(c, 24, 62, NN_LEFT, 14, 0, NN_DIM,
                   "the surest mistakes of each class: what it said and how sure, and below what "
                   "the label says");
    h = TOP;
    for (int e = 0; e < NN_EMOTIONS; h += rows[e++].n ? ROW : EMPTY)
        draw_class(c, r, e, &rows[e], h);
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
