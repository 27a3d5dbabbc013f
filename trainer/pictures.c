#include "trainer/pictures.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/fs.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/archive.h"
#include "datasets/class_path.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"

enum { MAX_TOLD = 5 };      /* broken files named one by one */

void nn_pictures_init(struct nn_pictures *p, int size)
{
    *p = (struct nn_pictures){ .size = size };
}

void nn_pictures_release(struct nn_pictures *p)
{
    free(p->px);
    free(p->name);
    memset(p, 0, sizeof *p);
}

static int grow(struct nn_pictures *p, struct nn_err *err)
{
    int64_t cap = p->cap ? 2 * p->cap : 64;
    void *px = realloc(p->px, (size_t)cap * 3 * (size_t)p->size * (size_t)p->size), *name;

    if (px)
        p->px = px;
    if ((name = realloc(p->name, (size_t)cap * sizeof *p->name)))
        p->name = name;
    if (!px || !name)
        return nn_fail_mem(err, "pictures");
    p->cap = cap;
    return 0;
}

int nn_pictures_add(struct nn_pictures *p, const struct nn_image *img, const char *name,
                    struct nn_err *err)
{
    int side = img->w < img->h ? img->w : img->h;
    struct nn_box middle = { (float)((img->w - side) / 2), (float)((img->h - side) / 2),
                             (float)side, (float)side };
    struct nn_image to = { p->size, p->size, 3, NULL };

    if (p->n == p->cap && grow(p, err))
        return -1;
    to.px = nn_pictures_px(p, p->n);
    if (img->w == p->size && img->h == p->size && img->channels == 3)
        memcpy(to.px, img->px, nn_image_size(&to));
    else
        nn_image_crop(img, middle, &to);
    snprintf(p->name[p->n++], sizeof *p->name, "%s", name);
    return 0;
}

static int full(const struct nn_pictures *p)
{
    return p->most && p->n >= p->most;
}

static const char *last_part(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash ? slash + 1 : path;
}

static int is_film_name(const char *name)
{
    static const char *const ends[] = { ".mp4", ".mkv", ".avi", ".webm", ".mov", ".m4v" };
    const char *dot = strrchr(name, '.');

    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return 1;
    return 0;
}

/* A film that is damaged gives what decodes. */
static int read_film(struct nn_pictures *p, const char *path, double every, struct nn_err *err)
{
    struct nn_err why = { 0 };
    struct nn_reader *r = nn_reader_open(path, &why);
    const struct nn_media_info *info = r ? nn_reader_info(r) : NULL;
    const struct nn_image *img;
    char name[48];
    double next = 0;
    int64_t pts;
    int more = r ? 1 : -1, ret = 0;

    while (more > 0 && !full(p)) {
        if (nn_check_stop("reading films", err)) {
            ret = -1;
            break;
        }
        if ((more = nn_reader_next(r, &img, &pts, &why)) > 0) {
            double t = (double)(pts - info->start_pts) * (double)info->time_base.num /
                       (double)info->time_base.den;
            if (t < next - 1e-6)
                continue;
            next = t + every;
            snprintf(name, sizeof name, "%.30s %.1f s", last_part(path), t);
            if ((ret = nn_pictures_add(p, img, name, err)))
                break;
        }
    }
    if (!ret && more < 0) {
        nn_warn("%s", why.msg);
        p->skipped++;
    }
    nn_reader_close(r);
    return ret;
}

static int take_file(struct nn_pictures *p, struct nn_archive *a, const char *name,
                     struct nn_err *err)
{
    struct nn_image img = { 0 };
    struct nn_err why = { 0 };
    const void *data;
    size_t size;
    int ret;

    if ((ret = nn_archive_data(a, &data, &size, &why)) < 0) {
        *err = why;
        return -1;
    }
    if (ret || nn_picture_decode(data, size, name, 3, &img, &why)) {
        if (++p->skipped <= MAX_TOLD)
            nn_warn("%s%s", why.msg, p->skipped == MAX_TOLD ? " (no more are told)" : "");
        return 0;
    }
    ret = nn_pictures_add(p, &img, last_part(name), err);
    nn_image_release(&img);
    return ret;
}

static int read_files(struct nn_pictures *p, const char *path, double every, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    struct nn_progress bar;
    char film[NN_PATH];
    const char *name;
    int more = -1;

    nn_progress_start(&bar, "reading pictures", 0);
    while (a && !full(p) && (more = nn_archive_next(a, &name, err)) == 1) {
        int ret = 0;
        if (nn_is_picture_name(name))
            ret = take_file(p, a, name, err);
        else if (is_film_name(name) && nn_is_dir(path))
            ret = nn_path(film, err, "%s/%s", path, name) || read_film(p, film, every, err);
        else
            p->skipped++;
        if (ret || nn_check_stop("reading pictures", err)) {
            more = -1;
            break;
        }
        nn_progress_update(&bar, p->n, NULL);
    }
    nn_progress_stop(&bar);
    nn_archive_close(a);
    return more < 0 ? -1 : 0;
}

int nn_pictures_read(struct nn_pictures *p, const char *path, double every, struct nn_err *err)
{
    int64_t before = p->n;

    if (!nn_exists(path))
        return nn_fail(err, NN_ENOTFOUND, "%s: no such folder, archive or film", path);
    if (!nn_is_dir(path) && is_film_name(path) ? read_film(p, path, every, err)
                                               : read_files(p, path, every, err))
        return -1;
    return p->n > before || full(p) ? 0
         : nn_fail(err, NN_ENOTFOUND, "no picture in %s", path);
}
