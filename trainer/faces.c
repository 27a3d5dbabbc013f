#include "trainer/faces.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/picture.h"

void nn_faces_init(struct nn_faces *f, int w, int h, int c)
{
    *f = (struct nn_faces){ .w = w, .h = h, .c = c };
}

void nn_faces_release(struct nn_faces *f)
{
    free(f->px);
    free(f->label);
    free(f->leaked);
    free(f->name);
    memset(f, 0, sizeof *f);
}

static int grow(struct nn_faces *f, struct nn_err *err)
{
    int64_t cap = f->cap ? f->cap * 2 : 1024;
    size_t size = (size_t)f->w * (size_t)f->h * (size_t)f->c;
    void *px, *label, *leaked, *name;

    if ((px = realloc(f->px, (size_t)cap * size)))
        f->px = px;
    if ((label = realloc(f->label, (size_t)cap)))
        f->label = label;
    if ((leaked = realloc(f->leaked, (size_t)cap)))
        f->leaked = leaked;
    if ((name = realloc(f->name, (size_t)cap * sizeof *f->name)))
        f->name = name;
    if (!px || !label || !leaked || !name)
        return nn_fail_mem(err, "faces");
    f->cap = cap;
    return 0;
}

int nn_faces_add(struct nn_faces *f, const struct nn_image *img, int label, int leaked,
                 struct nn_err *err)
{
    struct nn_image to = { f->w, f->h, f->c, NULL };

    if (f->n == f->cap && grow(f, err))
        return -1;
    to.px = (uint8_t *)nn_faces_px(f, f->n);
    if (img->w == to.w && img->h == to.h && img->channels == to.channels)
        memcpy(to.px, img->px, nn_image_size(&to));
    else
        nn_image_crop(img, (struct nn_box){ 0, 0, (float)img->w, (float)img->h }, &to);
    f->label[f->n] = (int8_t)label;
    f->leaked[f->n] = (int8_t)leaked;
    f->name[f->n][0] = 0;
    f->n++;
    return 0;
}

void nn_faces_name(struct nn_faces *f, const char *name)
{
    snprintf(f->name[f->n - 1], sizeof *f->name, "%s", name);
}

static int load_one(struct nn_faces *f, struct nn_catalog *cat, const struct nn_sample *s,
                    struct nn_err *err)
{
    struct nn_image img = { 0 };
    char path[NN_PATH], name[32];
    int ret;

    if (nn_media_path(cat, s->picture, path, err) || nn_picture_read(path, f->c, &img, err))
        return -1;
    ret = nn_faces_add(f, &img, s->label, s->leaked, err);
    nn_image_release(&img);
    snprintf(name, sizeof name, "face %lld", (long long)s->face);
    if (!ret)
        nn_faces_name(f, name);
    return ret;
}

int nn_faces_load(struct nn_faces *f, struct nn_catalog *cat, const struct nn_snapshot *s,
                  enum nn_split split, struct nn_err *err)
{
    struct nn_progress p;
    int ret = 0;

    nn_progress_start(&p, "reading faces", s->count);
    for (int64_t i = 0; i < s->count && !ret; i++) {
        if (s->sample[i].split != (int)split)
            continue;
        ret = load_one(f, cat, &s->sample[i], err);
        if (!ret)
            ret = nn_check_stop("reading faces", err);
        nn_progress_update(&p, i, NULL);
    }
    nn_progress_stop(&p);
    return ret;
}
