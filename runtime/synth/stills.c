/* stills.c - thousands of pictures, as many at a time as there are threads. */
#include <stdlib.h>

#include "common/fs.h"
#include "common/progress.h"
#include "common/stop.h"
#include "runtime/media/picture.h"
#include "runtime/synth/produce.h"

enum { SLOTS = 64 };

struct slot {
    struct nn_synth_view *view;
    struct nn_image img;
    struct nn_err err;
};

struct batch {
    const struct nn_synth_order *o;
    struct nn_synth_row *rows;
    struct slot slot[SLOTS];
    int slots;
    int64_t first;
};

static int make(struct batch *b, int i)
{
    struct nn_synth_row *row = &b->rows[b->first + i];
    struct slot *slot = &b->slot[i];
    struct nn_synth *s;
    char path[NN_PATH];

    row->seed = b->o->seed + (uint64_t)(b->first + i);
    snprintf(row->file, sizeof row->file, "%06lld.%s", (long long)(b->first + i + 1),
             b->o->format);
    if (nn_path(path, &slot->err, "%s/%s", b->o->out, row->file) ||
        !(s = nn_synth_scene(row->seed, &b->o->look, &slot->err)))
        return -1;
    nn_synth_render(slot->view, s, 0, &slot->img);
    nn_synth_truth(slot->view, s, 0, &row->truth);
    nn_synth_free(s);
    return nn_picture_write(&slot->img, path, &slot->err);
}

static void work(void *arg, int i)
{
    struct batch *b = arg;

    make(b, i);
}

static int run(struct batch *b, struct nn_pool *pool, struct nn_err *err)
{
    struct nn_progress bar;
    int ret = 0;

    nn_progress_start(&bar, "pictures", b->o->count);
    while (!ret && b->first < b->o->count) {
        int64_t left = b->o->count - b->first;
        int n = left < b->slots ? (int)left : b->slots;
        if ((ret = nn_check_stop("synth", err)))
            break;
        nn_pool_run(pool, n, work, b);
        for (int i = 0; i < n && !ret; i++)
            if (b->slot[i].err.code)
                ret = nn_fail(err, b->slot[i].err.code, "%s", b->slot[i].err.msg);
        b->first += n;
        nn_progress_update(&bar, b->first, NULL);
    }
    nn_progress_stop(&bar);
    return ret;
}

int nn_synth_stills(const struct nn_synth_order *o, struct nn_synth_row **rows, struct nn_err *err)
{
    struct batch *b = calloc(1, sizeof *b);
    struct nn_pool *pool = nn_pool_new(o->threads, err);
    char path[NN_PATH];
    int ret = -1;

    *rows = calloc((size_t)o->count, sizeof **rows);
    if (!b || !*rows || !pool) {
        if (pool)
            nn_fail_mem(err, "pictures");
        goto out;
    }
    b->o = o;
    b->rows = *rows;
    if (nn_mkdirs(o->out, err))
        goto out;
    b->slots = nn_pool_threads(pool) * 2 < SLOTS ? nn_pool_threads(pool) * 2 : SLOTS;
    b->slots = b->slots < o->count ? b->slots : (int)o->count;
    for (int i = 0; i < b->slots; i++)
        if (!(b->slot[i].view = nn_synth_view_new(o->w, o->h, NULL, err)) ||
            nn_image_init(&b->slot[i].img, o->w, o->h, 3, err))
            goto out;
    if (run(b, pool, err) || nn_path(path, err, "%s/truth.json", o->out) ||
        nn_synth_write_json(o, *rows, o->count, path, err) ||
        nn_path(path, err, "%s/truth.csv", o->out) ||
        nn_synth_write_csv(*rows, o->count, path, err))
        goto out;
    ret = 0;
out:
    for (int i = 0; b && i < b->slots; i++) {
        nn_synth_view_free(b->slot[i].view);
        nn_image_release(&b->slot[i].img);
    }
    free(b);
    nn_pool_free(pool);
    return ret;
}
