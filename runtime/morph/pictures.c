/* pictures.c - from one picture to another. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/draw/canvas.h"
#include "runtime/media/picture.h"
#include "runtime/media/writer.h"
#include "runtime/morph/morph.h"
#include "runtime/morph/swap.h"

enum { STEPS = 5, LONGEST = 1920 };     /* of a sheet; pixels a side, unless --size says so */

struct job {
    const struct nn_morph_opts *o;
    struct nn_morph_report *r;
    struct nn_pool *pool;
    struct nn_image img[2], frame;
    struct nn_shape shape[2];           /* in the frame, once it is cut */
    struct nn_dissolve d;
    struct nn_swap *swap;               /* --face-only */
    struct nn_pixels whole, out;        /* the first picture; what is shown */
};

static int find_faces(struct job *j, struct nn_err *err)
{
    const char *const name[2] = { j->o->from, j->o->to };
    struct nn_detector *d = NULL;
    struct nn_landmarker *l = NULL;
    int ret = -1;

    if (j->o->landmarks.count < 2 &&
        (!(d = nn_detector_new(j->o->face_model, NULL, err)) ||
         nn_landmarker_new(&l, NULL, NULL, err)))
        goto out;
    for (int i = 0; i < 2; i++) {
        if (i < j->o->landmarks.count) {
            if (nn_shape_read(&j->shape[i], j->o->landmarks.value[i], j->img[i].w, j->img[i].h,
                              err))
                goto out;
            j->r->faces[i] = 1;
        } else if (nn_shape_find(&j->shape[i], d, l, &j->img[i], name[i], &j->r->faces[i], err)) {
            goto out;
        }
        if (j->r->faces[i] > 1)
            nn_info("%s: %d faces; the largest is taken", name[i], j->r->faces[i]);
    }
    ret = j->shape[0].face == j->shape[1].face ? 0 :
          nn_fail(err, NN_EUSAGE, "the faces have %d and %d points; a morph needs as many in both",
                  j->shape[0].face, j->shape[1].face);
out:
    nn_landmarker_free(l);
    nn_detector_free(d);
    return ret;
}

/* Room for the frame, and the pictures cut to it. */
static int cut(struct job *j, struct nn_err *err)
{
    int w = j->o->w, h = j->o->h;
    struct nn_cut cuts[2];
    struct nn_pixels all = { 0 };

    if (j->o->whole)
        nn_cut_whole(j->img, &w, &h, cuts);
    else if (nn_cut_faces(j->shape, j->img, &w, &h, cuts, err))
        return -1;
    if (!j->o->w && (w > LONGEST || h > LONGEST)) {
        double k = (double)(w > h ? w : h) / LONGEST;
        w = (int)(w / k) & ~1;
        h = (int)(h / k) & ~1;
        if (j->o->whole)
            nn_cut_whole(j->img, &w, &h, cuts);
        else if (nn_cut_faces(j->shape, j->img, &w, &h, cuts, err))
            return -1;
    }
    for (int i = 0; i < 2; i++) {
        if (nn_pixels_init(&all, j->img[i].w, j->img[i].h, err) ||
            nn_pixels_init(&j->d.side[i].px, w, h, err)) {
            nn_pixels_release(&all);
            return -1;
        }
        nn_pixels_load(&all, &j->img[i], j->pool);
        nn_pixels_place(&all, cuts[i].left, cuts[i].top, cuts[i].scale, &j->d.side[i].px,
                        j->pool);
        nn_pixels_release(&all);
        nn_shape_place(&j->shape[i], cuts[i].left, cuts[i].top, cuts[i].scale);
        j->d.side[i].shape = j->shape[i];
    }
    return nn_pixels_init(&j->out, w, h, err) || nn_image_init(&j->frame, w, h, 3, err) ||
           nn_dissolve_init(&j->d, j->pool, err) ? -1 : 0;
}

/* The first picture stays; the second gives its face. */
static int lay_over(struct job *j, struct nn_err *err)
{
    int w = j->img[0].w, h = j->img[0].h;

    if (nn_pixels_init(&j->whole, w, h, err) || nn_pixels_init(&j->out, w, h, err) ||
        nn_image_init(&j->frame, w, h, 3, err))
        return -1;
    nn_pixels_load(&j->whole, &j->img[0], j->pool);
    return (j->swap = nn_swap_new(&j->img[1], &j->shape[1], j->pool, err)) ? 0 : -1;
}

/* The frame at t. */
static int draw(struct job *j, float t, struct nn_err *err)
{
    if (j->swap) {
        memcpy(j->out.px, j->whole.px,
               4 * (size_t)j->whole.w * (size_t)j->whole.h * sizeof *j->out.px);
        if (nn_swap_at(j->swap, &j->shape[0], t, &j->out, err))
            return -1;
    } else if (nn_dissolve_at(&j->d, t, &j->out, err)) {
        return -1;
    }
    nn_pixels_store(&j->out, &j->frame, j->pool);
    return 0;
}

static int write_sheet(struct job *j, struct nn_err *err)
{
    struct nn_image sheet = { 0 };
    int w = j->frame.w, h = j->frame.h, ret;

    if (nn_image_init(&sheet, STEPS * w + 4 * (STEPS - 1), h, 3, err))
        return -1;
    ret = 0;
    for (int i = 0; i < STEPS && !ret; i++) {
        ret = draw(j, (float)i / (STEPS - 1), err);
        for (int y = 0; y < h && !ret; y++)
            memcpy(sheet.px + 3 * ((size_t)y * (size_t)sheet.w + (size_t)(i * (w + 4))),
                   j->frame.px + 3 * (size_t)y * (size_t)w, 3 * (size_t)w);
    }
    ret = ret ? ret : nn_picture_write_note(&sheet, j->o->sheet, j->r->note, err);
    nn_image_release(&sheet);
    return ret;
}

static int write_film(struct job *j, struct nn_err *err)
{
    int64_t there = (int64_t)(j->o->seconds * j->o->fps + 0.5), n;
    int64_t den = j->o->fps == floor(j->o->fps) ? 1 : 1001;
    int num = (int)(j->o->fps * (double)den + 0.5);
    struct nn_writer_opts wo = { .time_base = { den, num }, .frame_rate = { num, den },
                                 .comment = j->r->note };
    struct nn_writer *wr = nn_writer_open(j->o->output, j->frame.w, j->frame.h, &wo, err);
    struct nn_progress bar;
    int ret = wr ? 0 : -1;

    there = there < 2 ? 2 : there;
    n = j->o->back ? 2 * there - 1 : there;
    nn_progress_start(&bar, "morph", n);
    for (int64_t i = 0; i < n && !ret; i++) {
        int64_t k = i < there ? i : n - 1 - i;
        if ((ret = nn_check_stop("morph", err)) ||
            (ret = draw(j, nn_morph_ease((float)k / (float)(there - 1)), err)))
            break;
        ret = nn_writer_frame(wr, &j->frame, i, err);
        nn_progress_update(&bar, i + 1, NULL);
    }
    nn_progress_stop(&bar);
    j->r->frames = n;
    if (!ret)
        return nn_writer_finish(wr, err);
    nn_writer_abort(wr);
    return ret;
}

int nn_morph_draw_points(const struct nn_image *img, const struct nn_shape *s, const char *path,
                         struct nn_err *err)
{
    struct nn_canvas *c = nn_canvas_new(img->w, img->h, NN_INK, err);
    float hull[NN_SHAPE_HULL][2];
    int n = nn_shape_hull(s, 0, hull), ret;
    double r;

    if (!c)
        return -1;
    r = fmax(1.5, 0.003 * (img->w + img->h));
    nn_canvas_load(c, img);
    for (int i = 0; i < n; i++) {
        const float *a = hull[i], *b = hull[(i + 1) % n];
        nn_canvas_line(c, (double)a[0], (double)a[1], (double)b[0], (double)b[1], NN_CYAN, r / 2,
                       0.8);
    }
    for (int i = 0; i < s->count; i++) {
        struct nn_box dot = { s->at[i][0] - (float)r, s->at[i][1] - (float)r, 2 * (float)r,
                              2 * (float)r };
        nn_canvas_fill(c, dot, i < 5 ? NN_MAGENTA : i < s->face ? NN_CYAN : NN_AMBER, 1);
    }
    ret = nn_canvas_write_png(c, path, err);
    nn_canvas_free(c);
    return ret;
}

/* The two pictures side by side are one too many: each has a file of its own, NAME.a.png and
 * NAME.b.png. */
static int write_points(const struct job *j, struct nn_err *err)
{
    const char *dot = strrchr(j->o->points, '.');
    int stem = dot ? (int)(dot - j->o->points) : (int)strlen(j->o->points);
    char path[NN_PATH];

    for (int i = 0; i < 2; i++)
        if (nn_path(path, err, "%.*s.%c.png", stem, j->o->points, 'a' + i) ||
            nn_morph_draw_points(&j->img[i], &j->shape[i], path, err))
            return -1;
    return 0;
}

static int run(struct job *j, struct nn_err *err)
{
    const struct nn_morph_opts *o = j->o;

    if (nn_face_consent(o->to, o->said, j->r->note, err) ||
        !(j->pool = nn_pool_new((int)o->threads, err)) ||
        nn_picture_read(o->from, 3, &j->img[0], err) ||
        nn_picture_read(o->to, 3, &j->img[1], err) || find_faces(j, err) ||
        (o->points && write_points(j, err)) ||
        (o->face_only ? lay_over(j, err) : cut(j, err)))
        return -1;
    j->r->w = j->frame.w;
    j->r->h = j->frame.h;
    if (o->sheet && write_sheet(j, err))
        return -1;
    if (o->output && o->film)
        return write_film(j, err);
    if (!o->output)
        return 0;
    j->r->frames = 1;
    return draw(j, (float)o->at, err) ||
           nn_picture_write_note(&j->frame, o->output, j->r->note, err) ? -1 : 0;
}

int nn_morph_pictures(const struct nn_morph_opts *o, struct nn_morph_report *r,
                      struct nn_err *err)
{
    struct job *j = calloc(1, sizeof *j);
    int ret;

    if (!j)
        return nn_fail_mem(err, "a morph");
    j->o = o;
    j->r = r;
    ret = run(j, err);
    nn_swap_free(j->swap);
    nn_dissolve_release(&j->d);
    for (int i = 0; i < 2; i++)
        nn_image_release(&j->img[i]);
    nn_image_release(&j->frame);
    nn_pixels_release(&j->whole);
    nn_pixels_release(&j->out);
    nn_pool_free(j->pool);
    free(j);
    return ret;
}
