#include "trainer/gan_pictures.h"

#include <dirent.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/rng.h"
#include "runtime/media/picture.h"
#include "runtime/media/writer.h"

enum { SHEET = 800, WALKS = 3, STEPS = 10, GAP = 2, MOST = 144 };

/* Pictures (n, 3, s, s) of -1..1 into a sheet of `columns`. */
static void lay(struct nn_image *sheet, int columns, int first, const float *px, int64_t n, int s)
{
    for (int64_t i = 0; i < n; i++) {
        int x0 = (int)((first + i) % columns) * (s + GAP), y0 = (int)((first + i) / columns) *
                 (s + GAP);
        for (int y = 0; y < s; y++)
            for (int x = 0; x < s; x++)
                for (int c = 0; c < 3; c++) {
                    float v = px[((i * 3 + c) * s + y) * s + x] * 127.5f + 128;
                    sheet->px[((y0 + y) * sheet->w + x0 + x) * 3 + c] =
                        (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
                }
    }
}

static int sheet_of(struct nn_image *sheet, int columns, int rows, int s, struct nn_err *err)
{
    return nn_image_init(sheet, columns * (s + GAP) - GAP, rows * (s + GAP) - GAP, 3, err);
}

/* A batch at a time, of n latents and conditions. */
static int draw(struct nn_gan *gan, const struct nn_gan_data *d, int latent, const float *z,
                const float *c, int columns, int n, const char *path, struct nn_err *err)
{
    int part = 512 / d->size > 1 ? 512 / d->size : 1, ret = 0;
    float *px = malloc((size_t)part * 3 * (size_t)d->size * (size_t)d->size * sizeof *px);
    struct nn_image sheet = { 0 };

    if (!px)
        return nn_fail_mem(err, "samples");
    ret = sheet_of(&sheet, columns, (n + columns - 1) / columns, d->size, err);
    for (int i = 0; i < n && !ret; i += part) {
        int m = n - i < part ? n - i : part;
        ret = nn_gan_sample(gan, z + i * latent, c + i * d->conditions, m, 1, px, err);
        if (!ret)
            lay(&sheet, columns, i, px, m, d->size);
    }
    if (!ret)
        ret = nn_picture_write(&sheet, path, err);
    nn_image_release(&sheet);
    free(px);
    return ret;
}

static int side_of(const struct nn_gan_data *d)
{
    int side = SHEET / (d->size + GAP);

    return side < 2 ? 2 : side > 12 ? 12 : side;
}

/* Latents and conditions for n pictures; the caller frees both. */
static int throw(const struct nn_gan_data *d, int latent, uint64_t seed, int n, float **z,
                 float **c, struct nn_err *err)
{
    struct nn_rng rng;
    size_t row = (size_t)d->conditions * sizeof **c;

    *z = malloc((size_t)n * (size_t)latent * sizeof **z);
    *c = malloc((size_t)n * row + 1);
    if (!*z || !*c) {
        free(*z);
        free(*c);
        return nn_fail_mem(err, "samples");
    }
    nn_rng_seed(&rng, seed, 99);
    for (int i = 0; i < n * latent; i++)
        (*z)[i] = nn_rng_normal(&rng);
    for (int i = 0; i < n && d->conditions; i++)
        memcpy(*c + i * d->conditions, nn_gan_data_row(d, (int64_t)i * d->n / n), row);
    return 0;
}

int nn_gan_grid(struct nn_gan *gan, const struct nn_gan_data *d, int latent, uint64_t seed,
                const char *path, struct nn_err *err)
{
    int side = side_of(d), ret;
    float *z, *c;

    if (throw(d, latent, seed, side * side, &z, &c, err))
        return -1;
    ret = draw(gan, d, latent, z, c, side, side * side, path, err);
    free(z);
    free(c);
    return ret;
}

/* From a to b by the angle between them (K. Shoemake, "Animating rotation with quaternion
 * curves", 1985). */
static void slerp(const float *a, const float *b, int n, double t, float *out)
{
    double aa = 0, bb = 0, ab = 0, angle, u, v;

    for (int i = 0; i < n; i++) {
        aa += a[i] * a[i];
        bb += b[i] * b[i];
        ab += a[i] * b[i];
    }
    angle = acos(fmax(-1, fmin(1, ab / sqrt(aa * bb))));
    u = angle > 1e-4 ? sin((1 - t) * angle) / sin(angle) : 1 - t;
    v = angle > 1e-4 ? sin(t * angle) / sin(angle) : t;
    for (int i = 0; i < n; i++)
        out[i] = (float)(u * a[i] + v * b[i]);
}

int nn_gan_walk(struct nn_gan *gan, const struct nn_gan_data *d, int latent, uint64_t seed,
                const char *path, struct nn_err *err)
{
    float *end, *ends, *z, *c;
    int n = WALKS * STEPS, k = d->conditions, ret = -1;

    if (throw(d, latent, seed, n, &z, &c, err))
        return -1;
    if (throw(d, latent, seed + 1, 2 * WALKS, &end, &ends, err))
        goto out;
    for (int i = 0; i < n; i++) {
        const float *a = end + i / STEPS * 2 * latent;
        slerp(a, a + latent, latent, (double)(i % STEPS) / (STEPS - 1), z + i * latent);
        memcpy(c + i * k, ends + i / STEPS * 2 * k, (size_t)k * sizeof *c);
    }
    ret = draw(gan, d, latent, z, c, STEPS, n, path, err);
    free(end);
    free(ends);
out:
    free(z);
    free(c);
    return ret;
}

int nn_gan_real(const struct nn_gan_data *d, const char *path, struct nn_err *err)
{
    int side = side_of(d), s = d->size, n = side * side;
    struct nn_image sheet;
    int ret = sheet_of(&sheet, side, side, s, err);

    for (int i = 0; i < n && i < d->n && !ret; i++) {
        const uint8_t *px = d->px + (size_t)((int64_t)i * d->n / n) * (size_t)(3 * s * s);
        for (int y = 0; y < s; y++)
            memcpy(sheet.px + (size_t)((i / side * (s + GAP) + y) * sheet.w +
                                       i % side * (s + GAP)) * 3, px + 3 * s * y, (size_t)(3 * s));
    }
    if (!ret)
        ret = nn_picture_write(&sheet, path, err);
    nn_image_release(&sheet);
    return ret;
}

static int is_grid(const struct dirent *e)
{
    return !strncmp(e->d_name, "samples-", 8);
}

int nn_gan_film(const char *dir, const char *path, struct nn_err *err)
{
    struct nn_writer_opts o = { .time_base = { 1, 10 }, .frame_rate = { 10, 1 }, .quality = 20 };
    struct nn_writer *out = NULL;
    struct dirent **name;
    int n = scandir(dir, &name, is_grid, alphasort), ret = n < 0 ? -1 : 0, w = 0, h = 0;

    if (n < 0)
        return nn_fail_errno(err, "cannot read %s", dir);
    for (int i = 0; i < n && !ret; i++) {
        char file[NN_PATH];
        struct nn_image img = { 0 };
        ret = nn_path(file, err, "%s/%s", dir, name[i]->d_name) ||
              nn_picture_read(file, 3, &img, err) ? -1 : 0;
        if (!ret && !out) {
            w = img.w;
            h = img.h;
            ret = (out = nn_writer_open(path, w, h, &o, err)) ? 0 : -1;
        }
        if (!ret && (img.w != w || img.h != h))
            ret = nn_fail(err, NN_EFORMAT, "%s is not as large as the others", file);
        for (int k = 0; k < (i + 1 < n ? 1 : 20) && !ret; k++)
            ret = nn_writer_frame(out, &img, i + k, err);
        nn_image_release(&img);
    }
    for (int i = 0; i < n; i++)
        free(name[i]);
    free(name);
    if (ret) {
        nn_writer_abort(out);
        return -1;
    }
    return out ? nn_writer_finish(out, err) : 0;
}
