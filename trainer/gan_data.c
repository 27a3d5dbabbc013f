#include "trainer/gan_data.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/emotion.h"
#include "common/json.h"
#include "common/log.h"
#include "common/progress.h"
#include "common/stop.h"
#include "datasets/archive.h"
#include "runtime/media/picture.h"
#include "runtime/media/reader.h"
#include "trainer/faces.h"
#include "trainer/safetensors.h"

void nn_gan_data_init(struct nn_gan_data *d, int size)
{
    *d = (struct nn_gan_data){ .size = size };
}

void nn_gan_data_release(struct nn_gan_data *d)
{
    free(d->px);
    free(d->c);
    nn_gan_data_init(d, d->size);
}

static size_t bytes_of(const struct nn_gan_data *d)
{
    return (size_t)d->size * (size_t)d->size * 3;
}

static int grow(struct nn_gan_data *d, struct nn_err *err)
{
    int64_t cap = d->cap ? 2 * d->cap : 256;
    uint8_t *px = realloc(d->px, (size_t)cap * bytes_of(d));
    float *c;

    if (px)
        d->px = px;
    c = px ? realloc(d->c, (size_t)cap * NN_GAN_CONDITIONS * sizeof *c) : NULL;
    if (!c)
        return nn_fail_mem(err, "pictures");
    d->c = c;
    d->cap = cap;
    return 0;
}

int nn_gan_data_picture(struct nn_gan_data *d, const struct nn_image *img, float **row,
                        struct nn_err *err)
{
    float edge = (float)(img->w < img->h ? img->w : img->h);
    struct nn_box box = { ((float)img->w - edge) / 2, ((float)img->h - edge) / 2, edge, edge };
    struct nn_image to = { d->size, d->size, 3, NULL };

    if (d->n == d->cap && grow(d, err))
        return -1;
    to.px = d->px + (size_t)d->n * bytes_of(d);
    nn_image_crop(img, box, &to);
    *row = nn_gan_data_row(d, d->n++);
    memset(*row, 0, NN_GAN_CONDITIONS * sizeof **row);
    return 0;
}

/* Condition `k`, if not -1, is 1 for it. */
static int add(struct nn_gan_data *d, const struct nn_image *img, int k, struct nn_err *err)
{
    float *row;

    if (nn_gan_data_picture(d, img, &row, err))
        return -1;
    if (k >= 0)
        row[k] = 1;
    return 0;
}

/* The condition of that name, made when it is new; -1 when there are too many. */
static int condition(struct nn_gan_data *d, const char *kind, const char *name, int length,
                     struct nn_err *err)
{
    char all[64];
    int k = 0;

    snprintf(all, sizeof all, "%s%.*s", kind, length, name);
    while (k < d->conditions && strcmp(d->name[k], all))
        k++;
    if (k == NN_GAN_CONDITIONS)
        return nn_fail(err, NN_EARG, "more than %d classes: \"%s\" is one too many",
                       NN_GAN_CONDITIONS, all);
    if (k == d->conditions)
        memcpy(d->name[d->conditions++], all, sizeof all);
    return k;
}

static int add_film(struct nn_gan_data *d, const char *path, double every, int k,
                    struct nn_err *err)
{
    struct nn_reader *in = nn_reader_open(path, err);
    const struct nn_image *img;
    struct nn_progress bar;
    double unit, due = 0;
    int64_t pts, frame = 0;
    int got = -1;

    if (!in)
        return -1;
    unit = (double)nn_reader_info(in)->time_base.num / (double)nn_reader_info(in)->time_base.den;
    nn_progress_start(&bar, "frames", 0);
    while (!nn_check_stop("frames", err) && (got = nn_reader_next(in, &img, &pts, err)) == 1) {
        double t = (double)(pts - nn_reader_info(in)->start_pts) * unit;
        nn_progress_update(&bar, ++frame, path);
        if (t + 1e-6 < due)
            continue;
        due += every > 0 ? every : 0;
        if (add(d, img, k, err)) {
            got = -1;
            break;
        }
    }
    nn_progress_stop(&bar);
    nn_reader_close(in);
    return got > 0 ? -1 : got;
}

/* The folder that a file is in, of its path inside an archive: its place and length. */
static const char *folder_of(const char *name, int *length)
{
    const char *end = strrchr(name, '/'), *from;

    if (!end) {
        *length = 0;
        return name;
    }
    for (from = end; from > name && from[-1] != '/'; from--)
        ;
    *length = (int)(end - from);
    return from;
}

static int add_pictures(struct nn_gan_data *d, const char *path, int classes, struct nn_err *err)
{
    struct nn_archive *a = nn_archive_open(path, err);
    struct nn_progress bar;
    const char *name;
    int64_t seen = 0;
    int got = -1;

    if (!a)
        return -1;
    nn_progress_start(&bar, "pictures", 0);
    while (!nn_check_stop("pictures", err) && (got = nn_archive_next(a, &name, err)) == 1) {
        struct nn_image img = { 0 };
        struct nn_err why = { 0 };
        const void *data;
        size_t size;
        int length, k = -1, bad = nn_archive_data(a, &data, &size, err);
        const char *folder = folder_of(name, &length);
        if (bad < 0) {
            got = -1;
            break;
        }
        nn_progress_update(&bar, ++seen, NULL);
        if (bad || nn_picture_decode(data, size, name, 3, &img, &why)) {
            nn_debug("%s", bad ? err->msg : why.msg);
            continue;
        }
        if ((classes && length && (k = condition(d, "class/", folder, length, err)) < 0) ||
            add(d, &img, k, err))
            got = -1;
        nn_image_release(&img);
        if (got < 0)
            break;
    }
    nn_progress_stop(&bar);
    nn_archive_close(a);
    return got > 0 ? -1 : got;
}

static int is_archive(const char *path)
{
    static const char *const ends[] = { ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".zip",
                                        ".7z", ".rar" };
    const char *dot = strrchr(path, '.');

    for (size_t i = 0; dot && i < sizeof ends / sizeof *ends; i++)
        if (!strcasecmp(dot, ends[i]))
            return 1;
    return 0;
}

int nn_gan_data_add(struct nn_gan_data *d, const char *path, double every, int classes,
                    struct nn_err *err)
{
    int64_t before = d->n;
    const char *slash = strrchr(path, '/'), *file = slash ? slash + 1 : path;
    const char *dot = strrchr(file, '.');
    int k = -1;

    if (nn_is_dir(path) || is_archive(path)) {
        if (add_pictures(d, path, classes, err))
            return -1;
    } else if ((classes && (k = condition(d, "class/", file, dot ? (int)(dot - file) : 50,
                                          err)) < 0) ||
               add_film(d, path, every, k, err)) {
        return -1;
    }
    return d->n > before ? 0 : nn_fail(err, NN_EFORMAT, "%s: no picture in it", path);
}

int nn_gan_data_faces(struct nn_gan_data *d, struct nn_catalog *cat, const struct nn_snapshot *s,
                      struct nn_err *err)
{
    struct nn_faces f;
    int k[NN_EMOTIONS], ret;

    nn_faces_init(&f, d->size, d->size, 3);
    ret = nn_faces_load(&f, cat, s, NN_TRAIN, err);
    for (int i = 0; i < NN_EMOTIONS && !ret; i++)
        if ((k[i] = condition(d, "", nn_emotions[i].name, 50, err)) < 0)
            ret = -1;
    for (int64_t i = 0; i < f.n && !ret; i++) {
        struct nn_image img = { f.w, f.h, 3, (uint8_t *)nn_faces_px(&f, i) };
        ret = add(d, &img, k[f.label[i]], err);
    }
    nn_faces_release(&f);
    return ret;
}

void nn_gan_data_mean(const struct nn_gan_data *d, float *mean)
{
    for (int k = 0; k < d->conditions; k++) {
        double sum = 0;
        for (int64_t i = 0; i < d->n; i++)
            sum += nn_gan_data_row(d, i)[k];
        mean[k] = (float)(sum / (double)d->n);
    }
}

int nn_gan_data_write(const struct nn_gan_data *d, const char *path, struct nn_err *err)
{
    int64_t c = d->conditions;
    float *row = malloc((size_t)(d->n * (c ? c : 1)) * sizeof *row);
    cJSON *names = cJSON_CreateArray();
    char *note = NULL;
    int ret = -1;

    for (int k = 0; k < c; k++)
        cJSON_AddItemToArray(names, cJSON_CreateString(d->name[k]));
    if (!row || !(note = cJSON_PrintUnformatted(names))) {
        nn_fail_mem(err, "pictures");
    } else {
        struct nn_array a[2] = {
            { .name = "pictures", .type = "U8", .ndim = 4, .dim = { d->n, d->size, d->size, 3 },
              .data = d->px, .bytes = (size_t)d->n * bytes_of(d) },
            { .name = "conditions", .type = "F32", .ndim = 2, .dim = { d->n, c }, .data = row,
              .bytes = (size_t)(d->n * c) * sizeof *row },
        };
        for (int64_t i = 0; i < d->n; i++)
            memcpy(row + i * c, nn_gan_data_row(d, i), (size_t)c * sizeof *row);
        ret = nn_arrays_write(path, a, c ? 2 : 1, note, err);
    }
    cJSON_free(note);
    cJSON_Delete(names);
    free(row);
    return ret;
}

static int take_names(struct nn_gan_data *d, const char *note, const char *path,
                      struct nn_err *err)
{
    cJSON *names = cJSON_Parse(note);
    const cJSON *one;

    cJSON_ArrayForEach(one, names)
        if (cJSON_IsString(one) && d->conditions < NN_GAN_CONDITIONS)
            snprintf(d->name[d->conditions++], sizeof *d->name, "%s", one->valuestring);
    if (!cJSON_IsArray(names) || cJSON_GetArraySize(names) != d->conditions) {
        cJSON_Delete(names);
        return nn_fail(err, NN_EFORMAT, "%s does not name its conditions", path);
    }
    cJSON_Delete(names);
    return 0;
}

int nn_gan_data_read(struct nn_gan_data *d, const char *path, struct nn_err *err)
{
    struct nn_arrays file;
    const struct nn_array *px, *c;
    int64_t row;
    int ret = -1;

    nn_gan_data_init(d, 0);
    if (nn_arrays_read(path, &file, err))
        return -1;
    px = nn_arrays_find(&file, "pictures");
    c = nn_arrays_find(&file, "conditions");
    if (!px || strcmp(px->type, "U8") || px->ndim != 4 || px->dim[0] < 1 || px->dim[1] < 1 ||
        px->dim[1] > 4096 || px->dim[2] != px->dim[1] || px->dim[3] != 3)
        nn_fail(err, NN_EFORMAT, "%s holds no pictures", path);
    else if (take_names(d, file.note, path, err))
        ;                       /* it has said why */
    else if (d->conditions && (!c || strcmp(c->type, "F32") || c->ndim != 2 ||
                               c->dim[0] != px->dim[0] || c->dim[1] != d->conditions))
        nn_fail(err, NN_EFORMAT, "%s: its conditions are not those it names", path);
    else if (!(d->px = malloc(px->bytes)) ||
             !(d->c = calloc((size_t)px->dim[0], NN_GAN_CONDITIONS * sizeof *d->c)))
        nn_fail_mem(err, "pictures");
    else
        ret = 0;
    if (!ret) {
        row = d->conditions * (int64_t)sizeof *d->c;
        d->n = d->cap = px->dim[0];
        d->size = (int)px->dim[1];
        memcpy(d->px, px->data, px->bytes);
        for (int64_t i = 0; i < d->n && d->conditions; i++)
            memcpy(nn_gan_data_row(d, i), (const char *)c->data + i * row, (size_t)row);
    }
    nn_arrays_release(&file);
    if (ret)
        nn_gan_data_release(d);
    return ret;
}
