#include "ingest/sheet.h"

#include <math.h>
#include <stdio.h>

#include "runtime/draw/canvas.h"

enum {
    CELL = 320, GAP = 16, CAPTION = 44, HEAD = 64,
    MAX_COLUMNS = 4, MAX_SHOTS = 240
};

void nn_time_code(double seconds, char out[32])
{
    int64_t ms = llrint(seconds * 1000);

    snprintf(out, 32, "%02lld:%02lld:%02lld.%03lld", (long long)(ms / 3600000),
             (long long)(ms / 60000 % 60), (long long)(ms / 1000 % 60), (long long)(ms % 1000));
}

static void draw_shot(struct nn_canvas *c, const struct nn_look *look, int i, int64_t faces,
                      struct nn_box box)
{
    const struct nn_shot *s = &look->shot[i];
    int64_t end = s->end < look->frames ? look->pts[s->end] : look->end_pts;
    double start = nn_look_seconds(look, look->pts[s->start]);
    double length = nn_look_seconds(look, end) - start, y = box.y + box.h;
    char text[64];

    nn_canvas_picture(c, &look->poster[i], box);
    nn_canvas_frame(c, box, NN_GRID, 1);
    snprintf(text, sizeof text, "%d", i + 1);
    nn_canvas_text(c, box.x, y + 24, NN_LEFT, 18, 1, NN_MAGENTA, text);
    nn_time_code(start, text);
    nn_canvas_text(c, box.x + 44, y + 24, NN_LEFT, 15, 0, NN_TEXT, text);
    snprintf(text, sizeof text, "%.2f s", length);
    nn_canvas_text(c, box.x + 228, y + 24, NN_RIGHT, 15, 0, NN_CYAN, text);
    snprintf(text, sizeof text, "%lld face%s", (long long)faces, faces == 1 ? "" : "s");
    nn_canvas_text(c, box.x + box.w, y + 24, NN_RIGHT, 15, 0, faces ? NN_AMBER : NN_DIM, text);
}

static void draw_head(struct nn_canvas *c, const struct nn_look *look, const char *title, int width)
{
    double length = nn_look_seconds(look, look->end_pts);
    char text[200], code[32];

    nn_time_code(length, code);
    nn_canvas_text(c, GAP, 28, NN_LEFT, 20, 1, NN_TEXT, title);
    snprintf(text, sizeof text, "%d x %d   %s   %s   %.3f fps%s   %d shot%s%s", look->w, look->h,
             look->info.codec, code, length > 0 ? (double)look->frames / length : 0,
             look->variable_rate ? ", variable" : "", look->shots, look->shots == 1 ? "" : "s",
             look->shots > MAX_SHOTS ? ", the first ones here" : "");
    nn_canvas_text(c, GAP, 50, NN_LEFT, 14, 0, NN_DIM, text);
    nn_canvas_line(c, GAP, HEAD - 4, width - GAP, HEAD - 4, NN_GRID, 1, 1);
}

int nn_sheet_write(const struct nn_look *look, const char *title, const int64_t *faces,
                   const char *path, struct nn_err *err)
{
    int shots = look->shots < MAX_SHOTS ? look->shots : MAX_SHOTS;
    int columns = shots < MAX_COLUMNS ? shots < 2 ? 2 : shots : MAX_COLUMNS;
    double shape = fmin(fmax((double)look->h / look->w, 0.2), 2);
    int high = (int)(CELL * shape), rows = (shots + columns - 1) / columns;
    int width = GAP + columns * (CELL + GAP), height = HEAD + GAP + rows * (high + CAPTION);
    struct nn_canvas *c = nn_canvas_new(width, height, NN_INK, err);
    int ret;

    if (!c)
        return -1;
    draw_head(c, look, title, width);
    for (int i = 0; i < shots; i++) {
        struct nn_box box = { (float)(GAP + i % columns * (CELL + GAP)),
                              (float)(HEAD + GAP / 2 + i / columns * (high + CAPTION)),
                              CELL, (float)high };
        draw_shot(c, look, i, faces[i], box);
    }
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}
