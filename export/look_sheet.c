#include "export/look_sheet.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/stop.h"
#include "runtime/draw/canvas.h"
#include "runtime/look/oklab.h"
#include "runtime/media/reader.h"

enum { EDGE = 24, HEAD = 84, WIDE = 560, STRIP = 40, GAP = 8, FRAMES = 4, SWATCHES = 14 };

static void grade(struct nn_image *img, const struct nn_cube *c)
{
    for (int i = 0; i < img->w * img->h; i++) {
        float v[3], *const row[3] = { &v[0], &v[1], &v[2] };
        for (int k = 0; k < 3; k++)
            v[k] = (float)img->px[3 * i + k] / 255;
        nn_cube_look(c, row, 1);
        for (int k = 0; k < 3; k++)
            img->px[3 * i + k] = (uint8_t)(v[k] * 255 + 0.5f);
    }
}

static int darker(const void *a, const void *b)
{
    double p = ((const double *)a)[0], q = ((const double *)b)[0];

    return (p > q) - (p < q);
}

/* The mean colours of equally many samples each, from the darkest to the lightest. Sorts them. */
static void draw_swatches(struct nn_canvas *c, const struct nn_colours *of)
{
    int each = NN_LOOK_SAMPLES / SWATCHES;
    double w = (double)(2 * WIDE + GAP) / SWATCHES;

    qsort(of->lab, NN_LOOK_SAMPLES, sizeof *of->lab, darker);
    for (int s = 0; s < SWATCHES; s++) {
        double lab[3] = { 0 }, rgb[3];
        uint8_t code[3];
        for (int i = 0; i < each; i++)
            for (int k = 0; k < 3; k++)
                lab[k] += of->lab[s * each + i][k] / each;
        nn_oklab_rgb(lab, rgb);
        for (int k = 0; k < 3; k++)
            code[k] = (uint8_t)(255 * nn_srgb_code(fmin(fmax(rgb[k], 0), 1)) + 0.5);
        nn_canvas_fill(c, (struct nn_box){ (float)(EDGE + s * w), HEAD, (float)w + 1, STRIP },
                       nn_rgb(code), 1);
    }
}

static int draw_ramps(struct nn_canvas *c, const struct nn_cube *cube, struct nn_err *err)
{
    struct nn_image ramp;
    float y = HEAD + STRIP + GAP;

    if (nn_image_init(&ramp, WIDE, STRIP / 2, 3, err))
        return -1;
    for (int i = 0; i < ramp.w * ramp.h; i++)
        for (int k = 0; k < 3; k++)
            ramp.px[3 * i + k] = (uint8_t)(255 * (i % ramp.w) / (ramp.w - 1));
    nn_canvas_picture(c, &ramp, (struct nn_box){ EDGE, y, WIDE, STRIP / 2 });
    grade(&ramp, cube);
    nn_canvas_picture(c, &ramp, (struct nn_box){ EDGE + WIDE + GAP, y, WIDE, STRIP / 2 });
    nn_image_release(&ramp);
    return 0;
}

static int keep(const struct nn_image *img, struct nn_image *to, struct nn_err *err)
{
    int h = (int)((double)img->h * WIDE / img->w + 0.5);

    if (nn_image_init(to, WIDE, h < 1 ? 1 : h > 4 * WIDE ? 4 * WIDE : h, 3, err))
        return -1;
    nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, to);
    return 0;
}

/* Frames of the middles of a film's quarters, as far as it says how long it is. */
static int read_frames(const char *film, struct nn_image frame[FRAMES], int *n,
                       struct nn_err *err)
{
    struct nn_reader *in = nn_reader_open(film, err);
    const struct nn_media_info *info;
    const struct nn_image *img;
    int got = -1, due;
    int64_t pts;

    if (!in)
        return -1;
    info = nn_reader_info(in);
    while (*n < FRAMES && !nn_check_stop("the sheet", err) &&
           (got = nn_reader_next(in, &img, &pts, err)) == 1) {
        double t = (double)(pts - info->start_pts) * (double)info->time_base.num /
                   (double)info->time_base.den;
        due = t >= info->duration * (*n + 0.5) / FRAMES || info->duration < 0.1;
        if (due && keep(img, &frame[(*n)++], err)) {
            got = -1;
            break;
        }
    }
    nn_reader_close(in);
    return got < 0 ? -1 : 0;
}

int nn_look_sheet(const char *path, const char *title, const struct nn_colours *of,
                  const struct nn_cube *cube, const char *film, struct nn_err *err)
{
    struct nn_image frame[FRAMES] = { { 0 } };
    int n = 0, h = HEAD + STRIP + STRIP / 2 + 2 * GAP, ret = -1;
    struct nn_canvas *c = NULL;
    float y = (float)h;

    if (film && read_frames(film, frame, &n, err))
        goto out;
    for (int i = 0; i < n; i++)
        h += frame[i].h + GAP;
    if (!(c = nn_canvas_new(2 * (WIDE + EDGE) + GAP, h + EDGE - GAP, NN_INK, err)))
        goto out;
    nn_canvas_title(c, EDGE, 38, 2 * WIDE, 20, NN_AMBER, title);
    nn_canvas_text(c, EDGE, 64, NN_LEFT, 14, 0, NN_DIM,
                   "its colours from dark to light; greys and other footage before and after");
    draw_swatches(c, of);
    if (draw_ramps(c, cube, err))
        goto out;
    for (int i = 0; i < n; i++) {
        float tall = (float)frame[i].h;
        nn_canvas_picture(c, &frame[i], (struct nn_box){ EDGE, y, WIDE, tall });
        grade(&frame[i], cube);
        nn_canvas_picture(c, &frame[i], (struct nn_box){ EDGE + WIDE + GAP, y, WIDE, tall });
        y += tall + GAP;
    }
    ret = nn_canvas_write_png(c, path, err);
out:
    for (int i = 0; i < FRAMES; i++)
        nn_image_release(&frame[i]);
    nn_canvas_free(c);
    return ret;
}
