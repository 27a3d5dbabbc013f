/* film.c - shots of different scenes, cut hard, with the cuts known. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/fs.h"
#include "common/progress.h"
#include "common/rng.h"
#include "common/stop.h"
#include "runtime/media/writer.h"
#include "runtime/synth/produce.h"

/* Cuts fall where an editor's might: not at even distances. */
static void cut(const struct nn_synth_order *o, int64_t frames, struct nn_synth_row *row)
{
    const char *slash = strrchr(o->out, '/');
    struct nn_rng r;

    nn_rng_seed(&r, o->seed, 3);
    for (int64_t i = 0; i < o->count; i++) {
        double even = (double)frames * (double)i / (double)o->count;
        double jitter = i ? 0.5 * ((double)nn_rng_float(&r) - 0.5) : 0;
        snprintf(row[i].file, sizeof row[i].file, "%s", slash ? slash + 1 : o->out);
        row[i].seed = o->seed + (uint64_t)i;
        row[i].start = (int64_t)(even + jitter * (double)frames / (double)o->count + 0.5);
        if (i)
            row[i - 1].end = row[i].start;
    }
    row[o->count - 1].end = frames;
}

static int shoot(const struct nn_synth_order *o, struct nn_synth_view *v, struct nn_image *img,
                 struct nn_writer *wr, struct nn_synth_row *row, struct nn_progress *bar,
                 struct nn_err *err)
{
    struct nn_synth *s = nn_synth_scene(row->seed, &o->look, err);
    double middle = 0.5 * (double)(row->end - row->start) / o->rate;
    int ret = s ? 0 : -1;

    for (int64_t n = row->start; !ret && n < row->end; n++) {
        if ((ret = nn_check_stop("synth", err)))
            break;
        nn_synth_render(v, s, (double)(n - row->start) / o->rate, img);
        ret = nn_writer_frame(wr, img, n, err);
        nn_progress_update(bar, n + 1, NULL);
    }
    if (!ret)
        nn_synth_truth(v, s, middle, &row->truth);
    nn_synth_free(s);
    return ret;
}

static int write_truth(const struct nn_synth_order *o, const struct nn_synth_row *rows,
                       struct nn_err *err)
{
    const char *slash = strrchr(o->out, '/'), *dot = strrchr(o->out, '.');
    int stem = (int)(dot && (!slash || dot > slash) ? dot - o->out : (long)strlen(o->out));
    char path[NN_PATH];

    return nn_path(path, err, "%.*s.truth.json", stem, o->out) ||
           nn_synth_write_json(o, rows, o->count, path, err) ||
           nn_path(path, err, "%.*s.truth.csv", stem, o->out) ||
           nn_synth_write_csv(rows, o->count, path, err) ? -1 : 0;
}

int nn_synth_film(const struct nn_synth_order *o, struct nn_synth_row **rows, struct nn_err *err)
{
    int64_t frames = (int64_t)(o->seconds * o->rate + 0.5);
    int64_t den = o->rate == floor(o->rate) ? 1 : 1001;
    int num = (int)(o->rate * (double)den + 0.5);
    struct nn_writer_opts wo = { .time_base = { (int)den, num }, .frame_rate = { num, (int)den } };
    struct nn_pool *pool = NULL;
    struct nn_synth_view *v = NULL;
    struct nn_image img = { 0 };
    struct nn_writer *wr = NULL;
    struct nn_progress bar;
    int ret = -1;

    if (frames < 4 * o->count) {
        *rows = NULL;
        return nn_fail(err, NN_EUSAGE, "%lld frames for %lld shots: each needs four at least",
                       (long long)frames, (long long)o->count);
    }
    if (!(*rows = calloc((size_t)o->count, sizeof **rows)))
        return nn_fail_mem(err, "shots");
    cut(o, frames, *rows);
    if (!(pool = nn_pool_new(o->threads, err)) ||
        !(v = nn_synth_view_new(o->w, o->h, pool, err)) ||
        nn_image_init(&img, o->w, o->h, 3, err) ||
        !(wr = nn_writer_open(o->out, o->w, o->h, &wo, err)))
        goto out;
    nn_progress_start(&bar, "frames", frames);
    ret = 0;
    for (int64_t i = 0; i < o->count && !ret; i++)
        ret = shoot(o, v, &img, wr, &(*rows)[i], &bar, err);
    nn_progress_stop(&bar);
    if (!ret) {
        ret = nn_writer_finish(wr, err);
        wr = NULL;
    }
    if (!ret)
        ret = write_truth(o, *rows, err);
out:
    nn_writer_abort(wr);
    nn_synth_view_free(v);
    nn_image_release(&img);
    nn_pool_free(pool);
    return ret;
}
