#include "trainer/labelled.h"

#include <stdio.h>
#include <string.h>

#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/archive.h"
#include "datasets/class_path.h"
#include "runtime/media/picture.h"

enum { MAX_TOLD = 5 };      /* broken pictures named one by one */

static int wanted(const char *split, const char *is)
{
    return !split || !strcmp(split, "all") || !strcmp(split, is);
}

static int from_snapshot(struct nn_faces *f, const char *name, const char *split,
                         const char *catalog, char origin[200], struct nn_err *err)
{
    struct nn_catalog *cat = nn_catalog_open(catalog, NN_READ, err);
    struct nn_snapshot snap = { 0 };
    int ret = -1;

    if (!cat || nn_snapshot_load(cat, name, &snap, err))
        goto out;
    ret = 0;
    for (int s = 0; s < NN_SPLITS && !ret; s++)
        if (wanted(split ? split : "valid", nn_split_names[s]))
            ret = nn_faces_load(f, cat, &snap, (enum nn_split)s, err);
    snprintf(origin, 200, "snapshot %s (%.12s), %s", snap.name, snap.hash, split ? split : "valid");
out:
    nn_snapshot_release(&snap);
    nn_catalog_close(cat);
    return ret;
}

/* 1 when the current file of the archive became a face, 0 when not, -1. */
static int take_file(struct nn_faces *f, struct nn_archive *a, const char *name, const char *split,
                     int64_t *broken, struct nn_err *err)
{
    struct nn_class_path place;
    struct nn_image img = { 0 };
    struct nn_err why = { 0 };
    const void *data;
    size_t size;
    int ret;

    if (!nn_is_picture_name(name))
        return 0;
    nn_class_path(name, &place);
    if (!wanted(split, place.split) || place.emotion < 0)
        return 0;
    if ((ret = nn_archive_data(a, &data, &size, &why)) < 0) {
        *err = why;
        return -1;
    }
    if (ret || nn_picture_decode(data, size, name, f->c, &img, &why)) {
        if (++*broken <= MAX_TOLD)
            nn_warn("%s%s", why.msg, *broken == MAX_TOLD ? " (no more are told)" : "");
        return 0;
    }
    ret = nn_faces_add(f, &img, place.emotion, 0, err);
    nn_image_release(&img);
    if (!ret)
        nn_faces_name(f, strrchr(name, '/') ? strrchr(name, '/') + 1 : name);
    return ret ? -1 : 1;
}

static int from_files(struct nn_faces *f, const char *path, const char *split, int64_t *skipped,
                      struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    struct nn_progress p;
    const char *name;
    int64_t broken = 0;
    int more = -1;

    nn_progress_start(&p, "reading faces", 0);
    while (a && (more = nn_archive_next(a, &name, err)) == 1) {
        int took = take_file(f, a, name, split, &broken, err);
        if (took < 0 || nn_check_stop("reading faces", err)) {
            more = -1;
            break;
        }
        *skipped += !took;
        nn_progress_update(&p, f->n, NULL);
    }
    nn_progress_stop(&p);
    nn_archive_close(a);
    return more;
}

static int check_split(const char *split, struct nn_err *err)
{
    if (split && !wanted(split, "train") && !wanted(split, "valid") && !wanted(split, "test"))
        return nn_fail(err, NN_EUSAGE, "no split \"%s\": train, valid, test or all", split);
    return 0;
}

static int check_some(const struct nn_faces *f, const char *origin, struct nn_err *err)
{
    return f->n ? 0 : nn_fail(err, NN_ENOTFOUND, "no labelled face in %s", origin);
}

int nn_labelled_snapshot(struct nn_faces *f, const char *name, const char *split,
                         const char *catalog, char origin[200], struct nn_err *err)
{
    return check_split(split, err) || from_snapshot(f, name, split, catalog, origin, err) ||
           check_some(f, origin, err) ? -1 : 0;
}

int nn_labelled_load(struct nn_faces *f, const char *on, const char *split, const char *catalog,
                     int64_t *skipped, char origin[200], struct nn_err *err)
{
    *skipped = 0;
    if (!nn_exists(on))
        return nn_labelled_snapshot(f, on, split, catalog, origin, err);
    snprintf(origin, 200, "%.150s, %s", on, split ? split : "all");
    return check_split(split, err) || from_files(f, on, split, skipped, err) ||
           check_some(f, origin, err) ? -1 : 0;
}
