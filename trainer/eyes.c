#include "trainer/eyes.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/hash.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/engine/engine.h"

enum { BATCH = 8 };

struct nn_eyes {
    struct nn_engine *net;
    int size, d;
    float *in;                  /* (BATCH, 3, size, size) */
    char name[100];             /* of the network's input */
    char id[13];
};

static int open_net(struct nn_eyes *e, const char *path, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_engine_opts opts = { .pool = pool };
    const struct nn_value *out;
    struct nn_value in;
    size_t bytes;

    if (!(e->net = nn_engine_load(path, &opts, err)))
        return -1;
    if (nn_engine_input(e->net, 0, &in) || in.ndim != 4 || in.dim[1] != 3 || in.dim[2] < 8 ||
        in.dim[2] > 1024 || in.dim[2] != in.dim[3] || strlen(in.name) >= sizeof e->name)
        return nn_fail(err, NN_EUNSUPPORTED, "%s takes no square colour pictures", path);
    snprintf(e->name, sizeof e->name, "%s", in.name);
    e->size = (int)in.dim[2];
    bytes = (size_t)BATCH * 3 * (size_t)e->size * (size_t)e->size * sizeof *e->in;
    if (!(e->in = calloc(1, bytes)))
        return nn_fail_mem(err, "pictures");
    in.dim[0] = 1;
    in.data = e->in;
    if (nn_engine_run(e->net, &in, 1, err))
        return nn_fail_in(err, "%s", path);
    out = nn_engine_output(e->net, 0);
    if (!out || out->type != NN_F32 || out->ndim != 2 || out->dim[0] != 1 || out->dim[1] < 1 ||
        out->dim[1] > 4096)
        return nn_fail(err, NN_EUNSUPPORTED, "%s makes no row of features", path);
    e->d = (int)out->dim[1];
    return 0;
}

static int identify(struct nn_eyes *e, const char *path, struct nn_err *err)
{
    nn_hash hash;

    if (nn_hash_file(path, hash, err))
        return -1;
    memcpy(e->id, hash, 12);
    return 0;
}

struct nn_eyes *nn_eyes_new(const char *model, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_eyes *e = calloc(1, sizeof *e);
    char path[NN_PATH];

    if (!e) {
        nn_fail_mem(err, "eyes");
        return NULL;
    }
    if (!(model ? nn_path(path, err, "%s", model) : nn_data_path(path, "models/eyes.onnx", err)) &&
        !open_net(e, path, pool, err) && !identify(e, path, err))
        return e;
    nn_eyes_free(e);
    return NULL;
}

void nn_eyes_free(struct nn_eyes *e)
{
    if (!e)
        return;
    nn_engine_free(e->net);
    free(e->in);
    free(e);
}

int nn_eyes_floats(const struct nn_eyes *e)
{
    return e->d;
}

const char *nn_eyes_id(const struct nn_eyes *e)
{
    return e->id;
}

/* What of the line 0..from lies under sample i of `to`: growing, between two neighbours in
 * proportion; shrinking, all it covers by share. w[] of places at[0], at[0] + 1, ...: how many. */
static int cover(int i, int from, int to, int *at, float w[], int most)
{
    double scale = (double)from / to, a = i * scale, b = a + scale;
    int n = 0;

    if (scale < 1) {
        double x = (i + 0.5) * scale - 0.5;
        x = x < 0 ? 0 : x > from - 1 ? from - 1 : x;
        *at = (int)x < from - 1 ? (int)x : from - 2;
        w[1] = (float)(x - *at);
        w[0] = 1 - w[1];
        return 2;
    }
    *at = (int)a;
    for (int x = *at; x < b - 1e-9 && n < most; x++) {
        double lo = x > a ? x : a, hi = x + 1 < b ? x + 1 : b;
        w[n++] = (float)((hi - lo) / scale);
    }
    return n;
}

enum { MOST_COVER = 260 };

/* One plane, rows and then columns at once: the eyes' edge is small. */
static void scale_plane(const float *from, int size, float *to, int edge)
{
    float wy[MOST_COVER], wx[MOST_COVER];

    for (int y = 0; y < edge; y++) {
        int y0, x0, ny = cover(y, size, edge, &y0, wy, MOST_COVER);
        for (int x = 0; x < edge; x++) {
            int nx = cover(x, size, edge, &x0, wx, MOST_COVER);
            float sum = 0;
            for (int v = 0; v < ny; v++)
                for (int u = 0; u < nx; u++)
                    sum += wy[v] * wx[u] * from[(y0 + v) * size + x0 + u];
            to[y * edge + x] = sum;
        }
    }
}

int nn_eyes_see(struct nn_eyes *e, const float *image, int64_t n, int size, float *out,
                struct nn_err *err)
{
    size_t plane = (size_t)size * (size_t)size, seen = (size_t)e->size * (size_t)e->size;

    if (size < 2 || size > MOST_COVER / 2 * e->size)
        return nn_fail(err, NN_EARG, "pictures of %d pixels", size);
    for (int64_t i = 0; i < n; i += BATCH) {
        int64_t b = n - i < BATCH ? n - i : BATCH;
        struct nn_value in = { .name = e->name, .type = NN_F32, .ndim = 4,
                               .dim = { b, 3, e->size, e->size }, .data = e->in };
        for (int64_t k = 0; k < 3 * b; k++) {
            const float *from = image + (size_t)(3 * i + k) * plane;
            if (size == e->size)
                memcpy(e->in + (size_t)k * seen, from, seen * sizeof *from);
            else
                scale_plane(from, size, e->in + (size_t)k * seen, e->size);
        }
        if (nn_engine_run(e->net, &in, 1, err))
            return -1;
        memcpy(out + i * e->d, nn_engine_output(e->net, 0)->data,
               (size_t)(b * e->d) * sizeof *out);
    }
    return 0;
}

int nn_eyes_pictures(struct nn_eyes *e, const struct nn_pictures *p, struct nn_traits *out,
                     struct nn_err *err)
{
    size_t plane = (size_t)p->size * (size_t)p->size;
    float *work = malloc(BATCH * 3 * plane * sizeof *work);
    struct nn_progress bar;
    int ret = 0;

    *out = (struct nn_traits){ p->n, e->d, malloc((size_t)(p->n * e->d + 1) * sizeof(float)) };
    if (!work || !out->x)
        ret = nn_fail_mem(err, "features");
    nn_progress_start(&bar, "looking", p->n);
    for (int64_t i = 0; i < p->n && !ret; i += BATCH) {
        int64_t b = p->n - i < BATCH ? p->n - i : BATCH;
        for (int64_t k = 0; k < b; k++)
            for (size_t at = 0; at < plane; at++)
                for (size_t c = 0; c < 3; c++)
                    work[((size_t)k * 3 + c) * plane + at] =
                        (float)nn_pictures_px(p, i + k)[3 * at + c] / 127.5f - 1;
        ret = nn_eyes_see(e, work, b, p->size, out->x + i * e->d, err) ||
              nn_check_stop("looking", err) ? -1 : 0;
        nn_progress_update(&bar, i + b, NULL);
    }
    nn_progress_stop(&bar);
    free(work);
    return ret;
}

void nn_traits_release(struct nn_traits *f)
{
    free(f->x);
    memset(f, 0, sizeof *f);
}
