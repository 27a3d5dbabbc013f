#define _GNU_SOURCE
#include "ingest/images.h"

#include <stdlib.h>
#include <string.h>

#include "common/emotion.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/media.h"
#include "datasets/tag.h"
#include "datasets/archive.h"
#include "datasets/class_path.h"
#include "runtime/media/picture.h"

enum { BATCH = 500, MAX_CLASSES = 4096, WARNINGS = 5 };

const char *const nn_images_skips[NN_SKIPS] = {
    "not a picture", "not in a class folder", "damaged", "unreadable"
};

/* One call of nn_images_add(). */
struct job {
    struct nn_catalog *cat;
    struct nn_origin origin;        /* its path changes with every picture */
    struct nn_images_report *report;
    int64_t emotion_tag[NN_EMOTIONS];   /* 0: not looked up yet */
    char prefix[256];               /* the directory's own name and '/', or "" */
    int warned;
};

void nn_images_report_release(struct nn_images_report *r)
{
    free(r->class);
    memset(r, 0, sizeof *r);
}

/* Copies a report over another, which is released. */
static int copy_report(const struct nn_images_report *from, struct nn_images_report *to,
                       struct nn_err *err)
{
    struct nn_class_count *list = malloc((size_t)(from->classes + 1) * sizeof *list);

    if (!list)
        return nn_fail_mem(err, "class list");
    if (from->classes)
        memcpy(list, from->class, (size_t)from->classes * sizeof *list);
    nn_images_report_release(to);
    *to = *from;
    to->class = list;
    return 0;
}

/* Counts one of class (split, label); the list stays sorted. */
static int count_class(struct nn_images_report *r, const struct nn_class_path *p,
                       struct nn_err *err)
{
    int lo = 0, hi = r->classes;

    while (lo < hi) {
        int mid = (lo + hi) / 2, cmp = strcmp(r->class[mid].split, p->split);
        if (!cmp)
            cmp = strcmp(r->class[mid].label, p->label);
        if (!cmp) {
            r->class[mid].count++;
            return 0;
        }
        if (cmp < 0)
            lo = mid + 1;
        else
            hi = mid;
    }
    if (r->classes == MAX_CLASSES)
        return nn_fail(err, NN_EUNSUPPORTED, "more than %d class folders", MAX_CLASSES);
    struct nn_class_count *list = realloc(r->class, (size_t)(r->classes + 1) * sizeof *list);
    if (!list)
        return nn_fail_mem(err, "class list");
    r->class = list;
    memmove(list + lo + 1, list + lo, (size_t)(r->classes++ - lo) * sizeof *list);
    list[lo].count = 1;
    snprintf(list[lo].split, sizeof list[lo].split, "%s", p->split);
    snprintf(list[lo].label, sizeof list[lo].label, "%s", p->label);
    return 0;
}

static void skip(struct job *j, enum nn_images_skip why, const char *name, const char *detail)
{
    j->report->skipped[why]++;
    if (why == NN_SKIP_OTHER_FILE)
        nn_debug("%s is %s", name, nn_images_skips[why]);
    else if (j->warned++ < WARNINGS)
        nn_warn("skipped: %s", detail ? detail : name);
    else if (j->warned == WARNINGS + 1)
        nn_warn("more is skipped; the summary counts it, --verbose names it");
    else
        nn_debug("skipped: %s", detail ? detail : name);
}

/* The medium's row, made unless it is there; m->hash is given. 0, 1 when the
 * picture is no good (err says why), -1. */
static int store_medium(struct job *j, const void *data, size_t size, const char *name,
                        struct nn_medium *m, struct nn_err *err)
{
    struct nn_image img;
    nn_hash stored;
    int added;

    if (nn_picture_decode(data, size, name, 3, &img, err))
        return 1;
    m->w = img.w;
    m->h = img.h;
    nn_image_release(&img);
    if (nn_media_put(j->cat, data, size, stored, err))
        return -1;
    return nn_medium_add(j->cat, m, &m->id, &added, err);
}

static int put_tag(struct job *j, int64_t tag, enum nn_target target, int64_t id,
                   struct nn_err *err)
{
    struct nn_tagging t = { target, id, NN_IMPORT, "ingest images", 1.0f };
    int added;

    return nn_tag_put(j->cat, tag, &t, &added, err);
}

static int label_face(struct job *j, const struct nn_medium *m, const struct nn_class_path *p,
                      int64_t clip, int64_t origin, struct nn_err *err)
{
    struct nn_face_row f = { .clip = clip, .origin = origin, .score = 1, .crop = m->hash,
                             .box = { 0, 0, (float)m->w, (float)m->h }, .split = p->split,
                             .subject = "" };
    int64_t *tag = &j->emotion_tag[p->emotion], face;
    char name[64];
    int added;

    snprintf(name, sizeof name, "emotion/%s", nn_emotions[p->emotion].name);
    if ((!*tag && nn_tag_id(j->cat, name, 1, tag, err)) ||
        nn_face_add(j->cat, &f, &face, &added, err))
        return -1;
    return put_tag(j, *tag, NN_ON_FACE, face, err);
}

static int label_clip(struct job *j, const struct nn_class_path *p, int64_t clip,
                      struct nn_err *err)
{
    char name[80];
    int64_t tag;

    snprintf(name, sizeof name, "class/%s", p->label);
    return nn_tag_id(j->cat, name, 1, &tag, err) ? -1 : put_tag(j, tag, NN_ON_CLIP, clip, err);
}

/* A picture seen for the first time at this place. 0, 1: no good, -1. */
static int store(struct job *j, const void *data, size_t size, const char *name,
                 const struct nn_class_path *p, int *added, struct nn_err *err)
{
    struct nn_medium m = { .kind = NN_MEDIA_IMAGE, .container = "", .codec = "", .frames = 1,
                           .time_base_num = 1, .time_base_den = 1, .end_pts = 1 };
    struct nn_clip clip = { .end_pts = 1, .end_frame = 1, .poster = "" };
    int64_t origin;
    char wish[200];
    int ret, fresh = 0;

    *added = 0;
    nn_hash_bytes(data, size, m.hash);
    if ((ret = nn_medium_find(j->cat, m.hash, &m.id, err)) < 0)
        return -1;
    if (ret && nn_origin_add(j->cat, m.id, &j->origin, &origin, &fresh, err))
        return -1;
    if (ret && !fresh)
        return 0;
    if ((ret = store_medium(j, data, size, name, &m, err)))
        return ret;
    snprintf(wish, sizeof wish, "%s-%s", p->label, p->stem[0] ? p->stem : "picture");
    clip.medium = m.id;
    clip.name = wish;
    clip.poster = m.hash;
    if (nn_origin_add(j->cat, m.id, &j->origin, &origin, &fresh, err) ||
        nn_clip_add(j->cat, &clip, &clip.id, &fresh, err) ||
        (p->emotion >= 0 ? label_face(j, &m, p, clip.id, origin, err)
                         : label_clip(j, p, clip.id, err)))
        return -1;
    *added = 1;
    return nn_medium_set_complete(j->cat, m.id, err);
}

static int take(struct job *j, struct nn_archive *a, const char *name, struct nn_err *err)
{
    struct nn_err why = { 0 };
    struct nn_class_path p;
    char full[NN_PATH + 256];
    const void *data;
    size_t size;
    int ret, added;

    if (!nn_is_picture_name(name)) {
        skip(j, NN_SKIP_OTHER_FILE, name, NULL);
        return 0;
    }
    j->report->seen++;
    snprintf(full, sizeof full, "%s%s", j->prefix, name);
    nn_class_path(full, &p);
    if (!p.label[0]) {
        skip(j, NN_SKIP_NO_CLASS, name, NULL);
        return 0;
    }
    if ((ret = nn_archive_data(a, &data, &size, &why)) > 0) {
        skip(j, NN_SKIP_UNREADABLE, name, why.msg);
        return 0;
    }
    j->origin.path = name;
    if (!ret)
        ret = store(j, data, size, name, &p, &added, &why);
    if (ret > 0) {
        skip(j, NN_SKIP_DAMAGED, name, why.msg);
        return 0;
    }
    if (ret < 0)
        return nn_fail(err, why.code, "%s", why.msg);
    *(added ? &j->report->added : &j->report->already) += 1;
    return count_class(j->report, &p, err);
}

/* All of `a`, inside transactions that it opens and closes. */
static int walk(struct job *j, struct nn_archive *a, int64_t files, int64_t limit,
                struct nn_err *err)
{
    int64_t done = 0, first = j->report->seen;
    struct nn_images_report before = { 0 };     /* this batch */
    struct nn_progress bar;
    const char *name;
    int ret, in_batch = 0;

    nn_progress_start(&bar, "pictures", files);
    while ((ret = nn_archive_next(a, &name, err)) > 0) {
        if ((limit && j->report->seen - first >= limit) || nn_stopping())
            break;
        if (!in_batch &&
            (copy_report(j->report, &before, err) || nn_catalog_begin(j->cat, err))) {
            ret = -1;
            break;
        }
        in_batch++;
        if ((ret = take(j, a, name, err)) < 0)
            break;
        if (in_batch == BATCH) {
            if ((ret = nn_catalog_commit(j->cat, err)) < 0)
                break;
            in_batch = 0;
        }
        nn_progress_update(&bar, ++done, NULL);
    }
    nn_progress_stop(&bar);
    if (ret >= 0 && in_batch && nn_catalog_commit(j->cat, err))
        ret = -1;
    /* What fails takes its whole batch back. */
    if (ret < 0) {
        nn_catalog_rollback(j->cat);
        if (in_batch)
            copy_report(&before, j->report, NULL);
    }
    nn_images_report_release(&before);
    if (ret >= 0 && nn_stopping())
        return nn_fail(err, NN_EINTR, "interrupted after %lld of %lld files; the same command "
                       "goes on from there", (long long)done, (long long)files);
    return ret < 0 ? -1 : 0;
}

int nn_images_add(struct nn_catalog *cat, const char *path, const struct nn_images_opts *opts,
                  struct nn_images_report *report, struct nn_err *err)
{
    struct job j = { .cat = cat, .report = report };
    char *real = realpath(path, NULL);
    struct nn_archive *a = NULL;
    int64_t files;
    int ret = -1;

    if (!real)
        return nn_fail_errno(err, "cannot open %s", path);
    j.origin = (struct nn_origin){ opts->source ? opts->source : real, "", opts->licence,
                                   opts->author };
    if (nn_is_dir(real))        /* a folder handed in may itself be the class or the split */
        snprintf(j.prefix, sizeof j.prefix, "%s/", strrchr(real, '/') + 1);
    /* The whole archive is judged before anything of it is stored. */
    if (!nn_archive_check(path, &files, err) && (a = nn_archive_open(path, err)))
        ret = walk(&j, a, files, opts->limit, err);
    nn_archive_close(a);
    free(real);
    return ret;
}
