#define _GNU_SOURCE
#include "ingest/footage.h"

#include <stdlib.h>
#include <string.h>

#include "datasets/media.h"
#include "datasets/class_path.h"
#include "ingest/look.h"
#include "ingest/sheet.h"
#include "runtime/media/picture.h"

enum { HELD_CROPS = 64 << 20 };     /* bytes of crops kept back from the pool while watching */

/* One film on its way in. */
struct film {
    struct nn_catalog *cat;
    struct nn_look look;
    struct nn_footage_report *r;
    nn_hash *crop;              /* of look.face[i]; "" while it is not in the pool */
    int64_t crops, room;
    size_t held;
    int64_t *clip;              /* row ids */
};

void nn_footage_report_release(struct nn_footage_report *r)
{
    free(r->clip);
    memset(r, 0, sizeof *r);
}

/* Puts the crops that are still in memory into the pool. */
static int store_crops(struct film *f, struct nn_err *err)
{
    for (int64_t i = 0; i < f->look.faces; i++) {
        struct nn_look_face *face = &f->look.face[i];
        if (!face->png)
            continue;
        if (nn_media_put(f->cat, face->png, face->png_size, f->crop[i], err))
            return -1;
        free(face->png);
        face->png = NULL;
    }
    f->held = 0;
    return 0;
}

/* A damaged film should leave nothing in the pool: crops wait in memory, as long
 * as they are not too many. */
static int found(void *arg, struct nn_look_face *face, struct nn_err *err)
{
    struct film *f = arg;

    if (f->crops == f->room) {
        int64_t room = f->room ? 2 * f->room : 256;
        nn_hash *p = realloc(f->crop, (size_t)room * sizeof *p);
        if (!p)
            return nn_fail_mem(err, "faces");
        f->crop = p;
        f->room = room;
    }
    f->crop[f->crops++][0] = 0;
    f->held += face->png_size;
    return f->held > HELD_CROPS ? store_crops(f, err) : 0;
}

/* Shot of a frame. */
static int shot_of(const struct nn_look *look, int64_t frame)
{
    int lo = 0, hi = look->shots;

    while (hi - lo > 1) {
        int mid = (lo + hi) / 2;
        if (look->shot[mid].start <= frame)
            lo = mid;
        else
            hi = mid;
    }
    return lo;
}

static int store_poster(struct film *f, int i, struct nn_err *err)
{
    size_t size;
    void *png = nn_picture_encode_png(&f->look.poster[i], &size, err);
    int ret = png ? nn_media_put(f->cat, png, size, f->r->clip[i].poster, err) : -1;

    free(png);
    return ret;
}

/* The file part of a path, as clips are named: "megamind" of "x/Megamind.avi". */
static void base_name(const char *path, const char *name, char out[128])
{
    const char *slash = strrchr(path, '/'), *base = name ? name : slash ? slash + 1 : path;
    const char *dot = name ? NULL : strrchr(base, '.');

    nn_slug(base, dot ? (size_t)(dot - base) : strlen(base), out, 128);
    if (!out[0])
        strcpy(out, "clip");
}

static int make_report(struct film *f, const char *base, struct nn_err *err)
{
    struct nn_footage_report *r = f->r;
    const struct nn_look *k = &f->look;

    if (!(r->clip = calloc((size_t)k->shots + 1, sizeof *r->clip)))
        return nn_fail_mem(err, "clips");
    r->clips = k->shots;
    r->w = k->w;
    r->h = k->h;
    r->frames = k->frames;
    r->faces = k->faces;
    r->variable_rate = k->variable_rate;
    r->length = nn_look_seconds(k, k->end_pts);
    snprintf(r->codec, sizeof r->codec, "%s", k->info.codec);
    for (int i = 0; i < k->shots; i++) {
        const struct nn_shot *s = &k->shot[i];
        int64_t end = s->end < k->frames ? k->pts[s->end] : k->end_pts;
        r->clip[i].start = nn_look_seconds(k, k->pts[s->start]);
        r->clip[i].length = nn_look_seconds(k, end) - r->clip[i].start;
        r->clip[i].frames = s->end - s->start;
        snprintf(r->clip[i].name, sizeof r->clip[i].name, "%s-%d", base, i + 1);
    }
    for (int64_t i = 0; i < k->faces; i++)
        r->clip[shot_of(k, k->face[i].frame)].faces++;
    return 0;
}

/* Everything that rows will name: files first, rows later. */
static int store_files(struct film *f, const char *path, struct nn_err *err)
{
    const char *slash = strrchr(path, '/');
    int64_t *faces = calloc((size_t)f->look.shots + 1, sizeof *faces);
    nn_hash hash;
    int ret = -1;

    if (!faces)
        return nn_fail_mem(err, "clips");
    if (nn_media_put_file(f->cat, path, hash, err))
        goto out;
    if (strcmp(hash, f->r->hash)) {
        nn_fail(err, NN_EIO, "%s changed while it was read", path);
        goto out;
    }
    for (int i = 0; i < f->look.shots; i++) {
        faces[i] = f->r->clip[i].faces;
        if (store_poster(f, i, err))
            goto out;
    }
    if (store_crops(f, err))
        goto out;
    ret = nn_path(f->r->sheet, err, "%s/thumbs/%s.png", nn_catalog_dir(f->cat), hash) ||
                  nn_sheet_write(&f->look, slash ? slash + 1 : path, faces, f->r->sheet, err)
              ? -1
              : 0;
out:
    free(faces);
    return ret;
}

static int add_clips(struct film *f, int64_t medium, struct nn_err *err)
{
    const struct nn_look *k = &f->look;
    int added;

    for (int i = 0; i < k->shots; i++) {
        const struct nn_shot *s = &k->shot[i];
        struct nn_clip c = { .medium = medium, .start_pts = k->pts[s->start],
                             .end_pts = s->end < k->frames ? k->pts[s->end] : k->end_pts,
                             .start_frame = s->start, .end_frame = s->end,
                             .name = f->r->clip[i].name, .poster = f->r->clip[i].poster };
        if (nn_clip_add(f->cat, &c, &f->clip[i], &added, err))
            return -1;
    }
    return 0;
}

/* The name that a clip got may not be the one asked for. */
static int learn_name(void *arg, const struct nn_clip *c, const struct nn_medium *m)
{
    struct film *f = arg;

    (void)m;
    for (int i = 0; i < f->r->clips; i++)
        if (f->clip[i] == c->id)
            snprintf(f->r->clip[i].name, sizeof f->r->clip[i].name, "%s", c->name);
    return 0;
}

static int add_faces(struct film *f, struct nn_err *err)
{
    int64_t id;
    int added;

    for (int64_t i = 0; i < f->look.faces; i++) {
        const struct nn_look_face *face = &f->look.face[i];
        int shot = shot_of(&f->look, face->frame);
        char subject[240] = "";
        struct nn_face_row row = { .clip = f->clip[shot], .pts = face->pts, .box = face->box,
                                   .score = face->score, .crop = f->crop[i], .split = "",
                                   .subject = subject };
        if (face->track)
            snprintf(subject, sizeof subject, "%s/track-%d", f->r->clip[shot].name, face->track);
        if (nn_face_add(f->cat, &row, &id, &added, err))
            return -1;
    }
    return 0;
}

static int add_rows(struct film *f, const struct nn_origin *o, struct nn_err *err)
{
    const struct nn_look *k = &f->look;
    const struct nn_media_info *info = &k->info;
    struct nn_medium m = { .kind = NN_MEDIA_VIDEO, .container = info->container,
                           .codec = info->codec, .w = k->w, .h = k->h,
                           .rotation = info->rotation, .frames = k->frames,
                           .time_base_num = info->time_base.num,
                           .time_base_den = info->time_base.den, .first_pts = k->pts[0],
                           .end_pts = k->end_pts, .variable_rate = k->variable_rate,
                           .has_audio = info->has_audio };
    int64_t origin;
    int added;

    memcpy(m.hash, f->r->hash, sizeof m.hash);
    if (nn_medium_add(f->cat, &m, &m.id, &added, err) ||
        nn_origin_add(f->cat, m.id, o, &origin, &added, err) || add_clips(f, m.id, err) ||
        nn_clip_each(f->cat, m.id, learn_name, f, err) || add_faces(f, err))
        return -1;
    return nn_medium_set_complete(f->cat, m.id, err);
}

/* Whether the medium is there, whole; then this place is noted as one more origin. */
static int is_there(struct nn_catalog *cat, const char *hash, const struct nn_origin *o,
                    int *whole, struct nn_err *err)
{
    int64_t medium, origin;
    int ret = nn_medium_find(cat, hash, &medium, err), added;

    *whole = 0;
    if (ret <= 0)
        return ret;
    if (nn_medium_is_complete(cat, medium, whole, err))
        return -1;
    return *whole ? nn_origin_add(cat, medium, o, &origin, &added, err) : 0;
}

static int take_in(struct film *f, const char *path, const struct nn_footage_opts *opts,
                   const struct nn_origin *o, struct nn_err *err)
{
    struct nn_look_opts look = { opts->no_faces, opts->every, found, f };
    char base[128];

    base_name(path, opts->name, base);
    if (nn_look(path, &look, &f->look, err) || make_report(f, base, err))
        return -1;
    if (!(f->clip = calloc((size_t)f->look.shots + 1, sizeof *f->clip)))
        return nn_fail_mem(err, "clips");
    if (store_files(f, path, err) || nn_catalog_begin(f->cat, err))
        return -1;
    if (add_rows(f, o, err)) {
        nn_catalog_rollback(f->cat);
        return -1;
    }
    return nn_catalog_commit(f->cat, err);
}

int nn_footage_add(struct nn_catalog *cat, const char *path, const struct nn_footage_opts *opts,
                   struct nn_footage_report *r, struct nn_err *err)
{
    struct film f = { .cat = cat, .r = r };
    char *real = realpath(path, NULL);
    struct nn_origin o = { real, "", opts->licence, opts->author };
    int ret = -1;

    memset(r, 0, sizeof *r);
    if (!real)
        return nn_fail_errno(err, "cannot open %s", path);
    if (!nn_hash_file(path, r->hash, err) && !is_there(cat, r->hash, &o, &r->already, err))
        ret = r->already ? 0 : take_in(&f, path, opts, &o, err);
    nn_look_release(&f.look);
    free(f.crop);
    free(f.clip);
    free(real);
    return ret;
}
