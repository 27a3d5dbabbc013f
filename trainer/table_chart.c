/* A tally for machines and for the eye. */
#include <stdio.h>

#include "runtime/draw/canvas.h"
#include "trainer/table_judge.h"

cJSON *nn_tally_json(const struct nn_tally *t)
{
    cJSON *root = cJSON_CreateObject(), *rows;

    cJSON_AddNumberToObject(root, "samples", (double)nn_tally_total(t));
    cJSON_AddNumberToObject(root, "accuracy", nn_tally_accuracy(t));
    cJSON_AddNumberToObject(root, "macro_f1", nn_tally_macro_f1(t));
    cJSON_AddNumberToObject(root, "mean_recall", nn_tally_recall(t));
    cJSON_AddNumberToObject(root, "baseline", nn_tally_baseline(t));
    rows = cJSON_AddArrayToObject(root, "confusion");
    for (int i = 0; i < t->classes; i++) {
        cJSON *row = cJSON_CreateArray();
        for (int j = 0; j < t->classes; j++)
            cJSON_AddItemToArray(row, cJSON_CreateNumber((double)t->count[i][j]));
        cJSON_AddItemToArray(rows, row);
    }
    return root;
}

int nn_tally_draw(const struct nn_tally *t, const struct nn_table_task *task, const char *title,
                  const char *path, struct nn_err *err)
{
    enum { LEFT = 150, TOP = 90 };
    int cell = t->classes > 8 ? 44 : 84, side = cell * t->classes;
    int w = LEFT + side + 30 > 620 ? LEFT + side + 30 : 620;
    struct nn_canvas *c = nn_canvas_new(w, TOP + side + 60, NN_INK, err);
    char text[200];
    int ret;

    if (!c)
        return -1;
    nn_canvas_text(c, 24, 34, NN_LEFT, 18, 1, NN_TEXT, title);
    snprintf(text, sizeof text, "accuracy %.2f %%   macro F1 %.2f %%   always the most frequent "
             "%.2f %%   %lld rows", 100 * nn_tally_accuracy(t), 100 * nn_tally_macro_f1(t),
             100 * nn_tally_baseline(t), (long long)nn_tally_total(t));
    nn_canvas_text(c, 24, 58, NN_LEFT, 13, 0, NN_DIM, text);
    for (int i = 0; i < t->classes; i++) {
        double y = TOP + cell * i, all = 0;
        nn_canvas_text(c, LEFT - 12, y + cell / 2.0 + 4, NN_RIGHT, 13, 0, NN_TEXT,
                       nn_task_class(task, i, text, sizeof text));
        for (int j = 0; j < t->classes; j++)
            all += (double)t->count[i][j];
        for (int j = 0; j < t->classes; j++) {
            struct nn_box box = { (float)(LEFT + cell * j + 1), (float)y + 1, (float)cell - 2,
                                  (float)cell - 2 };
            double part = all > 0 ? (double)t->count[i][j] / all : 0;
            nn_canvas_fill(c, box, NN_PANEL, 1);
            nn_canvas_fill(c, box, i == j ? NN_CYAN : NN_MAGENTA, 0.9 * part);
            snprintf(text, sizeof text, "%lld", (long long)t->count[i][j]);
            if (t->count[i][j])
                nn_canvas_text(c, box.x + box.w / 2, box.y + box.h / 2 + 4, NN_CENTRE, 12, i == j,
                               part > 0.55 ? NN_INK : NN_TEXT, text);
        }
    }
    nn_canvas_text(c, LEFT + side / 2.0, TOP + side + 32, NN_CENTRE, 13, 0, NN_DIM,
                   "what the network says, in the order of the rows (rows: what is true)");
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
