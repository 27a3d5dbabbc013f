#include "ingest/look.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"
#include "runtime/face/detect.h"
#include "runtime/face/recognise.h"
#include "runtime/face/track.h"
#include "runtime/media/picture.h"

/* Seconds between two looks as the tracker is told: it is made for every frame and
 * would forget a face between two looks five times a second. */
static const double MAX_STEP = 0.1;

/* One viewing. */
struct eyes {
    const struct nn_look_opts *opts;
    struct nn_look *look;
    struct nn_reader *reader;
    struct nn_shots *shots;
    struct nn_detector *detector;
    struct nn_tracker tracker;
    int64_t every, room, face_room;
    int64_t face_pts;           /* of the frame looked at last */
};

double nn_look_seconds(const struct nn_look *look, int64_t pts)
{
    return (double)(pts - look->pts[0]) * (double)look->info.time_base.num /
           (double)look->info.time_base.den;
}

void nn_look_release(struct nn_look *look)
{
    for (int64_t i = 0; i < look->faces; i++)
        free(look->face[i].png);
    for (int i = 0; look->poster && i < look->shots; i++)
        nn_image_release(&look->poster[i]);
    free(look->face);
    free(look->poster);
    free(look->shot);
    free(look->pts);
    memset(look, 0, sizeof *look);
}

static int add_pts(struct eyes *e, int64_t pts, struct nn_err *err)
{
    if (e->look->frames == e->room) {
        int64_t room = e->room ? 2 * e->room : 1024;
        int64_t *p = realloc(e->look->pts, (size_t)room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "time stamps");
        e->look->pts = p;
        e->room = room;
    }
    e->look->pts[e->look->frames] = pts;
    return 0;
}

static int add_face(struct eyes *e, const struct nn_image *img, const struct nn_face *face,
                    int track, struct nn_err *err)
{
    struct nn_look *k = e->look;
    struct nn_look_face f = { .frame = k->frames, .pts = k->pts[k->frames], .box = face->box,
                              .score = face->score, .track = track };
    struct nn_image crop;

    if (k->faces == e->face_room) {
        int64_t room = e->face_room ? 2 * e->face_room : 256;
        struct nn_look_face *p = realloc(k->face, (size_t)room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "faces");
        k->face = p;
        e->face_room = room;
    }
    if (nn_image_init(&crop, NN_CROP_SIDE, NN_CROP_SIDE, 3, err))
        return -1;
    nn_image_crop(img, nn_face_crop_box(face->box, NN_FACE_MARGIN), &crop);
    f.png = nn_picture_encode_png(&crop, &f.png_size, err);
    nn_image_release(&crop);
    if (!f.png)
        return -1;
    k->face[k->faces++] = f;
    return e->opts->found ? e->opts->found(e->opts->arg, &k->face[k->faces - 1], err) : 0;
}

static int find_faces(struct eyes *e, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    const struct nn_rational *tb = &e->look->info.time_base;
    double dt = (double)(pts - e->face_pts) * (double)tb->num / (double)tb->den;
    struct nn_face face[NN_MAX_FACES];
    int of[NN_MAX_FACES], n = nn_detect(e->detector, img, face, err);

    if (n < 0)
        return -1;
    nn_tracker_update(&e->tracker, face, n, e->look->frames ? fmin(dt, MAX_STEP) : 0, of);
    e->face_pts = pts;
    for (int i = 0; i < n; i++)
        if (add_face(e, img, &face[i], of[i] < 0 ? 0 : e->tracker.track[of[i]].id, err))
            return -1;
    return 0;
}

static int see(struct eyes *e, const struct nn_image *img, int64_t pts, struct nn_err *err)
{
    int cut;

    if (!e->look->frames) {
        e->look->w = img->w;
        e->look->h = img->h;
    }
    if (add_pts(e, pts, err) || (cut = nn_shots_feed(e->shots, img, err)) < 0)
        return -1;
    if (cut)
        nn_tracker_cut(&e->tracker);
    if (e->detector && e->look->frames % e->every == 0 && find_faces(e, img, pts, err))
        return -1;
    e->look->frames++;
    return 0;
}

/* Steps between frames that differ by more than the container's rounding. */
static int is_variable(const struct nn_look *k)
{
    int64_t lo = INT64_MAX, hi = 0;

    for (int64_t i = 1; i < k->frames; i++) {
        int64_t step = k->pts[i] - k->pts[i - 1];
        lo = step < lo ? step : lo;
        hi = step > hi ? step : hi;
    }
    return k->frames > 2 && hi - lo > 2 && (double)(hi - lo) > 0.02 * (double)hi;
}

static int watch(struct eyes *e, struct nn_err *err)
{
    const struct nn_media_info *info = &e->look->info;
    double rate = (double)info->frame_rate.num / (double)info->frame_rate.den;
    const struct nn_image *img;
    struct nn_progress bar;
    int64_t pts;
    int ret;

    e->every = e->opts->every ? e->opts->every : rate > 0 ? (int64_t)fmax(1, rint(rate / 5)) : 5;
    nn_progress_start(&bar, "frames", (int64_t)(info->duration * rate));
    while ((ret = nn_reader_next(e->reader, &img, &pts, err)) > 0) {
        if ((ret = nn_check_stop("ingest", err)) || (ret = see(e, img, pts, err)))
            break;
        nn_progress_update(&bar, e->look->frames, NULL);
    }
    nn_progress_stop(&bar);
    if (ret)
        return -1;
    e->look->end_pts = nn_reader_end(e->reader);
    e->look->variable_rate = is_variable(e->look);
    return 0;
}

static int keep_shots(struct eyes *e, struct nn_err *err)
{
    struct nn_look *k = e->look;
    const struct nn_shot *shot;

    if (nn_shots_finish(e->shots, &shot, &k->shots, err))
        return -1;
    k->shot = calloc((size_t)k->shots + 1, sizeof *k->shot);
    k->poster = calloc((size_t)k->shots + 1, sizeof *k->poster);
    if (!k->shot || !k->poster)
        return nn_fail_mem(err, "shots");
    memcpy(k->shot, shot, (size_t)k->shots * sizeof *shot);
    return 0;
}

static int make_poster(const struct nn_image *img, struct nn_image *poster, struct nn_err *err)
{
    int w = img->w < NN_POSTER_WIDTH ? img->w : NN_POSTER_WIDTH;
    int h = (int)((int64_t)img->h * w / img->w);

    if (nn_image_init(poster, w, h > 0 ? h : 1, 3, err))
        return -1;
    nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, poster);
    return 0;
}

static int take_posters(struct eyes *e, struct nn_err *err)
{
    struct nn_look *k = e->look;
    const struct nn_image *img;
    int64_t pts;
    int s = 0;

    if (nn_reader_rewind(e->reader, err))
        return -1;
    for (int64_t i = 0; s < k->shots; i++) {
        int wanted = i == k->shot[s].poster;
        int ret = nn_reader_next(e->reader, wanted ? &img : NULL, &pts, err);
        if (ret < 0 || nn_check_stop("ingest", err))
            return -1;
        if (!ret)
            return nn_fail(err, NN_EFORMAT, "the film ended at frame %lld of %lld when it was read "
                           "again; was it being written?", (long long)i, (long long)k->frames);
        if (wanted && make_poster(img, &k->poster[s++], err))
            return -1;
    }
    return 0;
}

int nn_look(const char *path, const struct nn_look_opts *opts, struct nn_look *look,
            struct nn_err *err)
{
    struct eyes e = { .opts = opts, .look = look };
    int ret = -1;

    memset(look, 0, sizeof *look);
    nn_tracker_init(&e.tracker);
    if (!(e.reader = nn_reader_open(path, err)) || !(e.shots = nn_shots_new(err)) ||
        (!opts->no_faces && !(e.detector = nn_detector_new(NULL, NULL, err))))
        goto out;
    look->info = *nn_reader_info(e.reader);
    ret = watch(&e, err) || keep_shots(&e, err) || take_posters(&e, err) ? -1 : 0;
out:
    nn_detector_free(e.detector);
    nn_shots_free(e.shots);
    nn_reader_close(e.reader);
    return ret;
}
