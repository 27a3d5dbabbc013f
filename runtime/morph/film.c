/*
 * film.c - a film whose face turns into a picture's, or shows more or less of what it feels.
 *
 * Two passes: first everything is looked at, so that the resting face of each person is known
 * from the first frame on; then everything is drawn.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/face/align.h"
#include "runtime/media/picture.h"
#include "runtime/media/source.h"
#include "runtime/media/writer.h"
#include "runtime/morph/express.h"
#include "runtime/morph/morph.h"
#include "runtime/morph/swap.h"
#include "runtime/run.h"

/* What is kept of a frame. */
struct seen {
    int64_t pts;
    double t;
    int id;                     /* whose face; 0: nobody's */
    struct nn_box box;
    float five[5][2], presence, amount;
};

/* And of somebody: the frame in which they were most at rest. */
struct somebody {
    int id;
    float rest;
    uint8_t grey[NN_FLOW_SIDE * NN_FLOW_SIDE];
};

struct job {
    const struct nn_morph_opts *o;
    struct nn_morph_report *r;
    int signal;                 /* of the bus; -1: always all of it */
    struct nn_player player;
    struct nn_source *source;
    struct nn_rational rate;
    struct seen *seen;
    int64_t count, room;
    struct somebody *people;
    int known, places;
    struct nn_image crop, frame;
    struct nn_pixels px, out;
    struct nn_swap *swap;
    struct nn_express *face;
    int of;                     /* whose resting face it has */
};

/* Room for one more of `size` bytes behind `count`. */
static int one_more(void **all, int64_t *room, int64_t count, size_t size, struct nn_err *err)
{
    int64_t more = *room ? 2 * *room : 64;
    void *p;

    if (count < *room)
        return 0;
    if (!(p = realloc(*all, (size_t)more * size)))
        return nn_fail_mem(err, "a film's faces");
    *all = p;
    *room = more;
    return 0;
}

static void cut_out(struct job *j, const struct nn_image *img, const struct seen *s)
{
    struct nn_face_window w = nn_face_window_of(s->box, nn_face_lean(s->five));
    struct nn_box box = { w.x - w.side / 2, w.y - w.side / 2, w.side, w.side };

    nn_face_crop(img, box, w.roll, &j->crop);
}

/* Keeps the face when it is more at rest than ever before: neutral, looking straight. */
static int rest(struct job *j, const struct nn_image *img, const struct seen *s,
                const struct nn_track *k, struct nn_err *err)
{
    float turned = k->points ? hypotf(k->pose[0], k->pose[1]) / 40 : 0;
    float calm = k->presence * (0.05f + k->mood[NN_NEUTRAL]) * expf(-turned * turned);
    int64_t room = j->places;
    void *all = j->people;
    int i = 0;

    while (i < j->known && j->people[i].id != s->id)
        i++;
    if (i == j->known) {
        if (one_more(&all, &room, j->known, sizeof *j->people, err))
            return -1;
        j->people = all;
        j->places = (int)room;
        j->people[j->known++] = (struct somebody){ .id = s->id, .rest = -1 };
    }
    if (calm <= j->people[i].rest)
        return 0;
    cut_out(j, img, s);
    j->people[i].rest = calm;
    memcpy(j->people[i].grey, j->crop.px, sizeof j->people[i].grey);
    return 0;
}

/* Where the five points lie in a box without any. */
static void five_of(const struct nn_track *k, float five[5][2])
{
    if (k->points)
        memcpy(five, k->point, sizeof k->point);
    else
        nn_shape_five_in(k->box, five);
}

static int take(struct job *j, const struct nn_source_frame *f, double t, struct nn_err *err)
{
    const struct nn_track *k = nn_tracker_lead(&j->player.seen.faces);
    struct seen *s;
    void *all = j->seen;

    if (one_more(&all, &j->room, j->count, sizeof *s, err))
        return -1;
    j->seen = all;
    s = &j->seen[j->count++];
    *s = (struct seen){ .pts = f->pts, .t = t, .amount = 1 };
    if (!k || k->box.w < 16)
        return 0;
    s->id = k->id;
    s->box = k->box;
    s->presence = k->presence;
    if (j->signal >= 0)
        s->amount = fminf(fmaxf(j->player.bus.value[j->signal], 0), 1);
    five_of(k, s->five);
    return j->face ? rest(j, f->img, s, k, err) : 0;
}

static int look(struct job *j, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(j->source);
    double unit = (double)info->time_base.num / (double)info->time_base.den, t;
    struct nn_source_frame f;
    struct nn_progress bar;
    int got;

    nn_progress_start(&bar, "look", (int64_t)(info->duration * (double)j->rate.num /
                                             (double)j->rate.den + 0.5));
    while ((got = nn_check_stop("morph", err) ? -1 : nn_source_next(j->source, &f, err)) > 0) {
        t = (double)(f.pts - (j->count ? j->seen[0].pts : f.pts)) * unit;
        if (nn_analyst_look(&j->player.analyst, f.img, t, err)) {
            got = -1;
            break;
        }
        j->player.seen = j->player.analyst.seen;
        if (nn_player_steer(&j->player, f.img->w, f.img->h, t, err) || take(j, &f, t, err)) {
            got = -1;
            break;
        }
        nn_progress_update(&bar, j->count, NULL);
    }
    nn_progress_stop(&bar);
    return !got && !j->count ? nn_fail(err, NN_EFORMAT, "%s has no frames", j->o->from) : got;
}

/* ---- drawing */

struct rows {
    struct job *j;
    struct nn_face_window at;
    int box[4];
};

static void express_row(void *arg, int n)
{
    enum { PART = 256 };
    const struct rows *k = arg;
    struct job *j = k->j;
    float at[2][PART];
    int y = k->box[1] + n, end = k->box[0] + k->box[2];

    for (int x = k->box[0]; x < end; x += PART) {
        int m = end - x < PART ? end - x : PART;
        nn_express_row(j->face, &k->at, y, x, m, at[0], at[1]);
        nn_pixels_sample(&j->px, at[0], at[1], m,
                         j->out.px + 4 * ((size_t)y * (size_t)j->out.w + (size_t)x));
    }
}

static void express(struct job *j, const struct nn_image *img, const struct seen *s, double dt)
{
    struct rows k = { .j = j };
    float factor = 1 + ((float)j->o->exaggerate - 1) * s->amount * s->presence;

    if (j->of != s->id) {
        int i = 0;
        while (i < j->known && j->people[i].id != s->id)
            i++;
        memset(j->face, 0, sizeof *j->face);
        nn_express_rest(j->face, j->people[i].grey);
        j->of = s->id;
        dt = 0;
    }
    cut_out(j, img, s);
    nn_express_look(j->face, j->crop.px, dt);
    nn_express_aim(j->face, factor);
    k.at = nn_face_window_of(s->box, nn_face_lean(s->five));
    nn_express_box(&k.at, img->w, img->h, k.box);
    nn_pool_run(j->player.pool, k.box[3], express_row, &k);
}

static int draw(struct job *j, const struct nn_image *img, const struct seen *s, double dt,
                struct nn_err *err)
{
    struct nn_shape shape;

    nn_pixels_load(&j->px, img, j->player.pool);
    memcpy(j->out.px, j->px.px, 4 * (size_t)img->w * (size_t)img->h * sizeof *j->px.px);
    j->r->empty += !s->id;
    if (s->id && j->face) {
        express(j, img, s, dt);
    } else if (s->id) {
        nn_shape_from_five(&shape, s->five);
        if (nn_swap_at(j->swap, &shape, s->amount * s->presence, &j->out, err))
            return -1;
    }
    nn_pixels_store(&j->out, &j->frame, j->player.pool);
    return 0;
}

static int show(struct job *j, struct nn_err *err)
{
    const struct nn_media_info *info = nn_source_info(j->source);
    struct nn_writer_opts wo = { .time_base = info->time_base, .frame_rate = info->frame_rate,
                                 .audio_from = info->has_audio ? j->o->from : NULL,
                                 .comment = j->r->note };
    struct nn_writer *wr;
    struct nn_source_frame f;
    struct nn_progress bar;
    int64_t i = 0;
    int got;

    if (nn_source_rewind(j->source, err) ||
        !(wr = nn_writer_open(j->o->output, j->frame.w, j->frame.h, &wo, err)))
        return -1;
    nn_progress_start(&bar, "morph", j->count);
    while ((got = nn_check_stop("morph", err) ? -1 : nn_source_next(j->source, &f, err)) > 0) {
        if (i == j->count || f.pts != j->seen[i].pts || f.img->w != j->frame.w ||
            f.img->h != j->frame.h)
            got = nn_fail(err, NN_EFORMAT, "%s: another film the second time it is read",
                          j->o->from);
        else if (draw(j, f.img, &j->seen[i], i ? j->seen[i].t - j->seen[i - 1].t : 0, err) ||
                 nn_writer_frame(wr, &j->frame, f.pts, err))
            got = -1;
        if (got < 0)
            break;
        nn_progress_update(&bar, ++i, NULL);
    }
    nn_progress_stop(&bar);
    j->r->frames = i;
    if (!got)
        return nn_writer_finish(wr, err);
    nn_writer_abort(wr);
    return -1;
}

/* ---- and all about it */

static int read_face(struct job *j, struct nn_err *err)
{
    struct nn_image img = { 0 };
    struct nn_shape s;
    int ret = nn_face_consent(j->o->to, j->o->said, j->r->note, err) ||
              nn_picture_read(j->o->to, 3, &img, err) ||
              nn_shape_find(&s, j->player.analyst.detector, NULL, &img, j->o->to,
                            &j->r->faces[1], err) ? -1 : 0;

    if (!ret && j->r->faces[1] > 1)
        nn_info("%s: %d faces; the largest is taken", j->o->to, j->r->faces[1]);
    if (!ret && j->o->points)
        ret = nn_morph_draw_points(&img, &s, j->o->points, err);
    if (!ret)
        ret = (j->swap = nn_swap_new(&img, &s, j->player.pool, err)) ? 0 : -1;
    nn_image_release(&img);
    return ret;
}

static int begin(struct job *j, struct nn_err *err)
{
    const struct nn_source_opts so = { .frame_rate = { 25, 1 } };
    struct nn_player_opts po = { .face_model = j->o->face_model, .seed = 1, .baseline = -1,
                                 .threads = (int)j->o->threads };
    const struct nn_media_info *info;

    j->signal = j->o->signal ? nn_signal_find(j->o->signal) : -1;
    if (j->o->signal && j->signal < 0)
        return nn_fail(err, NN_EUSAGE, "--signal %s: no such signal; neonnoir run --list-signals "
                       "names them", j->o->signal);
    if (!(j->source = nn_source_open(j->o->from, &so, err)))
        return -1;
    info = nn_source_info(j->source);
    j->rate = info->frame_rate.num > 0 ? info->frame_rate : (struct nn_rational){ 25, 1 };
    j->r->w = po.w = info->w;
    j->r->h = po.h = info->h;
    if (nn_player_init(&j->player, &po, err) ||
        nn_image_init(&j->crop, NN_FLOW_SIDE, NN_FLOW_SIDE, 1, err) ||
        nn_image_init(&j->frame, info->w, info->h, 3, err) ||
        nn_pixels_init(&j->px, info->w, info->h, err) ||
        nn_pixels_init(&j->out, info->w, info->h, err))
        return -1;
    if (j->o->to)
        return read_face(j, err);
    return (j->face = calloc(1, sizeof *j->face)) ? 0 : nn_fail_mem(err, "a face");
}

int nn_morph_film(const struct nn_morph_opts *o, struct nn_morph_report *r, struct nn_err *err)
{
    struct job *j = calloc(1, sizeof *j);
    int ret;

    if (!j)
        return nn_fail_mem(err, "a morph");
    j->o = o;
    j->r = r;
    ret = begin(j, err) || look(j, err) || show(j, err) ? -1 : 0;
    nn_swap_free(j->swap);
    nn_image_release(&j->crop);
    nn_image_release(&j->frame);
    nn_pixels_release(&j->px);
    nn_pixels_release(&j->out);
    nn_source_close(j->source);
    nn_player_release(&j->player);
    free(j->face);
    free(j->people);
    free(j->seen);
    free(j);
    return ret;
}
