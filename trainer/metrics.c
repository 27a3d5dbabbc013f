#include "trainer/metrics.h"

#include <stdio.h>

#include "runtime/draw/canvas.h"

void nn_confusion_add(struct nn_confusion *m, int truth, const float score[NN_EMOTIONS])
{
    int best = 0;

    for (int i = 1; i < NN_EMOTIONS; i++)
        if (score[i] > score[best])
            best = i;
    m->count[truth][best]++;
}

static int64_t truths(const struct nn_confusion *m, int c)
{
    int64_t n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        n += m->count[c][i];
    return n;
}

static int64_t guesses(const struct nn_confusion *m, int c)
{
    int64_t n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        n += m->count[i][c];
    return n;
}

static double share(int64_t part, int64_t whole)
{
    return whole ? (double)part / (double)whole : 0;
}

int64_t nn_confusion_total(const struct nn_confusion *m)
{
    int64_t n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        n += truths(m, i);
    return n;
}

double nn_confusion_accuracy(const struct nn_confusion *m)
{
    int64_t right = 0;

    for (int i = 0; i < NN_EMOTIONS; i++)
        right += m->count[i][i];
    return share(right, nn_confusion_total(m));
}

double nn_confusion_recall(const struct nn_confusion *m, int c)
{
    return share(m->count[c][c], truths(m, c));
}

double nn_confusion_precision(const struct nn_confusion *m, int c)
{
    return share(m->count[c][c], guesses(m, c));
}

double nn_confusion_f1(const struct nn_confusion *m, int c)
{
    return share(2 * m->count[c][c], truths(m, c) + guesses(m, c));
}

double nn_confusion_macro_f1(const struct nn_confusion *m)
{
    double sum = 0;
    int n = 0;

    for (int i = 0; i < NN_EMOTIONS; i++) {
        if (truths(m, i)) {
            sum += nn_confusion_f1(m, i);
            n++;
        }
    }
    return n ? sum / n : 0;
}

cJSON *nn_confusion_json(const struct nn_confusion *m)
{
    cJSON *root = cJSON_CreateObject(), *classes, *rows;

    cJSON_AddNumberToObject(root, "samples", (double)nn_confusion_total(m));
    cJSON_AddNumberToObject(root, "accuracy", nn_confusion_accuracy(m));
    cJSON_AddNumberToObject(root, "macro_f1", nn_confusion_macro_f1(m));
    classes = cJSON_AddObjectToObject(root, "classes");
    rows = cJSON_AddArrayToObject(root, "confusion");
    for (int i = 0; i < NN_EMOTIONS; i++) {
        cJSON *c = cJSON_AddObjectToObject(classes, nn_emotions[i].name);
        cJSON *row = cJSON_CreateArray();
        cJSON_AddNumberToObject(c, "samples", (double)truths(m, i));
        cJSON_AddNumberToObject(c, "precision", nn_confusion_precision(m, i));
        cJSON_AddNumberToObject(c, "recall", nn_confusion_recall(m, i));
        cJSON_AddNumberToObject(c, "f1", nn_confusion_f1(m, i));
        for (int j = 0; j < NN_EMOTIONS; j++)
            cJSON_AddItemToArray(row, cJSON_CreateNumber((double)m->count[i][j]));
        cJSON_AddItemToArray(rows, row);
    }
    return root;
}

void nn_confusion_print(const struct nn_confusion *m)
{
    printf("%-10s", "truth");
    for (int j = 0; j < NN_EMOTIONS; j++)
        printf(" %9s", nn_emotions[j].name);
    printf("    recall precision     f1\n");
    for (int i = 0; i < NN_EMOTIONS; i++) {
        printf("%-10s", nn_emotions[i].name);
        for (int j = 0; j < NN_EMOTIONS; j++)
            printf(" %9lld", (long long)m->count[i][j]);
        printf("   %6.1f%%   %6.1f%% %6.1f%%\n", 100 * nn_confusion_recall(m, i),
               100 * nn_confusion_precision(m, i), 100 * nn_confusion_f1(m, i));
    }
    printf("accuracy %.2f %%, macro F1 %.2f %%, %lld faces\n", 100 * nn_confusion_accuracy(m),
           100 * nn_confusion_macro_f1(m), (long long)nn_confusion_total(m));
}

/* Dark or light, whichever can be read on a colour laid over a panel. */
static unsigned readable_on(unsigned rgb, double alpha)
{
    static const double weight[3] = { 0.299, 0.587, 0.114 };    /* BT.601 */
    double luma = 0;

    for (int i = 0; i < 3; i++) {
        int shift = 16 - 8 * i;
        luma += weight[i] * (alpha * (rgb >> shift & 255) +
                             (1 - alpha) * (NN_PANEL >> shift & 255));
    }
    return luma > 96 ? NN_INK : NN_TEXT;
}

static void draw_cell(struct nn_canvas *c, const struct nn_confusion *m, int i, int j,
                      struct nn_box box)
{
    double part = share(m->count[i][j], truths(m, i));
    unsigned colour = i == j ? nn_rgb(nn_emotions[i].rgb) : NN_MAGENTA;
    unsigned ink = readable_on(colour, 0.9 * part);
    char text[32];

    nn_canvas_fill(c, box, NN_PANEL, 1);
    nn_canvas_fill(c, box, colour, 0.9 * part);
    snprintf(text, sizeof text, "%.0f", 100 * part);
    nn_canvas_text(c, box.x + box.w / 2, box.y + box.h / 2 + 2, NN_CENTRE, 19, i == j, ink,
                   text);
    snprintf(text, sizeof text, "%lld", (long long)m->count[i][j]);
    nn_canvas_text(c, box.x + box.w / 2, box.y + box.h / 2 + 19, NN_CENTRE, 11, 0,
                   part > 0.3 ? ink : NN_DIM, text);
}

int nn_confusion_draw(const struct nn_confusion *m, const char *title, const char *path,
                      struct nn_err *err)
{
    enum { CELL = 84, LEFT = 130, TOP = 110, SIDE = CELL * NN_EMOTIONS };
    struct nn_canvas *c = nn_canvas_new(LEFT + SIDE + 30, TOP + SIDE + 70, NN_INK, err);
    char text[200];
    int ret;

    if (!c)
        return -1;
    nn_canvas_title(c, 24, 38, LEFT + SIDE - 24, 22, NN_TEXT, title);
    snprintf(text, sizeof text, "accuracy %.2f %%   macro F1 %.2f %%   %lld faces   cells: %% of "
             "the row, count", 100 * nn_confusion_accuracy(m), 100 * nn_confusion_macro_f1(m),
             (long long)nn_confusion_total(m));
    nn_canvas_text(c, 24, 62, NN_LEFT, 14, 0, NN_DIM, text);
    for (int i = 0; i < NN_EMOTIONS; i++) {
        double y = TOP + CELL * i, x = LEFT + CELL * i;
        unsigned colour = nn_rgb(nn_emotions[i].rgb);
        const char *name = nn_emotions[i].name;
        nn_canvas_text(c, LEFT - 14, y + CELL / 2.0 + 5, NN_RIGHT, 15, 0, colour, name);
        nn_canvas_text(c, x + CELL / 2.0, TOP - 12, NN_CENTRE, 15, 0, colour, name);
        for (int j = 0; j < NN_EMOTIONS; j++)
            draw_cell(c, m, i, j, (struct nn_box){ (float)(LEFT + CELL * j + 2), (float)y + 2,
                                                   CELL - 4, CELL - 4 });
    }
    nn_canvas_text(c, LEFT + SIDE / 2.0, TOP + SIDE + 36, NN_CENTRE, 15, 0, NN_DIM,
                   "what the network says (rows: what the label says)");
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
